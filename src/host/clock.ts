/** A pending call; cancelling twice, or after it ran, is harmless. */
export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Wall clock, milliseconds since 1970, whole. May jump in either direction; goes into records and metadata only. */
  now(): number
  /** Monotonic milliseconds with a fraction, from an arbitrary start. All durations and deadlines are measured with it. */
  monotonic(): number
  /** Calls back once, `delayMs` monotonic milliseconds from now (0: as soon as the loop is free). Never calls synchronously. */
  after(delayMs: number, callback: () => void): Timer
  /** Calls back in the next turn of the loop, after input that is already waiting: the way to cut long work into slices. */
  defer(callback: () => void): void
}
