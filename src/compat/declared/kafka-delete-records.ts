import type { Declaration } from '../options/option-parser.ts'

// biome-ignore format: a table, one line an option
export const options: readonly Declaration[] = [
  { name: 'help', help: true, description: 'Print usage information.' },
  { name: 'version', help: true, description: 'Display Kafka version.' },
  { name: 'bootstrap-server', argument: 'required', describedAs: 'server(s) to use for bootstrapping', description: 'REQUIRED: The server to connect to.' },
  { name: 'offset-json-file', argument: 'required', describedAs: 'Offset json file path', description: 'REQUIRED: The JSON file with offset per partition. The format to use is:\n{"partitions":\n  [{"topic": "foo", "partition": 1, "offset": 1}],\n "version":1\n}' },
  { name: 'command-config', argument: 'required', describedAs: 'command config property file path', description: 'A property file containing configs to be passed to Admin Client.' },
]
