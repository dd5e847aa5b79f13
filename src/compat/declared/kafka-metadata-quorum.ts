import type { Grammar } from '../options/argument-parser.ts'

const prog = 'kafka-metadata-quorum'
const dryRun = { flags: ['--dry-run'], kind: 'flag', help: 'True if we should print what would be done, but not do it.' } as const

// biome-ignore format: a table, one line an argument
export const grammar: Grammar = {
  prog,
  defaultHelp: true,
  description: 'This tool describes kraft metadata quorum status.',
  arguments: [
    { flags: ['--bootstrap-server'], mutex: 0, help: 'A comma-separated list of host:port pairs to use for establishing the connection to the Kafka cluster.' },
    { flags: ['--bootstrap-controller'], mutex: 0, help: 'A comma-separated list of host:port pairs to use for establishing the connection to the Kafka controllers.' },
    { flags: ['--command-config'], help: 'Property file containing configs to be passed to Admin Client. For add-controller, the file is used to specify the controller properties as well.' },
  ],
  mutexes: [{ required: true }],
  commands: [
    {
      name: 'describe',
      help: 'Describe the metadata quorum info',
      grammar: {
        prog,
        arguments: [
          { flags: ['--status'], kind: 'flag', section: 'Status', help: 'A short summary of the quorum status and the other provides detailed information about the status of replication.' },
          { flags: ['--replication'], kind: 'flag', section: 'Replication', help: 'Detailed information about the status of replication' },
          { flags: ['--human-readable'], kind: 'flag', section: 'Replication', help: 'Human-readable output' },
        ],
      },
    },
    { name: 'add-controller', help: 'Add a controller to the KRaft controller cluster', grammar: { prog, arguments: [dryRun] } },
    {
      name: 'remove-controller',
      help: 'Remove a controller from the KRaft controller cluster',
      grammar: {
        prog,
        arguments: [
          { flags: ['--controller-id', '-i'], type: 'Integer', required: true, help: 'The id of the controller to remove.' },
          { flags: ['--controller-directory-id', '-d'], required: true, help: 'The directory ID of the controller to remove.' },
          dryRun,
        ],
      },
    },
  ],
}
