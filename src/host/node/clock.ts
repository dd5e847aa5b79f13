import type { Clock, Timer } from '../clock.ts'

/** The longest delay one platform timer takes; beyond it Node fires at once. */
const delayMsMax = 2 ** 31 - 1

class LongTimer implements Timer {
  #handle: NodeJS.Timeout | undefined
  #deadlineMs: number
  #callback: () => void

  constructor(delayMs: number, callback: () => void) {
    this.#deadlineMs = performance.now() + delayMs
    this.#callback = callback
    this.#arm(delayMs)
  }

  cancel(): void {
    clearTimeout(this.#handle)
    this.#handle = undefined
  }

  #arm(delayMs: number): void {
    this.#handle = setTimeout(() => this.#due(), Math.min(delayMs, delayMsMax))
  }

  #due(): void {
    const restMs = this.#deadlineMs - performance.now()
    if (restMs > 1) this.#arm(restMs)
    else this.#callback()
  }
}

class ShortTimer implements Timer {
  #handle: NodeJS.Timeout
  constructor(delayMs: number, callback: () => void) {
    this.#handle = setTimeout(callback, Math.max(0, delayMs))
  }

  cancel(): void {
    clearTimeout(this.#handle)
  }
}

export const nodeClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, callback) => (delayMs > delayMsMax ? new LongTimer(delayMs, callback) : new ShortTimer(delayMs, callback)),
  defer: (callback) => {
    setImmediate(callback)
  },
}
