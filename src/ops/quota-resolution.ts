import type { Quota, QuotaEntity } from '../client/index.ts'

/** Quotas of clients, by user and client id. */
const clientQuotas = ['producer_byte_rate', 'consumer_byte_rate', 'request_percentage', 'controller_mutation_rate'] as const
/** Of addresses. */
const addressQuotas = ['connection_creation_rate'] as const

/** Who connects; undefined: not said. */
export interface QuotaClient {
  readonly user?: string | undefined
  readonly 'client-id'?: string | undefined
  readonly ip?: string | undefined
}

export interface ResolvedQuota {
  readonly quota: string
  /** Null: nothing limits it. */
  readonly value: number | null
  /** Whose quota it is. */
  readonly entity: QuotaEntity | null
  /** Others that would hold without it, the next first. */
  readonly behind: readonly QuotaEntity[]
}

/**
 * Which quota holds for a client: of all that fit, the most special one. Each kind of quota is looked up for itself.
 * Source: the order in ClientQuotaManager.DefaultQuotaCallback.
 */
export function resolveQuotas(quotas: readonly Quota[], client: QuotaClient): ResolvedQuota[] {
  const { user, 'client-id': clientId, ip } = client
  const users = [...(user === undefined ? [] : [user]), null]
  const ids = [...(clientId === undefined ? [] : [clientId]), null]
  const ofUsers: QuotaEntity[] = users.flatMap((each) => [
    ...ids.map((id): QuotaEntity => ({ user: each, 'client-id': id })),
    { user: each },
  ])
  const ofClients = [...ofUsers, ...ids.map((id): QuotaEntity => ({ 'client-id': id }))]
  const ofAddresses = [...(ip === undefined ? [] : [ip]), null].map((each): QuotaEntity => ({ ip: each }))
  const known = new Map(quotas.map((each) => [keyOf(each.entity), each]))
  const resolve = (quota: string, order: readonly QuotaEntity[]): ResolvedQuota => {
    const found = order.flatMap((entity) => {
      const value = known.get(keyOf(entity))?.values[quota]
      return value === undefined ? [] : [{ entity, value }]
    })
    const [first, ...others] = found
    return { quota, value: first?.value ?? null, entity: first?.entity ?? null, behind: others.map(({ entity }) => entity) }
  }
  return [
    ...(user === undefined && clientId === undefined ? [] : clientQuotas.map((quota) => resolve(quota, ofClients))),
    ...(ip === undefined ? [] : addressQuotas.map((quota) => resolve(quota, ofAddresses))),
  ]
}

const keyOf = (entity: QuotaEntity): string => JSON.stringify(Object.entries(entity).sort())
