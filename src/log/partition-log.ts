import { assert } from '../base/index.ts'
import type { Clock, Disk, Journal, Random, Timer } from '../host/index.ts'
import type { Histogram } from '../metrics/index.ts'
import type { ErrorName } from '../protocol/index.ts'
import { formatEpochCheckpoint, formatPartitionMetadata } from './checkpoints.ts'
import type { LogConfig } from './config.ts'
import { LEADER_EPOCH_FILE, PARTITION_METADATA_FILE } from './file-names.ts'
import { LeaderEpochs } from './leader-epochs.ts'
import { syncLog } from './log-sync.ts'
import { LogTail } from './log-tail.ts'
import type { FileHome, OpenFiles } from './open-files.ts'
import { PositionHints } from './position-hints.ts'
import { takeProducerSnapshot } from './producer-snapshot-files.ts'
import { type CompletedTransaction, type ProducerRules, Producers } from './producers.ts'
import { Segment } from './segment.ts'
import { WriteQueue } from './write-queue.ts'

/** What the logs of one directory share. */
export interface LogContext {
  readonly disk: Disk
  readonly clock: Clock
  readonly random: Random
  readonly journal: Journal
  readonly files: OpenFiles
  readonly rules: ProducerRules
  /** Writes down how far the logs of the directory survive power loss, where somebody keeps that. */
  checkpointRecoveryPoints?(): Promise<void>
  /** The disk failed under a log: its whole directory goes offline. */
  failed(error: unknown, log: PartitionLog): void
  /** Takes how long each segment took to sync. */
  readonly flushMs?: Histogram
}

export interface LogIdentity {
  readonly topic: string
  readonly partition: number
  /** False for raft's log, which has no producers and takes no snapshots of them. */
  readonly tracksProducers?: boolean
}

interface Waiter {
  readonly offset: number
  readonly callback: (error: Error | undefined) => void
}

const closedError = (): Error => new Error('the log is closed')

/**
 * One partition on one disk.
 *
 *     logStartOffset ≤ lastStableOffset ≤ highWatermark ≤ logEndOffset
 *     recoveryPoint ≤ writtenOffset ≤ logEndOffset
 *
 * Appends are ordered on the caller's turn; bytes reach the file a moment later through `WriteQueue`. `whenWritten` tells when.
 * After a failed write the log refuses everything (S9): its directory is offline.
 */
export class PartitionLog {
  readonly topic: string
  readonly partition: number
  readonly tracksProducers: boolean
  readonly home: FileHome
  readonly context: LogContext
  readonly journal: Journal
  config: LogConfig
  topicId: string | undefined
  /** Ordered; the last one grows. Never empty once loaded. */
  segments: Segment[] = []
  readonly producers: Producers
  readonly epochs = new LeaderEpochs()
  readonly tail = new LogTail()
  readonly queue: WriteQueue
  readonly hints = new PositionHints()
  /** Offsets of the producer snapshots on disk, rising. */
  snapshots: number[] = []
  logStartOffset = 0
  logEndOffset = 0
  /** Everything below is in the file, so in the page cache. */
  writtenOffset = 0
  /** Everything below survives power loss. */
  recoveryPoint = 0
  lastFlushMs: number
  failure: Error | undefined
  /** Truncation, replacement of segments: appends must wait. */
  busy = false
  /** Segments under `.deleted` that wait for their removal. */
  readonly leaving = new Map<Segment, Timer>()
  /** Retention or compaction of closed segments is under way; a truncation asks it to stop and waits. */
  upkeep: Promise<unknown> | undefined
  stopCleaning = false
  #acknowledgedOffset = 0
  #highWatermark = 0
  #firstUnstableOffset = Number.POSITIVE_INFINITY
  #waiters: Waiter[] = []
  #flushing: Promise<void> | undefined
  #closed = false
  /** What becomes of its files is nobody's concern any more. */
  #isGoing = false
  /** Of another future copy, or a copy in removal: set by `LogDirectories`. */
  isFuture = false

  constructor(identity: LogIdentity, home: FileHome, config: LogConfig, context: LogContext) {
    this.topic = identity.topic
    this.partition = identity.partition
    this.tracksProducers = identity.tracksProducers ?? true
    this.home = home
    this.config = config
    this.context = context
    this.journal = context.journal.child('log', { partition: `${identity.topic}-${identity.partition}` })
    this.producers = new Producers(context.rules)
    this.lastFlushMs = context.clock.now()
    this.queue = new WriteQueue(context.clock, this.tail, {
      written: (endOffset) => {
        this.writtenOffset = endOffset
      },
      acknowledged: () => this.#acknowledge(),
      flush: () => this.#flushTo(this.writtenOffset),
      failed: (error) => this.fail(error),
    })
  }

  get active(): Segment {
    return this.segments[this.segments.length - 1]!
  }

  get bytes(): number {
    let bytes = 0
    for (const segment of this.segments) bytes += segment.bytes
    return bytes
  }

  /** Everything below may be answered for: written, and flushed where flush.messages asks for it. */
  get acknowledgedOffset(): number {
    return this.#acknowledgedOffset
  }

  /** Bytes that wait for the disk: the measure of back-pressure. */
  get unwrittenBytes(): number {
    return this.tail.bytes
  }

  get highWatermark(): number {
    return this.#highWatermark
  }

  /** Readers of committed records stop here: the first open or unreplicated transaction, or the high watermark. */
  get lastStableOffset(): number {
    return Math.min(this.#highWatermark, this.#firstUnstableOffset)
  }

  /** Undefined when no transaction is undecided. */
  get firstUnstableOffset(): number | undefined {
    return this.#firstUnstableOffset === Number.POSITIVE_INFINITY ? undefined : this.#firstUnstableOffset
  }

  /** Kept between log start and log end; gives what it became. May go back on a follower. */
  setHighWatermark(offset: number): number {
    this.#highWatermark = Math.min(Math.max(offset, this.logStartOffset), this.logEndOffset)
    if (this.#firstUnstableOffset !== Number.POSITIVE_INFINITY) {
      this.producers.forgetDecidedBelow(this.#highWatermark)
      this.refreshFirstUnstable()
    }
    return this.#highWatermark
  }

  refreshFirstUnstable(): void {
    this.#firstUnstableOffset = Math.max(this.producers.firstUnstableOffset, this.logStartOffset)
  }

  completeTransaction(completed: CompletedTransaction, segment: Segment): void {
    if (completed.aborted) {
      segment.transactionIndex.append({
        producerId: completed.producerId,
        firstOffset: completed.firstOffset,
        lastOffset: completed.lastOffset,
        lastStableOffset: this.producers.lastStableOffsetAfter(completed),
      })
    }
    this.producers.complete(completed)
  }

  /** A new leader epoch begins at the log end even before its first record (KIP-101). */
  assignEpoch(epoch: number, startOffset: number): void {
    if (this.epochs.assign(epoch, startOffset)) this.saveEpochs()
  }

  saveEpochs(): void {
    this.queue.task(async () => {
      const text = formatEpochCheckpoint(this.epochs.entries)
      await this.context.disk.replaceFile(`${this.home.path}/${LEADER_EPOCH_FILE}`, Buffer.from(text))
    })
  }

  /** Recorded once; a different id later is a different topic of the same name. */
  assignTopicId(topicId: string): ErrorName | undefined {
    if (this.topicId !== undefined) return this.topicId === topicId ? undefined : 'INCONSISTENT_TOPIC_ID'
    this.topicId = topicId
    this.queue.task(() =>
      this.context.disk.replaceFile(`${this.home.path}/${PARTITION_METADATA_FILE}`, Buffer.from(formatPartitionMetadata(topicId))),
    )
    return undefined
  }

  /** Closes the active segment and begins the next one at `offset` (the log end, unless a follower's next batch starts later). */
  roll(offset = this.logEndOffset): Segment {
    const old = this.active
    if (old.baseOffset === offset) {
      assert(old.bytes === 0, 'a segment that holds records is not replaced')
      return old
    }
    old.sealTimeIndex()
    const leavesGap = offset > this.logEndOffset
    const segment = this.newSegment(offset)
    this.segments.push(segment)
    this.hints.clear()
    this.producers.endOffset = Math.max(this.producers.endOffset, offset)
    if (this.tracksProducers) takeProducerSnapshot(this, offset)
    this.queue.task(async () => {
      await old.offsetIndex.settle()
      await old.timeIndex.settle()
      await old.transactionIndex.persist()
      await old.trim()
      if (leavesGap) await this.#passGap(offset)
      await segment.create(this.preallocatedBytes)
    })
    this.#flushAfterRoll(offset)
    return segment
  }

  /**
   * There is nothing up to `offset`: the leader's log was compacted once. Recovery takes a gap above the recovery point for bytes that
   * were lost with the power, so that one goes ahead, before anything lies behind the gap.
   */
  async #passGap(offset: number): Promise<void> {
    this.writtenOffset = offset
    await this.#flushTo(offset)
    if (!this.isFuture) await this.context.checkpointRecoveryPoints?.()
  }

  /** Only one at a time changes which segments there are. Undefined: another one is at it. */
  maintain<T>(work: () => Promise<T>): Promise<T> | undefined {
    if (this.upkeep !== undefined || this.busy || this.failure !== undefined) return undefined
    const running = work().finally(() => {
      this.upkeep = undefined
    })
    this.upkeep = running
    return running
  }

  /** Length of the files of new segments. */
  get preallocatedBytes(): number {
    return this.config.preallocate ? this.config.segmentBytes : 0
  }

  newSegment(offset: number): Segment {
    const { clock, files, random } = this.context
    const jitter = Math.min(this.config.segmentJitterMs, this.config.segmentMs, 0xffffffff)
    return new Segment(files, this.home, offset, { nowMs: clock.now(), jitterMs: jitter > 0 ? random.below(jitter) : 0 })
  }

  /** Beside the writes, so that appends do not wait for the old segment's fsync. */
  #flushAfterRoll(offset: number): void {
    this.queue.task(async () => {
      void this.flush(offset).catch(() => {})
    })
  }

  /**
   * Calls back once all offsets below `offset` are written (with flush.messages: flushed). At once when they are; with the error
   * when the log fails first. Offsets of successive calls do not fall.
   */
  whenWritten(offset: number, callback: (error: Error | undefined) => void): void {
    if (this.failure !== undefined) callback(this.failure)
    else if (offset <= this.#acknowledgedOffset) callback(undefined)
    else this.#waiters.push({ offset, callback })
  }

  /** `whenWritten` as a promise, for callers that have few of them. */
  written(offset = this.logEndOffset): Promise<void> {
    return new Promise((resolve, reject) => this.whenWritten(offset, (error) => (error === undefined ? resolve() : reject(error))))
  }

  #acknowledge(): void {
    this.#acknowledgedOffset = this.writtenOffset
    let done = 0
    while (done < this.#waiters.length && this.#waiters[done]!.offset <= this.#acknowledgedOffset) done++
    if (done === 0) return
    const ready = this.#waiters.splice(0, done)
    for (const waiter of ready) waiter.callback(undefined)
  }

  /** Makes all offsets below `offset` survive power loss. Rejects when the disk refuses: the log is offline then. */
  async flush(offset = this.logEndOffset): Promise<void> {
    if (offset > this.writtenOffset) await this.written(offset)
    await this.#flushTo(offset)
  }

  async #flushTo(offset: number): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing
    // What was asked for may have been truncated meanwhile.
    const end = Math.min(offset, this.writtenOffset)
    if (end > this.recoveryPoint) await this.#alone(() => syncLog(this, end))
  }

  /** No flush is under way while it runs: what one synced would count for other records of the same offsets. */
  async withoutFlush(action: () => Promise<void>): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing.catch(() => {})
    await this.#alone(action)
  }

  async #alone(action: () => Promise<void>): Promise<void> {
    this.#flushing = action()
    try {
      await this.#flushing
    } finally {
      this.#flushing = undefined
    }
  }

  /** After a load or truncation: what is on disk is all there is. */
  settle(endOffset: number, recoveryPoint: number): void {
    this.logEndOffset = endOffset
    this.writtenOffset = endOffset
    this.#acknowledgedOffset = endOffset
    this.recoveryPoint = recoveryPoint
    this.#highWatermark = Math.min(Math.max(this.#highWatermark, this.logStartOffset), endOffset)
    this.hints.clear()
    this.refreshFirstUnstable()
  }

  /** The disk failed: everything from here on is refused, and whoever waits is told. Calling it again changes nothing. */
  fail(error: unknown): void {
    if (this.failure !== undefined) return
    this.failure = error instanceof Error ? error : new Error(String(error))
    this.journal.error('the log goes offline', { error, directory: this.home.path })
    this.#stop(this.failure)
    this.context.failed(error, this)
  }

  #stop(error: Error): void {
    this.queue.stop(error)
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) waiter.callback(error)
  }

  /** Writes, flushes and closes; the directory may then be marked as cleanly shut down, when the partition does not go away meanwhile. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    if (this.failure === undefined) {
      await this.#bringToDisk().catch((error) => {
        if (!this.#isGoing) throw error
      })
    }
    await this.closeFiles()
    this.#stop(closedError())
  }

  async #bringToDisk(): Promise<void> {
    if (this.tracksProducers) takeProducerSnapshot(this)
    await this.queue.drained()
    await this.active.trim()
    this.active.sealTimeIndex()
    await this.active.offsetIndex.settle()
    await this.active.timeIndex.settle()
    await this.flush()
    for (const file of this.active.files) await file.using(async () => {})
  }

  /** The partition goes away: nothing more is written, reads in flight end as they may. */
  stopWriting(): void {
    this.#isGoing = true
    this.#closed = true
    this.failure ??= closedError()
    this.#stop(this.failure)
  }

  /** Drops everything that is not on disk: the simulator's kill, and the end of an offline directory. */
  async abandon(): Promise<void> {
    this.stopWriting()
    await this.closeFiles()
  }

  async closeFiles(): Promise<void> {
    for (const timer of this.leaving.values()) timer.cancel()
    for (const segment of [...this.segments, ...this.leaving.keys()]) for (const file of segment.files) await file.retire().catch(() => {})
    this.leaving.clear()
  }

  get isClosed(): boolean {
    return this.#closed
  }
}
