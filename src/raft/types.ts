/** A replica of the metadata log: node id and the id of its metadata directory. Undefined: not known (static quorums, KIP-853). */
export interface ReplicaKey {
  readonly id: number
  readonly directoryId: string | undefined
}

export interface Endpoint {
  /** Listener name, upper case as configured. */
  readonly name: string
  readonly host: string
  readonly port: number
}

export interface Voter extends ReplicaKey {
  readonly endpoints: readonly Endpoint[]
  /** Levels of kraft.version that the voter can run. */
  readonly kraftVersionMin: number
  readonly kraftVersionMax: number
}

/** A place in the log: everything before `offset`, whose last record is of `epoch`. Also the name of a snapshot. */
export interface OffsetAndEpoch {
  readonly offset: number
  readonly epoch: number
}

export interface LeaderAndEpoch {
  /** Undefined while the leader is unknown. */
  readonly leaderId: number | undefined
  readonly epoch: number
}

/** A leader as others reach it. */
export interface LeaderEndpoint {
  readonly id: number
  readonly host: string
  readonly port: number
}

/** A committed batch. Control batches come too, with no records, so that a listener's position never has holes. */
export interface CommittedBatch {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly epoch: number
  /** When the leader appended it, wall clock milliseconds. */
  readonly appendTimestamp: number
  /** Size in the log. */
  readonly bytes: number
  /** Record values; value i has offset baseOffset + i. Views: copy what is kept beyond the call. */
  readonly records: readonly Buffer[]
}

/** A snapshot being read. Each step of the iteration is one batch of record values, as views. */
export interface SnapshotReader {
  readonly snapshotId: OffsetAndEpoch
  /** True for 0-0: the checkpoint that a format wrote. It says how the quorum starts, not what a log once held. */
  readonly isBootstrap: boolean
  readonly lastContainedLogTimestamp: number
  readonly bytes: number
  batches(): AsyncIterable<readonly Buffer[]>
}

/**
 * What the state machine over the log (controller, metadata image) hears, in this order: a snapshot when the log does not reach back
 * to where it stands, then every committed batch without holes. Calls never overlap: a promise from `onLoadSnapshot` is awaited.
 * `onCommit` is on the caller's turn: replay, and return.
 */
export interface RaftListener {
  onCommit(batch: CommittedBatch): void
  /** Forget all state and load this. */
  onLoadSnapshot(snapshot: SnapshotReader): Promise<void> | void
  /**
   * The leader or the epoch changed. When this node is the leader, it comes after all that was committed before the epoch,
   * so that the state is complete; the epoch is the one to pass to `append`.
   */
  onLeaderChange(leader: LeaderAndEpoch): void
  /** Enough was committed, or enough time passed, since the last snapshot: a good moment for `createSnapshot`. */
  onSnapshotDue?(reason: 'bytes' | 'age'): void
  /** The log failed (disk error) or the raft core met a broken contract: the node must stop. */
  onFatal?(error: Error): void
}
