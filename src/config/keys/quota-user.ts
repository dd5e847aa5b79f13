import { type Settings, UNLIMITED } from '../setting.ts'

/** Quotas of users and clients. */
// biome-ignore format: a table, one line a key
export const userQuotaSettings = {
  'consumer_byte_rate': { type: 'long', default: UNLIMITED, importance: 'medium', doc: 'What a client may fetch, in bytes a second.' },
  'controller_mutation_rate': { type: 'double', default: 2_147_483_647, importance: 'medium', doc: 'How many partitions a client may create or delete, a second.' },
  'producer_byte_rate': { type: 'long', default: UNLIMITED, importance: 'medium', doc: 'What a client may produce, in bytes a second.' },
  'request_percentage': { type: 'double', default: 2_147_483_647, importance: 'medium', doc: 'The share of request handling time a client may take, in percent.' },
} as const satisfies Settings
