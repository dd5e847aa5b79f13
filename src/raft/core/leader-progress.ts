import { assert } from '../../base/index.ts'
import type { ReplicaKey } from '../types.ts'
import type { VoterSet } from '../voter-set.ts'

/** A replica as the leader sees it. Times are monotonic; undefined: never. */
export interface ReplicaProgress {
  key: ReplicaKey
  endOffset: number | undefined
  lastFetchAt: number | undefined
  lastCaughtUpAt: number | undefined
  lastLeaderEndOffset: number
  acknowledged: boolean
}

/** Kafka's LeaderState.OBSERVER_SESSION_TIMEOUT_MS and CHECK_QUORUM_TIMEOUT_FACTOR. */
const observerSessionMs = 300_000
const checkQuorumFactor = 1.5
/** More observers than any cluster has; beyond it the one that was silent longest is forgotten. */
const observersMax = 10_000

const matches = (known: ReplicaKey, asked: ReplicaKey): boolean =>
  known.id === asked.id && (known.directoryId === undefined || known.directoryId === asked.directoryId)

/** Positions of all replicas during one leadership, and what follows from them: the high watermark and whether a majority listens. */
export class LeaderProgress {
  readonly epochStartOffset: number
  readonly grantingIds: readonly number[]
  readonly #self: ReplicaKey
  readonly #selfId: number
  #voters = new Map<number, ReplicaProgress>()
  readonly #observers = new Map<string, ReplicaProgress>()
  readonly #checkQuorumMs: number
  readonly #beginEpochMs: number
  readonly #fetched = new Set<number>()
  #checkQuorumAt: number
  #beginEpochAt: number
  #highWatermark: number | undefined

  constructor(
    self: ReplicaKey,
    voters: VoterSet,
    epochStartOffset: number,
    grantingIds: readonly number[],
    fetchTimeoutMs: number,
    now: number,
  ) {
    this.#self = self
    this.#selfId = self.id
    this.epochStartOffset = epochStartOffset
    this.grantingIds = grantingIds
    this.#checkQuorumMs = fetchTimeoutMs * checkQuorumFactor
    this.#beginEpochMs = fetchTimeoutMs / 2
    this.#checkQuorumAt = now + this.#checkQuorumMs
    this.#beginEpochAt = now
    for (const voter of voters.voters)
      this.#voters.set(voter.id, progressOf({ id: voter.id, directoryId: voter.directoryId }, voter.id === self.id))
  }

  /** The voters are others now, from the moment that the log says so (KIP-853). Positions that are known stay known. */
  setVoters(voters: VoterSet, now: number): void {
    // Nobody had to be heard of before.
    if (this.#isOnlyVoter) this.#checkQuorumAt = now + this.#checkQuorumMs
    const before = this.#voters
    this.#voters = new Map()
    for (const { id, directoryId } of voters.voters) {
      const known = before.get(id)
      const name = nameOf({ id, directoryId })
      const kept = known !== undefined && (known.key.directoryId ?? directoryId) === directoryId ? known : this.#observers.get(name)
      const progress = kept ?? progressOf({ id, directoryId }, id === this.#selfId)
      progress.key = { id, directoryId }
      this.#observers.delete(name)
      if (kept === known) before.delete(id)
      this.#voters.set(id, progress)
    }
    for (const progress of before.values()) this.#observers.set(nameOf(progress.key), progress)
    for (const id of this.#fetched) if (!this.#voters.has(id)) this.#fetched.delete(id)
  }

  /** The observer held the whole log at some time in this leadership, and fetched within `withinMs`. */
  isCaughtUp(key: ReplicaKey, now: number, withinMs: number): boolean {
    const observer = this.#observers.get(nameOf(key))
    return observer?.lastCaughtUpAt !== undefined && observer.lastFetchAt !== undefined && observer.lastFetchAt > now - withinMs
  }

  /** Unknown until an entry of this epoch is on a majority (R8), then never falling (R7). */
  get highWatermark(): number | undefined {
    return this.#highWatermark
  }

  /** The log is durable here up to `endOffset`. True: the high watermark moved. */
  localSynced(endOffset: number): boolean {
    const local = this.#of(this.#self)
    assert(local.endOffset === undefined || local.endOffset <= endOffset, 'the log of a leader only grows')
    local.endOffset = endOffset
    return this.#advance()
  }

  /** A replica asks for what follows `fetchOffset`, so it holds all before. True: the high watermark moved. */
  fetched(replica: ReplicaKey, fetchOffset: number, leaderEndOffset: number, now: number): boolean {
    if (replica.id < 0 || replica.id === this.#selfId) return false
    const progress = this.#of(replica)
    if (fetchOffset >= leaderEndOffset) progress.lastCaughtUpAt = now
    else if (progress.lastLeaderEndOffset > 0 && fetchOffset >= progress.lastLeaderEndOffset) progress.lastCaughtUpAt = progress.lastFetchAt
    progress.lastLeaderEndOffset = leaderEndOffset
    progress.lastFetchAt = now
    progress.endOffset = fetchOffset
    progress.acknowledged = true
    this.heard(replica, now)
    return this.#voters.get(replica.id) === progress && this.#advance()
  }

  /** A replica fetched records or a piece of a snapshot: it follows this leader. */
  heard(replica: ReplicaKey, now: number): void {
    const voter = this.#voters.get(replica.id)
    if (voter === undefined || replica.id === this.#selfId || !matches(voter.key, replica)) return
    this.#fetched.add(replica.id)
    const others = Math.floor(this.#voters.size / 2) + 1 - (this.#voters.has(this.#selfId) ? 1 : 0)
    if (this.#fetched.size < others) return
    this.#fetched.clear()
    this.#checkQuorumAt = now + this.#checkQuorumMs
  }

  /** No majority has fetched for too long: the leader must step down. */
  quorumLostAt(): number {
    return this.#isOnlyVoter ? Number.POSITIVE_INFINITY : this.#checkQuorumAt
  }

  beginEpochAt(): number {
    return this.#isOnlyVoter ? Number.POSITIVE_INFINITY : this.#beginEpochAt
  }

  /** Voters to remind of this epoch; resets the timer. */
  takeSilentVoters(now: number): ReplicaKey[] {
    this.#beginEpochAt = now + this.#beginEpochMs
    const silent: ReplicaKey[] = []
    for (const { key, lastFetchAt } of this.#voters.values()) {
      if (key.id !== this.#selfId && (lastFetchAt === undefined || now - lastFetchAt >= this.#beginEpochMs)) silent.push(key)
    }
    return silent
  }

  acknowledged(voterId: number): void {
    const voter = this.#voters.get(voterId)
    if (voter !== undefined) voter.acknowledged = true
  }

  /** The voters other than the leader, those with the longest log first: whom it proposes when it goes. */
  successors(): ReplicaKey[] {
    return this.#byEndOffset()
      .filter(({ key }) => key.id !== this.#selfId)
      .map(({ key }) => key)
  }

  voters(): readonly ReplicaProgress[] {
    return [...this.#voters.values()]
  }

  observers(now: number): readonly ReplicaProgress[] {
    for (const [name, { key, lastFetchAt }] of this.#observers) {
      // A leader that was removed is shown until it has resigned.
      if (key.id === this.#selfId) continue
      if (lastFetchAt === undefined || now - lastFetchAt >= observerSessionMs) this.#observers.delete(name)
    }
    return [...this.#observers.values()]
  }

  get #isOnlyVoter(): boolean {
    return this.#voters.size === 1 && this.#voters.has(this.#selfId)
  }

  #advance(): boolean {
    const candidate = this.#byEndOffset()[Math.floor(this.#voters.size / 2)]?.endOffset
    if (candidate === undefined || candidate <= this.epochStartOffset) return false
    if (this.#highWatermark !== undefined && candidate <= this.#highWatermark) return false
    this.#highWatermark = candidate
    return true
  }

  #byEndOffset(): ReplicaProgress[] {
    return [...this.#voters.values()].sort((a, b) => (b.endOffset ?? -1) - (a.endOffset ?? -1) || a.key.id - b.key.id)
  }

  #of(replica: ReplicaKey): ReplicaProgress {
    const voter = this.#voters.get(replica.id)
    if (voter !== undefined && matches(voter.key, replica)) return voter
    const name = nameOf(replica)
    let observer = this.#observers.get(name)
    if (observer === undefined) {
      observer = progressOf(replica, false)
      if (this.#observers.size >= observersMax) this.#observers.delete(this.#observers.keys().next().value!)
    } else {
      this.#observers.delete(name)
    }
    this.#observers.set(name, observer)
    return observer
  }
}

const nameOf = ({ id, directoryId }: ReplicaKey): string => `${id}/${directoryId}`

const progressOf = (key: ReplicaKey, acknowledged: boolean): ReplicaProgress => ({
  key,
  endOffset: undefined,
  lastFetchAt: undefined,
  lastCaughtUpAt: undefined,
  lastLeaderEndOffset: -1,
  acknowledged,
})
