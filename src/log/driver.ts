import type { Timer } from '../host/index.ts'
import { type CleanableRange, cleanableRange } from './cleanable-range.ts'
import { cleanLog } from './cleaner.ts'
import { isCompacted, type LogRoomConfig } from './config.ts'
import { partitionName } from './file-names.ts'
import type { LogDirectories } from './log-directories.ts'
import { deleteOldSegments } from './log-retention.ts'
import type { PartitionLog } from './partition-log.ts'
import { CleaningStopped } from './segment-cleaning.ts'

/** setTimeout's reach, and long enough for every period that means "never". */
const DELAY_MAXIMUM_MS = 0x7fffffff

/**
 * The clockwork of the room: retention, flushes by time, checkpoints, producer expiry and the cleaner, each in its own period.
 * A run that takes longer than its period delays the next one; runs of one kind never overlap.
 */
export class LogDriver {
  readonly #directories: LogDirectories
  readonly #timers = new Set<Timer>()
  /** Partitions that cannot be compacted: a batch in them is damaged. */
  readonly #uncleanable = new Set<PartitionLog>()
  #stopped = false
  #running = new Set<Promise<void>>()

  constructor(directories: LogDirectories) {
    this.#directories = directories
  }

  get #room(): LogRoomConfig {
    return this.#directories.room
  }

  start(): void {
    const { initialTaskDelayMs } = this.#room
    this.#repeat(
      initialTaskDelayMs,
      () => this.#room.retentionCheckIntervalMs,
      () => this.runRetention(),
    )
    this.#repeat(
      initialTaskDelayMs,
      () => Math.min(this.#room.flushSchedulerIntervalMs, this.#shortestFlush()),
      () => this.runFlusher(),
    )
    this.#repeat(
      initialTaskDelayMs,
      () => this.#room.flushOffsetCheckpointIntervalMs,
      () => this.#directories.checkpointRecoveryPoints(),
    )
    this.#repeat(
      initialTaskDelayMs,
      () => this.#room.flushStartOffsetCheckpointIntervalMs,
      () => this.#directories.checkpointLogStartOffsets(),
    )
    this.#repeat(
      initialTaskDelayMs,
      () => this.#room.producerIdExpirationCheckIntervalMs,
      async () => this.expireProducers(),
    )
    if (this.#room.cleanerEnable)
      this.#repeat(
        this.#room.cleanerBackoffMs,
        () => this.#room.cleanerBackoffMs,
        () => this.runCleaner(),
      )
  }

  #repeat(firstMs: number, periodMs: () => number, run: () => Promise<void>): void {
    const { clock, journal } = this.#directories.host
    const arm = (delayMs: number): void => {
      if (this.#stopped) return
      const timer = clock.after(Math.min(delayMs, DELAY_MAXIMUM_MS), () => {
        this.#timers.delete(timer)
        const running = run()
          .catch((error: unknown) => journal.error('a background task of the logs failed', { error }))
          .finally(() => {
            this.#running.delete(running)
            arm(periodMs())
          })
        this.#running.add(running)
      })
      this.#timers.add(timer)
    }
    arm(firstMs)
  }

  /** flush.ms is a topic config: the flusher wakes up often enough for the shortest one. */
  #shortestFlush(): number {
    let shortest = 60_000
    for (const log of this.#directories.logs) shortest = Math.min(shortest, log.config.flushMs)
    return Math.max(10, shortest)
  }

  async runRetention(): Promise<void> {
    for (const logs of [this.#directories.logs, this.#directories.futureLogs])
      for (const log of [...logs]) {
        if (this.#stopped) return
        await deleteOldSegments(log)
      }
  }

  async runFlusher(): Promise<void> {
    const now = this.#directories.host.clock.now()
    for (const log of [...this.#directories.logs])
      if (log.failure === undefined && log.recoveryPoint < log.logEndOffset && now - log.lastFlushMs >= log.config.flushMs)
        await log.flush().catch(() => {})
  }

  expireProducers(): void {
    const now = this.#directories.host.clock.now()
    for (const log of this.#directories.logs) log.producers.expire(now)
  }

  /** Compacts the dirtiest log, then the next one, until none is dirty enough. */
  async runCleaner(): Promise<void> {
    for (;;) {
      const found = this.#stopped ? undefined : await this.#filthiest()
      if (found === undefined || !(await this.#clean(found.log, found.range))) return
    }
  }

  async #filthiest(): Promise<{ log: PartitionLog; range: CleanableRange } | undefined> {
    const now = this.#directories.host.clock.now()
    let best: { log: PartitionLog; range: CleanableRange } | undefined
    for (const log of [...this.#directories.logs]) {
      if (!isCompacted(log.config) || log.failure !== undefined || log.busy || this.#uncleanable.has(log)) continue
      const range = await cleanableRange(log, this.#cleanedUpTo(log), now)
      const due = range.cleanableBytes > 0 && (range.overdue || range.dirtyRatio > log.config.minCleanableDirtyRatio)
      if (due && (best === undefined || range.dirtyRatio > best.range.dirtyRatio)) best = { log, range }
    }
    return best
  }

  #cleanedUpTo(log: PartitionLog): number | undefined {
    return this.#directories.directoryOf(log)?.checkpoints.cleanerOffsets.get(partitionName(log.topic, log.partition))
  }

  /** False: it is better to wait before the next try. */
  async #clean(log: PartitionLog, range: CleanableRange): Promise<boolean> {
    const directory = this.#directories.directoryOf(log)
    if (directory === undefined) return false
    try {
      const { endOffset } = await cleanLog(log, range, this.#room)
      // A topic may be compacted no more when its log is recovered: gaps lie below the recovery point then.
      await log.flush(endOffset)
      await directory.checkpointRecoveryPoints()
      directory.checkpoints.cleanerOffsets.set(partitionName(log.topic, log.partition), endOffset)
      await directory.checkpointCleanerOffsets()
      return endOffset > range.firstDirtyOffset
    } catch (error) {
      if (error instanceof CleaningStopped) return false
      if (log.failure === undefined) {
        this.#uncleanable.add(log)
        log.journal.error('the partition is not compacted any further', { error })
      }
      return true
    }
  }

  /** No new runs; resolves when the ones under way have ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
    for (const log of this.#directories.logs) log.stopCleaning = true
    await Promise.all(this.#running)
    for (const log of this.#directories.logs) log.stopCleaning = false
  }
}
