import type { ErrorCode } from '../../protocol/index.ts'
import type { OffsetAndEpoch, ReplicaKey } from '../types.ts'

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
}
export interface EndEpoch {
  readonly type: 'endEpoch'
  readonly epoch: number
  readonly leaderId: number
  /** Best first. */
  readonly successors: readonly ReplicaKey[]
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
export type RaftRequest = Vote | BeginEpoch | EndEpoch | Fetch

interface ReplyHead {
  readonly error: ErrorCode
  readonly epoch: number
  readonly leaderId: number | undefined
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
export type RaftReply = VoteReply | BeginEpochReply | EndEpochReply | FetchReply

/** A batch of the log. The driver turns `StartOfEpoch` into bytes: they carry wall clock time. */
export interface Entry {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly epoch: number
  readonly content: Buffer | StartOfEpoch
}
/** The control batch that opens an epoch: LeaderChange and, when the voters are not in the log yet, kraft.version and voters. */
export interface StartOfEpoch {
  readonly leaderId: number
  readonly voterIds: readonly number[]
  readonly grantingIds: readonly number[]
  readonly withVoters: boolean
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
