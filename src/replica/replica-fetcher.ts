import { zeroUuid } from '../base/index.ts'
import { type BrokerLink, ClientError, call, FetchSession, type FetchTarget } from '../client/index.ts'
import type { Host, Journal, Timer } from '../host/index.ts'
import { truncateFullyAndStartAt, truncateTo } from '../log/index.ts'
import { Apis, Errors, errorName } from '../protocol/index.ts'
import { FetchRequest, FetchResponse } from '../protocol/messages/fetch.ts'
import { ListOffsetsRequest, ListOffsetsResponse } from '../protocol/messages/list-offsets.ts'
import type { Partition } from './partition.ts'

const fetchCall = call(Apis.Fetch, FetchRequest, FetchResponse)
const listOffsetsCall = call(Apis.ListOffsets, ListOffsetsRequest, ListOffsetsResponse)
/** From this version on topics are named by their ids, from the next on the replica says its epoch (KIP-516, 903). */
const TOPIC_IDS = 13
const REPLICA_STATE = 15
const LATEST = -1
const EARLIEST_LOCAL = -4

export interface FetcherSettings {
  readonly nodeId: number
  brokerEpoch(): number
  /** replica.fetch.wait.max.ms, .min.bytes, .max.bytes, .response.max.bytes, .backoff.ms */
  readonly maxWaitMs: number
  readonly minBytes: number
  readonly partitionMaxBytes: number
  readonly responseMaxBytes: number
  readonly backoffMs: number
  /** Bytes of records that came in. */
  received(bytes: number): void
}

/** A partition that is followed, in the epoch in which that began. */
interface Followed {
  readonly partition: Partition
  readonly leaderEpoch: number
  /** Monotonic milliseconds before which it is not asked for: something failed. */
  notBefore: number
  /** Its log is still being written: what a fetch tells the leader must be there. */
  isWriting: boolean
}

type PartitionData = FetchResponse['responses'][number]['partitions'][number]

/**
 * Follows the partitions that one broker leads: one request after the other, each for all of them (AbstractFetcherThread).
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

  get isIdle(): boolean {
    return this.#followed.size === 0
  }

  follow(partition: Partition): void {
    this.#followed.set(keyOf(partition), { partition, leaderEpoch: partition.leaderEpoch, notBefore: 0, isWriting: false })
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
    this.#running = this.#run().then(() => {
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
    for (const { notBefore, isWriting } of this.#followed.values()) if (!isWriting) next = Math.min(next, notBefore)
    if (next === Number.POSITIVE_INFINITY) return
    const waitMs = Math.max(1, next - this.#host.clock.monotonic())
    this.#timer = this.#host.clock.after(waitMs, () => this.#wake())
  }

  #targets(): Map<string, FetchTarget> {
    const now = this.#host.clock.monotonic()
    const targets = new Map<string, FetchTarget>()
    for (const [key, followed] of this.#followed) {
      const { partition, leaderEpoch, notBefore } = followed
      if (notBefore > now || followed.isWriting || this.#waitsForDisk(followed)) continue
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
    let answer: FetchResponse
    try {
      answer = await this.#link.request(fetchCall, (version) => this.#body(asked, version), { minVersion: TOPIC_IDS })
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
        if (followed === undefined || target === undefined) continue
        try {
          const done = this.#take(followed, target, data)
          if (done !== undefined) written.push(done)
        } catch (error) {
          this.#journal.error('an answer of a leader could not be taken', { error, partition: followed.partition.name })
          this.#delay(followed, 'an answer could not be taken', error)
        }
      }
    }
    if (written.length > 0) await Promise.all(written)
  }

  /** Undefined: nothing to wait for. The promise never rejects. */
  #take(followed: Followed, target: FetchTarget, data: PartitionData): Promise<void> | undefined {
    const { partition } = followed
    // Another leader, another epoch, another end: the answer is to a question that nobody asks any more. The session takes it for heard.
    const { leaderEpoch } = followed
    const isOfNow = !partition.isLeader && partition.leaderEpoch === leaderEpoch && target.currentLeaderEpoch === leaderEpoch
    if (!isOfNow || partition.log.logEndOffset !== target.offset) {
      this.#session.failed(false)
      return undefined
    }
    if (data.errorCode === Errors.OFFSET_OUT_OF_RANGE) return this.#settled(followed, () => this.#beginWhereTheLeaderDoes(followed))
    if (data.errorCode !== Errors.NONE) {
      this.#delay(followed, `the leader answered ${errorName(data.errorCode)}`)
      return undefined
    }
    const { divergingEpoch } = data
    if (divergingEpoch.epoch >= 0) {
      return this.#settled(followed, () => partition.settle(() => cutBack(partition, divergingEpoch)))
    }
    const records = data.records ?? Buffer.alloc(0)
    const problem = partition.appendFromLeader(records, data.highWatermark, data.logStartOffset)
    if (problem !== undefined) {
      this.#delay(followed, `records of the leader were not taken: ${problem}`)
      return undefined
    }
    if (records.length === 0) return undefined
    this.#settings.received(records.length)
    return partition.log.written().catch(() => {})
  }

  /** Brings the log in line with its leader's. What did not help is not tried again at once. The promise never rejects. */
  async #settled(followed: Followed, work: () => Promise<boolean>): Promise<void> {
    try {
      if (!(await work())) this.#delay(followed, 'the log is in line with its leader, who sees it otherwise')
    } catch (error) {
      this.#journal.warn('a log could not be brought in line with its leader', { error, partition: followed.partition.name })
      this.#delay(followed, 'the log could not be brought in line', error)
    }
  }

  /**
   * This log ends before the leader's begins, or goes on where the leader's has ended (fetchOffsetAndTruncate). The leader is asked first:
   * nothing waits for its answers but this partition's next fetch. False: nothing was to be changed.
   */
  async #beginWhereTheLeaderDoes({ partition, leaderEpoch }: Followed): Promise<boolean> {
    const { log } = partition
    const end = log.logEndOffset
    const isAsBefore = (): boolean => !partition.isLeader && partition.leaderEpoch === leaderEpoch && log.logEndOffset === end
    const leaderEnd = await this.#offsetAt(LATEST, partition, leaderEpoch)
    if (leaderEnd < end) {
      this.#journal.warn('the leader has less than its follower: the follower is cut back', {
        ...{ partition: partition.name, from: end, to: leaderEnd },
      })
      return partition.settle(async () => isAsBefore() && (await truncateTo(log, leaderEnd)))
    }
    const leaderStart = await this.#offsetAt(EARLIEST_LOCAL, partition, leaderEpoch)
    if (leaderStart <= end) return false
    return partition.settle(async () => {
      if (!isAsBefore()) return false
      await truncateFullyAndStartAt(log, leaderStart)
      return true
    })
  }

  async #offsetAt(timestamp: number, partition: Partition, currentLeaderEpoch: number): Promise<number> {
    const { topics } = await this.#link.request(listOffsetsCall, {
      replicaId: this.#settings.nodeId,
      isolationLevel: 0,
      topics: [{ name: partition.topic, partitions: [{ partitionIndex: partition.index, currentLeaderEpoch, timestamp }] }],
    })
    const found = topics[0]?.partitions[0]
    if (found === undefined || found.errorCode !== Errors.NONE) {
      throw new ClientError(Errors.UNKNOWN_SERVER_ERROR, `the leader does not say its offsets: ${errorName(found?.errorCode ?? -1)}`)
    }
    return found.offset
  }

  #delay(followed: Followed, why: string, error?: unknown): void {
    followed.notBefore = this.#host.clock.monotonic() + this.#settings.backoffMs
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

/**
 * The histories part where the last epoch that both know ends, here or there (KIP-101, AbstractFetcherThread.getOffsetTruncationState): what
 * follows was never replicated. False: nothing was to be cut.
 */
const cutBack = async (
  { log }: Partition,
  { epoch, endOffset }: { readonly epoch: number; readonly endOffset: number },
): Promise<boolean> => {
  const own = log.epochs.endOffsetFor(epoch, log.logEndOffset)
  const target =
    own === undefined || own.endOffset < 0 ? endOffset : own.epoch === epoch ? Math.min(own.endOffset, endOffset) : own.endOffset
  return truncateTo(log, Math.min(target, log.logEndOffset))
}

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
