import { type Lease, zeroUuid } from '../../base/index.ts'
import { Apis, type ErrorCode, Errors, type Message, type MessageInput } from '../../protocol/index.ts'
import { FetchRequest, FetchResponse } from '../../protocol/messages/fetch.ts'
import { byTopic } from '../admin/routes.ts'
import { call } from '../call.ts'
import { ClientError } from '../client-error.ts'
import type { Cluster } from '../cluster.ts'
import type { ConsumerSettings } from '../config.ts'
import type { AssignedPartitions } from './assignment.ts'
import { currentLeader } from './current-leader.ts'
import { FetchSession, type FetchTarget, type SessionRequest } from './fetch-session.ts'
import { FetchedPartition, type RecordChunk } from './fetched-partition.ts'
import type { OffsetReset } from './offset-reset.ts'
import type { PartitionState } from './partition-state.ts'

const fetchCall = call(Apis.Fetch, FetchRequest, FetchResponse)
/** From this version on topics travel by id. */
const topicIdVersion = 13

type PartitionAnswer = Message<typeof FetchResponse>['responses'][number]['partitions'][number]

export interface FetcherOptions {
  readonly cluster: Cluster
  readonly settings: ConsumerSettings
  readonly assigned: AssignedPartitions
  readonly reset: OffsetReset
  /** Something arrived, or failed: look again. */
  readonly wake: () => void
  /** To be thrown by the next poll. */
  readonly fail: (error: Error) => void
  readonly resetPosition: (state: PartitionState) => void
  /** What `take` gave is not looked at any more when it is called again: its memory serves for other answers. */
  readonly reusesMemory: boolean
}

const lostSession: ReadonlySet<number> = new Set<ErrorCode>([
  Errors.FETCH_SESSION_ID_NOT_FOUND,
  Errors.INVALID_FETCH_SESSION_EPOCH,
  Errors.FETCH_SESSION_TOPIC_ID_ERROR,
  Errors.INCONSISTENT_TOPIC_ID,
])
const refreshCodes: ReadonlySet<number> = new Set<ErrorCode>([
  Errors.NOT_LEADER_OR_FOLLOWER,
  Errors.REPLICA_NOT_AVAILABLE,
  Errors.KAFKA_STORAGE_ERROR,
  Errors.FENCED_LEADER_EPOCH,
  Errors.OFFSET_NOT_AVAILABLE,
  Errors.UNKNOWN_TOPIC_OR_PARTITION,
  Errors.UNKNOWN_TOPIC_ID,
  Errors.INCONSISTENT_TOPIC_ID,
  Errors.UNKNOWN_LEADER_EPOCH,
  Errors.LEADER_NOT_AVAILABLE,
])

interface NodeFetch {
  readonly session: FetchSession
  usesIds: boolean
  inFlight: boolean
  retryAtMs: number
  failures: number
}

/**
 * Fetches ahead: one request per broker is under way whenever no record of that broker's partitions waits to be polled. A broker with
 * waiting records is left alone, as leaving partitions out of a request would drop them from its session.
 */
export class Fetcher {
  readonly metrics = { fetches: 0, bytes: 0, chunks: 0, fetchLatencyMs: 0 }
  #options: FetcherOptions
  #nodes = new Map<number, NodeFetch>()
  #closed = false
  /** Memory of chunks that were given out whole. */
  #spent: Lease[] = []

  constructor(options: FetcherOptions) {
    this.#options = options
  }

  /** Chunks for one poll, at most max.poll.records records; positions move behind them. */
  take(): RecordChunk[] {
    const { assigned, settings } = this.#options
    for (const lease of this.#spent.splice(0)) lease.release()
    const chunks: RecordChunk[] = []
    let left = settings['max.poll.records']
    for (const state of assigned) {
      const { buffered } = state
      if (left <= 0) break
      if (buffered === undefined || !state.fetchable) continue
      const chunk = this.#takeFrom(state, buffered, left, chunks.length > 0)
      if (chunk === undefined) continue
      left -= chunk.countMax
      chunks.push(chunk)
      this.metrics.chunks++
    }
    return chunks
  }

  /** Sends what can be sent. Gives the milliseconds after which to call again, when nothing else happens. */
  send(): number {
    const { cluster } = this.#options
    const nowMs = cluster.host.clock.monotonic()
    const targets = new Map<number, Map<string, FetchTarget>>()
    const busy = new Set<number>()
    let waitMs = Number.POSITIVE_INFINITY
    for (const state of this.#options.assigned) {
      if (!state.fetchable) continue
      const nodeId = this.#nodeFor(state, nowMs)
      if (nodeId < 0) {
        cluster.requestRefresh()
        waitMs = Math.min(waitMs, cluster.settings['retry.backoff.ms'])
        continue
      }
      if (state.buffered !== undefined) busy.add(nodeId)
      else add(targets, nodeId, this.#target(state))
    }
    for (const [nodeId, list] of targets) {
      const node = this.#node(nodeId)
      if (busy.has(nodeId) || node.inFlight) continue
      if (node.retryAtMs > nowMs) waitMs = Math.min(waitMs, node.retryAtMs - nowMs)
      else void this.#fetch(nodeId, node, list)
    }
    return waitMs
  }

  /** Closes the sessions, so that brokers need not keep them; waits for nothing long. */
  async close(): Promise<void> {
    this.#closed = true
    const closings = [...this.#nodes].map(async ([nodeId, { session, usesIds, inFlight }]) => {
      const request = session.closing()
      if (request === undefined || inFlight) return
      const link = this.#options.cluster.link(nodeId)
      if (link.connected) await link.request(fetchCall, this.#body(request, usesIds), { timeoutMs: 1000 })
    })
    await Promise.allSettled(closings)
  }

  #takeFrom(state: PartitionState, buffered: FetchedPartition, left: number, haveOthers: boolean): RecordChunk | undefined {
    try {
      const chunk = buffered.take(left)
      state.offset = buffered.nextOffset
      if (buffered.lastEpoch >= 0) state.offsetEpoch = buffered.lastEpoch
      if (buffered.exhausted) {
        state.buffered = undefined
        if (buffered.lease !== undefined) this.#spent.push(buffered.lease)
      }
      return chunk
    } catch (error) {
      // What was taken before must not be lost: the error comes again, alone, at the next poll.
      if (!haveOthers) throw error
      return undefined
    }
  }

  #node(nodeId: number): NodeFetch {
    let node = this.#nodes.get(nodeId)
    if (node === undefined) {
      node = { session: new FetchSession(), usesIds: true, inFlight: false, retryAtMs: 0, failures: 0 }
      this.#nodes.set(nodeId, node)
    }
    return node
  }

  #nodeFor(state: PartitionState, nowMs: number): number {
    const { view } = this.#options.cluster
    if (state.preferredUntilMs <= nowMs) state.preferredReplica = -1
    if (view.nodes.has(state.preferredReplica)) return state.preferredReplica
    // It is gone, or newer than what is known of the cluster.
    if (state.preferredReplica >= 0) this.#options.cluster.requestRefresh()
    state.preferredReplica = -1
    return currentLeader(view, state)
  }

  #target(state: PartitionState): FetchTarget {
    const known = this.#options.cluster.view.topics.get(state.topic)
    return {
      topic: state.topic,
      topicId: known?.id ?? zeroUuid,
      partition: state.partition,
      offset: state.offset,
      currentLeaderEpoch: known?.partitions[state.partition]?.leaderEpoch ?? -1,
      lastFetchedEpoch: state.offsetEpoch,
      maxBytes: this.#options.settings['max.partition.fetch.bytes'],
    }
  }

  #body(request: SessionRequest, usesIds: boolean): (version: number) => MessageInput<typeof FetchRequest> {
    const { settings } = this.#options
    return (version) => {
      const name = (topic: string, topicId: string): { topic: string; topicId: string } =>
        version >= topicIdVersion && usesIds ? { topic: '', topicId } : { topic, topicId: zeroUuid }
      return {
        maxWaitMs: settings['fetch.max.wait.ms'],
        minBytes: settings['fetch.min.bytes'],
        maxBytes: settings['fetch.max.bytes'],
        isolationLevel: settings['isolation.level'] === 'read_committed' ? 1 : 0,
        sessionId: request.sessionId,
        sessionEpoch: request.epoch,
        rackId: settings['client.rack'],
        topics: byTopic(request.send, (topic, list) => ({
          ...name(topic, list[0].topicId),
          partitions: list.map((each) => ({
            partition: each.partition,
            currentLeaderEpoch: each.currentLeaderEpoch,
            fetchOffset: each.offset,
            lastFetchedEpoch: version >= 12 ? each.lastFetchedEpoch : -1,
            partitionMaxBytes: each.maxBytes,
          })),
        })),
        forgottenTopicsData: byTopic(request.forget, (topic, list) => ({
          ...name(topic, list[0].topicId),
          partitions: list.map((each) => each.partition),
        })),
      }
    }
  }

  async #fetch(nodeId: number, node: NodeFetch, targets: ReadonlyMap<string, FetchTarget>): Promise<void> {
    const { cluster, wake, settings, reusesMemory } = this.#options
    let lease: Lease | undefined
    const startMs = cluster.host.clock.monotonic()
    const usesIds = [...targets.values()].every((each) => each.topicId !== zeroUuid)
    if (usesIds !== node.usesIds) node.session.failed(false)
    node.usesIds = usesIds
    node.inFlight = true
    try {
      const link = cluster.link(nodeId)
      await link.open()
      const request = node.session.next(targets)
      const timeoutMs = settings['request.timeout.ms'] + settings['fetch.max.wait.ms']
      const answer = await link.request(fetchCall, this.#body(request, usesIds), {
        timeoutMs,
        ...(reusesMemory ? { onLease: (taken: Lease) => void (lease = taken) } : {}),
        ...(usesIds ? {} : { maxVersion: topicIdVersion - 1 }),
      })
      this.metrics.fetches++
      this.metrics.fetchLatencyMs += cluster.host.clock.monotonic() - startMs
      node.failures = 0
      if (answer.errorCode !== Errors.NONE) this.#refused(node, answer.errorCode)
      else {
        node.session.answered(answer.sessionId)
        if (!this.#closed) this.#answered(answer, targets, nodeId, lease)
      }
    } catch (error) {
      node.session.failed(false)
      this.#leave(nodeId, targets)
      this.#failed(node, error)
    } finally {
      lease?.release()
      node.inFlight = false
      wake()
    }
  }

  /** A follower that does not answer is not waited for: the leader is asked, and may name it again. */
  #leave(nodeId: number, targets: ReadonlyMap<string, FetchTarget>): void {
    for (const { topic, partition } of targets.values()) {
      const state = this.#options.assigned.get(topic, partition)
      if (state?.preferredReplica === nodeId) state.preferredReplica = -1
    }
  }

  #refused(node: NodeFetch, errorCode: number): void {
    node.session.failed(errorCode === Errors.FETCH_SESSION_ID_NOT_FOUND)
    if (lostSession.has(errorCode)) return
    this.#failed(node, new ClientError(errorCode, 'the broker refused to fetch'))
  }

  #failed(node: NodeFetch, error: unknown): void {
    const { cluster, fail } = this.#options
    if (this.#closed) return
    const { settings, host } = cluster
    const backoffMs = Math.min(settings['retry.backoff.ms'] * 2 ** Math.min(node.failures++, 20), settings['retry.backoff.max.ms'])
    node.retryAtMs = host.clock.monotonic() + backoffMs
    if (error instanceof ClientError && error.retriable) cluster.requestRefresh()
    else fail(error instanceof Error ? error : new Error(String(error)))
  }

  #answered(
    answer: Message<typeof FetchResponse>,
    targets: ReadonlyMap<string, FetchTarget>,
    nodeId: number,
    lease: Lease | undefined,
  ): void {
    const { cluster, assigned } = this.#options
    const nodes = answer.nodeEndpoints.map((each) => ({ id: each.nodeId, host: each.host, port: each.port, rack: each.rack }))
    for (const topic of answer.responses) {
      const name = topic.topic === '' ? cluster.view.names.get(topic.topicId) : topic.topic
      if (name === undefined) continue
      for (const each of topic.partitions) {
        const target = targets.get(`${name}-${each.partitionIndex}`)
        const state = assigned.get(name, each.partitionIndex)
        if (each.currentLeader.leaderId >= 0) {
          cluster.leaderChanged(name, each.partitionIndex, each.currentLeader.leaderId, each.currentLeader.leaderEpoch, nodes)
        }
        // The consumer went somewhere else meanwhile.
        if (target === undefined || state === undefined || state.phase !== 'fetching' || state.offset !== target.offset) continue
        this.#partitionAnswered(state, each, nodeId, lease)
      }
    }
  }

  #partitionAnswered(state: PartitionState, answer: PartitionAnswer, nodeId: number, lease: Lease | undefined): void {
    const { cluster, fail, settings, resetPosition } = this.#options
    const { errorCode } = answer
    if (errorCode === Errors.NONE) this.#accept(state, answer, lease)
    else if (refreshCodes.has(errorCode)) {
      state.preferredReplica = -1
      this.#node(nodeId).retryAtMs = cluster.host.clock.monotonic() + settings['retry.backoff.ms']
      cluster.requestRefresh()
    } else if (errorCode === Errors.OFFSET_OUT_OF_RANGE) {
      // A follower may lag behind its leader: ask that one before giving the position up. (Kafka goes by whom it would ask now.)
      if (nodeId === currentLeader(cluster.view, state)) resetPosition(state)
      else state.preferredReplica = -1
    } else if (errorCode !== Errors.UNKNOWN_SERVER_ERROR) {
      fail(new ClientError(errorCode, `cannot fetch ${state.topic}-${state.partition}: ${new ClientError(errorCode, '').errorName}`))
    }
  }

  #accept(state: PartitionState, answer: PartitionAnswer, lease: Lease | undefined): void {
    const { settings, cluster, resetPosition } = this.#options
    if (answer.divergingEpoch.epoch >= 0 && answer.divergingEpoch.endOffset >= 0) {
      // KIP-595: the log we read from was cut; what follows lies behind the common part.
      if (this.#options.reset.kind === 'none') resetPosition(state)
      else state.seek(Math.min(state.offset, answer.divergingEpoch.endOffset), answer.divergingEpoch.epoch)
      return
    }
    state.highWatermark = answer.highWatermark
    state.lastStableOffset = answer.lastStableOffset
    if (answer.logStartOffset >= 0) state.logStartOffset = answer.logStartOffset
    if (answer.preferredReadReplica >= 0) {
      state.preferredReplica = answer.preferredReadReplica
      state.preferredUntilMs = cluster.host.clock.monotonic() + settings['metadata.max.age.ms']
    }
    const { records } = answer
    if (records === null || records.length === 0) return
    this.metrics.bytes += records.length
    const aborted = settings['isolation.level'] === 'read_committed' ? (answer.abortedTransactions ?? []) : undefined
    lease?.retain()
    state.buffered = new FetchedPartition(state.topic, state.partition, state.offset, records, aborted, settings['check.crcs'], lease)
  }
}

function add(targets: Map<number, Map<string, FetchTarget>>, nodeId: number, target: FetchTarget): void {
  let list = targets.get(nodeId)
  if (list === undefined) targets.set(nodeId, (list = new Map()))
  list.set(`${target.topic}-${target.partition}`, target)
}
