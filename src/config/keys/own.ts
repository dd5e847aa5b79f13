import type { Settings } from '../setting.ts'

/** Settings that Apache Kafka does not have. Their prefix keeps them apart: Apache Kafka ignores them in the same file. */
// biome-ignore format: a table, one line a key
export const ownSettings = {
  'tkafka.metrics.detail': { type: 'string', default: 'partition', values: ['partition', 'topic', 'broker'], importance: 'low', doc: 'How fine metrics are: series for each partition, for each topic, or for the broker as a whole.' },
  'tkafka.metrics.naming': { type: 'string', default: 'jmx-exporter', values: ['jmx-exporter', 'reporter'], importance: 'low', doc: 'Whose names metrics carry: those of jmx_exporter, or of the Strimzi metrics reporter.' },
  'tkafka.status.listener': { type: 'string', default: '', check: 'own address', importance: 'medium', doc: 'Address, as host:port, of the HTTP endpoint with /metrics, /health and /ready; empty for none.' },
} as const satisfies Settings
