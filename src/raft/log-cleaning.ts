import type { Timer } from '../host/index.ts'
import type { RaftCore } from './core/raft-core.ts'
import type { ListenerFeeds } from './listener-feeds.ts'
import type { RaftParts } from './raft-parts.ts'
import type { OffsetAndEpoch } from './types.ts'

export interface SnapshotSize extends OffsetAndEpoch {
  readonly bytes: number
  readonly lastContainedLogTimestamp: number
}
export interface MetadataRetention {
  /** metadata.max.retention.bytes: log and snapshots together; negative: no limit. */
  readonly retentionBytes: number
  /** metadata.max.retention.ms; negative: no limit. */
  readonly retentionMs: number
}

/**
 * Whether the oldest snapshot may go, and the log before the next one with it (KafkaRaftLog.maybeClean): there is a newer one, and a
 * limit is exceeded. Asked again after each removal.
 */
export const shouldDropOldestSnapshot = (
  snapshots: readonly SnapshotSize[],
  logBytes: number,
  retention: MetadataRetention,
  now: number,
): boolean => {
  const [oldest] = snapshots
  if (oldest === undefined || snapshots.length < 2) return false
  const snapshotBytes = snapshots.reduce((sum, { bytes }) => sum + bytes, 0)
  const tooLarge = retention.retentionBytes >= 0 && logBytes + snapshotBytes > retention.retentionBytes
  const tooOld = retention.retentionMs >= 0 && now - oldest.lastContainedLogTimestamp > retention.retentionMs
  return tooLarge || tooOld
}

/** Removes old snapshots and the log that newer ones cover, now and then. */
export class LogCleaning {
  readonly #parts: RaftParts
  readonly #core: RaftCore
  readonly #feeds: Pick<ListenerFeeds, 'committedOffset' | 'haveHeard'>
  #timer: Timer | undefined
  #running: Promise<void> | undefined
  #closed = false

  constructor(parts: RaftParts, core: RaftCore, feeds: Pick<ListenerFeeds, 'committedOffset' | 'haveHeard'>) {
    this.#parts = parts
    this.#core = core
    this.#feeds = feeds
    this.#schedule()
  }

  /** What runs now; undefined: nothing. */
  get running(): Promise<void> | undefined {
    return this.#running
  }

  cancel(): void {
    this.#timer?.cancel()
  }

  /** Removes nothing more. */
  stop(): void {
    this.#closed = true
    this.cancel()
  }

  /** Removes what lies beyond the retention limits. True: something was removed. */
  async clean(): Promise<boolean> {
    const { log, snapshots, settings, host, control } = this.#parts
    let cleaned = false
    while (!this.#closed && shouldDropOldestSnapshot(await snapshots.sizes(), log.bytes, settings, host.clock.now())) {
      const next = snapshots.ids[1]
      if (next === undefined || next.offset <= log.startOffset || next.offset > (this.#feeds.committedOffset ?? 0)) break
      // A listener that lags would have to start over from a snapshot, which a leader must not (R9).
      if (!this.#feeds.haveHeard(next.offset)) break
      await log.deleteBefore(next.offset)
      await snapshots.dropBefore(next)
      this.#core.log.cutBefore(next)
      this.#core.log.earliestSnapshot = snapshots.earliest
      this.#core.log.latestSnapshot = snapshots.latest
      control.forgetBefore(next.offset)
      host.journal.info('the metadata log begins later now', { logStartOffset: next.offset })
      cleaned = true
    }
    return cleaned
  }

  #schedule(): void {
    if (this.#closed) return
    this.#timer = this.#parts.host.clock.after(this.#parts.settings.cleaningIntervalMs, () => {
      this.#running = this.#run()
    })
  }

  async #run(): Promise<void> {
    try {
      await this.clean()
    } catch (error) {
      this.#parts.host.journal.error('cleaning the metadata log failed', { error })
    }
    this.#running = undefined
    this.#schedule()
  }
}
