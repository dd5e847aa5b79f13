/**
 * Bucket widths grow with the value: up to 16 exact, then 16 buckets for each power of two, so a quantile is at most 1/16 too high or low.
 *
 *     value    0 1 … 15 | 16 17 … 31 | 32 34 … 62 | 64 68 … 124 | …
 *     bucket   0 1 … 15 | 16 17 … 31 | 32 33 … 47 | 48 49 …  63 | … 447
 */
const BUCKETS = 448
const GREATEST = 2 ** 31 - 1

/** Half of the time that quantiles look back, as long as Kafka's decaying samples weigh much. */
const WINDOW_MS = 150_000

/** The quantiles that Kafka's histograms report. */
export const quantiles: readonly number[] = [0.5, 0.75, 0.95, 0.98, 0.99, 0.999]

/**
 * A distribution of recent values: quantiles over the last two windows, count and sum over all time. Recording is an increment. Memory is taken
 * with the first value.
 */
export class Histogram {
  count = 0
  sum = 0
  private readonly scale: number
  private current: Uint32Array | undefined
  private previous: Uint32Array | undefined
  private turnedMs = Number.NEGATIVE_INFINITY

  /** `scale`: steps per unit, such as 1000 for milliseconds with three decimals. Values up to 2^31 / scale are told apart. */
  constructor(scale = 1) {
    this.scale = scale
  }

  record(value: number): void {
    this.count++
    this.sum += value
    this.current ??= new Uint32Array(BUCKETS)
    this.current[bucketOf(value * this.scale)]!++
  }

  /** Forgets what is older than two windows. Called before reading; without readers nothing is forgotten and nothing grows. */
  turn(nowMs: number): void {
    if (nowMs - this.turnedMs < WINDOW_MS) return
    const isStale = nowMs - this.turnedMs >= 2 * WINDOW_MS && this.turnedMs !== Number.NEGATIVE_INFINITY
    const spare = this.previous
    this.previous = isStale ? undefined : this.current
    this.current = isStale ? undefined : spare?.fill(0)
    this.turnedMs = nowMs
  }

  /** The value below which the share `q` of the recent values lies; 0 without values. */
  quantile(q: number): number {
    const { current, previous } = this
    let total = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) total += (current?.[bucket] ?? 0) + (previous?.[bucket] ?? 0)
    let left = Math.max(1, Math.ceil(q * total))
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= (current?.[bucket] ?? 0) + (previous?.[bucket] ?? 0)
      if (left <= 0) return middleOf(bucket) / this.scale
    }
    return 0
  }
}

function bucketOf(steps: number): number {
  const value = steps >= GREATEST ? GREATEST : steps > 0 ? Math.round(steps) : 0
  if (value < 16) return value
  const exponent = 31 - Math.clz32(value)
  return ((exponent - 3) << 4) + ((value >> (exponent - 4)) & 15)
}

function middleOf(bucket: number): number {
  if (bucket < 16) return bucket
  const width = 2 ** ((bucket >> 4) - 1)
  return (16 + (bucket & 15)) * width + (width - 1) / 2
}
