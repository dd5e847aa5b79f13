import { zeroUuid } from '../../base/index.ts'
import { isInternalTopic } from '../../metadata/index.ts'
import { Apis, type ErrorCode, Errors, type Message, type MessageInput } from '../../protocol/index.ts'
import { ProduceRequest, ProduceResponse } from '../../protocol/messages/produce.ts'
import { isTransactional, oneBatchError, RECORDS_AT } from '../../records/index.ts'
import type { Appended, Partition } from '../../replica/index.ts'
import { apiHandler, CLOSE, NO_REPLY, type Reply, type RequestContext } from '../api-handler.ts'
import type { BrokerParts } from '../parts.ts'
import { aliveNode, type Node } from '../topic-view.ts'

type Request = Message<typeof ProduceRequest>
type Topic = Request['topicData'][number]
type TopicAnswer = NonNullable<MessageInput<typeof ProduceResponse>['responses']>[number]
type PartitionAnswer = {
  -readonly [K in keyof NonNullable<TopicAnswer['partitionResponses']>[number]]: NonNullable<TopicAnswer['partitionResponses']>[number][K]
}

const ALL = -1
const NONE = 0
const LEADER = 1
const TOPIC_IDS = 13
/** KIP-110 */
const ZSTD = 7

/**
 * A producer with acks=0 sends on without an answer. When so much of a partition waits for the disk, its next request is taken up only after
 * what it sent is written: otherwise a slow disk would fill the memory.
 */
const UNWRITTEN_BYTES_MAX = 16 * 1024 * 1024
/** A write that takes longer than this costs a producer with acks=0 its connection, as an error does. */
const UNANSWERED_WAIT_MS = 60_000

const failed = (index: number, errorCode: number, errorMessage: string | null = null): PartitionAnswer => ({
  index,
  errorCode,
  baseOffset: -1,
  logAppendTimeMs: -1,
  logStartOffset: -1,
  errorMessage,
})

const answerOf = (index: number, appended: Appended): PartitionAnswer => ({
  index,
  errorCode: appended.errorCode,
  baseOffset: appended.baseOffset,
  logAppendTimeMs: appended.logAppendTimeMs,
  logStartOffset: appended.logStartOffset,
  recordErrors: appended.recordErrors.map(({ batchIndex, message }) => ({ batchIndex, batchIndexErrorMessage: message })),
  errorMessage: appended.message,
})

/** One produce request between its appends and its answer. */
class PendingProduce {
  readonly responses: (TopicAnswer & { partitionResponses: PartitionAnswer[] })[] = []
  hasErrors = false
  private readonly waiting = new Set<PartitionAnswer>()
  private settle: (() => void) | undefined
  private allAppended = false

  /** The answer waits for this partition; NONE lets it pass as it is. */
  wait(answer: PartitionAnswer, partition: Partition, endOffset: number, acks: number): void {
    this.waiting.add(answer)
    const done = (errorCode: ErrorCode): void => {
      if (!this.waiting.delete(answer)) return
      if (errorCode !== Errors.NONE) this.fail(answer, errorCode)
      this.finishWhenDone()
    }
    if (acks === ALL) partition.whenReplicated(endOffset, done)
    else partition.log.whenWritten(endOffset, (error) => done(error === undefined ? Errors.NONE : Errors.KAFKA_STORAGE_ERROR))
  }

  /** What is in the log keeps its offset in the answer (DelayedProduce); what the disk did not take has none. */
  private fail(answer: PartitionAnswer, errorCode: ErrorCode): void {
    answer.errorCode = errorCode
    this.hasErrors = true
    if (errorCode !== Errors.KAFKA_STORAGE_ERROR) return
    answer.baseOffset = -1
    answer.logAppendTimeMs = -1
  }

  private finishWhenDone(): void {
    if (this.allAppended && this.waiting.size === 0) this.settle?.()
  }

  /** Resolves when nothing is waited for any more; after `timeoutMs` what still waits is REQUEST_TIMED_OUT, though it may yet succeed. */
  done(timeoutMs: number, broker: BrokerParts): Promise<void> | undefined {
    this.allAppended = true
    if (this.waiting.size === 0) return undefined
    return new Promise((resolve) => {
      const timer = broker.host.clock.after(Math.max(timeoutMs, 0), () => {
        for (const answer of this.waiting) this.fail(answer, Errors.REQUEST_TIMED_OUT)
        this.waiting.clear()
        resolve()
      })
      this.settle = () => {
        timer.cancel()
        resolve()
      }
    })
  }
}

/** What is sent for one partition, and why other records for it were refused. */
type Sent = Topic['partitionData'][number] & { readonly refused?: ErrorCode | undefined }

const refusedBefore = ({ records }: Sent, version: number): ErrorCode | undefined => {
  const error = records === null ? Errors.INVALID_RECORD : oneBatchError(records, version >= ZSTD)
  return error === Errors.NONE ? undefined : error
}

/** The last records that are one batch count; that others are none is the answer all the same. */
const ofBoth = (before: Sent, later: Sent, version: number): Sent => {
  const refused = refusedBefore(later, version)
  return refused === undefined ? { ...later, refused: before.refused ?? refusedBefore(before, version) } : { ...before, refused }
}

/** Each topic and partition once (KafkaApis gathers what it appends and what it refuses in a map each). */
const distinct = (topics: Request['topicData'], version: number): readonly (Topic & { readonly partitionData: readonly Sent[] })[] => {
  if (topics.length === 1 && topics[0]!.partitionData.length === 1) return topics
  const merged = new Map<string, { topic: Topic; partitions: Map<number, Sent> }>()
  let isRepeated = false
  for (const topic of topics) {
    const key = version >= TOPIC_IDS ? topic.topicId : topic.name
    const known = merged.get(key)
    const { partitions } = known ?? { partitions: new Map<number, Sent>() }
    if (known === undefined) merged.set(key, { topic, partitions })
    else isRepeated = true
    for (const each of topic.partitionData) {
      const before = partitions.get(each.index)
      isRepeated ||= before !== undefined
      partitions.set(each.index, before === undefined ? each : ofBoth(before, each, version))
    }
  }
  if (!isRepeated) return topics
  return [...merged.values()].map(({ topic, partitions }) => ({ ...topic, partitionData: [...partitions.values()] }))
}

const append = (request: Request, context: RequestContext, broker: BrokerParts): PendingProduce => {
  const pending = new PendingProduce()
  const byId = context.version >= TOPIC_IDS
  const now = broker.host.clock.now()
  const { lease } = context
  const options = { origin: 'client', acksAll: request.acks === ALL, zstdAllowed: context.version >= ZSTD, lease } as const
  for (const topic of distinct(request.topicData, context.version)) {
    const found = byId ? broker.image.topicById(topic.topicId) : broker.image.topic(topic.name)
    const partitionResponses: PartitionAnswer[] = []
    pending.responses.push({ name: topic.name, topicId: topic.topicId, partitionResponses })
    for (const { index, records, refused } of topic.partitionData) {
      let answer: PartitionAnswer
      const partition = found === undefined ? undefined : broker.partitions.find(found.id, index)
      if (found === undefined) answer = failed(index, byId ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION)
      else if (!found.partitions.has(index)) answer = failed(index, Errors.UNKNOWN_TOPIC_OR_PARTITION)
      else if (partition === undefined) answer = failed(index, broker.partitions.missing(found.id, index))
      else if (isInternalTopic(found.name) && context.clientId !== '__admin_client') {
        answer = failed(index, Errors.INVALID_TOPIC_EXCEPTION, `Cannot append to internal topic ${found.name}`)
      } else if (records === null || records.length === 0) {
        answer = failed(
          index,
          Errors.INVALID_RECORD,
          `Produce requests with version ${context.version} must have exactly one record batch per partition`,
        )
      } else {
        const appended = partition.append(records, options, now)
        answer = answerOf(index, appended)
        broker.metrics.produced(found.name, records.length, appended)
        const behind = request.acks === NONE && partition.log.unwrittenBytes > UNWRITTEN_BYTES_MAX
        if (appended.errorCode === Errors.NONE && (request.acks !== NONE || behind)) {
          pending.wait(answer, partition, appended.endOffset, behind ? LEADER : request.acks)
        }
      }
      if (found?.partitions.has(index) && refused !== undefined) answer = failed(index, refused)
      if (answer.errorCode !== Errors.NONE) pending.hasErrors = true
      partitionResponses.push(answer)
    }
  }
  // What was appended is held by the log until it is written; nothing else refers to the frame.
  lease?.release()
  return pending
}

/** From version 10 on a producer that asked the wrong broker learns the right one from the answer (KIP-951). */
const withLeaders = (pending: PendingProduce, context: RequestContext, broker: BrokerParts): MessageInput<typeof ProduceResponse> => {
  if (!pending.hasErrors || context.version < 10) return { responses: pending.responses }
  const nodes = new Map<number, Node>()
  for (const topic of pending.responses) {
    const found = topic.topicId && topic.topicId !== zeroUuid ? broker.image.topicById(topic.topicId) : broker.image.topic(topic.name ?? '')
    for (const answer of topic.partitionResponses) {
      const registration = found?.partitions.get(answer.index!)
      if (answer.errorCode !== Errors.NOT_LEADER_OR_FOLLOWER || registration === undefined) continue
      answer.currentLeader = { leaderId: registration.leader, leaderEpoch: registration.leaderEpoch }
      const node = aliveNode(broker.image, registration.leader, context.listenerName)
      if (node !== undefined) nodes.set(node.nodeId, node)
    }
  }
  return { responses: pending.responses, nodeEndpoints: [...nodes.values()] }
}

const refuse = (errorCode: number, errorMessage: string | null, request: Request): MessageInput<typeof ProduceResponse> => ({
  responses: request.topicData.map(({ name, topicId, partitionData }) => ({
    name,
    topicId,
    partitionResponses: partitionData.map(({ index }) => failed(index, errorCode, errorMessage)),
  })),
})

const hasTransactional = ({ partitionData }: Topic): boolean =>
  partitionData.some(({ records }) => records !== null && records.length >= RECORDS_AT && isTransactional(records, 0))

const handle = (
  request: Request,
  context: RequestContext,
  broker: BrokerParts,
): Reply<typeof ProduceResponse> | Promise<Reply<typeof ProduceResponse>> => {
  if (request.acks !== ALL && request.acks !== NONE && request.acks !== LEADER) {
    return refuse(Errors.INVALID_REQUIRED_ACKS, null, request)
  }
  if (request.transactionalId === null && request.topicData.some(hasTransactional)) {
    return request.acks === NONE ? CLOSE : refuse(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, null, request)
  }
  const pending = append(request, context, broker)
  if (request.acks === NONE) {
    const unanswered = () => (pending.hasErrors ? CLOSE : NO_REPLY)
    const written = pending.done(UNANSWERED_WAIT_MS, broker)
    return written === undefined ? unanswered() : written.then(unanswered)
  }
  const done = pending.done(request.timeoutMs, broker)
  return done === undefined ? withLeaders(pending, context, broker) : done.then(() => withLeaders(pending, context, broker))
}

/** Undefined: all partitions are there. Else resolves when those that were just created are. */
const partitionsReady = (request: Request, context: RequestContext, broker: BrokerParts): Promise<unknown> | undefined => {
  const waiting: Promise<void>[] = []
  for (const { name, topicId, partitionData } of request.topicData) {
    const id = context.version >= TOPIC_IDS ? topicId : broker.image.topic(name)?.id
    for (const { index } of id === undefined ? [] : partitionData) {
      const ready = broker.partitions.ready(id!, index)
      if (ready !== undefined) waiting.push(ready)
    }
  }
  return waiting.length === 0 ? undefined : Promise.all(waiting)
}

/**
 * Produce. All partitions are appended on this turn, in the order of the request; then the answer waits until they are written (acks=1) or
 * on all in-sync replicas (acks=all). With acks=0 there is no answer, so that an error can only be told by closing the connection.
 */
export const produce = apiHandler({
  api: Apis.Produce,
  request: ProduceRequest,
  response: ProduceResponse,
  handle: (request, context, broker) => {
    const ready = partitionsReady(request, context, broker)
    return ready === undefined ? handle(request, context, broker) : ready.then(() => handle(request, context, broker))
  },
  refuse: (errorCode, message, request) => (request.acks === NONE ? CLOSE : refuse(errorCode, message, request)),
})
