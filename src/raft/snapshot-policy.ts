export interface SnapshotLimits {
  /** metadata.log.max.record.bytes.between.snapshots */
  readonly maxBytesBetween: number
  /** metadata.log.max.snapshot.interval.ms; 0: never by age. */
  readonly maxIntervalMs: number
}

/** When a snapshot is due (Kafka's SnapshotGenerator): so many bytes committed, or so long ago and anything committed at all. */
export class SnapshotPolicy {
  readonly #limits: SnapshotLimits
  #bytes = 0
  #since: number

  constructor(limits: SnapshotLimits, now: number) {
    this.#limits = limits
    this.#since = now
  }

  committed(bytes: number): void {
    this.#bytes += bytes
  }

  /** Asked once after commits; a reason given counts as taken. */
  due(now: number): 'bytes' | 'age' | undefined {
    const { maxBytesBetween, maxIntervalMs } = this.#limits
    if (this.#bytes >= maxBytesBetween) return this.#take('bytes', now)
    if (maxIntervalMs > 0 && this.#bytes > 0 && now - this.#since >= maxIntervalMs) return this.#take('age', now)
    return undefined
  }

  /** A snapshot was loaded: counting starts anew. */
  reset(now: number): void {
    this.#bytes = 0
    this.#since = now
  }

  #take(reason: 'bytes' | 'age', now: number): 'bytes' | 'age' {
    this.reset(now)
    return reason
  }
}
