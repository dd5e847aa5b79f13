import type { Declaration } from '../options/option-parser.ts'

// biome-ignore format: a table, one line an option
export const options: readonly Declaration[] = [
  { name: 'help', help: true, description: 'Print usage information.' },
  { name: 'version', help: true, description: 'Display Kafka version.' },
  { name: 'bootstrap-server', argument: 'required', describedAs: 'server to connect to', description: 'REQUIRED: The server(s) to connect to.' },
  { name: 'group', argument: 'required', describedAs: 'share group', description: 'The share group we wish to act on.' },
  { name: 'topic', argument: 'required', describedAs: 'topic', description: "The topic whose offset information should be deleted or included in the reset offset process. When resetting offsets, partitions can be specified using this format: 'topic1:0,1,2', where 0,1,2 are the partitions to be included." },
  { name: 'all-topics', description: "Consider all topics assigned to a share group in the 'reset-offsets' process." },
  { name: 'list', description: 'List all share groups.' },
  { name: 'describe', description: 'Describe share group, members and offset information.' },
  { name: 'all-groups', description: 'Apply to all share groups.' },
  { name: 'delete', description: 'Delete share group.' },
  { name: 'timeout', argument: 'required', describedAs: 'timeout (ms)', type: 'Long', defaults: ['30000'], description: 'The timeout that can be set for some use cases. For example, it can be used when describing the group to specify the maximum amount of time in milliseconds to wait before the group stabilizes.' },
  { name: 'command-config', argument: 'required', describedAs: 'command config property file', description: 'Property file containing configs to be passed to Admin Client.' },
  { name: 'reset-offsets', description: "Reset offsets of share group. Supports one share group at the time, and instances must be inactive.\nHas 2 execution options: --dry-run to plan which offsets to reset, and --execute to reset the offsets. \nYou must choose one of the following reset specifications: --to-datetime, --to-earliest, --to-latest.\nTo define the scope use --all-topics or --topic.\nFails if neither '--dry-run' nor '--execute' is specified." },
  { name: 'delete-offsets', description: 'Delete offsets of share group. Supports one share group at the time, and multiple topics.' },
  { name: 'dry-run', description: 'Only show results without executing changes on share groups. Supported operations: reset-offsets.' },
  { name: 'execute', description: 'Execute operation. Supported operations: reset-offsets.' },
  { name: 'to-datetime', argument: 'required', describedAs: 'datetime', description: "Reset offsets to offset from datetime. Format: 'YYYY-MM-DDThh:mm:ss.sss'" },
  { name: 'to-earliest', description: 'Reset offsets to earliest offset.' },
  { name: 'to-latest', description: 'Reset offsets to latest offset.' },
  { name: 'members', description: "Describe members of the group. This option may be used with the '--describe' option only." },
  { name: 'offsets', description: "Describe the group and list all topic partitions in the group along with their offset information. This is the default sub-action and may be used with the '--describe' option only." },
  { name: 'state', argument: 'optional', description: "When specified with '--describe', includes the state of the group.\nWhen specified with '--list', it displays the state of all groups. It can also be used to list groups with specific states. Valid values are Empty, Stable and Dead." },
  { name: 'verbose', description: "Provide additional information, if any, when describing the group. This option may be used with the '--describe' option only." },
]
