import { type ErrorCode, Errors, errorName, type Message, type Schema } from '../../protocol/index.ts'
import type { Body, Call, CallOptions } from '../call.ts'
import { ClientError, type ItemError, type ItemResult, itemError } from '../client-error.ts'
import { type Cluster, CoordinatorType, type CoordinatorTypeId } from '../cluster.ts'
import type { AdminSettings } from '../config.ts'
import { fanOut, type RetryOptions, retrying } from '../retry.ts'

/** What every admin function works with. */
export interface AdminContext {
  readonly cluster: Cluster
  readonly settings: AdminSettings
}

export interface AdminOptions {
  /** For the whole call, all attempts together. Default: default.api.timeout.ms. */
  readonly timeoutMs?: number
  /** What cannot be reached is told at once, not tried again: for a look at what is there. */
  readonly tellUnreachable?: boolean
}

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** Rounds for which a topic unknown to the cluster may still be on its way to all brokers. */
const unknownTopicRounds = 4

export function retryOptions(admin: AdminContext, options: AdminOptions = {}): RetryOptions {
  return {
    timeoutMs: options.timeoutMs ?? admin.settings['default.api.timeout.ms'],
    retriesMax: admin.settings.retries,
  }
}

/** What a request's own timeout field should say: as long as we wait for the answer, a little less. */
export function brokerTimeoutMs(admin: AdminContext, leftMs: number): number {
  return Math.max(1, Math.floor(Math.min(leftMs, admin.settings['request.timeout.ms'])))
}

/** One request any broker can answer. */
export function askAny<Q extends Schema, R extends Schema>(
  admin: AdminContext,
  call: Call<Q, R>,
  body: Body<Q>,
  options?: AdminOptions & CallOptions,
  check?: (answer: Message<R>) => void,
): Promise<Message<R>> {
  return retrying(admin.cluster, call.api.name, retryOptions(admin, options), async () => {
    const answer = await admin.cluster.sendAny(call, body, bounds(options))
    check?.(answer)
    return answer
  })
}

/** One request for the controller. */
export function askController<Q extends Schema, R extends Schema>(
  admin: AdminContext,
  call: Call<Q, R>,
  body: (leftMs: number) => Body<Q>,
  options?: AdminOptions & CallOptions,
  check?: (answer: Message<R>) => void,
): Promise<Message<R>> {
  return retrying(admin.cluster, call.api.name, retryOptions(admin, options), async (leftMs) => {
    const answer = await admin.cluster.sendController(call, body(leftMs), bounds(options))
    check?.(answer)
    return answer
  })
}

function bounds(options: (AdminOptions & CallOptions) | undefined): CallOptions {
  const { minVersion, maxVersion } = options ?? {}
  return { ...(minVersion === undefined ? {} : { minVersion }), ...(maxVersion === undefined ? {} : { maxVersion }) }
}

/** Passing refusals of the controller. A timed-out change is not among them: it may have happened. */
export const controllerRetries: ReadonlySet<number> = new Set<ErrorCode>([
  Errors.NOT_CONTROLLER,
  Errors.THROTTLING_QUOTA_EXCEEDED,
  Errors.NETWORK_EXCEPTION,
])

/** As throwIfError, of a change that may have happened although the answer is a failure: only what passes and changed nothing is tried again. */
export function throwIfRefused(code: number, message: string | null, what: string): void {
  if (code !== Errors.NONE)
    throw new ClientError(code, `${what}: ${message || errorName(code)}`, { retriable: controllerRetries.has(code) })
}

export function toController<I, V>(
  admin: AdminContext,
  what: string,
  items: readonly I[],
  options: AdminOptions | undefined,
  ask: (nodeId: number, items: readonly I[], leftMs: number) => Promise<readonly ItemResult<I, V>[]>,
): Promise<ItemResult<I, V>[]> {
  return fanOut(admin.cluster, retryOptions(admin, options), {
    what,
    items,
    locate: async (wanted, round) => {
      const { cluster } = admin
      if (cluster.view.version === 0 || round > 0) await cluster.refresh([], retryOptions(admin, options).timeoutMs)
      const nodeId = cluster.nodes.has(cluster.view.controllerId) ? cluster.view.controllerId : cluster.leastLoaded().node.id
      return new Map(wanted.map((item) => [item, nodeId]))
    },
    ask,
    retry: (error) => controllerRetries.has(error.code),
  })
}

/** Asks the leader of each partition. */
export function toLeaders<I extends TopicPartition, V>(
  admin: AdminContext,
  what: string,
  items: readonly I[],
  options: AdminOptions | undefined,
  ask: (nodeId: number, items: readonly I[], leftMs: number) => Promise<readonly ItemResult<I, V>[]>,
): Promise<ItemResult<I, V>[]> {
  const { cluster } = admin
  return fanOut(cluster, retryOptions(admin, options), {
    what,
    items,
    locate: async (wanted) => {
      const topics = [...new Set(wanted.map((item) => item.topic))]
      const view = await cluster.refresh(topics, retryOptions(admin, options).timeoutMs)
      return new Map(wanted.map((item) => [item, leaderOf(view.topics.get(item.topic), item)]))
    },
    ask,
    retry: (error, round) => !isToTell(error, options) && retryUnknownTopicsBriefly(error, round),
  })
}

const isToTell = (error: ItemError, options: AdminOptions | undefined): boolean =>
  options?.tellUnreachable === true && error.code === Errors.NETWORK_EXCEPTION

export function retryUnknownTopicsBriefly(error: ItemError, round: number): boolean {
  const unknown = error.code === Errors.UNKNOWN_TOPIC_OR_PARTITION || error.code === Errors.UNKNOWN_TOPIC_ID
  return unknown ? round < unknownTopicRounds : error.retriable
}

/** Where the topic does not decide whom to ask, an unknown one is an answer. */
export function retryUnknownTopicsNever(error: ItemError): boolean {
  return error.retriable && error.code !== Errors.UNKNOWN_TOPIC_OR_PARTITION && error.code !== Errors.UNKNOWN_TOPIC_ID
}

type TopicOfView = { readonly errorCode: number; readonly partitions: readonly { readonly leader: number; readonly errorCode: number }[] }

function leaderOf(topic: TopicOfView | undefined, { topic: name, partition: index }: TopicPartition): number | ItemError {
  if (topic !== undefined && topic.errorCode !== Errors.NONE) return itemError(topic.errorCode)
  const partition = topic?.partitions[index]
  if (partition === undefined) return itemError(Errors.UNKNOWN_TOPIC_OR_PARTITION, `there is no partition ${name}-${index}`)
  if (partition.leader < 0) return itemError(Errors.LEADER_NOT_AVAILABLE, `${name}-${index} has no leader`)
  return partition.leader
}

/** Coordinator errors after which it may be somewhere else. */
const movedCoordinator: ReadonlySet<number> = new Set<ErrorCode>([
  Errors.NOT_COORDINATOR,
  Errors.COORDINATOR_NOT_AVAILABLE,
  Errors.NETWORK_EXCEPTION,
])

/** Asks the coordinator of each group (or transactional id). */
export function toCoordinators<I, V>(
  admin: AdminContext,
  what: string,
  items: readonly I[],
  keyOf: (item: I) => string,
  options: AdminOptions | undefined,
  ask: (nodeId: number, items: readonly I[], leftMs: number) => Promise<readonly ItemResult<I, V>[]>,
  type: CoordinatorTypeId = CoordinatorType.group,
): Promise<ItemResult<I, V>[]> {
  const { cluster } = admin
  return fanOut(cluster, retryOptions(admin, options), {
    what,
    items,
    locate: async (wanted) => {
      const found = await cluster.coordinators(type, [...new Set(wanted.map(keyOf))])
      return new Map(
        wanted.map((item) => {
          const place = found.get(keyOf(item))
          if (place === undefined) return [item, itemError(Errors.COORDINATOR_NOT_AVAILABLE)]
          return [item, 'id' in place ? place.id : itemError(place.errorCode, place.errorMessage)]
        }),
      )
    },
    ask,
    retry: retryUnknownTopicsNever,
    forget: (item, error) => {
      if (movedCoordinator.has(error.code)) cluster.forgetCoordinator(type, keyOf(item))
    },
  })
}

/** Asks brokers by id; without ids all of them. */
export async function toBrokers<V>(
  admin: AdminContext,
  what: string,
  brokers: readonly number[] | undefined,
  options: AdminOptions | undefined,
  ask: (nodeId: number) => Promise<V>,
): Promise<ItemResult<number, V>[]> {
  const { cluster } = admin
  const { timeoutMs } = retryOptions(admin, options)
  const view = cluster.view.version === 0 || brokers === undefined ? await cluster.refresh([], timeoutMs) : cluster.view
  const items = brokers ?? [...view.nodes.keys()].sort((a, b) => a - b)
  return fanOut(cluster, retryOptions(admin, options), {
    what,
    items,
    locate: async (wanted) =>
      new Map(
        wanted.map((id) => [id, cluster.nodes.has(id) ? id : itemError(Errors.BROKER_NOT_AVAILABLE, `the cluster has no broker ${id}`)]),
      ),
    ask: async (nodeId) => [{ item: nodeId, error: null, value: await ask(nodeId) }],
    // A broker that is down is an answer here, and waiting for it would hold up the others.
    retry: (error, round) => error.retriable && !isToTell(error, options) && (error.code !== Errors.NETWORK_EXCEPTION || round < 2),
  })
}

/** Groups partitions by topic, as requests want them. */
export function byTopic<P extends TopicPartition, T>(partitions: readonly P[], build: (topic: string, partitions: readonly P[]) => T): T[] {
  const topics = new Map<string, P[]>()
  for (const each of partitions) {
    const list = topics.get(each.topic)
    if (list === undefined) topics.set(each.topic, [each])
    else list.push(each)
  }
  return [...topics].map(([topic, list]) => build(topic, list))
}

/** Pairs items with the entries of an answer. An item the answer does not mention gets an error that says so. */
export function matchResults<I, E, V>(
  items: readonly I[],
  keyOf: (item: I) => string,
  entries: readonly E[],
  entryKeyOf: (entry: E) => string,
  toResult: (item: I, entry: E) => ItemResult<I, V>,
): ItemResult<I, V>[] {
  const byKey = new Map(entries.map((entry) => [entryKeyOf(entry), entry]))
  return items.map((item) => {
    const entry = byKey.get(keyOf(item))
    if (entry !== undefined) return toResult(item, entry)
    return { item, error: itemError(Errors.UNKNOWN_SERVER_ERROR, `the answer says nothing of ${keyOf(item)}`), value: null }
  })
}

export function partitionKey(item: TopicPartition): string {
  return `${item.topic}-${item.partition}`
}
