import type { Clock } from '../../host/index.ts'

/**
 * A question whose answer may take long, asked beside the rounds: at most one is under way, and the last answer stands in while it is not too
 * old. A round waits for it for a while, unless it let one wait before.
 */
export class SlowQuestion<T> {
  readonly #clock: Clock
  readonly #everyMs: number
  readonly #ask: () => Promise<T>
  readonly #onFailure: (error: unknown) => void
  #value: T | null = null
  #askedMs = Number.NEGATIVE_INFINITY
  #answeredMs = Number.NEGATIVE_INFINITY
  #pending: Promise<void> | undefined
  #isSlow = false

  constructor(clock: Clock, everyMs: number, ask: () => Promise<T>, onFailure: (error: unknown) => void) {
    this.#clock = clock
    this.#everyMs = everyMs
    this.#ask = ask
    this.#onFailure = onFailure
  }

  /** The answer, no older than `ageMs` beyond what it is asked for; null when there is none. */
  async answer(patienceMs: number, ageMs: number): Promise<T | null> {
    const now = this.#clock.monotonic()
    if (this.#pending === undefined && now - this.#askedMs >= this.#everyMs) {
      this.#askedMs = now
      this.#pending = this.#settle().finally(() => (this.#pending = undefined))
    }
    if (this.#pending !== undefined && !this.#isSlow) await this.#wait(this.#pending, patienceMs)
    return this.#clock.monotonic() - this.#answeredMs > this.#everyMs + ageMs ? null : this.#value
  }

  async #settle(): Promise<void> {
    try {
      this.#value = await this.#ask()
      this.#answeredMs = this.#clock.monotonic()
      this.#isSlow = false
    } catch (error) {
      this.#onFailure(error)
    }
  }

  #wait(pending: Promise<void>, patienceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.after(patienceMs, () => {
        this.#isSlow = true
        resolve()
      })
      void pending.then(() => {
        timer.cancel()
        resolve()
      })
    })
  }
}
