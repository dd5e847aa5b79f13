import type { Lease } from '../base/index.ts'
import type { Journal } from '../host/index.ts'
import {
  appendAsFollower,
  appendAsLeader,
  EARLIEST_LOCAL_TIMESTAMP,
  EARLIEST_TIMESTAMP,
  isCompacted,
  isDeleted,
  LATEST_TIMESTAMP,
  type LogConfig,
  offsetForTimestamp,
  type PartitionLog,
  type ReadBound,
  raiseLogStartOffset,
  type TimestampAndOffset,
} from '../log/index.ts'
import type { PartitionRegistration } from '../metadata/index.ts'
import { type ErrorCode, type ErrorName, Errors } from '../protocol/index.ts'
import { AppendCheck, type AppendOrigin, type AppendRules, Codec, checkAppend, type RecordError, stampAppend } from '../records/index.ts'
import type { IsrProposal } from './in-sync-replicas.ts'
import { type FollowerFetch, Leadership, type LogEnds, type ReplicationGround } from './leadership.ts'
import type { ReplicaSelector, ReplicaView } from './replica-selector.ts'
import { ReplicationWaiters } from './replication-waiters.ts'

/** What an append came to. With an error nothing was appended. */
export interface Appended {
  readonly errorCode: number
  readonly message: string | null
  readonly recordErrors: readonly RecordError[]
  readonly baseOffset: number
  readonly recordCount: number
  /** Offset behind the appended records: what the answer waits for. */
  readonly endOffset: number
  readonly logAppendTimeMs: number
  readonly logStartOffset: number
}

export interface AppendRequest {
  readonly origin: AppendOrigin
  /** The answer waits for all in-sync replicas, so there must be enough of them (acks=all). */
  readonly acksAll: boolean
  /** Produce before version 7 does not know zstd (KIP-110). */
  readonly zstdAllowed: boolean
  /** Of the memory that the records lie in: the log holds it as long as it needs them. */
  readonly lease?: Lease | undefined
}

/** An ISR that a leader wants the controller to commit. */
export interface IsrChange extends IsrProposal {
  readonly members: readonly { readonly brokerId: number; readonly brokerEpoch: number }[]
  /** The controller did not take it. */
  refused(): void
}

/** What the partitions of a broker have in common as replicas. */
export interface Replication extends ReplicationGround {
  /** Epoch of this broker's registration. */
  readonly ownEpoch: number
  /** Brings a change to the controller; it counts when it comes back as metadata. */
  proposeIsr(partition: Partition, change: IsrChange): void
}

/** In DeleteRecords. */
const HIGH_WATERMARK = -1

/** One check at a time: appends do not wait between check and append. */
const check = new AppendCheck()

const refusal = (
  errorCode: ErrorCode,
  message: string | null,
  logStartOffset = -1,
  recordErrors: readonly RecordError[] = [],
): Appended => ({
  errorCode,
  message,
  recordErrors,
  baseOffset: -1,
  recordCount: 0,
  endOffset: -1,
  logAppendTimeMs: -1,
  logStartOffset,
})

const rulesOf = (config: LogConfig): AppendRules => {
  const { compressionType } = config
  const rules: AppendRules = {
    origin: 'client',
    messageBytesMax: config.maxMessageBytes,
    compacted: isCompacted(config),
    logAppendTime: config.messageTimestampType === 'LogAppendTime',
    timestampBeforeMaxMs: config.messageTimestampBeforeMaxMs,
    timestampAfterMaxMs: config.messageTimestampAfterMaxMs,
  }
  if (compressionType === 'producer') return rules
  const level = { gzip: config.compressionGzipLevel, lz4: config.compressionLz4Level, zstd: config.compressionZstdLevel }
  return {
    ...rules,
    codec: compressionType === 'uncompressed' ? Codec.none : Codec[compressionType],
    ...(compressionType in level ? { level: level[compressionType as keyof typeof level] } : {}),
  }
}

/**
 * A partition that has a replica on this broker: its log, and its part in replication.
 *
 * Invariants: only the leader of the current epoch appends; the high watermark never goes back while this broker leads, and never passes
 * what the log has acknowledged; offsets are fixed on the caller's turn.
 */
export class Partition {
  readonly topic: string
  readonly topicId: string
  readonly index: number
  /** Another one when the replica moves to another log directory. */
  log: PartitionLog
  private readonly nodeId: number
  private readonly journal: Journal
  registration: PartitionRegistration
  private rules: AppendRules
  private rulesFor: LogConfig
  private isHeld = false
  /** Until then the metadata of this partition waits. */
  settling: Promise<void> | undefined
  /** Of the coordinator that keeps its state here. */
  onHighWatermark: ((highWatermark: number) => void) | undefined
  /** Undefined: another broker leads. */
  private leadership: Leadership | undefined
  private readonly replicated = new ReplicationWaiters()
  /** Fetches that wait for more records; told when the high watermark or the log start moves, and when leadership goes. */
  private readonly watchers = new Set<() => void>()
  /** Of followers: they are told of every append. */
  private readonly followerWatchers = new Set<() => void>()
  private readonly replication: Replication

  constructor(
    identity: { readonly topic: string; readonly topicId: string; readonly index: number },
    log: PartitionLog,
    registration: PartitionRegistration,
    nodeId: number,
    journal: Journal,
    replication: Replication,
  ) {
    this.topic = identity.topic
    this.topicId = identity.topicId
    this.index = identity.index
    this.log = log
    this.nodeId = nodeId
    this.journal = journal
    this.replication = replication
    this.registration = registration
    this.rulesFor = log.config
    this.rules = rulesOf(log.config)
    if (this.isLeader) this.becomeLeader()
  }

  get name(): string {
    return `${this.topic}-${this.index}`
  }
  get isLeader(): boolean {
    return this.registration.leader === this.nodeId
  }
  get leaderEpoch(): number {
    return this.registration.leaderEpoch
  }
  /** min.insync.replicas, as far as there are replicas at all (Partition.effectiveMinIsr). */
  get minInsyncReplicas(): number {
    return Math.min(this.log.config.minInsyncReplicas, this.registration.replicas.length)
  }
  get isUnderMinIsr(): boolean {
    return this.isLeader && this.registration.isr.length < this.minInsyncReplicas
  }

  /** Takes over what the controller has decided. A new leader epoch begins at the log end (KIP-101). */
  update(registration: PartitionRegistration): void {
    const before = this.registration
    if (registration.partitionEpoch < before.partitionEpoch) return
    this.registration = registration
    if (registration.leaderEpoch !== before.leaderEpoch) {
      if (this.isLeader) this.becomeLeader()
      else {
        this.leadership = undefined
        this.resign(Errors.NOT_LEADER_OR_FOLLOWER)
      }
    } else if (this.leadership !== undefined) {
      this.leadership.update(registration)
      this.advance()
    }
  }

  private becomeLeader(): void {
    this.log.assignEpoch(this.leaderEpoch, this.log.logEndOffset)
    this.leadership = new Leadership(this.nodeId, this.replication, this.registration, this.log.logEndOffset)
    this.advance()
  }

  /** Leadership or the log is gone: whoever waits here is told. */
  resign(errorCode: ErrorCode): void {
    this.replicated.fail(errorCode)
    this.wake()
  }

  /**
   * NONE, or why a request that names the epoch it believes in cannot be served (KIP-320). -1: it does not say. Not `onlyFromLeader`: a
   * follower will do (KIP-392).
   */
  checkLeaderEpoch(requested: number, onlyFromLeader = true): ErrorCode {
    if (requested !== -1 && requested < this.leaderEpoch) return Errors.FENCED_LEADER_EPOCH
    if (requested > this.leaderEpoch) return Errors.UNKNOWN_LEADER_EPOCH
    return this.isLeader || !onlyFromLeader ? Errors.NONE : Errors.NOT_LEADER_OR_FOLLOWER
  }

  /** The replica that a consumer in `rack` had better read from than from this leader; undefined: none (KIP-392). */
  preferredReadReplica(
    offset: number,
    rack: string,
    select: ReplicaSelector,
    rackOf: (brokerId: number) => string | null,
  ): number | undefined {
    if (this.leadership === undefined) return undefined
    const { nodeId: brokerId, log } = this
    const leader = { brokerId, rack: rackOf(brokerId), logEndOffset: log.logEndOffset, sinceCaughtUpMs: 0 }
    const replicas: ReplicaView[] = [leader]
    for (const replica of this.leadership.readableAt(offset)) replicas.push({ ...replica, rack: rackOf(replica.brokerId) })
    const selected = select(rack, leader, replicas)
    return selected === leader ? undefined : selected.brokerId
  }

  append(records: Buffer, request: AppendRequest, now: number): Appended {
    const { log } = this
    if (!this.isLeader || this.isHeld) return refusal(Errors.NOT_LEADER_OR_FOLLOWER, null)
    if (request.acksAll && this.registration.isr.length < this.minInsyncReplicas) {
      return refusal(
        Errors.NOT_ENOUGH_REPLICAS,
        `${this.name} has ${this.registration.isr.length} in-sync replicas, min.insync.replicas asks for ${log.config.minInsyncReplicas}`,
      )
    }
    if (log.config !== this.rulesFor) {
      this.rulesFor = log.config
      this.rules = rulesOf(log.config)
    }
    const { rules } = this
    rules.origin = request.origin
    rules.zstdAllowed = request.zstdAllowed
    if (!checkAppend(records, 0, records.length, rules, now, this.name, check)) {
      return refusal(check.error, check.message, log.logStartOffset, check.recordErrors)
    }
    stampAppend(check, log.logEndOffset, this.leaderEpoch)
    const result = appendAsLeader(log, check.bytes.subarray(check.at, check.at + check.size), {
      leaderEpoch: this.leaderEpoch,
      origin: request.origin === 'raft-leader' ? 'raft' : request.origin,
      logAppendTime: rules.logAppendTime ? check.maxTimestamp : -1,
      lease: check.bytes === records ? request.lease : undefined,
    })
    if (result.error !== undefined) return refusal(Errors[result.error], null, result.logStartOffset)
    const endOffset = result.lastOffset + 1
    if (!result.duplicate) {
      log.whenWritten(endOffset, this.written)
      if (this.followerWatchers.size > 0) this.tell(this.followerWatchers)
    }
    return {
      errorCode: Errors.NONE,
      message: null,
      recordErrors: [],
      baseOffset: result.firstOffset,
      recordCount: check.recordCount,
      endOffset,
      logAppendTimeMs: result.logAppendTime,
      logStartOffset: result.logStartOffset,
    }
  }

  /** Work that changes which records the log holds, or which log it is: until it is done no follower appends, and no leadership begins or ends. */
  async settle<T>(work: () => Promise<T>): Promise<T> {
    const before = this.settling
    const done = (async () => {
      await before
      return work()
    })()
    const settled = done.then(
      () => {},
      () => {},
    )
    this.settling = settled
    try {
      return await done
    } finally {
      if (this.settling === settled) this.settling = undefined
    }
  }

  /** While logs are exchanged nothing is appended: whoever does not wait is refused and comes again. Gives what ends it. */
  hold(): () => void {
    this.isHeld = true
    return () => {
      this.isHeld = false
    }
  }

  /** Goes on with another log of the same records, in another directory. */
  exchangeLog(log: PartitionLog): void {
    const { latest } = this.log.epochs
    if (latest !== undefined) log.assignEpoch(latest.epoch, latest.startOffset)
    this.log = log
    log.whenWritten(log.logEndOffset, this.written)
    this.wake()
  }

  private readonly written = (error: Error | undefined): void => {
    if (error === undefined) this.advance()
    else this.resign(Errors.KAFKA_STORAGE_ERROR)
  }

  private get ends(): LogEnds {
    const { logEndOffset, acknowledgedOffset, highWatermark } = this.log
    return { endOffset: logEndOffset, acknowledgedOffset, highWatermark }
  }

  /** Moves the high watermark to what every in-sync replica holds: followers say so by where they fetch from. */
  private advance(): void {
    const { log, leadership } = this
    if (leadership === undefined) return
    const reached = leadership.replicatedOffset(this.ends, this.isUnderMinIsr)
    if (reached <= log.highWatermark) return
    log.setHighWatermark(reached)
    this.replicated.complete(log.highWatermark)
    this.onHighWatermark?.(log.highWatermark)
    this.wake()
  }

  /** A follower has fetched, and with that told how far it is. NOT_LEADER_OR_FOLLOWER: it is none, or speaks for a former life (KIP-903). */
  followerFetched(fetch: FollowerFetch): ErrorCode {
    const { leadership } = this
    const before = leadership?.followers.logStartOffset(fetch.replicaId)
    if (leadership === undefined || !leadership.fetched(fetch, this.ends)) return Errors.NOT_LEADER_OR_FOLLOWER
    this.proposeIsr(leadership.expansion(fetch.replicaId, this.ends))
    this.advance()
    if (leadership.followers.logStartOffset(fetch.replicaId) !== before) this.wake()
    return Errors.NONE
  }

  /** Followers that lag for too long leave the in-sync replicas, or are not waited for any more. To be called every now and then. */
  dropLaggingFollowers(): void {
    this.proposeIsr(this.leadership?.shrinking(this.ends))
    this.advance()
  }

  private proposeIsr(proposal: IsrProposal | undefined): void {
    if (proposal === undefined || this.leadership === undefined) return
    const { leadership } = this
    this.journal.info('in-sync replicas change', { partition: this.name, from: leadership.isr.committed, to: proposal.isr })
    this.replication.proposeIsr(this, {
      ...proposal,
      members: proposal.isr.map((brokerId) => ({ brokerId, brokerEpoch: leadership.brokerEpochOf(brokerId, this.replication.ownEpoch) })),
      refused: () => {
        leadership.isr.withdraw(proposal)
        this.advance()
      },
    })
  }

  /**
   * Takes what the leader has sent: its records, its high watermark, its log start (Partition.appendRecordsToFollowerOrFutureReplica).
   * Gives the error of the log; undefined: all is well.
   */
  appendFromLeader(records: Buffer, leaderHighWatermark: number, leaderLogStart: number, lease?: Lease): ErrorName | undefined {
    const { log } = this
    if (this.isLeader || this.isHeld || this.settling !== undefined) return 'NOT_LEADER_OR_FOLLOWER'
    if (records.length > 0) {
      const { error } = appendAsFollower(log, records, this.leaderEpoch, lease)
      if (error !== undefined) return error
    }
    const { highWatermark: before, logStartOffset } = log
    const highWatermark = Math.min(leaderHighWatermark, log.logEndOffset)
    if (highWatermark > before) log.setHighWatermark(highWatermark)
    if (leaderLogStart > logStartOffset && leaderLogStart <= log.highWatermark) raiseLogStartOffset(log, leaderLogStart)
    if (log.highWatermark !== before || log.logStartOffset !== logStartOffset) this.wake()
    return undefined
  }

  /** Calls back when all in-sync replicas have everything below `offset` (NONE), or when that can no longer happen here. */
  whenReplicated(offset: number, callback: (errorCode: ErrorCode) => void): void {
    if (!this.isLeader) callback(Errors.NOT_LEADER_OR_FOLLOWER)
    else if (offset <= this.log.highWatermark) callback(this.afterAppend())
    else this.replicated.add(offset, (errorCode) => callback(errorCode === Errors.NONE ? this.afterAppend() : errorCode))
  }

  /** The in-sync replicas may have become too few since the append: the records are there, but not as safe as was asked (I13). */
  private afterAppend(): ErrorCode {
    return this.isUnderMinIsr ? Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND : Errors.NONE
  }

  /**
   * ListOffsets (Partition.fetchOffsetForTimestamp): a client sees nothing above what it may fetch. Undefined: no record is that young.
   */
  async offsetFor(timestamp: number, upTo: ReadBound): Promise<TimestampAndOffset | 'OFFSET_NOT_AVAILABLE' | undefined> {
    const { log } = this
    const bound = upTo === 'log-end' ? log.logEndOffset : upTo === 'high-watermark' ? log.highWatermark : log.lastStableOffset
    // What clients saw at the former leader may lie above what this one knows to be replicated: its answer must not go back (I5).
    const isLagging = upTo !== 'log-end' && log.highWatermark < (this.leadership?.epochStart ?? 0)
    if (timestamp === LATEST_TIMESTAMP) {
      return isLagging ? 'OFFSET_NOT_AVAILABLE' : { timestamp: -1, offset: bound, leaderEpoch: this.leaderEpoch }
    }
    const found = await offsetForTimestamp(log, timestamp)
    if (timestamp === EARLIEST_TIMESTAMP || timestamp === EARLIEST_LOCAL_TIMESTAMP) return found
    if (found !== undefined && found.offset < bound) return found
    return isLagging ? 'OFFSET_NOT_AVAILABLE' : undefined
  }

  /** What is deleted on every replica that lives; -1: not known yet. */
  get lowWatermark(): number {
    return this.leadership?.lowWatermark(this.log.logStartOffset) ?? -1
  }

  /** Calls back when every replica that lives has deleted what is below `offset` (NONE), or leadership goes. Gives what ends the wait. */
  whenDeleted(offset: number, callback: (errorCode: ErrorCode) => void): () => void {
    const look = (): void => {
      if (this.isLeader && this.lowWatermark < offset) return
      this.unwatch(look)
      callback(this.isLeader ? Errors.NONE : Errors.NOT_LEADER_OR_FOLLOWER)
    }
    this.watch(look)
    look()
    return () => this.unwatch(look)
  }

  /** DeleteRecords: raises the log start (-1: to the high watermark) and gives it. Followers do the same when they fetch next. */
  deleteRecordsBelow(offset: number): number | ErrorName {
    const { log } = this
    if (!this.isLeader) return 'NOT_LEADER_OR_FOLLOWER'
    if (isCompacted(log.config) && !isDeleted(log.config)) return 'POLICY_VIOLATION'
    const wanted = offset === HIGH_WATERMARK ? log.highWatermark : offset
    if (wanted < 0 || !raiseLogStartOffset(log, wanted)) return 'OFFSET_OUT_OF_RANGE'
    this.wake()
    return log.logStartOffset
  }

  get waitingFetches(): number {
    return this.watchers.size
  }
  /** What wakes them; the same for all partitions that one fetch waits for. */
  get wakers(): ReadonlySet<() => void> {
    return this.watchers
  }
  get waitingAppends(): number {
    return this.replicated.size
  }
  /** `isFollower`: to be told of every append, not only of what is replicated. */
  watch(watcher: () => void, isFollower = false): void {
    this.watchers.add(watcher)
    if (isFollower) this.followerWatchers.add(watcher)
  }
  unwatch(watcher: () => void): void {
    this.watchers.delete(watcher)
    this.followerWatchers.delete(watcher)
  }
  wake(): void {
    this.tell(this.watchers)
  }
  private tell(watchers: ReadonlySet<() => void>): void {
    for (const watcher of watchers) {
      try {
        watcher()
      } catch (error) {
        this.journal.error('a waiting fetch failed', { error, partition: this.name })
      }
    }
  }
}
