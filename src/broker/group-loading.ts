import type { Clock, Journal, Timer } from '../host/index.ts'

/** Partitions that load within this time of each other are told together. */
const LINGER_MS = 500

/**
 * Tells of loaded groups in one line, however many partitions there are: 50 of them are elected when a node starts. A single partition's
 * story is in the journal at debug level.
 */
export class GroupLoading {
  private readonly clock: Clock
  private readonly journal: Journal
  private readonly count: () => { readonly groups: number; readonly offsets: number }
  private timer: Timer | undefined
  private waiting = 0
  private partitions = 0
  private startedMs = 0
  private endedMs = 0
  private closed = false

  constructor(clock: Clock, journal: Journal, count: GroupLoading['count']) {
    this.clock = clock
    this.journal = journal
    this.count = count
  }

  /** `loaded` resolves when the partition's groups are there (true), or others took over. */
  follow(loaded: Promise<boolean>): void {
    if (this.waiting === 0 && this.timer === undefined) this.startedMs = this.clock.monotonic()
    this.waiting++
    this.hold()
    void loaded
      .then((isLoaded) => {
        if (isLoaded) this.partitions++
      })
      .finally(() => {
        this.endedMs = this.clock.monotonic()
        if (--this.waiting === 0 && !this.closed) this.timer = this.clock.after(LINGER_MS, () => this.tell())
      })
  }

  close(): void {
    this.closed = true
    this.hold()
  }

  private hold(): void {
    this.timer?.cancel()
    this.timer = undefined
  }

  private tell(): void {
    const { partitions } = this
    this.hold()
    this.partitions = 0
    if (partitions === 0) return
    const { groups, offsets } = this.count()
    this.journal.info('groups are loaded', { partitions, groups, offsets, tookMs: Math.round(this.endedMs - this.startedMs) })
  }
}
