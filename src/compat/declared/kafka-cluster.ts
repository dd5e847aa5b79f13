import type { Argument, Grammar } from '../options/argument-parser.ts'

// biome-ignore format: tables, one line an argument
const connection: readonly Argument[] = [
  { flags: ['--bootstrap-server', '-b'], mutex: 0, help: 'A list of host/port pairs to use for establishing the connection to the Kafka cluster.' },
  { flags: ['--bootstrap-controller', '-C'], mutex: 0, help: 'A list of host/port pairs to use for establishing the connection to the KRaft controllers.' },
  { flags: ['--config'], help: '(DEPRECATED) A property file containing configurations for the Admin client. This option will be removed in a future version. Use --command-config instead.' },
  { flags: ['--command-config', '-c'], help: 'Config properties file for the Admin client.' },
]

const command = (more: readonly Argument[] = []): Grammar => ({
  prog: 'kafka-cluster',
  arguments: [...connection, ...more],
  mutexes: [{ required: true }],
})

// biome-ignore format: a table, one line a command
export const grammar: Grammar = {
  prog: 'kafka-cluster',
  defaultHelp: true,
  description: 'The Kafka cluster tool.',
  arguments: [],
  commands: [
    { name: 'cluster-id', help: 'Get information about the ID of a cluster.', grammar: command() },
    { name: 'unregister', help: 'Unregister a broker.', grammar: command([{ flags: ['--id', '-i'], type: 'Integer', required: true, help: 'The ID of the broker to unregister.' }]) },
    { name: 'list-endpoints', help: 'List endpoints', grammar: command([{ flags: ['--include-fenced-brokers'], kind: 'flag', help: 'Whether to include fenced brokers when listing broker endpoints' }]) },
  ],
}
