/** Entity types of client quotas: `user`, `client-id`, `ip`. A null name is the default of its type. */
export type QuotaEntity = ReadonlyMap<string, string | null>

export const QUOTA_USER = 'user'
export const QUOTA_CLIENT_ID = 'client-id'
export const QUOTA_IP = 'ip'

/** Equal for equal entities, whatever the order of their parts. */
export const quotaEntityKey = (entity: QuotaEntity): string => JSON.stringify([...entity].sort(([a], [b]) => (a < b ? -1 : 1)))

export interface QuotasOfEntity {
  readonly entity: QuotaEntity
  readonly quotas: ReadonlyMap<string, number>
}

const NO_QUOTAS: ReadonlyMap<string, number> = new Map()

/** Quotas by entity. */
export class ClientQuotasImage {
  readonly byKey: Map<string, { entity: QuotaEntity; quotas: Map<string, number> }> = new Map()

  of(entity: QuotaEntity): ReadonlyMap<string, number> {
    return this.byKey.get(quotaEntityKey(entity))?.quotas ?? NO_QUOTAS
  }

  values(): Iterable<QuotasOfEntity> {
    return this.byKey.values()
  }

  set(entity: QuotaEntity, key: string, value: number | null): void {
    const entityKey = quotaEntityKey(entity)
    let known = this.byKey.get(entityKey)
    if (known === undefined) this.byKey.set(entityKey, (known = { entity, quotas: new Map() }))
    if (value === null) known.quotas.delete(key)
    else known.quotas.set(key, value)
    if (known.quotas.size === 0) this.byKey.delete(entityKey)
  }
}
