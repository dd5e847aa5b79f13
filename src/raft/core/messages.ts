import type { ErrorCode } from '../../protocol/index.ts'
import type { Endpoint, OffsetAndEpoch, ReplicaKey, Voter } from '../types.ts'
import type { VoterSet } from '../voter-set.ts'

/** What replicas say to each other, free of Kafka's wire versions; `wire.ts` translates. Epochs are int32, offsets from 0 up. */
export interface Vote {
  readonly type: 'vote'
  readonly epoch: number
  readonly candidate: ReplicaKey
  /** Whom the candidate thinks it is asking. */
  readonly voter: ReplicaKey | undefined
  readonly last: OffsetAndEpoch
  /** KIP-996: only asks whether a vote would be given. */
  readonly preVote: boolean
}
export interface BeginEpoch {
  readonly type: 'beginEpoch'
  readonly epoch: number
  readonly leaderId: number
  readonly voter: ReplicaKey | undefined
  /** Where the leader listens; undefined: it does not say. */
  readonly leaderEndpoints?: readonly Endpoint[] | undefined
}
export interface EndEpoch {
  readonly type: 'endEpoch'
  readonly epoch: number
  readonly leaderId: number
  /** Best first. */
  readonly successors: readonly ReplicaKey[]
  readonly leaderEndpoints?: readonly Endpoint[] | undefined
}
export interface Fetch {
  readonly type: 'fetch'
  readonly replica: ReplicaKey
  readonly leaderEpoch: number
  readonly fetchOffset: number
  readonly lastFetchedEpoch: number
  /** What the replica knows; −1: nothing. A leader that knows more answers at once (KIP-1166). */
  readonly highWatermark: number
  readonly maxWaitMs: number
  readonly maxBytes: number
}
/** A voter tells the leader where it listens and which levels of kraft.version it can run (KIP-853). */
export interface UpdateVoter {
  readonly type: 'updateVoter'
  readonly epoch: number
  readonly voter: Voter
}
export interface AddVoter {
  readonly type: 'addVoter'
  readonly voter: Pick<Voter, 'id' | 'directoryId' | 'endpoints'>
  /** False: the answer comes once the change is in the leader's log. */
  readonly ackWhenCommitted: boolean
}
export interface RemoveVoter {
  readonly type: 'removeVoter'
  readonly voter: ReplicaKey
}
/** The leader asks a replica that shall vote which levels of kraft.version it can run. Only on the way out. */
export interface AskVersions {
  readonly type: 'versions'
  readonly endpoints: readonly Endpoint[]
}
export type RaftRequest = Vote | BeginEpoch | EndEpoch | Fetch | UpdateVoter | AddVoter | RemoveVoter | AskVersions

interface ReplyHead {
  readonly error: ErrorCode
  readonly epoch: number
  readonly leaderId: number | undefined
  /** On the way in: where the leader listens, when the answer says so. */
  readonly leaderEndpoints?: readonly Endpoint[] | undefined
}
export interface VoteReply extends ReplyHead {
  readonly type: 'vote'
  readonly granted: boolean
}
export interface BeginEpochReply extends ReplyHead {
  readonly type: 'beginEpoch'
}
export interface EndEpochReply extends ReplyHead {
  readonly type: 'endEpoch'
}
export interface FetchReply extends ReplyHead {
  readonly type: 'fetch'
  readonly highWatermark: number
  readonly logStartOffset: number
  readonly diverging?: OffsetAndEpoch
  readonly snapshotId?: OffsetAndEpoch
  /** On the way out: the driver reads whole batches from here. */
  readonly read?: { readonly offset: number; readonly maxBytes: number }
  /** On the way in. */
  readonly entries?: readonly Entry[]
}
export interface UpdateVoterReply extends ReplyHead {
  readonly type: 'updateVoter'
}
/** Replies that tell of the epoch. */
export type EpochReply = VoteReply | BeginEpochReply | EndEpochReply | FetchReply | UpdateVoterReply
export interface VoterChangeReply {
  readonly type: 'addVoter' | 'removeVoter'
  readonly error: ErrorCode
  readonly message: string | undefined
}
export interface VersionsReply {
  readonly type: 'versions'
  readonly error: ErrorCode
  /** Undefined: it does not know of kraft.version. */
  readonly kraftVersions: { readonly min: number; readonly max: number } | undefined
}
export type RaftReply = EpochReply | VoterChangeReply | VersionsReply

/** A batch of the log. The driver turns control batches of this leader into bytes: they carry wall clock time. */
export interface Entry {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly epoch: number
  /** Undefined: the batch holds nothing but `quorum`. */
  readonly content: Buffer | LeaderChange | undefined
  /** What the batch says of the quorum itself, which counts from the moment it is in the log. */
  readonly quorum?: QuorumChange | undefined
}
/** The record that opens an epoch. */
export interface LeaderChange {
  readonly leaderId: number
  readonly voterIds: readonly number[]
  readonly grantingIds: readonly number[]
}
export interface QuorumChange {
  readonly kraftVersion?: number | undefined
  readonly voters?: VoterSet | undefined
}

export interface OutgoingRequest {
  readonly to: number
  readonly correlation: number
  readonly request: RaftRequest
}
export interface OutgoingReply {
  /** As given to `stepRequest`. */
  readonly correlation: number
  readonly reply: RaftReply
}
