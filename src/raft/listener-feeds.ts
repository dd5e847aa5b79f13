import { assert } from '../base/index.ts'
import type { RaftCore } from './core/raft-core.ts'
import { type FeedSource, ListenerFeed } from './listener-feed.ts'
import type { RaftParts } from './raft-parts.ts'
import type { RecentBatches } from './recent-batches.ts'
import { SnapshotPolicy } from './snapshot-policy.ts'
import type { RaftListener } from './types.ts'

/** The listeners of this replica, and what is committed as they know it: it never falls, while the core's own view begins anew. */
export class ListenerFeeds {
  readonly #parts: RaftParts
  readonly #core: RaftCore
  readonly #recent: RecentBatches
  readonly #failed: (error: unknown) => void
  readonly #feeds = new Map<RaftListener, ListenerFeed>()
  #committedOffset: number | undefined

  constructor(parts: RaftParts, core: RaftCore, recent: RecentBatches, failed: (error: unknown) => void) {
    this.#parts = parts
    this.#core = core
    this.#recent = recent
    this.#failed = failed
  }

  /** Exclusive end; undefined until it is known in this run. */
  get committedOffset(): number | undefined {
    return this.#committedOffset
  }

  register(listener: RaftListener): ListenerFeed {
    assert(!this.#feeds.has(listener), 'a listener registers once')
    const policy = new SnapshotPolicy(this.#parts.settings, this.#parts.host.clock.monotonic())
    const feed = new ListenerFeed(listener, this.#source(), policy, this.#failed)
    this.#feeds.set(listener, feed)
    return feed
  }

  unregister(listener: RaftListener): void {
    this.#feeds.get(listener)?.stop()
    this.#feeds.delete(listener)
  }

  /** Something changed; what lies below the high watermark is in the log. True: more is committed than before. */
  wake(highWatermark: number | undefined): boolean {
    const hasMoved = highWatermark !== undefined && highWatermark > (this.#committedOffset ?? -1)
    if (hasMoved) {
      this.#committedOffset = highWatermark
      this.#parts.log.setHighWatermark(highWatermark)
    }
    for (const feed of this.#feeds.values()) feed.wake()
    this.#forgetRecent()
    return hasMoved
  }

  /** All listeners have heard what is before the offset. */
  haveHeard(offset: number): boolean {
    return [...this.#feeds.values()].every((feed) => (feed.nextOffset ?? 0) >= offset)
  }

  stop(): void {
    for (const feed of this.#feeds.values()) feed.stop()
  }

  fail(error: Error): void {
    for (const listener of [...this.#feeds.keys()]) listener.onFatal?.(error)
  }

  #forgetRecent(): void {
    let needed = this.#committedOffset ?? 0
    for (const feed of this.#feeds.values()) needed = Math.min(needed, feed.nextOffset ?? needed)
    this.#recent.forgetBefore(needed)
    this.#recent.forgetCommitted(this.#committedOffset ?? 0)
  }

  #source(): FeedSource {
    const feeds = this
    const { clock } = this.#parts.host
    return {
      get committedOffset() {
        return feeds.#committedOffset
      },
      get logStartOffset() {
        return feeds.#parts.log.startOffset
      },
      get latestSnapshot() {
        return feeds.#parts.snapshots.latest
      },
      get leader() {
        const { role, leader, progress } = feeds.#core
        return role === 'resigned' ? undefined : { ...leader, startOffset: progress?.epochStartOffset }
      },
      openSnapshot: (id) => this.#parts.snapshots.read(id),
      readLog: (offset, maxBytes) => this.#parts.log.read(offset, maxBytes),
      recentBatch: (offset) => this.#recent.get(offset),
      monotonic: () => clock.monotonic(),
      yield: () => new Promise((resolve) => clock.defer(resolve)),
    }
  }
}
