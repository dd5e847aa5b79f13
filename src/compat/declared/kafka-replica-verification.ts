import type { Declaration } from '../options/option-parser.ts'

// biome-ignore format: a table, one line an option
export const options: readonly Declaration[] = [
  { name: 'help', help: true, description: 'Print usage information.' },
  { name: 'version', help: true, description: 'Display Kafka version.' },
  { name: 'broker-list', argument: 'required', describedAs: 'hostname:port,...,hostname:port', description: 'REQUIRED: The list of hostname and port of the server to connect to.' },
  { name: 'fetch-size', argument: 'required', describedAs: 'bytes', type: 'Integer', defaults: ['1048576'], description: 'The fetch size of each request.' },
  { name: 'max-wait-ms', argument: 'required', describedAs: 'ms', type: 'Integer', defaults: ['1000'], description: 'The max amount of time each fetch request waits.' },
  { name: 'topics-include', argument: 'required', describedAs: 'Java regex (String)', defaults: ['.*'], description: 'List of topics to verify replica consistency.' },
  { name: 'time', argument: 'required', describedAs: 'timestamp/-1(latest)/-2(earliest)', type: 'Long', defaults: ['-1'], description: 'Timestamp for getting the initial offsets.' },
  { name: 'report-interval-ms', argument: 'required', describedAs: 'ms', type: 'Long', defaults: ['30000'], description: 'The reporting interval.' },
]
