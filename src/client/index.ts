/**
 * client: producer, consumer and administrator of any Kafka cluster, for people, tools and tests.
 *
 * Invariants: knows a cluster through the wire protocol alone; clock, randomness and network come from the host; what fails for one item
 * of many is a value (`ItemResult`), what fails as a whole is a ClientError that says what to do next; every wait has a deadline.
 */

export type * from './admin/acls.ts'
export { type Admin, openAdmin } from './admin/admin.ts'
export type * from './admin/cluster-state.ts'
export type * from './admin/configs.ts'
export type * from './admin/delegation-tokens.ts'
export type * from './admin/group-offsets.ts'
export type * from './admin/groups.ts'
export type * from './admin/offsets.ts'
export type * from './admin/partitions.ts'
export type * from './admin/raft-voters.ts'
export type { AdminOptions, TopicPartition } from './admin/routes.ts'
export type * from './admin/share-groups.ts'
export type * from './admin/streams-groups.ts'
export type * from './admin/topics.ts'
export type * from './admin/transactions.ts'
export type * from './admin/users.ts'
export {
  type Authenticate,
  BrokerLink,
  type BrokerVersions,
  type Feature,
  type LinkContext,
  type LinkTraffic,
  type Node,
  type Transport,
} from './broker-link.ts'
export { type Call, call } from './call.ts'
export { ClientError, type ItemError, type ItemResult } from './client-error.ts'
export { Cluster, type ClusterOptions, CoordinatorType } from './cluster.ts'
export {
  adminSettings,
  connectionSettings,
  consumerSettings,
  producerSettings,
  shareConsumerSettings,
  shareUnsupportedKeys,
} from './config.ts'
export { Consumer, type ConsumerOptions, type RebalanceListener } from './consumer/consumer.ts'
export { FetchSession, type FetchTarget } from './consumer/fetch-session.ts'
export type { ConsumedRecord, ReadableChunk, RecordChunk } from './consumer/fetched-partition.ts'
export {
  type Assignment,
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  type Subscription,
} from './consumer-protocol.ts'
export type { TopicMetadata } from './metadata-cache.ts'
export type { Delivery, DeliveryCallback } from './producer/batch.ts'
export type { MadeRecords, ProducerStamp, RecordSupply } from './producer/made-records.ts'
export type { ProducerMetrics } from './producer/metrics.ts'
export { type OutgoingRecord, Producer, type ProducerOptions } from './producer/producer.ts'
export type { TransactionGroup } from './producer/transactions/transaction-calls.ts'
export type { TransactionPhase } from './producer/transactions/transaction-phase.ts'
export type { Transactions } from './producer/transactions/transactions.ts'
export { resolveSettings, type SettingsInput } from './settings.ts'
export * from './share-consumer/index.ts'
