/**
 * replica: the partitions that have a replica on this broker. Appends by the leader, the high watermark and who waits for it, fetches and
 * their sessions.
 *
 * Invariants: offsets are fixed on the caller's turn; nothing is acknowledged above the high watermark (acks=all) or before it is written
 * (acks=1); no record byte is parsed on the way to a consumer.
 */
export {
  type ClientPresence,
  type DivergingEpoch,
  type FetchedPartition,
  type FetchParameters,
  fetch,
  type PartitionLookup,
  release,
} from './fetch.ts'
export {
  type FetchContext,
  type FetchNews,
  type FetchOpening,
  FetchSessions,
  type FetchTarget,
  isFetchRefusal,
} from './fetch-session.ts'
export { IsrChanges } from './isr-changes.ts'
export { LogMover, type LogMoverOptions } from './log-mover.ts'
export { type Appended, type AppendRequest, Partition, type Replication } from './partition.ts'
export { Partitions } from './partitions.ts'
export type { FollowedView } from './replica-fetcher.ts'
export { type FetcherView, ReplicaFetchers } from './replica-fetchers.ts'
export { type ReplicaSelector, type ReplicaView, rackAware, replicaSelectors } from './replica-selector.ts'
export { ReplicationQuota, ReplicationThrottle } from './replication-quota.ts'
