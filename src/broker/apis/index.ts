import type { ApiName, Apis, Schema } from '../../protocol/index.ts'
import type { ApiHandler } from '../api-handler.ts'
import type { NodeParts } from '../parts.ts'
import { addRaftVoter } from './add-raft-voter.ts'
import { allocateProducerIds } from './allocate-producer-ids.ts'
import { alterClientQuotas } from './alter-client-quotas.ts'
import { alterConfigs } from './alter-configs.ts'
import { alterPartition } from './alter-partition.ts'
import { alterPartitionReassignments } from './alter-partition-reassignments.ts'
import { alterReplicaLogDirs } from './alter-replica-log-dirs.ts'
import { alterUserScramCredentials } from './alter-user-scram-credentials.ts'
import { apiVersions } from './api-versions.ts'
import { assignReplicasToDirs } from './assign-replicas-to-dirs.ts'
import { beginQuorumEpoch } from './begin-quorum-epoch.ts'
import { brokerHeartbeat } from './broker-heartbeat.ts'
import { brokerRegistration } from './broker-registration.ts'
import { controllerRegistration } from './controller-registration.ts'
import { createAcls } from './create-acls.ts'
import { createPartitions } from './create-partitions.ts'
import { createTopics } from './create-topics.ts'
import { deleteAcls } from './delete-acls.ts'
import { deleteGroups } from './delete-groups.ts'
import { deleteRecords } from './delete-records.ts'
import { deleteTopics } from './delete-topics.ts'
import { describeAcls } from './describe-acls.ts'
import { describeClientQuotas } from './describe-client-quotas.ts'
import { describeCluster } from './describe-cluster.ts'
import { describeConfigs } from './describe-configs.ts'
import { describeGroups } from './describe-groups.ts'
import { describeLogDirs } from './describe-log-dirs.ts'
import { describeProducers } from './describe-producers.ts'
import { describeQuorum } from './describe-quorum.ts'
import { describeTopicPartitions } from './describe-topic-partitions.ts'
import { describeUserScramCredentials } from './describe-user-scram-credentials.ts'
import { electLeaders } from './elect-leaders.ts'
import { endQuorumEpoch } from './end-quorum-epoch.ts'
import { envelope } from './envelope.ts'
import { fetch } from './fetch.ts'
import { fetchMetadataLog } from './fetch-metadata-log.ts'
import { fetchSnapshot } from './fetch-snapshot.ts'
import { findCoordinator } from './find-coordinator.ts'
import { getTelemetrySubscriptions } from './get-telemetry-subscriptions.ts'
import { heartbeat } from './heartbeat.ts'
import { incrementalAlterConfigs } from './incremental-alter-configs.ts'
import { initProducerId } from './init-producer-id.ts'
import { joinGroup } from './join-group.ts'
import { leaveGroup } from './leave-group.ts'
import { listConfigResources } from './list-config-resources.ts'
import { listGroups } from './list-groups.ts'
import { listOffsets } from './list-offsets.ts'
import { listPartitionReassignments } from './list-partition-reassignments.ts'
import { metadata } from './metadata.ts'
import { offsetCommit } from './offset-commit.ts'
import { offsetDelete } from './offset-delete.ts'
import { offsetFetch } from './offset-fetch.ts'
import { offsetForLeaderEpoch } from './offset-for-leader-epoch.ts'
import { produce } from './produce.ts'
import { pushTelemetry } from './push-telemetry.ts'
import { removeRaftVoter } from './remove-raft-voter.ts'
import { syncGroup } from './sync-group.ts'
import { unregisterBroker } from './unregister-broker.ts'
import { updateFeatures } from './update-features.ts'
import { updateRaftVoter } from './update-raft-voter.ts'
import { vote } from './vote.ts'

/** What a node does not answer yet: transactions, delegation tokens and SASL, KIP-848, share and streams groups. */
type LaterApi =
  | 'AddOffsetsToTxn'
  | 'AddPartitionsToTxn'
  | 'AlterShareGroupOffsets'
  | 'ConsumerGroupDescribe'
  | 'ConsumerGroupHeartbeat'
  | 'CreateDelegationToken'
  | 'DeleteShareGroupOffsets'
  | 'DeleteShareGroupState'
  | 'DescribeDelegationToken'
  | 'DescribeShareGroupOffsets'
  | 'DescribeTransactions'
  | 'EndTxn'
  | 'ExpireDelegationToken'
  | 'InitializeShareGroupState'
  | 'ListTransactions'
  | 'ReadShareGroupState'
  | 'ReadShareGroupStateSummary'
  | 'RenewDelegationToken'
  | 'SaslAuthenticate'
  | 'SaslHandshake'
  | 'ShareAcknowledge'
  | 'ShareFetch'
  | 'ShareGroupDescribe'
  | 'ShareGroupHeartbeat'
  | 'StreamsGroupDescribe'
  | 'StreamsGroupHeartbeat'
  | 'TxnOffsetCommit'
  | 'WriteShareGroupState'
  | 'WriteTxnMarkers'

type ServedApi = Exclude<ApiName, LaterApi>
/** The APIs that listeners of a kind answer: an API of the protocol's table that is neither below nor above does not compile. */
type ApisOf<Kind> = { [N in ServedApi]: Kind extends (typeof Apis)[N]['listeners'][number] ? N : never }[ServedApi]

const ofBoth = {
  AddRaftVoter: addRaftVoter,
  AlterClientQuotas: alterClientQuotas,
  AlterConfigs: alterConfigs,
  AlterPartitionReassignments: alterPartitionReassignments,
  AlterUserScramCredentials: alterUserScramCredentials,
  ApiVersions: apiVersions,
  CreateAcls: createAcls,
  CreatePartitions: createPartitions,
  CreateTopics: createTopics,
  DeleteAcls: deleteAcls,
  DeleteTopics: deleteTopics,
  DescribeAcls: describeAcls,
  DescribeCluster: describeCluster,
  DescribeConfigs: describeConfigs,
  DescribeQuorum: describeQuorum,
  DescribeUserScramCredentials: describeUserScramCredentials,
  ElectLeaders: electLeaders,
  IncrementalAlterConfigs: incrementalAlterConfigs,
  ListPartitionReassignments: listPartitionReassignments,
  RemoveRaftVoter: removeRaftVoter,
  UnregisterBroker: unregisterBroker,
  UpdateFeatures: updateFeatures,
}

const ofBrokers = {
  ...ofBoth,
  AlterReplicaLogDirs: alterReplicaLogDirs,
  DeleteGroups: deleteGroups,
  DeleteRecords: deleteRecords,
  DescribeClientQuotas: describeClientQuotas,
  DescribeGroups: describeGroups,
  DescribeLogDirs: describeLogDirs,
  DescribeProducers: describeProducers,
  DescribeTopicPartitions: describeTopicPartitions,
  Fetch: fetch,
  FindCoordinator: findCoordinator,
  GetTelemetrySubscriptions: getTelemetrySubscriptions,
  Heartbeat: heartbeat,
  InitProducerId: initProducerId,
  JoinGroup: joinGroup,
  LeaveGroup: leaveGroup,
  ListConfigResources: listConfigResources,
  ListGroups: listGroups,
  ListOffsets: listOffsets,
  Metadata: metadata,
  OffsetCommit: offsetCommit,
  OffsetDelete: offsetDelete,
  OffsetFetch: offsetFetch,
  OffsetForLeaderEpoch: offsetForLeaderEpoch,
  Produce: produce,
  PushTelemetry: pushTelemetry,
  SyncGroup: syncGroup,
} satisfies Record<ApisOf<'broker'>, unknown>

const ofControllers = {
  ...ofBoth,
  AllocateProducerIds: allocateProducerIds,
  AlterPartition: alterPartition,
  AssignReplicasToDirs: assignReplicasToDirs,
  BeginQuorumEpoch: beginQuorumEpoch,
  BrokerHeartbeat: brokerHeartbeat,
  BrokerRegistration: brokerRegistration,
  ControllerRegistration: controllerRegistration,
  EndQuorumEpoch: endQuorumEpoch,
  Envelope: envelope,
  Fetch: fetchMetadataLog,
  FetchSnapshot: fetchSnapshot,
  UpdateRaftVoter: updateRaftVoter,
  Vote: vote,
} satisfies Record<ApisOf<'controller'>, unknown>

/** What ApiVersions advertises on listeners of each kind. */
export const brokerHandlers = Object.values(ofBrokers) as unknown as readonly ApiHandler[]
export const controllerHandlers = Object.values(ofControllers) as unknown as readonly ApiHandler<Schema, Schema, NodeParts>[]
