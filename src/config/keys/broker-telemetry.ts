import type { ConfigKeys } from '../config-key.ts'

// biome-ignore format: a table, one line a setting
export const telemetryKeys = {
  'kafka.metrics.polling.interval.secs': { type: 'int', default: '10', importance: 'low', update: 'read-only', min: 1, doc: 'Kafka metrics polling interval secs.' },
  'kafka.metrics.reporters': { type: 'list', default: '', importance: 'low', update: 'read-only', doc: 'Kafka metrics reporters.' },
  'metric.reporters': { type: 'list', default: 'org.apache.kafka.common.metrics.JmxReporter', importance: 'low', update: 'cluster-wide', doc: 'Metric reporters.' },
  'metrics.num.samples': { type: 'int', default: '2', importance: 'low', update: 'read-only', min: 1, doc: 'Metrics num samples.' },
  'metrics.recording.level': { type: 'string', default: 'INFO', importance: 'low', update: 'read-only', doc: 'Metrics recording level.' },
  'metrics.sample.window.ms': { type: 'long', default: '30000', importance: 'low', update: 'read-only', min: 1, doc: 'Metrics sample window, in milliseconds.' },
  'telemetry.max.bytes': { type: 'int', default: '1048576', importance: 'low', update: 'read-only', min: 1, doc: 'Telemetry max bytes, in bytes.' },
} as const satisfies ConfigKeys
