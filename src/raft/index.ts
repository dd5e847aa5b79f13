/**
 * raft: the KRaft quorum (KIP-595, 630, 836, 853, 996) over the metadata log `__cluster_metadata-0`: elections, fetch-driven
 * replication, commit, snapshots. The core is a pure state machine (`core/`); `driver.ts` gives it disk, clock and peers.
 *
 * Invariants: one vote per epoch, persisted before it is sent; an entry counts once it is fsynced here; the high watermark moves
 * only over an entry of the leader's own epoch; voters change one at a time, and count as soon as they are in the log; a listener
 * sees every committed batch once, in order.
 */
export { RaftDriver, type RecordValue } from './driver.ts'
export { RaftHandlers, type RaftRequestContext } from './handlers.ts'
export { type MetadataLog, metadataDirectoryName, metadataPartition, metadataTopic } from './metadata-log.ts'
export { NetworkTransport } from './network-transport.ts'
export { defaultRaftSettings, type OpenRaftOptions, openRaft } from './open-raft.ts'
export { defaultMetadataLogConfig, type MetadataLogConfig, openPartitionMetadataLog } from './partition-metadata-log.ts'
export type { RaftSettings } from './raft-parts.ts'
export { bootstrapSnapshot } from './snapshot-files.ts'
export { readSnapshotBatches, recordValues, SnapshotCorruptError } from './snapshot-reader.ts'
export { type SnapshotContent, snapshotBatches, writeSnapshot } from './snapshot-writer.ts'
export type { RaftTransport } from './transport.ts'
export type {
  CommittedBatch,
  Endpoint,
  LeaderAndEpoch,
  LeaderEndpoint,
  OffsetAndEpoch,
  RaftListener,
  ReplicaKey,
  SnapshotReader,
  Voter,
} from './types.ts'
export { kraftVersionMax, kraftVersionMin, VoterSet } from './voter-set.ts'
