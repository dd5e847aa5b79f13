/** Consecutive records of a plan: when each was to be sent, and when they really were handed over. Milliseconds of the monotonic clock. */
export interface Run {
  readonly firstMs: number
  readonly stepMs: number
  readonly takenMs: number
  readonly count: number
  /** Sent before what is measured begins. */
  readonly isWarmUp: boolean
}

export interface PaceOptions {
  /** Infinite: as fast as possible. */
  readonly perSecond: number
  /** Records that are sent at all, the warm-up included; may be infinite. */
  readonly countMax: number
  /** Milliseconds after which none is to be sent any more; may be infinite. */
  readonly durationMs: number
  readonly warmUpRecords: number
  readonly warmUpMs: number
}

/**
 * The plan of an open loop: record i is to be sent i/rate after the start, whether or not those before were answered. Latency counts from
 * that moment, so a cluster that stops for a second is charged for every record that would have been sent meanwhile. Without a rate a record
 * is due when there is room for it.
 */
export class Pace {
  readonly startMs: number
  /** Records handed over so far. */
  taken = 0
  readonly #options: PaceOptions
  /** Of an open loop: how many in all, and how many of them to warm up. */
  readonly #countMax: number
  readonly #warmUpRecords: number

  constructor(options: PaceOptions, startMs: number) {
    this.#options = options
    this.startMs = startMs
    const { perSecond, countMax, durationMs, warmUpRecords, warmUpMs } = options
    const planned = (ms: number): number => (this.isOpen && ms < Number.POSITIVE_INFINITY ? Math.ceil((ms * perSecond) / 1000 - 1e-9) : 0)
    this.#countMax = this.isOpen && durationMs < Number.POSITIVE_INFINITY ? Math.min(countMax, planned(durationMs)) : countMax
    this.#warmUpRecords = Math.max(warmUpRecords, planned(warmUpMs))
  }

  get isOpen(): boolean {
    return this.#options.perSecond !== Number.POSITIVE_INFINITY
  }

  /** How many more are to be sent by now; never across the end of the warm-up. */
  due(nowMs: number): number {
    const { perSecond } = this.#options
    const soFar = this.isOpen ? Math.floor(((nowMs - this.startMs) * perSecond) / 1000 + 1e-9) + 1 : Number.POSITIVE_INFINITY
    const bound = this.taken < this.#warmUpRecords ? Math.min(this.#warmUpRecords, this.#countMax) : this.#countMax
    return Math.max(0, Math.min(soFar, bound) - this.taken)
  }

  /** All was handed over, or the time is up. What an open loop planned is sent, however late. */
  isOver(nowMs: number): boolean {
    return this.taken >= this.#countMax || (!this.isOpen && nowMs - this.startMs >= this.#options.durationMs)
  }

  /** Milliseconds until the next one is to be sent. */
  waitMs(nowMs: number): number {
    return this.isOpen ? Math.max(0, this.#intendedMs(this.taken) - nowMs) : 0
  }

  /** When the next one is to be sent. */
  nextMs(nowMs: number): number {
    return this.isOpen ? this.#intendedMs(this.taken) : nowMs
  }

  /** Whether the next record belongs to the warm-up. */
  isWarmUp(nowMs: number): boolean {
    return this.taken < this.#warmUpRecords || (!this.isOpen && nowMs - this.startMs < this.#options.warmUpMs)
  }

  /** Hands over the next `count`. */
  take(count: number, nowMs: number): Run {
    const isWarmUp = this.isWarmUp(nowMs)
    const firstMs = this.isOpen ? this.#intendedMs(this.taken) : nowMs
    this.taken += count
    return { firstMs, stepMs: this.isOpen ? 1000 / this.#options.perSecond : 0, takenMs: nowMs, count, isWarmUp }
  }

  #intendedMs(index: number): number {
    return this.startMs + (index * 1000) / this.#options.perSecond
  }
}
