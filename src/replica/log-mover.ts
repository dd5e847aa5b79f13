import type { Clock, Journal, Timer } from '../host/index.ts'
import {
  appendAsFollower,
  type LogDirectories,
  type PartitionLog,
  raiseLogStartOffset,
  readLog,
  truncateFullyAndStartAt,
  truncateTo,
} from '../log/index.ts'
import { type ErrorCode, Errors } from '../protocol/index.ts'
import { baseOffset } from '../records/index.ts'
import type { Partition } from './partition.ts'
import type { ReplicationQuota } from './replication-quota.ts'

/** Copied between two looks at the throttle, unless one batch is larger. */
const CHUNK_BYTES = 1024 * 1024
/** More than the throttle allows is never slept off for longer than this at once, so that a raised limit and a cancellation take effect. */
const SLEEP_MS_MAX = 1000

export interface LogMoverOptions {
  readonly clock: Clock
  readonly journal: Journal
  readonly logs: LogDirectories
  /** replica.alter.log.dirs.io.max.bytes.per.second, of all moves together. */
  readonly quota: ReplicationQuota
  /** num.replica.alter.log.dirs.threads: moves at a time; more wait. */
  readonly movesMax: number
  /** Requests that come while logs are exchanged wait for `exchanged`. */
  exchanging(partition: Partition, exchanged: Promise<void>): void
  /** The log is another one now, in another directory. */
  exchanged(partition: Partition): void
  /** The replica will lie in this directory: resolves when the controller knows (KIP-858); rejects when the partition is gone, or a later word overtook it. */
  claim(partition: Partition, directory: string): Promise<void>
  /** The replica lies in the directory of its log, whatever was claimed. */
  placed(partition: Partition): void
}

interface Move {
  readonly partition: Partition
  readonly directory: string
  isClaimed: boolean
  isCancelled: boolean
  readonly cancelled: PromiseWithResolvers<void>
  done: Promise<void>
}

const cancel = (move: Move): void => {
  move.isCancelled = true
  move.cancelled.resolve()
}

/**
 * Moves replicas between the log directories of this broker (KIP-113).
 *
 *     current log ──copy, throttled──► future log
 *     caught up ─► the controller is told ─► appends wait ─► the last bit copied, renamed, exchanged ─► old log removed
 *
 * Invariant: the future log takes over only when it holds every record of the current one, on disk; until then the current one serves.
 */
export class LogMover {
  private readonly options: LogMoverOptions
  private readonly moves = new Map<string, Move>()
  private readonly waiting: (() => void)[] = []
  private readonly sleeping = new Map<Timer, () => void>()
  private running = 0
  private isClosed = false

  constructor(options: LogMoverOptions) {
    this.options = options
  }

  /** Goes on with the copies that a former run left behind. One that went further than its log has taken its place when the logs were opened. */
  resume(find: (topic: string, index: number) => Partition | undefined): void {
    for (const future of [...this.options.logs.futureLogs]) {
      const partition = find(future.topic, future.partition)
      const directory = this.options.logs.directoryOf(future)?.path
      if (partition !== undefined && directory !== undefined) this.begin(partition, directory)
    }
  }

  /** Begins to move a replica; a move to another directory that is under way is given up. */
  async move(partition: Partition, directory: string): Promise<ErrorCode> {
    const { logs } = this.options
    const before = this.moves.get(partition.name)
    if (before?.directory === directory) return Errors.NONE
    if (before !== undefined) {
      cancel(before)
      this.wake()
      await before.done
    }
    if (this.isClosed) return Errors.NOT_LEADER_OR_FOLLOWER
    if (this.moves.has(partition.name)) return this.move(partition, directory)
    await logs.deleteFuture(partition.topic, partition.index)
    if (logs.directoryOf(partition.log)?.path === directory) return Errors.NONE
    // A copy that cannot be seen may lie in a directory that is offline now.
    if (logs.online.length < logs.directories.length) return Errors.KAFKA_STORAGE_ERROR
    this.begin(partition, directory)
    return Errors.NONE
  }

  /** Resolves when nothing moves any more. */
  async settled(): Promise<void> {
    while (this.moves.size > 0) await Promise.all([...this.moves.values()].map(({ done }) => done))
  }

  /** Copies stay where they are: the next run goes on with them. */
  async close(): Promise<void> {
    this.isClosed = true
    for (const move of this.moves.values()) cancel(move)
    this.wake()
    for (const next of this.waiting.splice(0)) next()
    await this.settled()
  }

  private begin(partition: Partition, directory: string): void {
    if (this.moves.has(partition.name)) return
    const move: Move = {
      partition,
      directory,
      isClaimed: false,
      isCancelled: false,
      cancelled: Promise.withResolvers<void>(),
      done: Promise.resolve(),
    }
    this.moves.set(partition.name, move)
    move.done = this.run(move)
  }

  private async run(move: Move): Promise<void> {
    const { partition, directory } = move
    const { journal, logs } = this.options
    if (this.running >= this.options.movesMax) await new Promise<void>((resolve) => void this.waiting.push(resolve))
    this.running++
    let isFailed = false
    try {
      journal.info('a replica begins to move', { partition: partition.name, directory })
      if (await this.carry(move)) journal.info('a replica has moved', { partition: partition.name, directory })
    } catch (error) {
      isFailed = true
      if (this.isDeleted(partition)) journal.info('a replica that was moving is gone', { partition: partition.name })
      else journal.error('a replica could not be moved: it stays where it is', { error, partition: partition.name, directory })
    } finally {
      // Where the disk of the log failed, the copy may soon be all there is.
      const isGivenUp = isFailed && !this.isClosed && logs.directoryOf(partition.log)?.online
      if (isGivenUp || this.isDeleted(partition)) await logs.deleteFuture(partition.topic, partition.index).catch(() => {})
      // A copy that stays behind when the node stops is gone on with at the next start.
      if (move.isClaimed && !this.isClosed) this.options.placed(partition)
      this.running--
      this.moves.delete(partition.name)
      this.waiting.shift()?.()
    }
  }

  private async carry(move: Move): Promise<boolean> {
    const { partition, directory } = move
    const { topic, topicId, index } = partition
    const future = await this.options.logs.getOrCreate({ topic, partition: index, topicId, directory, future: true })
    const isOn = (): boolean => !move.isCancelled && this.options.logs.getFuture(topic, index) === future && !partition.log.isClosed
    while (isOn()) {
      const current = partition.log
      await this.align(current, future)
      const copied = future.logEndOffset < current.logEndOffset ? await copyChunk(current, future) : 0
      this.options.quota.record(copied)
      const isNear = copied < CHUNK_BYTES / 2 && future.logEndOffset >= current.active.baseOffset
      if (isNear && !move.isClaimed) {
        move.isClaimed = true
        await Promise.race([this.options.claim(partition, directory), move.cancelled.promise])
        continue
      }
      // Somebody who writes all the time would never be caught up with: the last bit is copied while appends are held.
      if (isNear && (await this.exchange(partition, future, isOn))) return true
      await this.sleep(move)
    }
    return false
  }

  /** A log whose directory is offline still has its place. */
  private isDeleted(partition: Partition): boolean {
    return this.options.logs.directoryOf(partition.log) === undefined
  }

  /** The current log may have been truncated, by another leader's will or by retention, and the copy has to follow. */
  private async align(current: PartitionLog, future: PartitionLog): Promise<void> {
    if (future.logEndOffset < current.logStartOffset) return truncateFullyAndStartAt(future, current.logStartOffset)
    for (let epoch = future.epochs.latest?.epoch; epoch !== undefined; epoch = future.epochs.latest?.epoch) {
      const end = current.epochs.endOffsetFor(epoch, current.logEndOffset)
      if (end.epoch === epoch && end.endOffset >= future.logEndOffset) return
      const own = future.epochs.endOffsetFor(end.epoch, future.logEndOffset)
      const common = end.endOffset < 0 || own.endOffset < 0 ? -1 : Math.min(end.endOffset, own.endOffset)
      if (common < current.logStartOffset) return truncateFullyAndStartAt(future, current.logStartOffset)
      if (!(await truncateTo(future, common))) return
    }
    if (future.logEndOffset > current.logEndOffset) await truncateTo(future, current.logEndOffset)
  }

  /** Appends are held while the last records are copied, made durable, and the directories renamed. False: the log has changed otherwise. */
  private async exchange(partition: Partition, future: PartitionLog, isOn: () => boolean): Promise<boolean> {
    const release = partition.hold()
    const exchanged = Promise.withResolvers<void>()
    this.options.exchanging(partition, exchanged.promise)
    try {
      return await partition.settle(() => this.exchangeNow(partition, future, isOn))
    } finally {
      release()
      exchanged.resolve()
    }
  }

  private async exchangeNow(partition: Partition, future: PartitionLog, isOn: () => boolean): Promise<boolean> {
    const current = partition.log
    await current.written()
    for (let copied = 1; isOn() && future.logEndOffset < current.logEndOffset && copied > 0; ) {
      copied = await copyChunk(current, future)
      this.options.quota.record(copied)
    }
    await future.flush()
    if (!isOn() || future.logEndOffset !== current.logEndOffset) return false
    const taken = await this.options.logs.replaceCurrentWithFuture(partition.topic, partition.index, (log) => {
      log.setHighWatermark(partition.log.highWatermark)
      raiseLogStartOffset(log, partition.log.logStartOffset)
      partition.exchangeLog(log)
      this.options.exchanged(partition)
    })
    return taken !== undefined
  }

  private async sleep(move: Move): Promise<void> {
    const { clock, quota } = this.options
    for (let restMs = quota.excessMs; restMs > 0 && !move.isCancelled; restMs = quota.excessMs) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          timer.cancel()
          this.sleeping.delete(timer)
          resolve()
        }
        const timer = clock.after(Math.max(1, Math.min(restMs, SLEEP_MS_MAX)), wake)
        this.sleeping.set(timer, wake)
      })
    }
  }

  private wake(): void {
    for (const wake of [...this.sleeping.values()]) wake()
  }
}

/** Gives the bytes copied. @throws Error when the current log cannot be read or the copy not be written */
const copyChunk = async (current: PartitionLog, future: PartitionLog): Promise<number> => {
  const from = future.logEndOffset
  const limitBytes = Math.min(CHUNK_BYTES, future.config.segmentBytes)
  const found = await readLog(current, from, limitBytes, { upTo: 'log-end', minOneMessage: true })
  // Truncated or cut off at the front meanwhile: the next look aligns the two.
  if (found.error === 'OFFSET_OUT_OF_RANGE') return 0
  if (found.error !== undefined || found.records === undefined)
    throw new Error(`offset ${from} cannot be read: ${found.error ?? 'nothing is there'}`)
  const bytes = Buffer.allocUnsafe(found.bytes)
  try {
    for (let position = 0; position < bytes.length; ) {
      const count = await found.records.read(bytes.subarray(position), position)
      if (count <= 0) throw new Error(`the log ends within what was found at offset ${from}`)
      position += count
    }
  } finally {
    found.records.release?.()
  }
  // The log may start within a batch, which is copied whole.
  if (future.logEndOffset === future.logStartOffset && baseOffset(bytes, 0) < from)
    await truncateFullyAndStartAt(future, baseOffset(bytes, 0))
  const { error } = appendAsFollower(future, bytes, Number.MAX_SAFE_INTEGER)
  if (error !== undefined) throw new Error(`records from offset ${from} on cannot be copied: ${error}`)
  if (future.logEndOffset === from) throw new Error(`no whole batch was found at offset ${from}`)
  await future.written()
  return bytes.length
}
