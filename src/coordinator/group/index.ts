/**
 * coordinator/group: groups and their offsets over __consumer_offsets, in Kafka's format and partitioning. The classic protocol: members
 * join, a leader assigns, everybody syncs; opaque bytes pass through.
 *
 * Deciders (join, sync, membership, offsets, inspection, expiry, timers) are synchronous over GroupState and a Turn, which collects what a
 * decision writes, whom it answers and which timers it moves; `driver.ts` binds them to the ledgers of the partitions led here.
 *
 * Invariants: at most one generation is current; a request of another is refused; an answer is told once its records are committed;
 * each JoinGroup and SyncGroup is answered once: by a decision, a timer, or the loss of the partition.
 */
export { fetchResponseOf, groupsOfFetch } from './answers.ts'
export type { ClassicState } from './classic-group.ts'
export { defaultGroupConfig, GROUP_TOPIC, type GroupConfig, groupPartition } from './config.ts'
export { type GroupClient, GroupCoordinator, type GroupCoordinatorOptions, type GroupMetrics, type InspectedGroup } from './driver.ts'
export type { DeletedGroup, DescribedGroup, ListedGroup } from './inspection.ts'
export type { CommitAnswer, CommitRequest, DeleteOffsetsAnswer, DeleteOffsetsRequest, FetchAnswer, FetchGroup } from './offsets.ts'
export { decodeGroupRecord, type GroupRecord } from './records.ts'
export type { JoinAnswer, SyncAnswer } from './turn.ts'
