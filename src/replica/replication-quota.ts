import type { Partition } from './partition.ts'

/** `replication.quota.window.num` and `.size.seconds`, or those of moves between log directories. */
export interface QuotaWindow {
  readonly count: number
  readonly sizeMs: number
}

interface Sample {
  startMs: number
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
 * How fast replication goes, and whether that is too fast. Measured as Kafka's SimpleRate over a SampledStat does, number by number: over the
 * samples that are not too old, but over one window at least, so that a first burst is no violation in itself. What is transferred is
 * recorded whatever the limit says; who transfers asks before the next time (ReplicationQuotaManager).
 */
export class ReplicationQuota {
  readonly #options: ReplicationQuotaOptions
  /** A ring. One more than are looked at: the oldest overlaps the time that counts. */
  readonly #samples: Sample[] = []
  #current = 0

  constructor(options: ReplicationQuotaOptions) {
    this.#options = options
  }

  record(bytes: number): void {
    const nowMs = this.#options.monotonic()
    const { sizeMs, count } = this.#options.window
    let sample = this.#samples[this.#current]
    if (sample !== undefined && nowMs - sample.startMs >= sizeMs) {
      this.#current = (this.#current + 1) % (count + 1)
      sample = this.#samples[this.#current]
      if (sample !== undefined) clear(sample, nowMs)
    }
    if (sample === undefined) this.#samples.push((sample = { startMs: nowMs, lastMs: nowMs, bytes: 0 }))
    sample.bytes += bytes
    sample.lastMs = nowMs
  }

  get bytesPerSecond(): number {
    const { bytes, spanMs } = this.#look(this.#options.monotonic())
    return (bytes * 1000) / spanMs
  }

  get isExceeded(): boolean {
    return this.bytesPerSecond > this.#options.limit()
  }

  /** How long until the rate is back at its limit when nothing more is transferred, or all is forgotten; 0: it is not above. */
  get excessMs(): number {
    const nowMs = this.#options.monotonic()
    const { bytes, startMs, spanMs, lastMs } = this.#look(nowMs)
    const limit = this.#options.limit()
    if ((bytes * 1000) / spanMs <= limit) return 0
    const { sizeMs, count } = this.#options.window
    const expiryMs = lastMs + sizeMs * count - nowMs
    return Math.max(1, Math.min(expiryMs, (bytes * 1000) / limit - (nowMs - startMs)))
  }

  #look(nowMs: number): { bytes: number; startMs: number; spanMs: number; lastMs: number } {
    const { sizeMs, count } = this.#options.window
    let bytes = 0
    let startMs = nowMs
    let lastMs = nowMs - sizeMs * count
    for (const sample of this.#samples) {
      if (nowMs - sample.lastMs >= sizeMs * count) clear(sample, nowMs)
      bytes += sample.bytes
      startMs = Math.min(startMs, sample.startMs)
      if (sample.bytes > 0) lastMs = Math.max(lastMs, sample.lastMs)
    }
    return { bytes, startMs, spanMs: Math.max(nowMs - startMs, sizeMs), lastMs }
  }
}

const clear = (sample: Sample, nowMs: number): void => {
  sample.startMs = nowMs
  sample.lastMs = nowMs
  sample.bytes = 0
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
