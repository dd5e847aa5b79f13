import type { Grammar } from '../options/argument-parser.ts'
import { kafkaVersionAndCommit } from '../tool.ts'

const prog = 'kafka-transactions.sh'
const newer = 'Brokers on versions 3.0 and above'
const older = 'Brokers on versions older than 3.0'

// biome-ignore format: a table, one line an argument
export const grammar: Grammar = {
  prog,
  description: 'This tool is used to analyze the transactional state of producers in the cluster. It can be used to detect and recover from hanging transactions.',
  commandsMetavar: 'COMMAND',
  commandsTitle: 'commands',
  arguments: [
    { flags: ['-v', '--version'], kind: 'flag', prints: kafkaVersionAndCommit, help: 'show the version of this Kafka distribution and exit' },
    { flags: ['--command-config'], metavar: 'FILE', help: 'property file containing configs to be passed to admin client' },
    { flags: ['--bootstrap-server'], metavar: 'host:port', required: true, help: 'hostname and port for the broker to connect to, in the form `host:port`  (multiple comma-separated entries can be given)' },
  ],
  commands: [
    {
      name: 'list',
      help: 'list transactions',
      grammar: {
        prog,
        arguments: [
          { flags: ['--duration-filter'], type: 'Long', help: 'Duration (in millis) to filter by: if < 0, all transactions will be returned; otherwise, only transactions running longer than this duration will be returned' },
          { flags: ['--transactional-id-pattern'], help: 'Transactional id regular expression pattern to filter by' },
        ],
      },
    },
    {
      name: 'describe',
      help: 'describe the state of an active transactional-id',
      grammar: {
        prog,
        description: 'Describe the state of an active transactional-id.',
        arguments: [{ flags: ['--transactional-id'], required: true, help: 'transactional id' }],
      },
    },
    {
      name: 'describe-producers',
      help: 'describe the states of active producers for a topic partition',
      grammar: {
        prog,
        arguments: [
          { flags: ['--broker-id'], type: 'Integer', help: 'optional broker id to describe the producer state on a specific replica' },
          { flags: ['--topic'], required: true, help: 'topic name' },
          { flags: ['--partition'], type: 'Integer', required: true, help: 'partition number' },
        ],
      },
    },
    {
      name: 'abort',
      help: 'abort a hanging transaction (requires administrative privileges)',
      grammar: {
        prog,
        sectionNotes: {
          [newer]: 'For newer brokers, only the start offset of the transaction to be aborted is required',
          [older]: 'For older brokers, you must provide all of these arguments',
        },
        arguments: [
          { flags: ['--topic'], required: true, help: 'topic name' },
          { flags: ['--partition'], type: 'Integer', required: true, help: 'partition number' },
          { flags: ['--start-offset'], type: 'Long', section: newer, help: 'start offset of the transaction to abort' },
          { flags: ['--producer-id'], type: 'Long', section: older, help: 'producer id' },
          { flags: ['--producer-epoch'], type: 'Short', section: older, help: 'producer epoch' },
          { flags: ['--coordinator-epoch'], type: 'Integer', section: older, help: 'coordinator epoch' },
        ],
      },
    },
    {
      name: 'find-hanging',
      help: 'find hanging transactions',
      grammar: {
        prog,
        arguments: [
          { flags: ['--broker-id'], type: 'Integer', help: 'broker id to search for hanging transactions' },
          { flags: ['--max-transaction-timeout'], type: 'Integer', default: '15', help: 'maximum transaction timeout in minutes to limit the scope of the search (15 minutes by default)' },
          { flags: ['--topic'], help: 'topic name to limit search to (required if --partition is specified)' },
          { flags: ['--partition'], type: 'Integer', help: 'partition number' },
        ],
      },
    },
    {
      name: 'forceTerminateTransaction',
      help: 'Force abort an ongoing transaction on transactionalId (requires administrative privileges)',
      grammar: {
        prog,
        description: 'Force abort an ongoing transaction on transactionalId',
        arguments: [{ flags: ['--transactionalId'], required: true, help: 'transactional id' }],
      },
    },
  ],
}
