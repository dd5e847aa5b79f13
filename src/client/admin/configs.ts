import { Apis, Errors } from '../../protocol/index.ts'
import { AlterConfigsRequest, AlterConfigsResponse } from '../../protocol/messages/alter-configs.ts'
import { DescribeConfigsRequest, DescribeConfigsResponse } from '../../protocol/messages/describe-configs.ts'
import { IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse } from '../../protocol/messages/incremental-alter-configs.ts'
import { ListConfigResourcesRequest, ListConfigResourcesResponse } from '../../protocol/messages/list-config-resources.ts'
import { call } from '../call.ts'
import { type ItemError, type ItemResult, itemError, itemResult, throwIfError } from '../client-error.ts'
import { fanOut } from '../retry.ts'
import { type AdminContext, type AdminOptions, askAny, matchResults, retryOptions, retryUnknownTopicsNever } from './routes.ts'

const describeConfigsCall = call(Apis.DescribeConfigs, DescribeConfigsRequest, DescribeConfigsResponse)
const alterConfigsCall = call(Apis.AlterConfigs, AlterConfigsRequest, AlterConfigsResponse)
const incrementalCall = call(Apis.IncrementalAlterConfigs, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse)
const listResourcesCall = call(Apis.ListConfigResources, ListConfigResourcesRequest, ListConfigResourcesResponse)

/** ConfigResource.Type of Kafka. */
export const ResourceType = { topic: 2, broker: 4, brokerLogger: 8, clientMetrics: 16, group: 32 } as const
export type ResourceTypeName = keyof typeof ResourceType

export interface ConfigResource {
  readonly type: ResourceTypeName
  /** Empty for a broker: the defaults of all brokers. */
  readonly name: string
}

/** ConfigSource of Kafka, by its code. */
// biome-ignore format: a table
export const configSources = ['UNKNOWN', 'DYNAMIC_TOPIC_CONFIG', 'DYNAMIC_BROKER_CONFIG', 'DYNAMIC_DEFAULT_BROKER_CONFIG', 'STATIC_BROKER_CONFIG', 'DEFAULT_CONFIG', 'DYNAMIC_BROKER_LOGGER_CONFIG', 'DYNAMIC_CLIENT_METRICS_CONFIG', 'DYNAMIC_GROUP_CONFIG'] as const
// biome-ignore format: a table
export const configTypes = ['UNKNOWN', 'BOOLEAN', 'STRING', 'INT', 'SHORT', 'LONG', 'DOUBLE', 'LIST', 'CLASS', 'PASSWORD'] as const

export interface ConfigEntry {
  readonly name: string
  /** Null: not set, or sensitive. */
  readonly value: string | null
  readonly source: (typeof configSources)[number]
  readonly type: (typeof configTypes)[number]
  readonly readOnly: boolean
  readonly sensitive: boolean
  /** From the strongest to the weakest place that sets it. */
  readonly synonyms: readonly { readonly name: string; readonly value: string | null; readonly source: (typeof configSources)[number] }[]
  readonly documentation: string | null
}

export interface ConfigQuery extends ConfigResource {
  /** Left out: all keys. */
  readonly keys?: readonly string[]
}

export function describeConfigs(
  admin: AdminContext,
  queries: readonly ConfigQuery[],
  options: AdminOptions & { includeSynonyms?: boolean; includeDocumentation?: boolean } = {},
): Promise<ItemResult<ConfigQuery, ConfigEntry[]>[]> {
  const { includeSynonyms = false, includeDocumentation = false } = options
  return toConfigOwners(admin, 'DescribeConfigs', queries, options, 'any', async (nodeId, wanted) => {
    const answer = await admin.cluster.send(nodeId, describeConfigsCall, (version) => ({
      resources: wanted.map((each) => ({
        resourceType: ResourceType[each.type],
        resourceName: each.name,
        configurationKeys: each.keys ?? null,
      })),
      includeSynonyms,
      ...(version >= 3 ? { includeDocumentation } : {}),
    }))
    return matchResults(wanted, resourceKey, answer.results, entryKey, (item, entry) =>
      itemResult(
        item,
        entry.errorCode,
        entry.errorMessage,
        entry.configs.map((each) => ({
          name: each.name,
          value: each.value,
          source: configSources[each.configSource] ?? 'UNKNOWN',
          type: configTypes[each.configType] ?? 'UNKNOWN',
          readOnly: each.readOnly,
          sensitive: each.isSensitive,
          synonyms: each.synonyms.map((synonym) => ({ ...synonym, source: configSources[synonym.source] ?? 'UNKNOWN' })),
          documentation: each.documentation,
        })),
      ),
    )
  })
}

export const ConfigOperation = { set: 0, delete: 1, append: 2, subtract: 3 } as const

export interface ConfigChange extends ConfigResource {
  readonly operations: readonly {
    readonly name: string
    readonly operation: keyof typeof ConfigOperation
    readonly value?: string | null
  }[]
}

/** KIP-339: each change for itself, what is not named stays. */
export function incrementalAlterConfigs(
  admin: AdminContext,
  changes: readonly ConfigChange[],
  options: AdminOptions & { validateOnly?: boolean } = {},
): Promise<ItemResult<ConfigChange>[]> {
  return toConfigOwners(admin, 'IncrementalAlterConfigs', changes, options, 'controller', async (nodeId, wanted) => {
    const answer = await admin.cluster.send(nodeId, incrementalCall, {
      resources: wanted.map((each) => ({
        resourceType: ResourceType[each.type],
        resourceName: each.name,
        configs: each.operations.map(({ name, operation, value }) => ({
          name,
          configOperation: ConfigOperation[operation],
          value: value ?? null,
        })),
      })),
      validateOnly: options.validateOnly ?? false,
    })
    return matchResults(wanted, resourceKey, answer.responses, entryKey, (item, entry) =>
      itemResult(item, entry.errorCode, entry.errorMessage, null),
    )
  })
}

export interface ConfigReplacement extends ConfigResource {
  readonly configs: Readonly<Record<string, string | null>>
}

/** The old AlterConfigs: what is not named goes back to its default. */
export function alterConfigs(
  admin: AdminContext,
  replacements: readonly ConfigReplacement[],
  options: AdminOptions & { validateOnly?: boolean } = {},
): Promise<ItemResult<ConfigReplacement>[]> {
  return toConfigOwners(admin, 'AlterConfigs', replacements, options, 'controller', async (nodeId, wanted) => {
    const answer = await admin.cluster.send(nodeId, alterConfigsCall, {
      resources: wanted.map((each) => ({
        resourceType: ResourceType[each.type],
        resourceName: each.name,
        configs: Object.entries(each.configs).map(([name, value]) => ({ name, value })),
      })),
      validateOnly: options.validateOnly ?? false,
    })
    return matchResults(wanted, resourceKey, answer.responses, entryKey, (item, entry) =>
      itemResult(item, entry.errorCode, entry.errorMessage, null),
    )
  })
}

/** Resources that have configs of their own. Brokers before version 1 know client metrics only. */
export async function listConfigResources(
  admin: AdminContext,
  types: readonly ResourceTypeName[] = [],
  options: AdminOptions = {},
): Promise<ConfigResource[]> {
  const resourceTypes = types.map((type) => ResourceType[type])
  const onlyMetrics = types.length === 1 && types[0] === 'clientMetrics'
  const answer = await askAny(
    admin,
    listResourcesCall,
    (version) => (version >= 1 ? { resourceTypes } : {}),
    { ...options, minVersion: onlyMetrics ? 0 : 1 },
    (each) => throwIfError(each.errorCode, null, 'ListConfigResources'),
  )
  const names = Object.entries(ResourceType)
  return answer.configResources.flatMap(({ resourceName, resourceType }) => {
    const type = names.find(([, code]) => code === resourceType)?.[0] as ResourceTypeName | undefined
    return type === undefined ? [] : [{ type, name: resourceName }]
  })
}

const resourceKey = (resource: ConfigResource): string => `${ResourceType[resource.type]}:${resource.name}`
const entryKey = (entry: { resourceType: number; resourceName: string }): string => `${entry.resourceType}:${entry.resourceName}`

/** A broker's own configs and its loggers are asked of that broker, everything else of any broker or of the controller's. */
function toConfigOwners<I extends ConfigResource, V>(
  admin: AdminContext,
  what: string,
  items: readonly I[],
  options: AdminOptions,
  otherwise: 'any' | 'controller',
  ask: (nodeId: number, items: readonly I[]) => Promise<readonly ItemResult<I, V>[]>,
): Promise<ItemResult<I, V>[]> {
  const { cluster } = admin
  return fanOut(cluster, retryOptions(admin, options), {
    what,
    items,
    locate: async (wanted, round) => {
      if (cluster.view.version === 0 || round > 0) await cluster.refresh([], retryOptions(admin, options).timeoutMs)
      const { controllerId } = cluster.view
      const other = otherwise === 'controller' && cluster.nodes.has(controllerId) ? controllerId : cluster.leastLoaded().node.id
      // The active controller changes settings of every broker, also of one that is down.
      const isOwned = (item: I): boolean => !(cluster.ofControllers && otherwise === 'controller' && item.type === 'broker')
      return new Map(wanted.map((item) => [item, (isOwned(item) ? ownerOf(admin, item) : undefined) ?? other]))
    },
    ask,
    retry: retryUnknownTopicsNever,
  })
}

function ownerOf(admin: AdminContext, resource: ConfigResource): number | ItemError | undefined {
  if (resource.type !== 'brokerLogger' && (resource.type !== 'broker' || resource.name === '')) return undefined
  const id = Number(resource.name)
  if (!/^\d+$/.test(resource.name)) return itemError(Errors.INVALID_REQUEST, `${resource.name} is not a broker id`)
  return admin.cluster.nodes.has(id) ? id : itemError(Errors.BROKER_NOT_AVAILABLE, `the cluster has no broker ${id}`)
}
