import type { Deadline, DeadlineWheel } from '../base/index.ts'
import type { Clock, Timer } from '../host/index.ts'
import type { TimerChange } from './types.ts'

/** Below this a timer of its own is worth its cost; above it (sessions) a tick of the wheel more or less does not matter. */
const PRECISE_BELOW_MS = 5000

interface Entry<E> {
  event: E
  readonly deadline: Deadline
  precise: Timer | undefined
}

/**
 * The timers of one ledger, by key. Moving one later (a session on every heartbeat) costs a map lookup and a field: see DeadlineWheel.
 */
export class LedgerTimers<E> {
  #clock: Clock
  #wheel: DeadlineWheel
  #onDue: (key: string, event: E) => void
  #entries = new Map<string, Entry<E>>()

  constructor(clock: Clock, wheel: DeadlineWheel, onDue: (key: string, event: E) => void) {
    this.#clock = clock
    this.#wheel = wheel
    this.#onDue = onDue
  }

  get count(): number {
    return this.#entries.size
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  apply(changes: readonly TimerChange<E>[]): void {
    for (const change of changes) {
      if ('cancel' in change) this.cancel(change.key)
      else this.set(change.key, change.delayMs, change.event)
    }
  }

  set(key: string, delayMs: number, event: E): void {
    let entry = this.#entries.get(key)
    if (entry === undefined) {
      entry = { event, deadline: this.#wheel.deadline(() => this.#due(key)), precise: undefined }
      this.#entries.set(key, entry)
    }
    entry.event = event
    entry.precise?.cancel()
    entry.precise = undefined
    if (delayMs < PRECISE_BELOW_MS) {
      entry.deadline.clear()
      entry.precise = this.#clock.after(Math.max(0, delayMs), () => this.#due(key))
    } else entry.deadline.set(delayMs)
  }

  cancel(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    entry.deadline.clear()
    entry.precise?.cancel()
  }

  clear(): void {
    for (const key of [...this.#entries.keys()]) this.cancel(key)
  }

  #due(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#onDue(key, entry.event)
  }
}
