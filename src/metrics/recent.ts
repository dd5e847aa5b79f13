/** As long as Kafka's rates and means look back: two samples of 30 s (metrics.sample.window.ms, metrics.num.samples). */
const WINDOW_MS = 60_000
const SAMPLES_MAX = 16

interface Sample {
  readonly atMs: number
  readonly total: number
}

/**
 * How fast a total has grown lately, known only from what it was whenever somebody looked: nothing is done in between. Looks that come
 * close together share one sample.
 */
export class RecentGrowth {
  private readonly samples: Sample[]

  constructor(nowMs: number, total: number) {
    this.samples = [{ atMs: nowMs, total }]
  }

  /** Growth and milliseconds since the oldest sample of the window. */
  look(nowMs: number, total: number): { readonly growth: number; readonly overMs: number } {
    const { samples } = this
    while (samples.length > 1 && samples[1]!.atMs <= nowMs - WINDOW_MS) samples.shift()
    const oldest = samples[0]!
    const before = samples.at(-2)
    if (before !== undefined && nowMs - before.atMs < WINDOW_MS / SAMPLES_MAX) samples.pop()
    samples.push({ atMs: nowMs, total })
    return { growth: total - oldest.total, overMs: nowMs - oldest.atMs }
  }

  perSecond(nowMs: number, total: number): number {
    const { growth, overMs } = this.look(nowMs, total)
    return overMs <= 0 ? 0 : (Math.max(0, growth) * 1000) / overMs
  }
}

/** The mean of what was recorded lately, likewise; NaN: nothing was. */
export class RecentMean {
  private readonly sums: RecentGrowth
  private readonly counts: RecentGrowth

  constructor(nowMs: number) {
    this.sums = new RecentGrowth(nowMs, 0)
    this.counts = new RecentGrowth(nowMs, 0)
  }

  of(nowMs: number, { sum, count }: { readonly sum: number; readonly count: number }): number {
    return this.sums.look(nowMs, sum).growth / this.counts.look(nowMs, count).growth
  }
}
