import type { Settings } from '../setting.ts'

/** A subscription to the metrics of clients (KIP-714). */
// biome-ignore format: a table, one line a key
export const clientMetricsSettings = {
  'interval.ms': { type: 'int', default: 300_000, importance: 'medium', doc: 'How often clients push the metrics, in milliseconds.' },
  'match': { type: 'list', default: [], distinct: true, importance: 'medium', doc: 'Which clients are meant: key=pattern for client_id, client_instance_id, client_software_name and the like.' },
  'metrics': { type: 'list', default: [], distinct: true, importance: 'medium', doc: 'Prefixes of the metrics that are wanted; an empty text wants all, nothing wants none.' },
} as const satisfies Settings
