import type { ConfigKeys } from '../config-key.ts'

// biome-ignore format: a table, one line a setting
export const clientMetricsKeys = {
  'interval.ms': { type: 'int', default: '300000', importance: 'medium', doc: 'Interval, in milliseconds.' },
  'match': { type: 'list', default: '', importance: 'medium', doc: 'Match.' },
  'metrics': { type: 'list', default: '', importance: 'medium', doc: 'Metrics.' },
} as const satisfies ConfigKeys
