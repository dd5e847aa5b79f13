import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js'
import type { Run } from './pace.ts'

/** Of what was measured; milliseconds. */
export interface LatencySummary {
  readonly count: number
  readonly avgMs: number
  readonly stdDevMs: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
}

const US = 1000
/** Three digits hold from a microsecond to an hour; what takes longer counts as an hour. */
const HIGHEST_US = 3_600_000_000

/** Latencies with three significant digits, from a microsecond on. */
export class Latencies {
  readonly #histogram: Histogram
  #sumMs = 0

  constructor(histogram: Histogram = newHistogram()) {
    this.#histogram = histogram
    this.#sumMs = (histogram.mean * histogram.totalCount) / US
  }

  static decode(text: string): Latencies {
    return new Latencies(decodeFromCompressedBase64(text, 64))
  }

  get count(): number {
    return this.#histogram.totalCount
  }

  get maxMs(): number {
    return this.#histogram.maxValue / US
  }

  add(latencyMs: number, count = 1): void {
    this.#sumMs += Math.max(0, latencyMs) * count
    this.#histogram.recordValueWithCount(clampedUs(latencyMs), count)
  }

  /** Records of a run that were all answered at once: each from the time it was to be sent. */
  addRun({ firstMs, stepMs, count }: Run, answeredMs: number): void {
    if (stepMs === 0) {
      this.add(answeredMs - firstMs, count)
      return
    }
    for (let index = 0; index < count; index++) this.add(answeredMs - firstMs - index * stepMs)
  }

  merge(other: Latencies): void {
    this.#sumMs += other.#sumMs
    this.#histogram.add(other.#histogram)
  }

  reset(): void {
    this.#sumMs = 0
    this.#histogram.reset()
  }

  /** `percent` from 0 to 100. */
  atMs(percent: number): number {
    return this.count === 0 ? 0 : Math.min(this.#histogram.getValueAtPercentile(percent), this.#histogram.maxValue) / US
  }

  summary(): LatencySummary {
    const { count } = this
    return {
      count,
      avgMs: count === 0 ? 0 : rounded(this.#sumMs / count),
      stdDevMs: count === 0 ? 0 : rounded(this.#histogram.stdDeviation / US),
      p50Ms: this.atMs(50),
      p95Ms: this.atMs(95),
      p99Ms: this.atMs(99),
      p999Ms: this.atMs(99.9),
      maxMs: this.maxMs,
    }
  }

  /** As other readers of HDR histograms take it too: V2, compressed, base64; microseconds. */
  encode(): string {
    return encodeIntoCompressedBase64(this.#histogram)
  }
}

function newHistogram(): Histogram {
  return build({ lowestDiscernibleValue: 1, highestTrackableValue: HIGHEST_US, numberOfSignificantValueDigits: 3, bitBucketSize: 64 })
}

const clampedUs = (latencyMs: number): number => Math.min(HIGHEST_US, Math.max(0, Math.round(latencyMs * US)))
const rounded = (ms: number): number => Math.round(ms * US) / US
