import type { Clock, Journal } from '../host/index.ts'

/**
 * Tells of loaded groups in one line, however many partitions there are: 50 of them are elected at once when a node starts. A single
 * partition's story is in the journal at debug level.
 */
export class GroupLoading {
  private readonly clock: Clock
  private readonly journal: Journal
  private readonly count: () => { readonly groups: number; readonly offsets: number }
  private waiting = 0
  private partitions = 0
  private sinceMs = 0

  constructor(clock: Clock, journal: Journal, count: GroupLoading['count']) {
    this.clock = clock
    this.journal = journal
    this.count = count
  }

  /** `loaded` resolves when the partition's groups are there (true), or others took over. */
  follow(loaded: Promise<boolean>): void {
    if (this.waiting++ === 0) {
      this.partitions = 0
      this.sinceMs = this.clock.monotonic()
    }
    void loaded
      .then((isLoaded) => {
        if (isLoaded) this.partitions++
      })
      .finally(() => {
        if (--this.waiting > 0 || this.partitions === 0) return
        const { groups, offsets } = this.count()
        const tookMs = Math.round(this.clock.monotonic() - this.sinceMs)
        this.journal.info('groups are loaded', { partitions: this.partitions, groups, offsets, tookMs })
      })
  }
}
