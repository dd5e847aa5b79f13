import { changes, type ItemTable, itemKind, listOf, mapOf, optional, orNull } from '../../src/cli/index.ts'
import type { Quota, QuotaEntity } from '../../src/client/index.ts'
import type { ResolvedQuota } from '../../src/ops/index.ts'

/** Null: the default of that type. */
const entity = {
  user: optional<string | null>('string?'),
  'client-id': optional<string | null>('string?'),
  ip: optional<string | null>('string?'),
} as const

const quotaList = itemKind<Quota>('QuotaList', { entity, values: mapOf('number') })

const resolved = itemKind<ResolvedQuota>('ResolvedQuotas', {
  quota: 'string',
  value: 'number?',
  entity: orNull<QuotaEntity>(entity),
  behind: listOf<QuotaEntity>(entity),
})

export const items: ItemTable = {
  'quotas alter': [changes('QuotaChanges')],
  'quotas describe': [quotaList],
  'quotas import': [changes('QuotaChanges')],
  'quotas resolve': [resolved],
}
