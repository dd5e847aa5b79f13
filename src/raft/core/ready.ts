import type { OffsetAndEpoch, ReplicaKey } from '../types.ts'
import type { Entry, OutgoingReply, OutgoingRequest } from './messages.ts'

/** What must survive a restart so that no one votes twice in an epoch (R2, R3). */
export interface Election {
  readonly epoch: number
  readonly leaderId: number | undefined
  readonly votedKey: ReplicaKey | undefined
}

export type StorageStep =
  | { readonly type: 'truncate'; readonly offset: number }
  | { readonly type: 'append'; readonly entry: Entry }
  /** The log begins again, empty, behind a snapshot that is in place. */
  | { readonly type: 'restart'; readonly behind: OffsetAndEpoch }

/**
 * What the core wants done, in this order: `election` made durable, `storage` done step by step and made durable, then the messages
 * sent. After that the driver reports `synced`. Nothing of a later Ready may overtake an earlier one.
 */
export interface Ready {
  readonly election: Election | undefined
  readonly storage: readonly StorageStep[]
  readonly requests: readonly OutgoingRequest[]
  readonly replies: readonly OutgoingReply[]
  /** A follower cannot go on without it: copy it from the leader, then call `snapshotCopied`, or `snapshotLost`. */
  readonly wantedSnapshot: { readonly id: OffsetAndEpoch; readonly from: number } | undefined
}

export interface RaftTiming {
  readonly electionTimeoutMs: number
  readonly fetchTimeoutMs: number
  readonly electionBackoffMaxMs: number
  readonly requestTimeoutMs: number
  readonly retryBackoffMs: number
  readonly fetchMaxWaitMs: number
  readonly fetchMaxBytes: number
}
