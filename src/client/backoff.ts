import type { Random } from '../host/index.ts'

/** Exponential back-off with jitter, as Kafka's: doubles from `initialMs` to `maxMs`, each time ± 20 %. */
export class Backoff {
  #initialMs: number
  #maxMs: number
  #random: Random
  constructor(initialMs: number, maxMs: number, random: Random) {
    this.#initialMs = Math.min(initialMs, maxMs)
    this.#maxMs = maxMs
    this.#random = random
  }

  /** Milliseconds to wait before attempt `attempts` + 1, that is after `attempts` failures (0: the first wait). */
  delayMs(attempts: number): number {
    if (this.#initialMs <= 0) return 0
    const termMs = Math.min(this.#initialMs * 2 ** Math.min(attempts, 40), this.#maxMs)
    const jitter = this.#initialMs >= this.#maxMs ? 1 : 0.8 + 0.4 * this.#random.fraction()
    return Math.min(termMs * jitter, this.#maxMs)
  }
}
