import type { MetadataImage, PartitionRegistration, TopicImage } from '../../../src/metadata/index.ts'
import type { CommittedBatch, RaftDriver } from '../../../src/raft/index.ts'
import type { Partition } from '../../../src/replica/index.ts'

/** An epoch of a log, and where it begins. */
export interface EpochStart {
  readonly epoch: number
  readonly startOffset: number
}

/** A replica of the metadata log after a step. */
export interface RaftView {
  readonly nodeId: number
  /** Counts the starts of the node. */
  readonly life: number
  readonly directoryId: string | undefined
  readonly epoch: number
  readonly role: string
  readonly leaderId: number | undefined
  readonly votedId: number | undefined
  readonly startOffset: number
  readonly endOffset: number
  readonly highWatermark: number | undefined
  readonly snapshotOffset: number | undefined
  readonly epochs: readonly EpochStart[]
  readonly voterIds: readonly number[]
  /** It leads, or has heard from the leader that it follows. */
  readonly isLed: boolean
  /** Of a leader: where its epoch began, and who voted for it. */
  readonly epochStartOffset: number | undefined
  readonly grantingIds: readonly number[]
}

/** A replica of a partition after a step. */
export interface ReplicaView {
  readonly nodeId: number
  readonly life: number
  readonly key: string
  readonly name: string
  readonly isLeader: boolean
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  readonly isr: readonly number[]
  /** Of a leader: the ISR that it asks the controller for. */
  readonly proposal: readonly number[] | undefined
  readonly minInsyncReplicas: number
  readonly startOffset: number
  readonly endOffset: number
  readonly highWatermark: number
  readonly epochs: readonly EpochStart[]
}

/** What the process of a broker says of itself to the controller. */
export interface BrokerLife {
  readonly incarnationId: string
  /** Of its registration, as it has heard; -1: it has not. */
  readonly epoch: number
  readonly readyToUnfence: boolean
  readonly wantsShutdown: boolean
}

/** A leader has taken a fetch of a follower for what it holds. */
export interface CountedFetch {
  readonly key: string
  readonly name: string
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly followerId: number
  readonly offset: number
}

/** What is known of the cluster from outside: more than any of its nodes knows. */
export interface Observed {
  /** The last view of each node's replica, of those that are down too. */
  readonly rafts: ReadonlyMap<number, RaftView>
  /** By partition, by node; of those that are down too. */
  readonly replicas: ReadonlyMap<string, ReadonlyMap<number, ReplicaView>>
  readonly drivers: ReadonlyMap<number, RaftDriver>
  readonly partitions: ReadonlyMap<string, ReadonlyMap<number, Partition>>
  /** What is committed, as soon as the first node has heard of it. */
  readonly image: MetadataImage
  isAlive(nodeId: number): boolean
  /** The broker epoch that the node's process serves under; undefined: it does not serve, or stops. */
  servingEpoch(nodeId: number): number | undefined
  /** Undefined: it has not asked to be registered. */
  brokerLife(nodeId: number): BrokerLife | undefined
  /** What a power loss now would leave of a file of the node. */
  durable(nodeId: number, path: string): Buffer | undefined
  /** min.insync.replicas of the topic. */
  minIsr(topic: TopicImage, registration: PartitionRegistration): number
}

export interface NodeEnd {
  /** What it had not synced is gone. */
  readonly isLossy: boolean
  /** Its disk is. */
  readonly isWiped: boolean
  /** It had stopped in order. */
  readonly isClean: boolean
  /** It had opened its logs, and asked to be registered. */
  readonly hasRegistered: boolean
}

/** A batch that some node has heard of as committed. */
export interface Commit {
  readonly nodeId: number
  readonly batch: CommittedBatch
  /** Of its records. */
  readonly sum: number
}

/**
 * Something that holds at every moment, whatever befalls the cluster. A checker is told of what it may depend on and calls `violated`;
 * it never touches what it looks at.
 */
export interface Invariant {
  /** As the design names it: `R1 election safety`. */
  readonly name: string
  raftChanged?(now: RaftView, before: RaftView | undefined, observed: Observed): void
  replicaChanged?(now: ReplicaView, before: ReplicaView | undefined, observed: Observed): void
  fetchCounted?(fetch: CountedFetch, observed: Observed): void
  /** A partition has agreed to serve a request that names `requested` as its leader epoch (-1: none). */
  epochAccepted?(name: string, requested: number, leaderEpoch: number): void
  /** A change of a partition is committed; told once, before others of the same batch. */
  partitionChanged?(
    topic: TopicImage,
    index: number,
    before: PartitionRegistration | undefined,
    after: PartitionRegistration | undefined,
    observed: Observed,
  ): void
  /** All records of a batch are in `observed.image`; told once. */
  metadataChanged?(observed: Observed): void
  /** By each node for itself. */
  committed?(commit: Commit, observed: Observed): void
  /** After the one that a node begins with. */
  snapshotLoaded?(nodeId: number, offset: number, isLeader: boolean, observed: Observed): void
  /** The node's process is gone. */
  nodeEnded?(nodeId: number, how: NodeEnd, observed: Observed): void
}

export class Violation extends Error {
  override name = 'Violation'
  readonly invariant: string
  constructor(invariant: string, message: string) {
    super(`${invariant}: ${message}`)
    this.invariant = invariant
  }
}

export const violated = (invariant: Pick<Invariant, 'name'>, message: string): never => {
  throw new Violation(invariant.name, message)
}

/** Epoch of the record before `offset`; undefined: the log does not reach back so far, or is empty. */
export const epochBefore = (epochs: readonly EpochStart[], offset: number): number | undefined => {
  for (let at = epochs.length - 1; at >= 0; at--) if (epochs[at]!.startOffset < offset) return epochs[at]!.epoch
  return undefined
}
