import { inVersions } from './schema.ts'

/**
 * The API table of Kafka 4.3.1: which versions exist, which listener kinds answer them, from which version on header and body are flexible
 * (KIP-482), whether a broker passes the request on to the controller, and whether it takes ClusterAction. Keys 4 to 7 are gone (4.0).
 */
export interface Api {
  readonly key: number
  readonly name: string
  readonly versions: string
  /** The highest version that is settled; above it only with unstable.api.versions.enable. */
  readonly stableMax: number
  readonly flexible: string
  readonly listeners: readonly ('broker' | 'controller')[]
  readonly forwardable?: boolean
  readonly clusterAction?: boolean
}

// biome-ignore format: a table, one line an API
export const Apis = {
  Produce: { key: 0, name: 'Produce', versions: '3-13', stableMax: 13, flexible: '9+', listeners: ['broker'] },
  Fetch: { key: 1, name: 'Fetch', versions: '4-18', stableMax: 18, flexible: '12+', listeners: ['broker', 'controller'] },
  ListOffsets: { key: 2, name: 'ListOffsets', versions: '1-11', stableMax: 11, flexible: '6+', listeners: ['broker'] },
  Metadata: { key: 3, name: 'Metadata', versions: '0-13', stableMax: 13, flexible: '9+', listeners: ['broker'] },
  OffsetCommit: { key: 8, name: 'OffsetCommit', versions: '2-10', stableMax: 10, flexible: '8+', listeners: ['broker'] },
  OffsetFetch: { key: 9, name: 'OffsetFetch', versions: '1-10', stableMax: 10, flexible: '6+', listeners: ['broker'] },
  FindCoordinator: { key: 10, name: 'FindCoordinator', versions: '0-6', stableMax: 6, flexible: '3+', listeners: ['broker'] },
  JoinGroup: { key: 11, name: 'JoinGroup', versions: '0-9', stableMax: 9, flexible: '6+', listeners: ['broker'] },
  Heartbeat: { key: 12, name: 'Heartbeat', versions: '0-4', stableMax: 4, flexible: '4+', listeners: ['broker'] },
  LeaveGroup: { key: 13, name: 'LeaveGroup', versions: '0-5', stableMax: 5, flexible: '4+', listeners: ['broker'] },
  SyncGroup: { key: 14, name: 'SyncGroup', versions: '0-5', stableMax: 5, flexible: '4+', listeners: ['broker'] },
  DescribeGroups: { key: 15, name: 'DescribeGroups', versions: '0-6', stableMax: 6, flexible: '5+', listeners: ['broker'] },
  ListGroups: { key: 16, name: 'ListGroups', versions: '0-5', stableMax: 5, flexible: '3+', listeners: ['broker'] },
  SaslHandshake: { key: 17, name: 'SaslHandshake', versions: '0-1', stableMax: 1, flexible: 'none', listeners: ['broker', 'controller'] },
  ApiVersions: { key: 18, name: 'ApiVersions', versions: '0-4', stableMax: 4, flexible: '3+', listeners: ['broker', 'controller'] },
  CreateTopics: { key: 19, name: 'CreateTopics', versions: '2-7', stableMax: 7, flexible: '5+', listeners: ['broker', 'controller'], forwardable: true },
  DeleteTopics: { key: 20, name: 'DeleteTopics', versions: '1-6', stableMax: 6, flexible: '4+', listeners: ['broker', 'controller'], forwardable: true },
  DeleteRecords: { key: 21, name: 'DeleteRecords', versions: '0-2', stableMax: 2, flexible: '2+', listeners: ['broker'] },
  InitProducerId: { key: 22, name: 'InitProducerId', versions: '0-6', stableMax: 5, flexible: '2+', listeners: ['broker'] },
  OffsetForLeaderEpoch: { key: 23, name: 'OffsetForLeaderEpoch', versions: '2-4', stableMax: 4, flexible: '4+', listeners: ['broker'] },
  AddPartitionsToTxn: { key: 24, name: 'AddPartitionsToTxn', versions: '0-5', stableMax: 5, flexible: '3+', listeners: ['broker'] },
  AddOffsetsToTxn: { key: 25, name: 'AddOffsetsToTxn', versions: '0-4', stableMax: 4, flexible: '3+', listeners: ['broker'] },
  EndTxn: { key: 26, name: 'EndTxn', versions: '0-5', stableMax: 5, flexible: '3+', listeners: ['broker'] },
  WriteTxnMarkers: { key: 27, name: 'WriteTxnMarkers', versions: '1-2', stableMax: 2, flexible: '1+', listeners: ['broker'], clusterAction: true },
  TxnOffsetCommit: { key: 28, name: 'TxnOffsetCommit', versions: '0-5', stableMax: 5, flexible: '3+', listeners: ['broker'] },
  DescribeAcls: { key: 29, name: 'DescribeAcls', versions: '1-3', stableMax: 3, flexible: '2+', listeners: ['broker', 'controller'] },
  CreateAcls: { key: 30, name: 'CreateAcls', versions: '1-3', stableMax: 3, flexible: '2+', listeners: ['broker', 'controller'], forwardable: true },
  DeleteAcls: { key: 31, name: 'DeleteAcls', versions: '1-3', stableMax: 3, flexible: '2+', listeners: ['broker', 'controller'], forwardable: true },
  DescribeConfigs: { key: 32, name: 'DescribeConfigs', versions: '1-4', stableMax: 4, flexible: '4+', listeners: ['broker', 'controller'] },
  AlterConfigs: { key: 33, name: 'AlterConfigs', versions: '0-2', stableMax: 2, flexible: '2+', listeners: ['broker', 'controller'], forwardable: true },
  AlterReplicaLogDirs: { key: 34, name: 'AlterReplicaLogDirs', versions: '1-2', stableMax: 2, flexible: '2+', listeners: ['broker'] },
  DescribeLogDirs: { key: 35, name: 'DescribeLogDirs', versions: '1-5', stableMax: 5, flexible: '2+', listeners: ['broker'] },
  SaslAuthenticate: { key: 36, name: 'SaslAuthenticate', versions: '0-2', stableMax: 2, flexible: '2+', listeners: ['broker', 'controller'] },
  CreatePartitions: { key: 37, name: 'CreatePartitions', versions: '0-3', stableMax: 3, flexible: '2+', listeners: ['broker', 'controller'], forwardable: true },
  CreateDelegationToken: { key: 38, name: 'CreateDelegationToken', versions: '1-3', stableMax: 3, flexible: '2+', listeners: ['broker', 'controller'], forwardable: true },
  RenewDelegationToken: { key: 39, name: 'RenewDelegationToken', versions: '1-2', stableMax: 2, flexible: '2+', listeners: ['broker', 'controller'], forwardable: true },
  ExpireDelegationToken: { key: 40, name: 'ExpireDelegationToken', versions: '1-2', stableMax: 2, flexible: '2+', listeners: ['broker', 'controller'], forwardable: true },
  DescribeDelegationToken: { key: 41, name: 'DescribeDelegationToken', versions: '1-3', stableMax: 3, flexible: '2+', listeners: ['broker', 'controller'] },
  DeleteGroups: { key: 42, name: 'DeleteGroups', versions: '0-2', stableMax: 2, flexible: '2+', listeners: ['broker'] },
  ElectLeaders: { key: 43, name: 'ElectLeaders', versions: '0-2', stableMax: 2, flexible: '2+', listeners: ['broker', 'controller'], forwardable: true },
  IncrementalAlterConfigs: { key: 44, name: 'IncrementalAlterConfigs', versions: '0-1', stableMax: 1, flexible: '1+', listeners: ['broker', 'controller'], forwardable: true },
  AlterPartitionReassignments: { key: 45, name: 'AlterPartitionReassignments', versions: '0-1', stableMax: 1, flexible: '0+', listeners: ['broker', 'controller'], forwardable: true },
  ListPartitionReassignments: { key: 46, name: 'ListPartitionReassignments', versions: '0-0', stableMax: 0, flexible: '0+', listeners: ['broker', 'controller'], forwardable: true },
  OffsetDelete: { key: 47, name: 'OffsetDelete', versions: '0-0', stableMax: 0, flexible: 'none', listeners: ['broker'] },
  DescribeClientQuotas: { key: 48, name: 'DescribeClientQuotas', versions: '0-1', stableMax: 1, flexible: '1+', listeners: ['broker'] },
  AlterClientQuotas: { key: 49, name: 'AlterClientQuotas', versions: '0-1', stableMax: 1, flexible: '1+', listeners: ['broker', 'controller'], forwardable: true },
  DescribeUserScramCredentials: { key: 50, name: 'DescribeUserScramCredentials', versions: '0-0', stableMax: 0, flexible: '0+', listeners: ['broker', 'controller'] },
  AlterUserScramCredentials: { key: 51, name: 'AlterUserScramCredentials', versions: '0-0', stableMax: 0, flexible: '0+', listeners: ['broker', 'controller'], forwardable: true },
  Vote: { key: 52, name: 'Vote', versions: '0-2', stableMax: 2, flexible: '0+', listeners: ['controller'], clusterAction: true },
  BeginQuorumEpoch: { key: 53, name: 'BeginQuorumEpoch', versions: '0-1', stableMax: 1, flexible: '1+', listeners: ['controller'], clusterAction: true },
  EndQuorumEpoch: { key: 54, name: 'EndQuorumEpoch', versions: '0-1', stableMax: 1, flexible: '1+', listeners: ['controller'], clusterAction: true },
  DescribeQuorum: { key: 55, name: 'DescribeQuorum', versions: '0-2', stableMax: 2, flexible: '0+', listeners: ['broker', 'controller'], forwardable: true, clusterAction: true },
  AlterPartition: { key: 56, name: 'AlterPartition', versions: '2-3', stableMax: 3, flexible: '2+', listeners: ['controller'], clusterAction: true },
  UpdateFeatures: { key: 57, name: 'UpdateFeatures', versions: '0-2', stableMax: 2, flexible: '0+', listeners: ['broker', 'controller'], forwardable: true, clusterAction: true },
  Envelope: { key: 58, name: 'Envelope', versions: '0-0', stableMax: 0, flexible: '0+', listeners: ['controller'], clusterAction: true },
  FetchSnapshot: { key: 59, name: 'FetchSnapshot', versions: '0-1', stableMax: 1, flexible: '0+', listeners: ['controller'] },
  DescribeCluster: { key: 60, name: 'DescribeCluster', versions: '0-2', stableMax: 2, flexible: '0+', listeners: ['broker', 'controller'] },
  DescribeProducers: { key: 61, name: 'DescribeProducers', versions: '0-0', stableMax: 0, flexible: '0+', listeners: ['broker'] },
  BrokerRegistration: { key: 62, name: 'BrokerRegistration', versions: '0-4', stableMax: 4, flexible: '0+', listeners: ['controller'], clusterAction: true },
  BrokerHeartbeat: { key: 63, name: 'BrokerHeartbeat', versions: '0-2', stableMax: 2, flexible: '0+', listeners: ['controller'], clusterAction: true },
  UnregisterBroker: { key: 64, name: 'UnregisterBroker', versions: '0-0', stableMax: 0, flexible: '0+', listeners: ['broker', 'controller'], forwardable: true },
  DescribeTransactions: { key: 65, name: 'DescribeTransactions', versions: '0-0', stableMax: 0, flexible: '0+', listeners: ['broker'] },
  ListTransactions: { key: 66, name: 'ListTransactions', versions: '0-2', stableMax: 2, flexible: '0+', listeners: ['broker'] },
  AllocateProducerIds: { key: 67, name: 'AllocateProducerIds', versions: '0-0', stableMax: 0, flexible: '0+', listeners: ['controller'], forwardable: true, clusterAction: true },
  ConsumerGroupHeartbeat: { key: 68, name: 'ConsumerGroupHeartbeat', versions: '0-1', stableMax: 1, flexible: '0+', listeners: ['broker'] },
  ConsumerGroupDescribe: { key: 69, name: 'ConsumerGroupDescribe', versions: '0-1', stableMax: 1, flexible: '0+', listeners: ['broker'] },
  ControllerRegistration: { key: 70, name: 'ControllerRegistration', versions: '0-0', stableMax: 0, flexible: '0+', listeners: ['controller'] },
  GetTelemetrySubscriptions: { key: 71, name: 'GetTelemetrySubscriptions', versions: '0-0', stableMax: 0, flexible: '0+', listeners: ['broker'] },
  PushTelemetry: { key: 72, name: 'PushTelemetry', versions: '0-0', stableMax: 0, flexible: '0+', listeners: ['broker'] },
  AssignReplicasToDirs: { key: 73, name: 'AssignReplicasToDirs', versions: '0-0', stableMax: 0, flexible: '0+', listeners: ['controller'] },
  ListConfigResources: { key: 74, name: 'ListConfigResources', versions: '0-1', stableMax: 1, flexible: '0+', listeners: ['broker'] },
  DescribeTopicPartitions: { key: 75, name: 'DescribeTopicPartitions', versions: '0-0', stableMax: 0, flexible: '0+', listeners: ['broker'] },
  ShareGroupHeartbeat: { key: 76, name: 'ShareGroupHeartbeat', versions: '1-1', stableMax: 1, flexible: '1+', listeners: ['broker'] },
  ShareGroupDescribe: { key: 77, name: 'ShareGroupDescribe', versions: '1-1', stableMax: 1, flexible: '1+', listeners: ['broker'] },
  ShareFetch: { key: 78, name: 'ShareFetch', versions: '1-2', stableMax: 2, flexible: '1+', listeners: ['broker'] },
  ShareAcknowledge: { key: 79, name: 'ShareAcknowledge', versions: '1-2', stableMax: 2, flexible: '1+', listeners: ['broker'] },
  AddRaftVoter: { key: 80, name: 'AddRaftVoter', versions: '0-1', stableMax: 1, flexible: '0+', listeners: ['broker', 'controller'], forwardable: true },
  RemoveRaftVoter: { key: 81, name: 'RemoveRaftVoter', versions: '0-0', stableMax: 0, flexible: '0+', listeners: ['broker', 'controller'], forwardable: true },
  UpdateRaftVoter: { key: 82, name: 'UpdateRaftVoter', versions: '0-0', stableMax: 0, flexible: '0+', listeners: ['controller'] },
  InitializeShareGroupState: { key: 83, name: 'InitializeShareGroupState', versions: '0-0', stableMax: 0, flexible: '0+', listeners: ['broker'], clusterAction: true },
  ReadShareGroupState: { key: 84, name: 'ReadShareGroupState', versions: '0-0', stableMax: 0, flexible: '0+', listeners: ['broker'], clusterAction: true },
  WriteShareGroupState: { key: 85, name: 'WriteShareGroupState', versions: '0-1', stableMax: 1, flexible: '0+', listeners: ['broker'], clusterAction: true },
  DeleteShareGroupState: { key: 86, name: 'DeleteShareGroupState', versions: '0-0', stableMax: 0, flexible: '0+', listeners: ['broker'], clusterAction: true },
  ReadShareGroupStateSummary: { key: 87, name: 'ReadShareGroupStateSummary', versions: '0-1', stableMax: 1, flexible: '0+', listeners: ['broker'], clusterAction: true },
  StreamsGroupHeartbeat: { key: 88, name: 'StreamsGroupHeartbeat', versions: '0-0', stableMax: 0, flexible: '0+', listeners: ['broker'] },
  StreamsGroupDescribe: { key: 89, name: 'StreamsGroupDescribe', versions: '0-0', stableMax: 0, flexible: '0+', listeners: ['broker'] },
  DescribeShareGroupOffsets: { key: 90, name: 'DescribeShareGroupOffsets', versions: '0-1', stableMax: 1, flexible: '0+', listeners: ['broker'] },
  AlterShareGroupOffsets: { key: 91, name: 'AlterShareGroupOffsets', versions: '0-0', stableMax: 0, flexible: '0+', listeners: ['broker'] },
  DeleteShareGroupOffsets: { key: 92, name: 'DeleteShareGroupOffsets', versions: '0-0', stableMax: 0, flexible: '0+', listeners: ['broker'] },
} as const satisfies Record<string, Api>

export type ApiName = keyof typeof Apis

const byKey: readonly (Api | undefined)[] = Object.values(Apis).reduce<(Api | undefined)[]>((list, api) => {
  list[api.key] = api
  return list
}, [])
export const apiByKey = (key: number): Api | undefined => byKey[key]

export const requestHeaderVersion = (api: Api, version: number): 1 | 2 => (inVersions(api.flexible, version) ? 2 : 1)
/** ApiVersions always answers with the oldest header, so that a client too new for the broker can read the answer (KIP-511). */
export const responseHeaderVersion = (api: Api, version: number): 0 | 1 =>
  api.key !== Apis.ApiVersions.key && inVersions(api.flexible, version) ? 1 : 0
