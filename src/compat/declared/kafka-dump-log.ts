import type { Declaration } from '../options/option-parser.ts'

// biome-ignore format: a table, one line an option
export const options: readonly Declaration[] = [
  { name: 'help', help: true, description: 'Print usage information.' },
  { name: 'version', help: true, description: 'Display Kafka version.' },
  { name: 'print-data-log', description: 'If set, printing the messages content when dumping data logs. Automatically set if any decoder option is specified.' },
  { name: 'verify-index-only', description: 'If set, just verify the index log without printing its content.' },
  { name: 'index-sanity-check', description: 'If set, just checks the index sanity without printing its content. This is the same check that is executed on broker startup to determine if an index needs rebuilding or not.' },
  { name: 'files', argument: 'required', describedAs: 'file1, file2, ...', description: 'REQUIRED: The comma separated list of data and index log files to be dumped.' },
  { name: 'max-message-size', argument: 'required', describedAs: 'size', type: 'Integer', defaults: ['5242880'], description: 'Size of largest message.' },
  { name: 'max-bytes', argument: 'required', describedAs: 'size', type: 'Integer', defaults: ['2147483647'], description: 'Limit the amount of total batches read in bytes avoiding reading the whole .log file(s).' },
  { name: 'deep-iteration', description: 'If set, uses deep instead of shallow iteration. Automatically set if print-data-log is enabled.' },
  { name: 'value-decoder-class', argument: 'optional', defaults: ['org.apache.kafka.tools.api.StringDecoder'], description: 'If set, used to deserialize the messages. This class should implement org.apache.kafka.tools.api.Decoder trait. Custom jar should be available in kafka/libs directory.' },
  { name: 'key-decoder-class', argument: 'optional', defaults: ['org.apache.kafka.tools.api.StringDecoder'], description: 'If set, used to deserialize the keys. This class should implement org.apache.kafka.tools.api.Decoder trait. Custom jar should be available in kafka/libs directory.' },
  { name: 'offsets-decoder', description: 'If set, log data will be parsed as offset data from the __consumer_offsets topic.' },
  { name: 'transaction-log-decoder', description: 'If set, log data will be parsed as transaction metadata from the __transaction_state topic.' },
  { name: 'cluster-metadata-decoder', description: 'If set, log data will be parsed as cluster metadata records.' },
  { name: 'remote-log-metadata-decoder', description: 'If set, log data will be parsed as TopicBasedRemoteLogMetadataManager (RLMM) metadata records. Instead, the value-decoder-class option can be used if a custom RLMM implementation is configured.' },
  { name: 'share-group-state-decoder', description: 'If set, log data will be parsed as share group state data from the __share_group_state topic.' },
  { name: 'skip-record-metadata', description: 'Skip metadata when printing records. This flag also skips control records.' },
]
