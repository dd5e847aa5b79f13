import type { Declaration } from '../options/option-parser.ts'

// biome-ignore format: a table, one line an option
export const options: readonly Declaration[] = [
  { name: 'help', help: true, description: 'Print usage information.' },
  { name: 'version', help: true, description: 'Display Kafka version.' },
  { name: 'bootstrap-server', argument: 'required', describedAs: 'server to connect to', description: 'REQUIRED. The server(s) to connect to.' },
  { name: 'topic', argument: 'required', describedAs: 'topic', description: 'REQUIRED: The topic to consume from.' },
  { name: 'group', argument: 'required', describedAs: 'gid', defaults: ['perf-share-consumer'], description: 'The group id to consume on.' },
  { name: 'fetch-size', argument: 'required', describedAs: 'size', type: 'Integer', defaults: ['1048576'], description: 'The amount of data to fetch in a single request.' },
  { name: 'command-property', argument: 'required', describedAs: 'prop1=val1', description: 'Kafka share consumer related configuration properties like client.id. These configs take precedence over those passed via --command-config or --consumer.config.' },
  { name: 'socket-buffer-size', argument: 'required', describedAs: 'size', type: 'Integer', defaults: ['2097152'], description: 'The size of the tcp RECV size.' },
  { name: 'consumer.config', argument: 'required', describedAs: 'config file', description: '(DEPRECATED) Share consumer config properties file. This option will be removed in a future version. Use --command-config instead.' },
  { name: 'command-config', argument: 'required', describedAs: 'config file', description: 'Config properties file.' },
  { name: 'print-metrics', description: 'Print out the metrics.' },
  { name: 'show-detailed-stats', description: 'If set, stats are reported for each reporting interval as configured by reporting-interval.' },
  { name: 'timeout', argument: 'optional', describedAs: 'milliseconds', type: 'Long', defaults: ['10000'], description: 'The maximum allowed time in milliseconds between returned records.' },
  { name: 'messages', argument: 'required', describedAs: 'count', type: 'Long', description: '(DEPRECATED) The number of records to consume. This option will be removed in a future version. Use --num-records instead.' },
  { name: 'num-records', argument: 'required', describedAs: 'count', type: 'Long', description: 'REQUIRED: The number of records to consume.' },
  { name: 'reporting-interval', argument: 'required', describedAs: 'interval_ms', type: 'Long', defaults: ['5000'], description: 'Interval in milliseconds at which to print progress info.' },
  { name: 'date-format', argument: 'required', describedAs: 'date format', defaults: ['yyyy-MM-dd HH:mm:ss:SSS'], description: 'The date format to use for formatting the time field. See java.text.SimpleDateFormat for options.' },
  { name: 'hide-header', description: 'If set, skips printing the header for the stats.' },
  { name: 'threads', argument: 'required', describedAs: 'count', type: 'Integer', defaults: ['1'], description: 'The number of share consumers to use for sharing the load.' },
  { name: 'show-consumer-stats', description: 'If set, stats are reported for each share consumer depending on the no. of threads.' },
]
