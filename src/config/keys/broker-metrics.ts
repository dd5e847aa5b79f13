import type { Settings } from '../setting.ts'

/** Metrics, telemetry and everything else. */
// biome-ignore format: a table, one line a key
export const metricsSettings = {
  'config.providers': { type: 'list', default: [], distinct: true, importance: 'low', update: 'cluster-wide', doc: 'Config providers.' },
  'kafka.metrics.polling.interval.secs': { type: 'int', default: 10, range: [1], importance: 'low', doc: 'Kafka metrics polling interval, in seconds.' },
  'kafka.metrics.reporters': { type: 'list', default: [], distinct: true, importance: 'low', doc: 'Kafka metrics reporters.' },
  'metric.reporters': { type: 'list', default: ['org.apache.kafka.common.metrics.JmxReporter'], distinct: true, importance: 'low', update: 'cluster-wide', doc: 'Metric reporters.' },
  'metrics.num.samples': { type: 'int', default: 2, range: [1], importance: 'low', doc: 'Metrics number of samples.' },
  'metrics.recording.level': { type: 'string', default: 'INFO', importance: 'low', doc: 'Metrics recording level.' },
  'metrics.sample.window.ms': { type: 'long', default: 30_000, range: [1], importance: 'low', doc: 'Metrics sample window, in milliseconds.' },
  'telemetry.max.bytes': { type: 'int', default: 1_048_576, range: [1], importance: 'low', doc: 'The most that a client may push as metrics at once, in bytes.' },
} as const satisfies Settings
