import type { Fetch } from './messages.ts'

export interface ParkedFetch {
  readonly correlation: number
  readonly fetch: Fetch
  readonly deadline: number
}

/** One per replica is usual; far more than any cluster has. */
const parkedMax = 10_000

/** Fetches that wait for something new. */
export class ParkedFetches {
  #parked: ParkedFetch[] = []
  #nextDeadline = Number.POSITIVE_INFINITY

  /** Infinity when nothing waits. */
  get nextDeadline(): number {
    return this.#nextDeadline
  }

  /** Gives the one that must be answered now because too many wait. */
  add(parked: ParkedFetch): ParkedFetch | undefined {
    this.#parked.push(parked)
    const displaced = this.#parked.length > parkedMax ? this.#parked.shift() : undefined
    this.#nextDeadline = Math.min(this.#nextDeadline, parked.deadline)
    return displaced
  }

  takeAll(): ParkedFetch[] {
    const taken = this.#parked
    if (taken.length > 0) this.#parked = []
    this.#nextDeadline = Number.POSITIVE_INFINITY
    return taken
  }
}
