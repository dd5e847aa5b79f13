import type { PartitionRegistration } from '../metadata/index.ts'
import { Followers } from './followers.ts'
import { InSyncReplicas, type IsrProposal } from './in-sync-replicas.ts'
import type { ReplicaView } from './replica-selector.ts'

/** What a leader has to know of the cluster around it. */
export interface ReplicationGround {
  /** Milliseconds that never go back. */
  monotonic(): number
  /** replica.lag.time.max.ms */
  readonly lagMaxMs: number
  /** Epoch of a broker that may be in sync: registered, neither fenced nor shutting down. Undefined: it may not. */
  eligibleEpoch(brokerId: number): number | undefined
}

/** Where the leader's log stands. */
export interface LogEnds {
  /** All that was appended. */
  readonly endOffset: number
  /** All that is acknowledged by the disk. */
  readonly acknowledgedOffset: number
  readonly highWatermark: number
}

export interface FollowerFetch {
  readonly replicaId: number
  /** -1: the version of the request has none (KIP-903). */
  readonly brokerEpoch: number
  readonly offset: number
  readonly logStartOffset: number
}

/**
 * The part of a leader in replication: how far its followers are, which of them are in sync, and with that what is replicated.
 *
 * Invariants: the high watermark waits for every replica that may be in the ISR (S3) and never moves while the ISR is below its minimum
 * (KIP-966); a replica joins the ISR only when it holds everything below the high watermark and what the leader had when its epoch began.
 */
export class Leadership {
  readonly #selfId: number
  readonly #ground: ReplicationGround
  readonly followers = new Followers()
  readonly isr = new InSyncReplicas()
  #registration: PartitionRegistration
  /** The log end at which the leader epoch began. */
  readonly epochStart: number

  constructor(selfId: number, ground: ReplicationGround, registration: PartitionRegistration, epochStart: number) {
    this.#selfId = selfId
    this.#ground = ground
    this.#registration = registration
    this.epochStart = epochStart
    this.isr.commit(registration)
    this.followers.begin(registration.replicas, registration.isr, selfId, ground.monotonic())
  }

  /** The same epoch goes on with other replicas, or another ISR. */
  update(registration: PartitionRegistration): void {
    this.#registration = registration
    this.isr.commit(registration)
    this.followers.assign(registration.replicas, this.#selfId)
  }

  /** What every replica holds that may be in sync, or is about to be; as far as that goes beyond the high watermark. */
  replicatedOffset({ acknowledgedOffset, endOffset, highWatermark }: LogEnds, isUnderMinIsr: boolean): number {
    if (isUnderMinIsr) return highWatermark
    let reached = acknowledgedOffset
    if (this.followers.count === 0) return Math.max(reached, highWatermark)
    const now = this.#ground.monotonic()
    for (const id of this.followers.ids()) {
      if (this.isr.mayBeIn(id) || this.#isJoining(id, endOffset, now))
        reached = Math.min(reached, Math.max(0, this.followers.endOffset(id)))
    }
    return Math.max(reached, highWatermark)
  }

  /** False: it is no replica of this partition, or not of this incarnation. */
  fetched({ replicaId, ...fetch }: FollowerFetch, { endOffset }: LogEnds): boolean {
    if (fetch.brokerEpoch !== -1 && fetch.brokerEpoch < (this.#ground.eligibleEpoch(replicaId) ?? -1)) return false
    return this.followers.fetched(replicaId, fetch, endOffset, this.#ground.monotonic())
  }

  /** A follower that has caught up joins. */
  expansion(replicaId: number, { highWatermark }: LogEnds): IsrProposal | undefined {
    const { committed } = this.isr
    if (this.isr.isChanging || committed.includes(replicaId) || !this.#isEligible(replicaId)) return undefined
    const end = this.followers.endOffset(replicaId)
    if (end < highWatermark || end < this.epochStart) return undefined
    return this.isr.propose([...committed, replicaId], this.#registration)
  }

  /** Followers that have lagged for too long leave. */
  shrinking({ endOffset }: LogEnds): IsrProposal | undefined {
    if (this.isr.isChanging) return undefined
    const now = this.#ground.monotonic()
    const { committed } = this.isr
    const kept = committed.filter((id) => id === this.#selfId || this.followers.isCaughtUp(id, endOffset, now, this.#ground.lagMaxMs))
    return kept.length === committed.length ? undefined : this.isr.propose(kept, this.#registration)
  }

  /** What is deleted on every replica that lives: the lowest log start (Partition.lowWatermarkIfLeader). */
  lowWatermark(ownLogStart: number): number {
    return this.followers.lowWatermark(ownLogStart, (id) => this.#ground.eligibleEpoch(id) !== undefined)
  }

  /** Followers in sync that hold what follows `offset`: others may lag, and whoever reads from them with them. */
  *readableAt(offset: number): Generator<Omit<ReplicaView, 'rack'>> {
    const now = this.#ground.monotonic()
    for (const brokerId of this.followers.ids()) {
      const logEndOffset = this.followers.endOffset(brokerId)
      if (!this.isr.committed.includes(brokerId) || logEndOffset < offset || this.followers.logStartOffset(brokerId) > offset) continue
      yield { brokerId, logEndOffset, sinceCaughtUpMs: this.followers.sinceCaughtUpMs(brokerId, now) }
    }
  }

  /** The broker epoch that a member of a proposal is known by; -1: it is not checked. */
  brokerEpochOf(id: number, ownEpoch: number): number {
    return id === this.#selfId ? ownEpoch : this.followers.brokerEpoch(id)
  }

  /** It has caught up and will be proposed in a moment: the high watermark does not run away from it (Partition.shouldWaitForReplicaToJoinIsr). */
  #isJoining(id: number, endOffset: number, now: number): boolean {
    return this.#isEligible(id) && this.followers.isCaughtUp(id, endOffset, now, this.#ground.lagMaxMs)
  }

  /** The follower's last fetch came from the incarnation that is registered (KIP-903). */
  #isEligible(id: number): boolean {
    const epoch = this.#ground.eligibleEpoch(id)
    const fetched = this.followers.brokerEpoch(id)
    return epoch !== undefined && (fetched === -1 || fetched === epoch)
  }
}
