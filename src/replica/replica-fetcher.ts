import { type Lease, zeroUuid } from '../base/index.ts'
import { type BrokerLink, ClientError, call, FetchSession, type FetchTarget } from '../client/index.ts'
import type { Host, Journal, Timer } from '../host/index.ts'
import { Apis, type ErrorName, Errors, errorName } from '../protocol/index.ts'
import { FetchRequest, FetchResponse } from '../protocol/messages/fetch.ts'
import { beginWhereTheLeaderDoes, cutBack } from './leader-alignment.ts'
import type { Partition } from './partition.ts'
import type { ReplicationThrottle } from './replication-quota.ts'

const fetchCall = call(Apis.Fetch, FetchRequest, FetchResponse)
/** From this version on topics are named by their ids, from the next on the replica says its epoch (KIP-516, 903). */
const TOPIC_IDS = 13
const REPLICA_STATE = 15
/** The first pause after a leader that has not heard yet that it is one; they double up to the usual one. */
const UNAWARE_MS = 20

export interface FetcherSettings {
  readonly nodeId: number
  brokerEpoch(): number
  /** replica.fetch.wait.max.ms, .min.bytes, .max.bytes, .response.max.bytes, .backoff.ms */
  readonly maxWaitMs: number
  readonly minBytes: number
  readonly partitionMaxBytes: number
  readonly responseMaxBytes: number
  readonly backoffMs: number
  readonly throttle: ReplicationThrottle
  /** Bytes of records that came in. */
  received(partition: Partition, bytes: number): void
}

/** A partition that is followed, in the epoch in which that began. */
interface Followed {
  readonly partition: Partition
  readonly leaderEpoch: number
  /** Monotonic milliseconds before which it is not asked for: something failed. */
  notBefore: number
  /** Its log is still being written: what a fetch tells the leader must be there. */
  isWriting: boolean
  /** Offsets to the leader's high watermark after the last answer; undefined: none came yet. */
  lag: number | undefined
  /** Answers one after the other of a leader that did not know the epoch. */
  unawareCount: number
  /** What came could not be taken, or the leader is of a later epoch; until an answer can be taken. */
  isFailed: boolean
}

/** A partition that is followed, as it is shown. */
export interface FollowedView {
  readonly partition: Partition
  readonly lag: number | undefined
  readonly isFailed: boolean
}

type PartitionData = FetchResponse['responses'][number]['partitions'][number]

/**
 * Follows partitions that one broker leads: one request after the other, each for all of them (AbstractFetcherThread). Those that brought
 * records go to the end of the line, here and in the session at the leader, so that a full answer leaves out another one each time.
 *
 *     fetch ─► diverging epoch: cut back ─► out of range: begin where the leader begins ─► else append, take over the high watermark
 *           ─► wait until it is written, for the next request tells the leader that it is ─► fetch …
 */
export class ReplicaFetcher {
  readonly #host: Host
  readonly #journal: Journal
  readonly #link: BrokerLink
  readonly #settings: FetcherSettings
  readonly #followed = new Map<string, Followed>()
  #session = new FetchSession()
  #running: Promise<void> | undefined
  #closed = false
  #timer: Timer | undefined

  constructor(host: Host, journal: Journal, link: BrokerLink, settings: FetcherSettings) {
    this.#host = host
    this.#journal = journal
    this.#link = link
    this.#settings = settings
  }

  /** Requests that were sent, and bytes of records that were taken. */
  readonly counts = { requests: 0, bytes: 0 }

  get isIdle(): boolean {
    return this.#followed.size === 0
  }

  followed(): Iterable<FollowedView> {
    return this.#followed.values()
  }

  follow(partition: Partition): void {
    const { leaderEpoch } = partition
    const fresh = { notBefore: 0, isWriting: false, lag: undefined, unawareCount: 0, isFailed: false }
    this.#followed.set(keyOf(partition), { partition, leaderEpoch, ...fresh })
    this.#wake()
  }

  unfollow(topicId: string, index: number): void {
    this.#followed.delete(`${topicId}:${index}`)
  }

  /** Resolves when nothing of it touches a log any more. */
  async close(): Promise<void> {
    this.#closed = true
    this.#followed.clear()
    this.#timer?.cancel()
    this.#link.close()
    await this.#running
  }

  #wake(): void {
    if (this.#running !== undefined || this.#closed) return
    this.#timer?.cancel()
    // All that are to be followed from this turn on go with the first fetch: it may wait at the leader for a while.
    this.#running = Promise.resolve()
      .then(() => this.#run())
      .then(() => {
        this.#running = undefined
        this.#sleep()
      })
  }

  async #run(): Promise<void> {
    for (;;) {
      const targets = this.#targets()
      if (targets.size === 0 || this.#closed) return
      await this.#round(targets)
    }
  }

  /** Until the first partition may be asked for again. */
  #sleep(): void {
    if (this.#closed || this.#followed.size === 0) return
    let next = Number.POSITIVE_INFINITY
    const now = this.#host.clock.monotonic()
    const throttledUntil = now + Math.min(this.#settings.throttle.quota.excessMs, this.#settings.backoffMs)
    for (const followed of this.#followed.values()) {
      if (followed.isWriting) continue
      next = Math.min(next, this.#isHeldUp(followed) ? Math.max(followed.notBefore, throttledUntil) : followed.notBefore)
    }
    if (next === Number.POSITIVE_INFINITY) return
    const waitMs = Math.max(1, next - now)
    this.#timer = this.#host.clock.after(waitMs, () => this.#wake())
  }

  #targets(): Map<string, FetchTarget> {
    const now = this.#host.clock.monotonic()
    const targets = new Map<string, FetchTarget>()
    const isExceeded = this.#settings.throttle.quota.isExceeded
    for (const [key, followed] of this.#followed) {
      const { partition, leaderEpoch, notBefore } = followed
      if (notBefore > now || followed.isWriting || this.#waitsForDisk(followed)) continue
      if (isExceeded && this.#isHeldUp(followed)) continue
      const { log } = partition
      targets.set(key, {
        topic: partition.topic,
        topicId: partition.topicId,
        partition: partition.index,
        offset: log.logEndOffset,
        currentLeaderEpoch: leaderEpoch,
        lastFetchedEpoch: log.epochs.latest?.epoch ?? -1,
        maxBytes: this.#settings.partitionMaxBytes,
        logStartOffset: log.logStartOffset,
      })
    }
    return targets
  }

  /** While there is too much traffic: one that is not in sync, and throttled (RemoteLeaderEndPoint.shouldFollowerThrottle). */
  #isHeldUp({ partition, lag }: Followed): boolean {
    return lag !== 0 && this.#settings.throttle.isThrottled(partition)
  }

  /** An offset that is asked for is an offset that is held: the leader counts on it. */
  #waitsForDisk(followed: Followed): boolean {
    const { log } = followed.partition
    if (log.acknowledgedOffset >= log.logEndOffset) return false
    followed.isWriting = true
    log.whenWritten(log.logEndOffset, () => {
      followed.isWriting = false
      this.#wake()
    })
    return followed.isWriting
  }

  async #round(targets: ReadonlyMap<string, FetchTarget>): Promise<void> {
    const asked = this.#session.next(targets)
    this.counts.requests++
    let answer: FetchResponse
    let lease: Lease | undefined
    try {
      const onLease = (taken: Lease): void => void (lease = taken)
      answer = await this.#link.request(fetchCall, (version) => this.#body(asked, version), { minVersion: TOPIC_IDS, onLease })
    } catch (error) {
      this.#session.failed(true)
      if (!(error instanceof ClientError)) this.#journal.error('a fetch from a leader failed', { error, leader: this.#link.node.id })
      this.#delayAll('the leader did not answer', error)
      return
    }
    if (answer.errorCode !== Errors.NONE) {
      this.#session.failed(answer.errorCode === Errors.FETCH_SESSION_ID_NOT_FOUND)
      const isSession = answer.errorCode === Errors.FETCH_SESSION_ID_NOT_FOUND || answer.errorCode === Errors.INVALID_FETCH_SESSION_EPOCH
      if (!isSession) this.#delayAll(`the leader refused a fetch: ${errorName(answer.errorCode)}`)
      return
    }
    this.#session.answered(answer.sessionId)
    const written: Promise<void>[] = []
    for (const { topicId, partitions } of answer.responses) {
      for (const data of partitions) {
        const key = `${topicId}:${data.partitionIndex}`
        const followed = this.#followed.get(key)
        const target = targets.get(key)
        if (followed === undefined || target === undefined) {
          // Should it be followed again before the next request, the session would take what was said of it for heard.
          this.#session.failed(false)
          continue
        }
        try {
          const done = this.#take(followed, target, data, lease)
          if (done !== undefined) written.push(done)
        } catch (error) {
          this.#journal.error('an answer of a leader could not be taken', { error, partition: followed.partition.name })
          followed.isFailed = true
          this.#session.failed(false)
          this.#delay(followed, 'an answer could not be taken', error)
        }
      }
    }
    // What was appended is held by its log until it is written.
    lease?.release()
    if (written.length > 0) await Promise.all(written)
  }

  /** Undefined: nothing to wait for. The promise never rejects. */
  #take(followed: Followed, target: FetchTarget, data: PartitionData, lease: Lease | undefined): Promise<void> | undefined {
    const { partition } = followed
    // Another leader, another epoch, another end: the answer is to a question that nobody asks any more. The session takes it for heard.
    const { leaderEpoch } = followed
    const isOfNow = !partition.isLeader && partition.leaderEpoch === leaderEpoch && target.currentLeaderEpoch === leaderEpoch
    if (!isOfNow || partition.log.logEndOffset !== target.offset) {
      this.#session.failed(false)
      return undefined
    }
    if (data.errorCode !== Errors.UNKNOWN_LEADER_EPOCH && data.errorCode !== Errors.NOT_LEADER_OR_FOLLOWER) followed.unawareCount = 0
    if (data.errorCode === Errors.OFFSET_OUT_OF_RANGE)
      return this.#settled(followed, () => beginWhereTheLeaderDoes(this.#link, this.#settings.nodeId, partition, this.#journal))
    if (data.errorCode !== Errors.NONE) {
      this.#refused(followed, data.errorCode)
      return undefined
    }
    const { divergingEpoch } = data
    if (divergingEpoch.epoch >= 0) {
      // What else the answer says is not taken, and the session would not say it again.
      this.#session.failed(false)
      return this.#settled(followed, () => partition.settle(() => cutBack(partition, divergingEpoch)))
    }
    const records = data.records ?? Buffer.alloc(0)
    const problem = partition.appendFromLeader(records, data.highWatermark, data.logStartOffset, lease)
    if (problem !== undefined) {
      followed.isFailed = !passing.has(problem)
      this.#session.failed(false)
      this.#delay(followed, `records of the leader were not taken: ${problem}`)
      return undefined
    }
    followed.isFailed = false
    followed.lag = Math.max(0, data.highWatermark - partition.log.logEndOffset)
    if (records.length === 0) return undefined
    this.#moveToEnd(followed)
    this.counts.bytes += records.length
    this.#settings.throttle.record(partition, records.length)
    this.#settings.received(partition, records.length)
    return partition.log.written().catch(() => {})
  }

  #moveToEnd(followed: Followed): void {
    const key = keyOf(followed.partition)
    if (this.#followed.get(key) !== followed) return
    this.#followed.delete(key)
    this.#followed.set(key, followed)
  }

  /** A leader that does not know of its epoch yet will in a moment; others are left alone for longer. */
  #refused(followed: Followed, errorCode: number): void {
    const isUnaware = errorCode === Errors.UNKNOWN_LEADER_EPOCH || errorCode === Errors.NOT_LEADER_OR_FOLLOWER
    followed.isFailed = errorCode === Errors.FENCED_LEADER_EPOCH
    const pauseMs = isUnaware ? UNAWARE_MS * 2 ** Math.min(10, followed.unawareCount++) : this.#settings.backoffMs
    this.#delay(followed, `the leader answered ${errorName(errorCode)}`, undefined, pauseMs)
  }

  /** Brings the log in line with its leader's. What did not help is not tried again at once. The promise never rejects. */
  async #settled(followed: Followed, work: () => Promise<boolean>): Promise<void> {
    try {
      if (!(await work())) this.#delay(followed, 'the log is in line with its leader, who sees it otherwise')
    } catch (error) {
      this.#journal.warn('a log could not be brought in line with its leader', { error, partition: followed.partition.name })
      // A leader that does not answer now will, or another one.
      followed.isFailed = !(error instanceof ClientError) || error.code === Errors.FENCED_LEADER_EPOCH
      this.#delay(followed, 'the log could not be brought in line', error)
    }
  }

  #delay(followed: Followed, why: string, error?: unknown, pauseMs = this.#settings.backoffMs): void {
    followed.notBefore = this.#host.clock.monotonic() + Math.min(pauseMs, this.#settings.backoffMs)
    this.#moveToEnd(followed)
    this.#journal.debug(why, { partition: followed.partition.name, leader: this.#link.node.id, ...(error !== undefined && { error }) })
  }

  #delayAll(why: string, error?: unknown): void {
    const until = this.#host.clock.monotonic() + this.#settings.backoffMs
    for (const followed of this.#followed.values()) followed.notBefore = until
    this.#journal.debug(why, { leader: this.#link.node.id, ...(error !== undefined && { error }) })
  }

  #body(asked: ReturnType<FetchSession['next']>, version: number) {
    const { nodeId, maxWaitMs, minBytes, responseMaxBytes } = this.#settings
    return {
      ...(version >= REPLICA_STATE
        ? { replicaState: { replicaId: nodeId, replicaEpoch: this.#settings.brokerEpoch() } }
        : { replicaId: nodeId }),
      maxWaitMs,
      minBytes,
      maxBytes: responseMaxBytes,
      isolationLevel: 0,
      sessionId: asked.sessionId,
      sessionEpoch: asked.epoch,
      topics: byTopic(asked.send).map(([topicId, targets]) => ({
        topicId,
        partitions: targets.map((target) => ({
          partition: target.partition,
          currentLeaderEpoch: target.currentLeaderEpoch,
          fetchOffset: target.offset,
          lastFetchedEpoch: target.lastFetchedEpoch,
          logStartOffset: target.logStartOffset ?? -1,
          partitionMaxBytes: target.maxBytes,
          replicaDirectoryId: zeroUuid,
        })),
      })),
      forgottenTopicsData: byTopic(asked.forget).map(([topicId, targets]) => ({
        topicId,
        partitions: targets.map(({ partition }) => partition),
      })),
    }
  }
}

/** What comes right with another answer. */
const passing: ReadonlySet<ErrorName> = new Set(['CORRUPT_MESSAGE', 'INVALID_RECORD', 'NOT_LEADER_OR_FOLLOWER'])

const keyOf = ({ topicId, index }: Partition): string => `${topicId}:${index}`

const byTopic = (targets: readonly FetchTarget[]): [string, FetchTarget[]][] => {
  const topics = new Map<string, FetchTarget[]>()
  for (const target of targets) {
    const list = topics.get(target.topicId)
    if (list === undefined) topics.set(target.topicId, [target])
    else list.push(target)
  }
  return [...topics]
}
