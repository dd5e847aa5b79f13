/** Bytes a second of each broker. */
const START_RATE = 50_000_000
const RATE_MIN = 1_000_000
const RATE_MAX = 2_000_000_000
/** How long a rate is looked at before the next. */
const STEP_MS = 10_000

export interface MoveSigns {
  readonly nowMs: number
  /** Copied since the moves began. */
  readonly bytesMoved: number
  /** Brokers that receive at this moment. */
  readonly receiverCount: number
  /** Partitions that lack a replica in sync and are not being moved themselves. */
  readonly suffering: number
}

/**
 * Finds the rate at which moves do not hurt: it grows while the moves use what they have and nobody else falls behind, and is cut as soon as
 * somebody does. It also grows when nothing gets on: below the rate at which records come in, a new replica never catches up.
 */
export class AutoThrottle {
  rate = START_RATE
  #last: MoveSigns | undefined
  /** As many as there were before the moves are not their doing. */
  #sufferingBefore: number | undefined

  /** The rate to be set from now on; undefined: it stays. */
  next(signs: MoveSigns): number | undefined {
    this.#sufferingBefore ??= signs.suffering
    const last = (this.#last ??= signs)
    const hurts = signs.suffering > Math.max(this.#sufferingBefore, last.suffering)
    const elapsedMs = signs.nowMs - last.nowMs
    if (elapsedMs < STEP_MS && !hurts) return undefined
    this.#last = signs
    const used = ((signs.bytesMoved - last.bytesMoved) * 1000) / Math.max(1, elapsedMs) / Math.max(1, signs.receiverCount)
    const factor = hurts ? 0.5 : signs.suffering > this.#sufferingBefore ? 1 : used >= 0.7 * this.rate || used <= 0 ? 1.5 : 1
    const rate = Math.round(Math.min(RATE_MAX, Math.max(RATE_MIN, this.rate * factor)))
    if (rate === this.rate) return undefined
    this.rate = rate
    return rate
  }
}
