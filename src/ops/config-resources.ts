import type { Admin, ConfigEntry, ItemResult, QuotaEntity } from '../client/index.ts'
import type { EntityType } from './entity-types.ts'

const resourceTypes = {
  topics: 'topic',
  brokers: 'broker',
  'broker-loggers': 'brokerLogger',
  groups: 'group',
  'client-metrics': 'clientMetrics',
} as const

const quotaTypes = { clients: 'client-id', users: 'user', ips: 'ip' } as const

export type ResourceType = (typeof resourceTypes)[keyof typeof resourceTypes]

/** The resource that holds configs of this kind; undefined: quotas. */
export function resourceTypeOf(type: EntityType): ResourceType | undefined {
  return (resourceTypes as Partial<Record<EntityType, ResourceType>>)[type]
}

export interface Setting extends Omit<ConfigEntry, 'type' | 'synonyms'> {
  readonly entityType: EntityType
  /** Empty: the default of all. */
  readonly entityName: string
  readonly type: string
  readonly synonyms: ConfigEntry['synonyms']
}

/** Names of a kind that have, or may have, settings of their own. */
export async function entityNames(admin: Admin, type: EntityType): Promise<string[]> {
  switch (type) {
    case 'topics':
      return (await admin.listTopics({ includeInternal: true })).map(({ name }) => name)
    case 'brokers':
    case 'broker-loggers':
      return (await admin.describeCluster()).nodes.map(({ id }) => String(id))
    case 'groups':
    case 'client-metrics':
      return (await admin.listConfigResources([resourceTypes[type]])).map(({ name }) => name)
    default:
      return []
  }
}

/** Settings of resources with configs. */
export async function describeSettings(
  admin: Admin,
  type: EntityType,
  names: readonly string[],
  options: { documentation: boolean },
): Promise<ItemResult<string, Setting[]>[]> {
  const resource = resourceTypeOf(type)!
  const queries = names.map((name) => ({ type: resource, name }))
  const results = await admin.describeConfigs(queries, { includeSynonyms: true, includeDocumentation: options.documentation })
  return results.map(({ item, error, value }): ItemResult<string, Setting[]> => {
    if (error !== null) return { item: item.name, error, value: null }
    return { item: item.name, error: null, value: value.map((entry) => ({ entityType: type, entityName: item.name, ...entry })) }
  })
}

/** A value is of the resource itself, not inherited. */
export function isOwn({ entityType, entityName, source }: Setting): boolean {
  switch (entityType) {
    case 'topics':
      return source === 'DYNAMIC_TOPIC_CONFIG'
    case 'brokers':
      return entityName === '' ? source === 'DYNAMIC_DEFAULT_BROKER_CONFIG' : source === 'DYNAMIC_BROKER_CONFIG'
    case 'broker-loggers':
      return true
    default:
      return source === 'DYNAMIC_GROUP_CONFIG' || source === 'DYNAMIC_CLIENT_METRICS_CONFIG'
  }
}

/** Quotas of one kind: of one name, of the default (null), or of all (undefined). SCRAM credentials of users beside them. */
export async function describeQuotaSettings(admin: Admin, type: EntityType, name: string | null | undefined): Promise<Setting[]> {
  const entityType = quotaTypes[type as keyof typeof quotaTypes]
  const match = name === undefined ? ('any' as const) : name === null ? ('default' as const) : { name }
  const quotas = await admin.describeClientQuotas([{ entityType, match }])
  const settings = quotas.flatMap(({ entity, values }) =>
    Object.entries(values).map(([key, value]) => quotaSetting(type, entityText(entity, entityType), key, String(value))),
  )
  if (type !== 'users' || name === null) return settings
  const users = await admin.describeScramUsers(name === undefined ? null : [name])
  const credentials = users.flatMap(({ item, value }) =>
    (value?.credentials ?? []).map(({ mechanism, iterations }) => quotaSetting(type, item, mechanism, `iterations=${iterations}`)),
  )
  return [...settings, ...credentials]
}

function quotaSetting(entityType: EntityType, entityName: string, name: string, value: string): Setting {
  const source = 'UNKNOWN' as const
  return {
    entityType,
    entityName,
    name,
    value,
    source,
    type: 'DOUBLE',
    readOnly: false,
    sensitive: false,
    synonyms: [],
    documentation: null,
  }
}

/** The name alone, or every part when there are several. */
function entityText(entity: QuotaEntity, type: string): string {
  const parts = Object.entries(entity)
  if (parts.length === 1 && parts[0]![0] === type) return parts[0]![1] ?? ''
  return parts.map(([key, name]) => `${key}=${name ?? '<default>'}`).join(',')
}

/** Quotas changed; a null name is the default of the kind, a null value removes. */
export async function alterQuotas(
  admin: Admin,
  type: EntityType,
  name: string | null,
  values: Readonly<Record<string, number | null>>,
  options: { validateOnly: boolean },
): Promise<ItemResult<string>> {
  const [result] = await admin.alterClientQuotas([{ entity: { [quotaTypes[type as keyof typeof quotaTypes]]: name }, values }], options)
  const item = name ?? ''
  return result!.error === null ? { item, error: null, value: null } : { item, error: result!.error, value: null }
}
