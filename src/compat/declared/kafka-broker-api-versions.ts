import type { Declaration } from '../options/option-parser.ts'

// biome-ignore format: a table, one line an option
export const options: readonly Declaration[] = [
  { name: 'help', help: true, description: 'Print usage information.' },
  { name: 'version', help: true, description: 'Display Kafka version.' },
  { name: 'command-config', argument: 'required', describedAs: 'command config property file', description: 'A property file containing configs to be passed to Admin Client.' },
  { name: 'bootstrap-server', argument: 'required', describedAs: 'server(s) to use for bootstrapping', description: 'REQUIRED: The server to connect to.' },
]
