import type { LinkTraffic } from '../client/index.ts'
import type { RaftReply, RaftRequest } from './core/messages.ts'
import type { OffsetAndEpoch, ReplicaKey, Voter } from './types.ts'

/** How this replica reaches others. A quorum of one needs none. */
export interface RaftTransport {
  readonly traffic: LinkTraffic
  /** Sends to a replica and resolves to its reply; undefined: it could not be had within the request timeout, connecting included. */
  send(to: RemoteReplica, request: RaftRequest): Promise<RaftReply | undefined>
  /** A stretch of a snapshot of the leader; undefined: it could not be had. */
  fetchSnapshot(from: RemoteReplica, request: SnapshotRequest): Promise<SnapshotPiece | undefined>
  /** These are the quorum now: connections to other replicas close, but for bootstrap servers. */
  keepOnly(ids: ReadonlySet<number>): void
}

/** Where a replica is reached. Bootstrap servers have negative ids. */
export type RemoteReplica = Pick<Voter, 'id' | 'endpoints'>

export interface SnapshotRequest {
  readonly id: OffsetAndEpoch
  readonly replica: ReplicaKey
  readonly leaderEpoch: number
  readonly position: number
  readonly maxBytes: number
}

export interface SnapshotPiece {
  readonly bytes: Buffer
  /** Of the whole snapshot. */
  readonly size: number
}
