import type { Declaration } from '../options/option-parser.ts'

// biome-ignore format: a table, one line an option
export const options: readonly Declaration[] = [
  { name: 'help', help: true, description: 'Print usage information.' },
  { name: 'version', help: true, description: 'Display Kafka version.' },
  { name: 'bootstrap-server', argument: 'required', describedAs: 'server to connect to', description: 'REQUIRED: The Kafka server to connect to.' },
  { name: 'command-config', argument: 'required', describedAs: 'command config property file', description: 'Property file containing configs to be passed to Admin Client.' },
  { name: 'alter', description: 'Alter the configuration for the client metrics resource.' },
  { name: 'delete', description: 'Delete the configuration for the client metrics resource.' },
  { name: 'describe', description: 'List configurations for the client metrics resource.' },
  { name: 'list', description: 'List the client metrics resources.' },
  { name: 'name', argument: 'required', describedAs: 'name', description: 'Name of client metrics configuration resource.' },
  { name: 'generate-name', description: 'Generate a UUID to use as the name.' },
  { name: 'interval', argument: 'required', describedAs: 'push interval', description: 'The metrics push interval in milliseconds.\nLeave empty to reset the interval.' },
  { name: 'match', argument: 'required', describedAs: 'k1=v1,k2=v2', separator: ',', description: "Matching selector 'k1=v1,k2=v2'. The following is a list of valid selector names: \n\tclient_id\n\tclient_instance_id\n\tclient_software_name\n\tclient_software_version\n\tclient_source_address\n\tclient_source_port" },
  { name: 'metrics', argument: 'required', describedAs: 'm1,m2', separator: ',', description: "Telemetry metric name prefixes 'm1,m2'." },
]
