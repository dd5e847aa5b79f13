import type { Lease } from '../base/index.ts'
import type { Journal } from '../host/index.ts'
import {
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
  /** Of the coordinator that keeps its state here. */
  onHighWatermark: ((highWatermark: number) => void) | undefined
  private readonly replicated = new ReplicationWaiters()
  /** Fetches that wait for more records; told when the high watermark or the log start moves, and when leadership goes. */
  private readonly watchers = new Set<() => void>()

  constructor(
    identity: { readonly topic: string; readonly topicId: string; readonly index: number },
    log: PartitionLog,
    registration: PartitionRegistration,
    nodeId: number,
    journal: Journal,
  ) {
    this.topic = identity.topic
    this.topicId = identity.topicId
    this.index = identity.index
    this.log = log
    this.nodeId = nodeId
    this.journal = journal
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
    this.registration = registration
    if (registration.leaderEpoch === before.leaderEpoch) return
    if (this.isLeader) this.becomeLeader()
    else this.resign(Errors.NOT_LEADER_OR_FOLLOWER)
  }

  private becomeLeader(): void {
    this.log.assignEpoch(this.leaderEpoch, this.log.logEndOffset)
    this.advance()
  }

  /** Leadership or the log is gone: whoever waits here is told. */
  resign(errorCode: ErrorCode): void {
    this.replicated.fail(errorCode)
    this.wake()
  }

  /** NONE, or why a request that names the epoch it believes in cannot be served (KIP-320). -1: it does not say. */
  checkLeaderEpoch(requested: number): ErrorCode {
    if (!this.isLeader) return Errors.NOT_LEADER_OR_FOLLOWER
    if (requested === -1 || requested === this.leaderEpoch) return Errors.NONE
    return requested < this.leaderEpoch ? Errors.FENCED_LEADER_EPOCH : Errors.UNKNOWN_LEADER_EPOCH
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
    if (!result.duplicate) log.whenWritten(endOffset, this.written)
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

  /**
   * Moves the high watermark to what every in-sync replica holds. Alone in the in-sync replicas that is what this log has acknowledged;
   * followers bring in their fetch positions here.
   */
  private advance(): void {
    if (!this.isLeader) return
    const { log } = this
    const reached = log.acknowledgedOffset
    if (reached <= log.highWatermark) return
    log.setHighWatermark(reached)
    this.replicated.complete(log.highWatermark)
    this.onHighWatermark?.(log.highWatermark)
    this.wake()
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
  async offsetFor(timestamp: number, upTo: ReadBound): Promise<TimestampAndOffset | undefined> {
    const { log } = this
    const bound = upTo === 'log-end' ? log.logEndOffset : upTo === 'high-watermark' ? log.highWatermark : log.lastStableOffset
    if (timestamp === LATEST_TIMESTAMP) return { timestamp: -1, offset: bound, leaderEpoch: this.leaderEpoch }
    const found = await offsetForTimestamp(log, timestamp)
    if (found === undefined || timestamp === EARLIEST_TIMESTAMP || timestamp === EARLIEST_LOCAL_TIMESTAMP) return found
    return found.offset < bound ? found : undefined
  }

  /** DeleteRecords: the new log start (-1: the high watermark), answered with the low watermark. */
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
  watch(watcher: () => void): void {
    this.watchers.add(watcher)
  }
  unwatch(watcher: () => void): void {
    this.watchers.delete(watcher)
  }
  wake(): void {
    for (const watcher of this.watchers) {
      try {
        watcher()
      } catch (error) {
        this.journal.error('a waiting fetch failed', { error, partition: this.name })
      }
    }
  }
}
