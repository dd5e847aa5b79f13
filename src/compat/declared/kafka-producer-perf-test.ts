import type { Grammar } from '../options/argument-parser.ts'

const payloads = 'Note that you must provide exactly one of --record-size, --payload-file or --payload-monotonic.'

// biome-ignore format: a table, one line an argument
export const grammar: Grammar = {
  prog: 'kafka-producer-perf-test',
  description: 'This tool is used to verify the producer performance. To enable transactions, you can specify a transactional id or set a transaction duration using --transaction-duration-ms. There are three ways to specify the transactional id: set transactional.id=<id> via --command-property, set transactional.id=<id> in the config file via --command-config, or use --transactional-id <id>.',
  defaultHelp: true,
  mutexes: [{ required: true, note: payloads }],
  arguments: [
    { flags: ['--bootstrap-server'], metavar: 'BOOTSTRAP-SERVER', help: 'The server(s) to connect to. This config takes precedence over bootstrap.servers specified via --command-property or --command-config.' },
    { flags: ['--topic'], required: true, metavar: 'TOPIC', help: 'Produce records to this topic.' },
    { flags: ['--num-records'], required: true, type: 'Long', metavar: 'NUM-RECORDS', help: 'Number of records to produce.' },
    { flags: ['--record-size'], mutex: 0, type: 'Integer', metavar: 'RECORD-SIZE', help: `Record size in bytes. ${payloads}` },
    { flags: ['--payload-file'], mutex: 0, metavar: 'PAYLOAD-FILE', help: `File to read the record payloads from. This works only for UTF-8 encoded text files. Payloads will be read from this file and a payload will be randomly selected when sending records. ${payloads}` },
    { flags: ['--payload-monotonic'], mutex: 0, kind: 'flag', default: 'false', metavar: 'PAYLOAD-MONOTONIC', help: `Payload is a monotonically increasing integer. ${payloads}` },
    { flags: ['--payload-delimiter'], metavar: 'PAYLOAD-DELIMITER', default: '\\n', help: 'Provides the delimiter to be used when --payload-file is provided. Defaults to new line. Note that this parameter will be ignored if --payload-file is not provided.' },
    { flags: ['--throughput'], required: true, type: 'Double', metavar: 'THROUGHPUT', help: 'Throttle maximum record throughput to *approximately* THROUGHPUT records/sec. Set this to -1 to disable throttling.' },
    { flags: ['--producer-props'], kind: 'list', metavar: 'PROP-NAME=PROP-VALUE', help: '(DEPRECATED) Kafka producer related configuration properties like client.id. These configs take precedence over those passed via --command-config or --producer.config. This option will be removed in a future version. Use --command-property instead. Example: --command-property linger.ms=10 batch.size=32768' },
    { flags: ['--command-property'], kind: 'list', metavar: 'PROP-NAME=PROP-VALUE', help: 'Kafka producer related configuration properties like client.id. These configs take precedence over those passed via --command-config or --producer.config. Example: --command-property linger.ms=10 batch.size=32768' },
    { flags: ['--producer.config'], metavar: 'CONFIG-FILE', help: '(DEPRECATED) Producer config properties file. This option will be removed in a future version. Use --command-config instead.' },
    { flags: ['--command-config'], metavar: 'CONFIG-FILE', help: 'Producer config properties file.' },
    { flags: ['--print-metrics'], kind: 'flag', default: 'false', metavar: 'PRINT-METRICS', help: 'Print out metrics at the end of the test.' },
    { flags: ['--transactional-id'], metavar: 'TRANSACTIONAL-ID', help: 'The transactional id to use. This config takes precedence over the transactional.id specified via --command-property or --command-config. Note that if the transactional id is not specified while --transaction-duration-ms is provided, the default value for the transactional id will be performance-producer- followed by a random uuid.' },
    { flags: ['--transaction-duration-ms'], type: 'Long', metavar: 'TRANSACTION-DURATION', help: 'The maximum duration of each transaction. The commitTransaction will be called after this time has elapsed. The value should be greater than 0. If the transactional id is specified via --command-property, --command-config or --transactional-id but --transaction-duration-ms is not specified, the default value will be 3000.' },
    { flags: ['--warmup-records'], type: 'Long', metavar: 'WARMUP-RECORDS', default: '0', help: 'The number of records to treat as warmup. These initial records will not be included in steady-state statistics. An additional summary line will be printed describing the steady-state statistics.' },
    { flags: ['--reporting-interval'], type: 'Long', metavar: 'INTERVAL-MS', default: '5000', help: 'Interval in milliseconds at which to print progress info.' },
  ],
}
