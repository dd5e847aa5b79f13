import type { Declaration } from '../options/option-parser.ts'

const described = ['describe']

// biome-ignore format: a table, one line an option
export const options: readonly Declaration[] = [
  { name: 'help', help: true, description: 'Print usage information.' },
  { name: 'version', help: true, description: 'Display Kafka version.' },
  { name: 'bootstrap-server', argument: 'required', describedAs: 'server to connect to', description: 'REQUIRED: The server(s) to connect to.' },
  { name: 'group', argument: 'required', describedAs: 'streams group', description: 'The streams group we wish to act on.' },
  { name: 'input-topic', argument: 'required', describedAs: 'topic', description: 'The input topic whose committed offset should be deleted or reset. In `reset-offsets` case, partitions can be specified using this format: `topic1:0,1,2`, where 0,1,2 are the partition to be included in the process. Multiple input topics can be specified. Supported operations: delete-offsets, reset-offsets.' },
  { name: 'all-input-topics', description: 'Consider all source topics used in the topology of the group. Supported operations: delete-offsets, reset-offsets.' },
  { name: 'list', description: 'List all streams groups.' },
  { name: 'describe', description: 'Describe streams group and list offset lag related to given group.' },
  { name: 'all-groups', description: 'Apply to all streams groups.' },
  { name: 'delete', description: 'Pass in groups to delete topic partition offsets and ownership information over the entire streams group. For instance --group g1 --group g2' },
  { name: 'delete-offsets', description: 'Delete offsets of streams group. Supports one streams group at the time, and multiple topics.' },
  { name: 'timeout', argument: 'required', describedAs: 'timeout (ms)', type: 'Long', defaults: ['30000'], description: 'The timeout that can be set for some use cases. For example, it can be used when describing the group to specify the maximum amount of time in milliseconds to wait before the group stabilizes.' },
  { name: 'command-config', argument: 'required', describedAs: 'command config property file', description: 'Property file containing configs to be passed to Admin Client.' },
  { name: 'state', argument: 'optional', availableIf: ['list', 'describe'], description: "When specified with '--list', it displays the state of all groups. It can also be used to list groups with specific states. Valid values are Empty, NotReady, Stable, Assigning, Reconciling, and Dead." },
  { name: 'members', availableIf: described, description: "Describe members of the group. This option may be used with the '--describe' option only." },
  { name: 'offsets', availableIf: described, description: "Describe the group and list all topic partitions in the group along with their offset information.This is the default sub-action and may be used with the '--describe' option only." },
  { name: 'reset-offsets', description: "Reset offsets of streams group. The instances should be inactive.\nHas 2 execution options: --dry-run to plan which offsets to reset, and --execute to update the offsets.\nIf you use --execute, all internal topics linked to the group will also be deleted.\nYou must choose one of the following reset specifications: --to-datetime, --by-duration, --to-earliest, --to-latest, --shift-by, --from-file, --to-current, --to-offset.\nTo define the scope use --all-input-topics or --input-topic. One scope must be specified unless you use '--from-file'.\nFails if neither '--dry-run' nor '--execute' is specified." },
  { name: 'to-offset', argument: 'required', describedAs: 'offset', type: 'Long', description: 'Reset offsets to a specific offset.' },
  { name: 'from-file', argument: 'required', describedAs: 'path to CSV file', description: 'Reset offsets to values defined in CSV file.' },
  { name: 'to-datetime', argument: 'required', describedAs: 'datetime', description: "Reset offsets to offset from datetime. Format: 'YYYY-MM-DDThh:mm:ss.sss'" },
  { name: 'by-duration', argument: 'required', describedAs: 'duration', description: "Reset offsets to offset by duration from current timestamp. Format: 'PnDTnHnMnS'" },
  { name: 'to-earliest', description: 'Reset offsets to earliest offset.' },
  { name: 'to-latest', description: 'Reset offsets to latest offset.' },
  { name: 'to-current', description: 'Reset offsets to current offset.' },
  { name: 'shift-by', argument: 'required', describedAs: 'number-of-offsets', type: 'Long', description: "Reset offsets shifting current offset by 'n', where 'n' can be positive or negative." },
  { name: 'delete-internal-topic', argument: 'required', description: 'Delete specified internal topic of the streams group. Supported operations: reset-offsets.This option is applicable only when --execute is used.' },
  { name: 'delete-all-internal-topics', description: 'Delete all internal topics linked to the streams group. Supported operations: reset-offsets, delete.With reset-offsets, this option is applicable only when --execute is used.' },
  { name: 'verbose', availableIf: described, description: 'Use with --describe --state  to show group epoch and target assignment epoch.\nUse with --describe --members to show for each member the member epoch, target assignment epoch, current assignment, target assignment, and whether member is still using the classic rebalance protocol.\nUse with --describe --offsets  and --describe  to show leader epochs for each partition.' },
  { name: 'dry-run', description: 'Only show results without executing changes on streams group. Supported operations: reset-offsets.' },
  { name: 'execute', description: 'Execute operation. Supported operations: reset-offsets.' },
  { name: 'export', description: 'Export operation execution to a CSV file. Supported operations: reset-offsets.' },
]
