import { javaNumber } from '../java/number-text.ts'

const SAMPLES_MAX = 500_000
const MIB = 1024 * 1024

/** What kafka-producer-perf-test tells of records as they are acknowledged: a line each interval, and one in the end. */
export class ProducerStatistics {
  readonly #options: {
    readonly intervalMs: number
    readonly isSteadyState: boolean
    readonly now: () => number
    readonly out: (line: string) => void
  }
  readonly #startMs: number
  readonly #latencies: Int32Array
  /** Every how many records one latency is kept. */
  readonly #sampling: number
  #kept = 0
  #count = 0
  #bytes = 0
  #maxMs = 0
  #totalMs = 0
  #windowStartMs: number
  #windowCount = 0
  #windowBytes = 0
  #windowMaxMs = 0
  #windowTotalMs = 0
  #isSilent = false

  constructor(
    numRecords: number,
    options: {
      readonly intervalMs: number
      readonly isSteadyState: boolean
      readonly now: () => number
      readonly out: (line: string) => void
    },
  ) {
    this.#options = options
    this.#startMs = this.#windowStartMs = options.now()
    this.#sampling = Math.floor(numRecords / Math.min(numRecords, SAMPLES_MAX))
    this.#latencies = new Int32Array(Math.floor(numRecords / this.#sampling) + 1)
  }

  /** Records that were acknowledged. */
  get count(): number {
    return this.#count
  }

  /** Somebody else tells the rest. */
  silence(): void {
    this.#isSilent = true
  }

  record(latencyMs: number, bytes: number, nowMs: number): void {
    if (this.#count % this.#sampling === 0) this.#latencies[this.#kept++] = latencyMs
    this.#count++
    this.#bytes += bytes
    this.#totalMs += latencyMs
    this.#maxMs = Math.max(this.#maxMs, latencyMs)
    this.#windowCount++
    this.#windowBytes += bytes
    this.#windowTotalMs += latencyMs
    this.#windowMaxMs = Math.max(this.#windowMaxMs, latencyMs)
    if (nowMs - this.#windowStartMs >= this.#options.intervalMs) this.#endWindow()
  }

  #endWindow(): void {
    const { isSteadyState, out, now } = this.#options
    if (isSteadyState && this.#count === this.#windowCount) out('In steady state.\n')
    if (!this.#isSilent) {
      const seconds = (now() - this.#windowStartMs) / 1000
      const rates = `${javaNumber(this.#windowCount / seconds, 1)} records/sec (${javaNumber(this.#windowBytes / seconds / MIB, 2)} MB/sec)`
      const averageMs = javaNumber(this.#windowTotalMs / this.#windowCount, 1)
      out(`${this.#windowCount} records sent, ${rates}, ${averageMs} ms avg latency, ${javaNumber(this.#windowMaxMs, 1)} ms max latency.\n`)
    }
    this.#windowStartMs = now()
    this.#windowCount = this.#windowBytes = this.#windowMaxMs = this.#windowTotalMs = 0
  }

  total(): string {
    const { isSteadyState, now } = this.#options
    const seconds = (now() - this.#startMs) / 1000
    const size = Math.min(this.#kept, this.#latencies.length)
    const sorted = this.#latencies.subarray(0, size).toSorted()
    const at = (part: number): number => sorted[Math.trunc(part * size)] ?? 0
    const rates = `${javaNumber(this.#count / seconds, 6)} records/sec (${javaNumber(this.#bytes / seconds / MIB, 2)} MB/sec)`
    const latencies = `${javaNumber(this.#totalMs / this.#count, 2)} ms avg latency, ${javaNumber(this.#maxMs, 2)} ms max latency`
    const marks = `${at(0.5)} ms 50th, ${at(0.95)} ms 95th, ${at(0.99)} ms 99th, ${at(0.999)} ms 99.9th.`
    return `${this.#count}${isSteadyState ? ' steady state' : ''} records sent, ${rates}, ${latencies}, ${marks}\n`
  }
}
