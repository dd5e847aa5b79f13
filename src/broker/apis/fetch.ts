import { zeroUuid } from '../../base/index.ts'
import { Apis, Errors, type Message, type MessageInput } from '../../protocol/index.ts'
import { FetchRequest, FetchResponse } from '../../protocol/messages/fetch.ts'
import {
  type FetchContext,
  type FetchedPartition,
  type FetchTarget,
  fetch as fetchPartitions,
  isFetchRefusal,
  type Partition,
  release,
  replicaSelectors,
} from '../../replica/index.ts'
import { apiHandler, type RequestContext } from '../api-handler.ts'
import type { BrokerParts } from '../parts.ts'
import { aliveNode, type Node } from '../topic-view.ts'

type Request = Message<typeof FetchRequest>
type Response = MessageInput<typeof FetchResponse>
type TopicAnswer = NonNullable<Response['responses']>[number]
type PartitionAnswer = NonNullable<TopicAnswer['partitions']>[number]

const TOPIC_IDS = 13
const LEADER_HINTS = 16
/** KIP-392: clients say their rack, and may read from followers. */
const RACKS = 11
const READ_COMMITTED = 1
const IDLE_MS_MAX = 600_000

const targetsOf = (request: Request, version: number, broker: BrokerParts): FetchTarget[] => {
  const targets: FetchTarget[] = []
  for (const topic of request.topics) {
    const found = version >= TOPIC_IDS ? broker.image.topicById(topic.topicId) : broker.image.topic(topic.topic)
    for (const partition of topic.partitions) {
      targets.push({
        topic: version >= TOPIC_IDS ? found?.name : topic.topic,
        topicId: found?.id ?? topic.topicId,
        partition: partition.partition,
        fetchOffset: partition.fetchOffset,
        currentLeaderEpoch: partition.currentLeaderEpoch,
        lastFetchedEpoch: partition.lastFetchedEpoch,
        logStartOffset: partition.logStartOffset,
        maxBytes: partition.partitionMaxBytes,
      })
    }
  }
  return targets
}

const forgottenOf = (request: Request, version: number, broker: BrokerParts): FetchTarget[] =>
  request.forgottenTopicsData.flatMap(({ topic, topicId, partitions }) =>
    partitions.map((partition) => ({
      topic,
      topicId: version >= TOPIC_IDS ? topicId : (broker.image.topic(topic)?.id ?? zeroUuid),
      partition,
      fetchOffset: 0,
      currentLeaderEpoch: -1,
      lastFetchedEpoch: -1,
      logStartOffset: -1,
      maxBytes: 0,
    })),
  )

/** KAFKA_STORAGE_ERROR came with version 6; older clients are told something that makes them look for another leader. */
const errorFor = (version: number, errorCode: number): number =>
  errorCode === Errors.KAFKA_STORAGE_ERROR && version <= 5 ? Errors.NOT_LEADER_OR_FOLLOWER : errorCode

const partitionAnswer = (
  result: FetchedPartition,
  context: RequestContext,
  broker: BrokerParts,
  nodes: Map<number, Node>,
): PartitionAnswer => {
  const { target, records } = result
  const errorCode = errorFor(context.version, result.errorCode)
  const answer: PartitionAnswer = {
    partitionIndex: target.partition,
    errorCode,
    highWatermark: result.highWatermark,
    lastStableOffset: result.lastStableOffset,
    logStartOffset: result.logStartOffset,
    abortedTransactions: result.abortedTransactions?.map(({ producerId, firstOffset }) => ({ producerId, firstOffset })) ?? null,
    records: records ?? NO_RECORDS,
    preferredReadReplica: result.preferredReadReplica,
    ...(result.divergingEpoch === undefined ? {} : { divergingEpoch: result.divergingEpoch }),
  }
  const movedOn = errorCode === Errors.NOT_LEADER_OR_FOLLOWER || errorCode === Errors.FENCED_LEADER_EPOCH
  if (!movedOn || context.version < LEADER_HINTS) return answer
  const registration = broker.image.topicById(target.topicId)?.partitions.get(target.partition)
  if (registration === undefined) return answer
  const node = aliveNode(broker.image, registration.leader, context.listenerName)
  if (node !== undefined) nodes.set(node.nodeId, node)
  return { ...answer, currentLeader: { leaderId: registration.leader, leaderEpoch: registration.leaderEpoch } }
}

const NO_RECORDS = Buffer.alloc(0)

/** Throttled bytes count whether the follower is in sync or not, so that all of them stay below the rate. */
const countForFollower = ({ target }: FetchedPartition, bytes: number, replicaId: number, broker: BrokerParts): void => {
  const partition = bytes === 0 ? undefined : broker.partitions.find(target.topicId, target.partition)
  if (partition === undefined) return
  broker.throttles.leader.record(partition, bytes)
  if (partition.registration.addingReplicas.includes(replicaId)) broker.metrics.reassignmentBytesOut += bytes
}

/** A topic that is gone is not counted: it would be there for good. */
const count = ({ target, errorCode }: FetchedPartition, bytes: number, fromFollower: boolean, { image, metrics }: BrokerParts): void => {
  const name = image.topicById(target.topicId)?.name
  if (name === undefined) return
  metrics.fetched(name, bytes, fromFollower)
  if (errorCode === Errors.UNKNOWN_SERVER_ERROR || errorCode === Errors.CORRUPT_MESSAGE) metrics.fetchFailed(name)
}

/** Groups neighbours of one topic, keeping the order: a session answers in the order in which it served. */
const respond = (
  results: readonly FetchedPartition[],
  opened: FetchContext,
  context: RequestContext,
  broker: BrokerParts,
  replicaId: number,
): Response => {
  const fromFollower = replicaId >= 0
  if (opened.isOvertaken()) {
    release(results)
    return { errorCode: Errors.INVALID_FETCH_SESSION_EPOCH, sessionId: opened.finish(broker.host.clock.monotonic()) }
  }
  const nodes = new Map<number, Node>()
  const responses: { topic: string; topicId: string; partitions: PartitionAnswer[] }[] = []
  for (const result of results) {
    const { target } = result
    const news = {
      errorCode: result.errorCode,
      highWatermark: result.highWatermark,
      logStartOffset: result.logStartOffset,
      recordBytes: result.records?.bytes ?? 0,
      notable: result.divergingEpoch !== undefined || result.preferredReadReplica >= 0,
    }
    count(result, news.recordBytes, fromFollower, broker)
    if (fromFollower) countForFollower(result, news.recordBytes, replicaId, broker)
    if (!opened.include(target, news)) {
      result.records?.release?.()
      continue
    }
    let topic = responses.at(-1)
    if (topic === undefined || topic.topicId !== target.topicId || topic.topic !== (target.topic ?? '')) {
      topic = { topic: target.topic ?? '', topicId: target.topicId, partitions: [] }
      responses.push(topic)
    }
    topic.partitions.push(partitionAnswer(result, context, broker, nodes))
  }
  return { sessionId: opened.finish(broker.host.clock.monotonic()), responses, nodeEndpoints: [...nodes.values()] }
}

export const refuseFetch = (errorCode: number, _message: string | null, request: Request, { version }: RequestContext) => {
  if (version >= 7) return { errorCode }
  const partitions = (topic: Request['topics'][number]) =>
    topic.partitions.map(({ partition }) => ({ partitionIndex: partition, errorCode, highWatermark: -1 }))
  return { responses: request.topics.map((topic) => ({ topic: topic.topic, partitions: partitions(topic) })) }
}

/** Undefined: whoever asks is served where it asks. */
const readReplicaSelector = (
  { rackId }: Request,
  { version, listenerName }: RequestContext,
  { config, image }: BrokerParts,
): ((partition: Partition, offset: number) => number | undefined) | undefined => {
  const select = version < RACKS || rackId === '' ? undefined : replicaSelectors.get(config.get('replica.selector.class') ?? '')
  if (select === undefined) return undefined
  // A fetch that waits asks again for each partition whenever something comes.
  const racks = new Map<number, string | null>()
  const rackOf = (brokerId: number): string | null => {
    let rack = racks.get(brokerId)
    if (rack === undefined) racks.set(brokerId, (rack = aliveNode(image, brokerId, listenerName)?.rack ?? null))
    return rack
  }
  return (partition, offset) => partition.preferredReadReplica(offset, rackId, select, rackOf)
}

/** Fetch: records as slices of files that go out as the socket takes them; below the minimum it waits (long poll). Sessions: KIP-227. */
export const fetch = apiHandler({
  api: Apis.Fetch,
  request: FetchRequest,
  response: FetchResponse,
  handle: (request, context, broker) => {
    const { version } = context
    const replicaId = version >= 15 ? request.replicaState.replicaId : request.replicaId
    const opened = broker.fetchSessions.begin(
      { version, sessionId: request.sessionId, sessionEpoch: request.sessionEpoch, fromFollower: replicaId >= 0 },
      targetsOf(request, version, broker),
      forgottenOf(request, version, broker),
      broker.host.clock.monotonic(),
    )
    if (isFetchRefusal(opened)) return { errorCode: opened.errorCode }
    for (const target of opened.targets) {
      // A topic that this broker did not know when the session began may have come since; a name may be that of another topic by now.
      if (version < TOPIC_IDS) target.topicId = broker.image.topic(target.topic!)?.id ?? zeroUuid
      else if (target.topic === undefined) target.topic = broker.image.topicById(target.topicId)?.name
    }
    const idleLimitMs = broker.config.get('connections.max.idle.ms')
    const maxBytes = Math.min(request.maxBytes, broker.config.get('fetch.max.bytes'))
    const parameters = {
      replicaId,
      replicaEpoch: version >= 15 ? request.replicaState.replicaEpoch : -1,
      // Nobody waits longer than a connection may be quiet.
      maxWaitMs: Math.min(request.maxWaitMs, idleLimitMs < 0 ? IDLE_MS_MAX : idleLimitMs),
      minBytes: Math.min(request.minBytes, maxBytes),
      maxBytes,
      onlyFromLeader: replicaId >= 0 || version < RACKS,
      ...(replicaId < 0 ? { preferredReadReplica: readReplicaSelector(request, context, broker) } : { throttle: broker.throttles.leader }),
      upTo: replicaId >= 0 ? 'log-end' : request.isolationLevel === READ_COMMITTED ? 'last-stable-offset' : 'high-watermark',
    } as const
    const read = () => fetchPartitions(broker.partitions, opened.targets, parameters, broker.host.clock, context.client)
    const made = broker.partitions.made(opened.targets)
    const results = made === undefined ? read() : made.then(read)
    return results instanceof Promise
      ? results.then((found) => respond(found, opened, context, broker, replicaId))
      : respond(results, opened, context, broker, replicaId)
  },
  refuse: refuseFetch,
})
