import type { Declaration } from '../options/option-parser.ts'

// biome-ignore format: a table, one line an option
export const options: readonly Declaration[] = [
  { name: 'help', help: true, description: 'Print usage information.' },
  { name: 'version', help: true, description: 'Display Kafka version.' },
  { name: 'bootstrap-server', argument: 'required', describedAs: 'The server(s) to use for bootstrapping', description: 'REQUIRED: the server(s) to use for bootstrapping' },
  { name: 'command-config', argument: 'required', describedAs: 'Admin client property file', description: 'Property file containing configs to be passed to Admin Client.' },
  { name: 'describe', description: 'Describe the specified log directories on the specified brokers.' },
  { name: 'topic-list', argument: 'required', describedAs: 'Topic list', defaults: [''], description: 'The list of topics to be queried in the form "topic1,topic2,topic3". All topics will be queried if no topic list is specified' },
  { name: 'broker-list', argument: 'required', describedAs: 'Broker list', defaults: [''], description: 'The list of brokers to be queried in the form "0,1,2". All brokers in the cluster will be queried if no broker list is specified' },
]
