import type { Settings } from '../setting.ts'

/** Quotas of addresses. */
// biome-ignore format: a table, one line a key
export const ipQuotaSettings = {
  'connection_creation_rate': { type: 'int', default: 2_147_483_647, range: [0], importance: 'medium', doc: 'How many connections an address may open, a second.' },
} as const satisfies Settings
