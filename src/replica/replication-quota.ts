import type { Partition } from './partition.ts'

/** `replication.quota.window.num` and `.size.seconds`, or those of moves between log directories. */
export interface QuotaWindow {
  readonly count: number
  readonly sizeMs: number
}

interface Sample {
  readonly startMs: number
  lastMs: number
  bytes: number
}

export interface ReplicationQuotaOptions {
  /** Milliseconds that never go back. */
  monotonic(): number
  readonly window: QuotaWindow
  /** Bytes a second; asked for at every look, so that a change takes effect at once. */
  limit(): number
}

/**
 * How fast replication goes, and whether that is too fast. Measured as Kafka's SimpleRate over a SampledStat does: over the samples that are
 * not too old, but over one window at least, so that a first burst is no violation in itself. What is transferred is recorded whatever
 * the limit says; who transfers asks before the next time (ReplicationQuotaManager).
 */
export class ReplicationQuota {
  readonly #options: ReplicationQuotaOptions
  readonly #samples: Sample[] = []

  constructor(options: ReplicationQuotaOptions) {
    this.#options = options
  }

  record(bytes: number): void {
    const nowMs = this.#options.monotonic()
    const { sizeMs, count } = this.#options.window
    this.#dropOld(nowMs)
    const last = this.#samples.at(-1)
    if (last === undefined || nowMs - last.startMs >= sizeMs) {
      // One more than are looked at: the oldest overlaps the time that counts.
      if (this.#samples.length > count) this.#samples.shift()
      this.#samples.push({ startMs: nowMs, lastMs: nowMs, bytes })
    } else {
      last.lastMs = nowMs
      last.bytes += bytes
    }
  }

  get bytesPerSecond(): number {
    const nowMs = this.#options.monotonic()
    this.#dropOld(nowMs)
    return (this.#bytes * 1000) / this.#spanMs(nowMs)
  }

  get isExceeded(): boolean {
    return this.bytesPerSecond > this.#options.limit()
  }

  /** How long until the rate is back at its limit when nothing more is transferred; 0: it is not above. */
  get excessMs(): number {
    const { bytesPerSecond } = this
    const limit = this.#options.limit()
    if (bytesPerSecond <= limit) return 0
    const nowMs = this.#options.monotonic()
    const { sizeMs, count } = this.#options.window
    const expiryMs = this.#samples.at(-1)!.lastMs + sizeMs * count - nowMs
    return Math.max(1, Math.min(expiryMs, (this.#bytes * 1000) / limit - (nowMs - this.#samples[0]!.startMs)))
  }

  get #bytes(): number {
    let bytes = 0
    for (const sample of this.#samples) bytes += sample.bytes
    return bytes
  }

  #spanMs(nowMs: number): number {
    return Math.max(nowMs - (this.#samples[0]?.startMs ?? nowMs), this.#options.window.sizeMs)
  }

  #dropOld(nowMs: number): void {
    const { sizeMs, count } = this.#options.window
    while (this.#samples.length > 0 && nowMs - this.#samples[0]!.lastMs >= sizeMs * count) this.#samples.shift()
  }
}

/** A list as leader.replication.throttled.replicas has it. */
type ThrottledReplicas = readonly string[]

/**
 * Replication in one direction, of the replicas that the settings of their topics name. Followers in sync are never held up, or they would
 * fall out of sync and come back in turns; their bytes count all the same (KIP-73).
 */
export class ReplicationThrottle {
  readonly quota: ReplicationQuota
  readonly #nodeId: number
  readonly #listOf: (partition: Partition) => ThrottledReplicas
  /** Lists are read once: a changed setting is another list. */
  readonly #read = new WeakMap<ThrottledReplicas, ReadonlySet<number> | 'all'>()

  constructor(nodeId: number, side: 'leader' | 'follower', quota: ReplicationQuota) {
    this.#nodeId = nodeId
    this.quota = quota
    this.#listOf =
      side === 'leader'
        ? ({ log }) => log.config.leaderReplicationThrottledReplicas
        : ({ log }) => log.config.followerReplicationThrottledReplicas
  }

  isThrottled(partition: Partition): boolean {
    const list = this.#listOf(partition)
    if (list.length === 0) return false
    let read = this.#read.get(list)
    if (read === undefined) this.#read.set(list, (read = throttledHere(list, this.#nodeId)))
    return read === 'all' || read.has(partition.index)
  }

  /** Of records of this partition. */
  record(partition: Partition, bytes: number): void {
    if (bytes > 0 && this.isThrottled(partition)) this.quota.record(bytes)
  }
}

/** The partitions of a topic whose replica on this broker is named: `*`, or `partition:broker` for each. */
export const throttledHere = (list: ThrottledReplicas, nodeId: number): ReadonlySet<number> | 'all' => {
  if (list.length === 1 && list[0]!.trim() === '*') return 'all'
  const here = list.map((entry) => entry.split(':').map(Number)).filter(([, broker]) => broker === nodeId)
  return new Set(here.map(([partition]) => partition!))
}
