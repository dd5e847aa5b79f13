import type { Journal } from '../host/index.ts'
import type { LogDirectories } from './log-directories.ts'
import type { LogDirectory } from './log-directory.ts'
import { raiseLogStartOffset } from './log-retention.ts'
import type { PartitionLog } from './partition-log.ts'
import { compareProgress, isWithin } from './twin-logs.ts'

/** What the log directories let nobody else do. */
export interface SwapEnds {
  /** Path of the directory that the metadata places a log in (KIP-858), where it says so. */
  assigned(log: PartitionLog): string | undefined
  delete(log: PartitionLog): Promise<void>
  /** Its directory goes offline when that fails. */
  setAside(log: PartitionLog): Promise<void>
  failed(directory: LogDirectory, error: unknown): void
}

/** Copies that were to take the place of a log (AlterReplicaLogDirs) when the last run ended: found, told apart and brought to an end at start. */
export class UnfinishedSwaps {
  readonly #directories: LogDirectories
  readonly #ends: SwapEnds
  readonly #journal: Journal
  /** Logs found in a second directory, and what is kept in their place. */
  readonly #superseded = new Map<PartitionLog, PartitionLog>()

  constructor(directories: LogDirectories, ends: SwapEnds) {
    this.#directories = directories
    this.#ends = ends
    this.#journal = directories.host.journal.child('log')
  }

  /**
   * A partition lies in two directories: a crash came between the two renames of a swap, or the directory of the old log failed there. From
   * then on only the new log grew, so the one that goes further has everything.
   */
  furtherOf(one: PartitionLog, other: PartitionLog): PartitionLog {
    const progress = compareProgress(one, other)
    const [kept, left] = progress > 0 || (progress === 0 && this.#isAssigned(one)) ? [one, other] : [other, one]
    inherit(kept, left)
    this.#superseded.set(left, kept)
    return kept
  }

  #isAssigned(log: PartitionLog): boolean {
    return this.#ends.assigned(log) === this.#directories.directoryOf(log)!.path
  }

  async finish(): Promise<void> {
    await this.#dropSuperseded()
    await this.#promoteFurther()
  }

  /** Ends what a swap had begun: what the kept log has too is removed, what only the other has is set aside. */
  async #dropSuperseded(): Promise<void> {
    if (this.#superseded.size > 0) await this.#directories.checkpointLogStartOffsets()
    for (const [left, kept] of this.#superseded) {
      const directory = this.#directories.directoryOf(left)!
      if (!directory.online || !this.#directories.directoryOf(kept)!.online) continue
      const isContained = left.isFuture || isWithin(left, kept)
      this.#journal.warn('a partition lies in two log directories: the log that goes further is kept', {
        ...{ kept: kept.home.path, keptTo: kept.logEndOffset, other: left.home.path, otherTo: left.logEndOffset },
        otherIs: isContained ? 'removed' : 'set aside',
      })
      if (isContained) await this.#ends.delete(left).catch((error) => this.#ends.failed(directory, error))
      else await this.#ends.setAside(left)
    }
    this.#superseded.clear()
  }

  /**
   * The log of a partition is nowhere, or was begun anew where it is gone from: its copy may be all there is, and takes its place whether it
   * had caught up or not. (Apache Kafka has it do so only where the metadata places it there, KAFKA-16082, and else empties it for a new log.)
   */
  async #promoteFurther(): Promise<void> {
    const { directories, futureLogs } = this.#directories
    for (const future of [...futureLogs]) {
      const { topic, partition } = future
      const current = this.#directories.get(topic, partition)
      // A log that is missing may lie in a directory that is offline, and have more.
      const isLeft = current === undefined ? directories.some(({ online }) => !online) : compareProgress(current, future) >= 0
      if (isLeft) continue
      this.#journal.warn('the copy of a log takes its place: it goes further', {
        ...{ copy: future.home.path, copyTo: future.logEndOffset },
        ...(current === undefined ? { log: 'gone' } : { log: current.home.path, logTo: current.logEndOffset }),
      })
      if (current !== undefined) {
        inherit(future, current)
        if (!isWithin(current, future)) await this.#ends.setAside(current)
      }
      // When its directory fails here, it is offline, and the node goes on without it.
      await this.#directories.replaceCurrentWithFuture(topic, partition).catch(() => {})
    }
  }
}

/** What was known of the one holds for the other, as far as that has records. */
const inherit = (kept: PartitionLog, left: PartitionLog): void => {
  kept.setHighWatermark(Math.max(kept.highWatermark, Math.min(left.highWatermark, kept.logEndOffset)))
  raiseLogStartOffset(kept, Math.min(left.logStartOffset, kept.highWatermark))
}
