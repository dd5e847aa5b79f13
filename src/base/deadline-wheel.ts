import { assert } from './assert.ts'

/** What the wheel needs of a clock; every host clock fits. */
export interface WheelClock {
  monotonic(): number
  after(delayMs: number, callback: () => void): { cancel(): void }
}

/** One deadline, made once and set many times. */
export interface Deadline {
  /** Monotonic milliseconds; Infinity when not set. */
  readonly atMs: number
  /** Calls back once `delayMs` from now, up to one tick late. Setting it again moves it; Infinity clears it. */
  set(delayMs: number): void
  clear(): void
}

/**
 * Many coarse deadlines on one timer: connection idle limits, half frames, request timeouts.
 *
 *   slots   [0] [1] [2] … [n-1]        one per tick, used round and round
 *                │
 *                ├─ entry ─ entry      due in this round or in a later one
 *
 * Setting a deadline later than it was only writes a field: when the slot it still sits in comes up, it moves on.
 * So touching an idle limit on every request costs nothing.
 */
export class DeadlineWheel {
  #clock: WheelClock
  #tickMs: number
  #slots: Set<Entry>[]
  #count = 0
  #lastTick: number
  #timer: { cancel(): void } | undefined

  constructor(clock: WheelClock, tickMs: number, slotCount = 512) {
    assert(tickMs > 0 && slotCount > 1, 'a wheel has ticks and slots')
    this.#clock = clock
    this.#tickMs = tickMs
    this.#slots = Array.from({ length: slotCount }, () => new Set())
    this.#lastTick = this.#tickNow()
  }

  /** Deadlines that are set. The timer runs only while there are some. */
  get count(): number {
    return this.#count
  }

  deadline(callback: () => void): Deadline {
    return new Entry(this, callback)
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    for (const slot of this.#slots) {
      for (const entry of slot) {
        entry.slot = -1
        entry.atMs = Number.POSITIVE_INFINITY
      }
      slot.clear()
    }
    this.#count = 0
  }

  /** @internal */
  place(entry: Entry, delayMs: number): void {
    const atMs = this.#clock.monotonic() + Math.max(0, delayMs)
    const earlier = atMs < entry.atMs
    entry.atMs = atMs
    if (entry.slot >= 0 && !earlier) return
    if (this.#count === 0) this.#lastTick = this.#tickNow()
    this.remove(entry)
    this.#insert(entry)
    this.#count++
    this.#run()
  }

  /** @internal */
  remove(entry: Entry): void {
    if (entry.slot < 0) return
    this.#slots[entry.slot].delete(entry)
    entry.slot = -1
    this.#count--
  }

  #tickNow(): number {
    return Math.floor(this.#clock.monotonic() / this.#tickMs)
  }

  #insert(entry: Entry): void {
    const tick = Math.max(this.#lastTick + 1, Math.ceil(entry.atMs / this.#tickMs))
    entry.slot = tick % this.#slots.length
    this.#slots[entry.slot].add(entry)
  }

  #run(): void {
    this.#timer ??= this.#clock.after(this.#tickMs, () => {
      this.#timer = undefined
      this.#advance()
      if (this.#count > 0) this.#run()
    })
  }

  #advance(): void {
    const now = this.#tickNow()
    const nowMs = this.#clock.monotonic()
    const from = Math.max(this.#lastTick + 1, now - this.#slots.length + 1)
    this.#lastTick = Math.max(now, this.#lastTick)
    for (let tick = from; tick <= now; tick++) {
      // A copy: callbacks set and clear deadlines, of this slot too.
      for (const entry of [...this.#slots[tick % this.#slots.length]]) this.#visit(entry, tick, nowMs)
    }
  }

  #visit(entry: Entry, tick: number, nowMs: number): void {
    if (entry.slot !== tick % this.#slots.length) return
    if (entry.atMs > nowMs) {
      this.#slots[entry.slot].delete(entry)
      this.#insert(entry)
      return
    }
    this.remove(entry)
    entry.atMs = Number.POSITIVE_INFINITY
    entry.callback()
  }
}

class Entry implements Deadline {
  atMs = Number.POSITIVE_INFINITY
  /** Index of the slot it sits in; −1 when not set. */
  slot = -1
  readonly callback: () => void
  #wheel: DeadlineWheel

  constructor(wheel: DeadlineWheel, callback: () => void) {
    this.#wheel = wheel
    this.callback = callback
  }

  set(delayMs: number): void {
    if (delayMs === Number.POSITIVE_INFINITY) this.clear()
    else this.#wheel.place(this, delayMs)
  }

  clear(): void {
    this.atMs = Number.POSITIVE_INFINITY
    this.#wheel.remove(this)
  }
}
