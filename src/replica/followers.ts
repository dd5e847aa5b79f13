/** What the leader knows of one follower. Offsets are exclusive ends; times are monotonic milliseconds. */
interface Follower {
  endOffset: number
  logStartOffset: number
  /** Broker epoch that its last fetch named; -1: none yet, or a version that names none (KIP-903). */
  brokerEpoch: number
  /** When it last held all that the leader had at the time. */
  caughtUpAt: number
  lastFetchAt: number
  /** The leader's log end at its last fetch. */
  leaderEndAtLastFetch: number
}

const UNKNOWN = -1

/** The other replicas of a partition as its leader sees them: how far they have come, and since when they are up to date (Partition, Replica). */
export class Followers {
  readonly #followers = new Map<number, Follower>()

  /** A new term: those in sync count as up to date until they are found lagging. */
  begin(replicas: readonly number[], isr: readonly number[], selfId: number, nowMs: number): void {
    this.#followers.clear()
    this.assign(replicas, selfId)
    for (const [id, follower] of this.#followers) if (isr.includes(id)) follower.caughtUpAt = nowMs
  }

  /** The replicas have changed within the term. */
  assign(replicas: readonly number[], selfId: number): void {
    for (const id of this.#followers.keys()) if (!replicas.includes(id)) this.#followers.delete(id)
    for (const id of replicas) {
      if (id !== selfId && !this.#followers.has(id)) {
        this.#followers.set(id, {
          ...{ endOffset: UNKNOWN, logStartOffset: UNKNOWN, brokerEpoch: UNKNOWN },
          ...{ caughtUpAt: Number.NEGATIVE_INFINITY, lastFetchAt: Number.NEGATIVE_INFINITY, leaderEndAtLastFetch: 0 },
        })
      }
    }
  }

  /**
   * A follower fetched from `offset`: it holds everything below. It was up to date now when it holds what the leader has, and at its last
   * fetch when it holds what the leader had then. False: it is no replica, or an earlier incarnation of it speaks (KIP-903).
   */
  fetched(
    id: number,
    fetch: { readonly offset: number; readonly logStartOffset: number; readonly brokerEpoch: number },
    leaderEnd: number,
    nowMs: number,
  ): boolean {
    const follower = this.#followers.get(id)
    if (follower === undefined || (fetch.brokerEpoch !== UNKNOWN && fetch.brokerEpoch < follower.brokerEpoch)) return false
    if (fetch.offset >= leaderEnd) follower.caughtUpAt = Math.max(follower.caughtUpAt, nowMs)
    else if (fetch.offset >= follower.leaderEndAtLastFetch) follower.caughtUpAt = Math.max(follower.caughtUpAt, follower.lastFetchAt)
    follower.endOffset = fetch.offset
    follower.logStartOffset = fetch.logStartOffset
    if (fetch.brokerEpoch !== UNKNOWN) follower.brokerEpoch = fetch.brokerEpoch
    follower.lastFetchAt = nowMs
    follower.leaderEndAtLastFetch = leaderEnd
    return true
  }

  /** Exclusive end of what it is known to hold; -1: it has not fetched in this term. */
  endOffset(id: number): number {
    return this.#followers.get(id)?.endOffset ?? UNKNOWN
  }

  logStartOffset(id: number): number {
    return this.#followers.get(id)?.logStartOffset ?? UNKNOWN
  }

  brokerEpoch(id: number): number {
    return this.#followers.get(id)?.brokerEpoch ?? UNKNOWN
  }

  /** It holds all that the leader has, or did so within the last `lagMaxMs` (replica.lag.time.max.ms). */
  isCaughtUp(id: number, leaderEnd: number, nowMs: number, lagMaxMs: number): boolean {
    const follower = this.#followers.get(id)
    return follower !== undefined && (follower.endOffset === leaderEnd || nowMs - follower.caughtUpAt <= lagMaxMs)
  }

  /** The lowest log start of the replicas that count, with the leader's own; -1: one of them has not said its own. */
  lowWatermark(ownLogStart: number, counts: (id: number) => boolean): number {
    let lowest = ownLogStart
    for (const [id, { logStartOffset }] of this.#followers) if (counts(id)) lowest = Math.min(lowest, logStartOffset)
    return lowest
  }

  /** How long ago it held all that the leader had. */
  sinceCaughtUpMs(id: number, nowMs: number): number {
    return nowMs - (this.#followers.get(id)?.caughtUpAt ?? Number.NEGATIVE_INFINITY)
  }

  get count(): number {
    return this.#followers.size
  }
  ids(): Iterable<number> {
    return this.#followers.keys()
  }
}
