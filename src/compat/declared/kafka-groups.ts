import type { Declaration } from '../options/option-parser.ts'

// biome-ignore format: a table, one line an option
export const options: readonly Declaration[] = [
  { name: 'help', help: true, description: 'Print usage information.' },
  { name: 'version', help: true, description: 'Display Kafka version.' },
  { name: 'bootstrap-server', argument: 'required', describedAs: 'server to connect to', required: true, description: 'REQUIRED: The Kafka server to connect to.' },
  { name: 'command-config', argument: 'required', describedAs: 'command config property file', description: 'Property file containing configs to be passed to Admin Client.' },
  { name: 'list', description: 'List the groups.' },
  { name: 'group-type', argument: 'required', describedAs: 'type', description: "Filter the groups based on group type. Valid types are: 'classic', 'consumer', 'share' and 'streams'." },
  { name: 'protocol', argument: 'required', describedAs: 'protocol', description: 'Filter the groups based on protocol type.' },
  { name: 'consumer', description: "Filter the groups to show all kinds of consumer groups, including classic and simple consumer groups. This matches group type 'consumer', and group type 'classic' where the protocol type is 'consumer' or empty." },
  { name: 'share', description: 'Filter the groups to show share groups.' },
  { name: 'streams', description: 'Filter the groups to show streams groups.' },
]
