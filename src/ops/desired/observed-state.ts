import { zeroUuid } from '../../base/index.ts'
import type { AclBinding, Admin, ConfigEntry, ConfigQuery, ItemResult, Quota } from '../../client/index.ts'
import { Errors, KafkaError } from '../../protocol/index.ts'
import { errorOfAll } from '../item-failure.ts'
import {
  type ClusterState,
  type DesiredKind,
  isPassing,
  type ResourceKind,
  type ResourceState,
  type Settings,
  type TopicState,
} from './desired-state.ts'

/** What could not be found out. */
export interface FailedLook {
  readonly kind: DesiredKind
  readonly item: string
  readonly error: { readonly code: number; readonly name: string; readonly message: string; readonly retriable: boolean }
}

export interface ObservedTopic extends TopicState {
  /** Null: the cluster knows no ids. */
  readonly id: string | null
  readonly partitions: number
  readonly replicationFactor: number
  readonly internal: boolean
}

export interface ObservedState extends ClusterState {
  readonly topics: readonly ObservedTopic[]
  /** `brokers 1 ssl.keystore.password`: set, and not told. */
  readonly untold: readonly string[]
  /** Moves of replicas could not be seen: then they cannot be changed either, and topics are told with the replicas that they have now. */
  readonly areMovesUnseen: boolean
  readonly failures: readonly FailedLook[]
}

/** What to look at; null: all there is. */
export interface Scope {
  readonly topics: ((name: string) => boolean) | null
  readonly resources: readonly Pick<ResourceState, 'type' | 'name'>[] | null
  readonly acls: boolean
  readonly quotas: boolean
}

const resourceTypes = { brokers: 'broker', groups: 'group', 'client-metrics': 'clientMetrics' } as const
const ownSource = {
  topic: 'DYNAMIC_TOPIC_CONFIG',
  broker: 'DYNAMIC_BROKER_CONFIG',
  group: 'DYNAMIC_GROUP_CONFIG',
  clientMetrics: 'DYNAMIC_CLIENT_METRICS_CONFIG',
  brokerLogger: 'DYNAMIC_BROKER_LOGGER_CONFIG',
} as const

/** Topics that one request tells of. */
const TOPICS_MAX = 500

/** The cluster as files would have it. What cannot be found out is in `failures`, the rest is told. */
export async function observeCluster(admin: Admin, scope: Scope): Promise<ObservedState> {
  const failures: FailedLook[] = []
  const untold: string[] = []
  let areMovesUnseen = false
  const looked = async <T>(kind: DesiredKind, item: string, look: () => Promise<T>, nothing: T): Promise<T> => {
    try {
      return await look()
    } catch (error) {
      failures.push({ kind, item, error: errorOfAll(error) })
      return nothing
    }
  }
  const notice = (kind: DesiredKind) => (item: string, error: FailedLook['error']) => void failures.push({ kind, item, error })
  const hidden = (item: string): void => void untold.push(item)
  const [topics, configs, acls, quotas] = await Promise.all([
    looked('topics', '', () => observedTopics(admin, scope.topics, notice('topics'), hidden, () => (areMovesUnseen = true)), []),
    looked('configs', '', () => observedResources(admin, scope.resources, notice('configs'), hidden), []),
    scope.acls ? looked('acls', '', () => admin.describeAcls(), [] as AclBinding[]) : [],
    scope.quotas ? looked('quotas', '', () => admin.describeClientQuotas([]), [] as Quota[]) : [],
  ])
  return { topics, configs, acls, quotas, untold: untold.sort(), areMovesUnseen, failures }
}

type Notice = (item: string, error: FailedLook['error']) => void

async function observedTopics(
  admin: Admin,
  isWanted: Scope['topics'],
  notice: Notice,
  hidden: (item: string) => void,
  unseenMoves: () => void,
): Promise<ObservedState['topics']> {
  const listed = await admin.listTopics({ includeInternal: true })
  const wanted = listed.filter(({ name }) => isWanted === null || isWanted(name))
  if (wanted.length === 0) return []
  const factors = new Map(wanted.map(({ name, replicationFactor }) => [name, replicationFactor]))
  // While replicas move a partition has old and new ones: what counts is how many there will be.
  for (const { topic, replicas, removing } of await seenMoves(admin, unseenMoves))
    if (factors.has(topic)) factors.set(topic, replicas.length - removing.length)
  const settings = new Map<string, Settings>()
  for (let from = 0; from < wanted.length; from += TOPICS_MAX) {
    const queries = wanted.slice(from, from + TOPICS_MAX).map(({ name }) => ({ type: 'topic' as const, name }))
    for (const [name, own] of ownSettings(await admin.describeConfigs(queries), 'topics', notice, hidden)) settings.set(name, own)
  }
  return wanted.flatMap(({ name, topicId, partitionCount, internal }) => {
    const configs = settings.get(name)
    const id = topicId === zeroUuid ? null : topicId
    return configs === undefined ? [] : [{ name, id, partitions: partitionCount, replicationFactor: factors.get(name)!, configs, internal }]
  })
}

/** Who may look after topics of his own may often not look at the cluster: nor may he change where replicas are then. */
async function seenMoves(admin: Admin, unseen: () => void): ReturnType<Admin['listReassignments']> {
  try {
    return await admin.listReassignments()
  } catch (error) {
    if (!(error instanceof KafkaError) || error.code !== Errors.CLUSTER_AUTHORIZATION_FAILED) throw error
    unseen()
    return []
  }
}

async function observedResources(
  admin: Admin,
  given: Scope['resources'],
  notice: Notice,
  hidden: (item: string) => void,
): Promise<ResourceState[]> {
  const resources = given ?? (await allResources(admin, notice))
  if (resources.length === 0) return []
  const results = await admin.describeConfigs(resources.map(({ type, name }) => ({ type: resourceTypes[type], name })))
  return resources.flatMap(({ type, name }) => {
    const of = results.filter(({ item }) => item.type === resourceTypes[type] && item.name === name)
    const configs = ownSettings(of, type, notice, hidden).get(name)
    const isWanted = configs !== undefined && (given !== null || Object.keys(configs).length > 0)
    return isWanted ? [{ type, name, configs }] : []
  })
}

async function allResources(admin: Admin, notice: Notice): Promise<Pick<ResourceState, 'type' | 'name'>[]> {
  const { nodes } = await admin.describeCluster()
  const brokers = [{ type: 'brokers' as const, name: '' }, ...nodes.map(({ id }) => ({ type: 'brokers' as const, name: String(id) }))]
  const types: readonly ResourceKind[] = ['groups', 'client-metrics']
  const others = await Promise.all(
    types.map(async (type) => {
      try {
        return (await admin.listConfigResources([resourceTypes[type]])).map(({ name }) => ({ type, name }))
      } catch (error) {
        // An older broker has no list of them, and may have none of them either.
        if (!(error instanceof KafkaError) || error.code !== Errors.UNSUPPORTED_VERSION) notice(type, errorOfAll(error))
        return []
      }
    }),
  )
  return [...brokers, ...others.flat()]
}

function ownSettings(
  results: readonly ItemResult<ConfigQuery, ConfigEntry[]>[],
  whose: string,
  notice: Notice,
  hidden: (item: string) => void,
): Map<string, Settings> {
  const settings = new Map<string, Settings>()
  for (const { item, error, value } of results) {
    if (error !== null) {
      // It was deleted between two questions.
      if (error.code !== Errors.UNKNOWN_TOPIC_OR_PARTITION) notice(`${whose} ${item.name || 'default'}`, error)
      continue
    }
    const source = item.type === 'broker' && item.name === '' ? 'DYNAMIC_DEFAULT_BROKER_CONFIG' : ownSource[item.type]
    const own = value.filter((each) => each.source === source && !isPassing(each.name))
    for (const { name, sensitive } of own) if (sensitive) hidden(`${whose} ${item.name || 'default'} ${name}`)
    settings.set(item.name, Object.fromEntries(own.flatMap(({ name, value: text }) => (text === null ? [] : [[name, text]]))))
  }
  return settings
}
