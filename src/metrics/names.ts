/** A metric as Kafka's JMX beans name it: `kafka.<domain>:type=<type>,name=<name>`. Domain `plain`: not of Kafka, `as` says all. */
export interface MetricName {
  readonly domain: 'server' | 'network' | 'log' | 'cluster' | 'controller' | 'coordinator.group' | 'coordinator.transaction' | 'plain'
  readonly type: string
  readonly name: string
  readonly help: string
  /** The whole Prometheus name where the rule of `jmx-exporter` does not give the one that dashboards ask for; of `plain` under any naming. */
  readonly as?: string
  /** Likewise of `reporter`. */
  readonly asReporter?: string
}

/**
 * `jmx-exporter`: what the example rules of jmx_exporter and Strimzi's dashboards use. `reporter`: what Strimzi's metrics reporter writes, which
 * keeps `PerSec` and `Percent` in the name.
 */
export type Naming = 'jmx-exporter' | 'reporter'

/** `kafka_server_brokertopicmetrics_bytesin_total` for a counter, without `_total` for a gauge. */
export function prometheusName({ domain, type, name, as, asReporter }: MetricName, naming: Naming, isCounter: boolean): string {
  const given = naming === 'reporter' && domain !== 'plain' ? asReporter : as
  if (given !== undefined) return given
  const short = naming === 'reporter' ? name : name.replace(/PerSec$/, '').replace(/Percent$/, '_percent')
  const plain = `kafka_${domain}_${type}_${short}`.toLowerCase().replace(/[^a-z0-9_]/g, '_')
  return isCounter ? `${plain}_total` : plain
}

const server = (type: string, name: string, help: string, given: Pick<MetricName, 'as' | 'asReporter'> = {}): MetricName => ({
  domain: 'server',
  type,
  name,
  help,
  ...given,
})
const topic = (name: string, help: string): MetricName => server('BrokerTopicMetrics', name, help)
const replica = (name: string, help: string): MetricName => server('ReplicaManager', name, help)
const fetchers = (name: string, help: string): MetricName => server('ReplicaFetcherManager', name, help)
const fetchSessions = (name: string, help: string): MetricName => server('FetchSessionCache', name, help)
/** Types whose hyphens the example rules of Kafka drop. */
const closedUp = (type: string, name: string, help: string): MetricName =>
  server(type, name, help, { as: `kafka_server_${type.replaceAll('-', '')}_${name.replaceAll('-', '_')}` })
const raft = (name: string, help: string): MetricName => closedUp('raft-metrics', name, help)
const brokerMetadata = (name: string, help: string): MetricName => closedUp('broker-metadata-metrics', name, help)
/** Totals to the one exporter, numbers to the other. */
const raftChannel = (name: string, help: string): MetricName =>
  server('raft-channel-metrics', `${name}-total`, help, {
    as: `kafka_server_raftchannelmetrics_${name.replaceAll('-', '_')}_total`,
    asReporter: `kafka_server_raft_channel_metrics_${name.replaceAll('-', '_')}`,
  })
const request = (name: string, help: string): MetricName => ({ domain: 'network', type: 'RequestMetrics', name, help })
const controller = (name: string, help: string): MetricName => ({ domain: 'controller', type: 'KafkaController', name, help })
const group = (name: string, help: string): MetricName => ({ domain: 'coordinator.group', type: 'GroupMetadataManager', name, help })
const groupCoordinator = (name: string, help: string): MetricName => server('group-coordinator-metrics', name, help)
/** Kafka's own counts end in `count`, whatever the exporter. */
const groupCount = (name: string, help: string): MetricName => {
  const as = `kafka_server_group_coordinator_metrics_${name.replaceAll('-', '_')}`
  return { ...groupCoordinator(name, help), as, asReporter: as }
}
const partition = (name: string, help: string): MetricName => ({ domain: 'cluster', type: 'Partition', name, help })

/** What the common dashboards and alerts ask for (strimzi-kafka, strimzi-kraft, jmx_exporter examples). */
export const kafkaMetrics = {
  messagesIn: topic('MessagesInPerSec', 'Records appended'),
  bytesIn: topic('BytesInPerSec', 'Bytes of batches appended'),
  bytesOut: topic('BytesOutPerSec', 'Bytes of batches sent to consumers'),
  bytesRejected: topic('BytesRejectedPerSec', 'Bytes of batches that were refused'),
  replicationBytesIn: topic('ReplicationBytesInPerSec', 'Bytes fetched from leaders'),
  replicationBytesOut: topic('ReplicationBytesOutPerSec', 'Bytes sent to followers'),
  reassignmentBytesIn: topic('ReassignmentBytesInPerSec', 'Bytes fetched from leaders for replicas that are being added'),
  reassignmentBytesOut: topic('ReassignmentBytesOutPerSec', 'Bytes sent to followers that are being added'),
  produceRequests: topic('TotalProduceRequestsPerSec', 'Partitions asked to be appended to'),
  fetchRequests: topic('TotalFetchRequestsPerSec', 'Partitions asked to be read from'),
  failedProduceRequests: topic('FailedProduceRequestsPerSec', 'Partitions that refused an append'),
  failedFetchRequests: topic('FailedFetchRequestsPerSec', 'Partitions that refused a read'),

  waiting: server('DelayedOperationPurgatory', 'PurgatorySize', 'Partitions that requests wait for'),
  waitingOperations: server('DelayedOperationPurgatory', 'NumDelayedOperations', 'Requests that wait for partitions'),

  leaderCount: replica('LeaderCount', 'Partitions led by this broker'),
  partitionCount: replica('PartitionCount', 'Partitions on this broker'),
  offlineReplicaCount: replica('OfflineReplicaCount', 'Replicas in failed log directories'),
  underReplicatedPartitions: replica('UnderReplicatedPartitions', 'Led partitions with fewer in-sync replicas than replicas'),
  underMinIsrPartitionCount: replica('UnderMinIsrPartitionCount', 'Led partitions below min.insync.replicas'),
  atMinIsrPartitionCount: replica('AtMinIsrPartitionCount', 'Led partitions at min.insync.replicas'),
  producerIdCount: replica('ProducerIdCount', 'Producers that partitions know'),
  reassigningPartitions: replica('ReassigningPartitions', 'Led partitions whose replicas change'),
  isrShrinks: replica('IsrShrinksPerSec', 'Removals from in-sync replicas'),
  isrExpands: replica('IsrExpandsPerSec', 'Additions to in-sync replicas'),
  failedIsrUpdates: replica('FailedIsrUpdatesPerSec', 'Changes of in-sync replicas that the controller did not take'),
  maxLag: fetchers('MaxLag', 'Offsets that the hindmost followed partition is behind the high watermark of its leader'),
  minFetchRate: fetchers('MinFetchRate', 'Fetches a second of the fetcher with the fewest'),
  failedPartitionsCount: fetchers('FailedPartitionsCount', 'Followed partitions that do not get on'),
  deadFetchers: fetchers('DeadThreadCount', 'Fetchers that ended by a failure: none ever does'),
  fetcherRequests: server('FetcherStats', 'RequestsPerSec', 'Fetches sent to a leader'),
  fetcherBytes: server('FetcherStats', 'BytesPerSec', 'Bytes of records taken from a leader'),
  fetcherLag: server('FetcherLagMetrics', 'ConsumerLag', 'Offsets that a followed partition is behind the high watermark of its leader'),
  leaderThrottledRate: server('LeaderReplication', 'byte-rate', 'Bytes a second of throttled partitions sent to followers'),
  followerThrottledRate: server('FollowerReplication', 'byte-rate', 'Bytes a second of throttled partitions fetched from leaders'),
  alterLogDirsRate: server('AlterLogDirsReplication', 'byte-rate', 'Bytes a second copied between log directories'),
  fetchSessionCount: fetchSessions('NumIncrementalFetchSessions', 'Fetch sessions that are remembered'),
  fetchSessionPartitions: fetchSessions('NumIncrementalFetchPartitionsCached', 'Partitions in fetch sessions'),
  fetchSessionEvictions: fetchSessions('IncrementalFetchSessionEvictionsPerSec', 'Fetch sessions that made room for others'),
  underMinIsr: partition('UnderMinIsr', '1 when the partition is below min.insync.replicas'),
  atMinIsr: partition('AtMinIsr', '1 when the partition is at min.insync.replicas'),
  inSyncReplicasCount: partition('InSyncReplicasCount', 'In-sync replicas of a led partition'),
  replicasCount: partition('ReplicasCount', 'Replicas of a led partition'),
  underReplicated: partition('UnderReplicated', '1 when a led partition has replicas out of sync'),
  lastStableOffsetLag: partition('LastStableOffsetLag', 'Offsets between the last stable one and the high watermark'),

  activeControllerCount: controller('ActiveControllerCount', '1 on the active controller'),
  offlinePartitionsCount: controller('OfflinePartitionsCount', 'Partitions without a leader'),
  activeBrokerCount: controller('ActiveBrokerCount', 'Brokers that are not fenced'),
  fencedBrokerCount: controller('FencedBrokerCount', 'Brokers that are fenced'),
  controlledShutdownBrokerCount: controller('ControlledShutdownBrokerCount', 'Brokers that are shutting down'),
  brokerRegistrationState: controller('BrokerRegistrationState', '10 fenced, 20 shutting down, 30 active'),
  timeSinceHeartbeat: controller('TimeSinceLastHeartbeatReceivedMs', 'Since a broker was last heard of'),
  timedOutHeartbeats: controller('TimedOutBrokerHeartbeatCount', 'Brokers that were fenced because nothing was heard of them'),
  globalTopicCount: controller('GlobalTopicCount', 'Topics of the cluster'),
  globalPartitionCount: controller('GlobalPartitionCount', 'Partitions of the cluster'),
  preferredReplicaImbalanceCount: controller('PreferredReplicaImbalanceCount', 'Partitions not led by their first replica'),
  metadataErrorCount: controller('MetadataErrorCount', 'Failures to read or apply metadata'),
  lastAppliedRecordOffset: controller('LastAppliedRecordOffset', 'Last metadata offset that this controller has applied'),
  lastAppliedRecordTimestamp: controller('LastAppliedRecordTimestamp', 'When that record was appended, milliseconds since 1970'),
  lastAppliedRecordLagMs: controller('LastAppliedRecordLagMs', 'Age of that record'),
  lastCommittedRecordOffset: controller('LastCommittedRecordOffset', 'Last committed metadata offset'),
  brokerAppliedOffset: brokerMetadata('last-applied-record-offset', 'Last metadata offset that this broker has applied'),
  brokerAppliedTimestamp: brokerMetadata('last-applied-record-timestamp', 'When that record was appended'),
  brokerAppliedLagMs: brokerMetadata('last-applied-record-lag-ms', 'Age of that record'),
  brokerLoadErrors: brokerMetadata('metadata-load-error-count', 'Failures to read metadata'),
  brokerApplyErrors: brokerMetadata('metadata-apply-error-count', 'Failures to apply metadata'),
  brokerState: server(
    'KafkaServer',
    'BrokerState',
    '0 not running, 1 starting, 2 recovery, 3 running, 6 controlled shutdown, 7 shutting down',
  ),
  diskReadBytes: server('KafkaServer', 'linux-disk-read-bytes', 'Bytes that the process had read from storage'),
  diskWriteBytes: server('KafkaServer', 'linux-disk-write-bytes', 'Bytes that the process had written to storage'),
  uncleanLeaderElections: {
    domain: 'controller',
    type: 'ControllerStats',
    name: 'UncleanLeaderElectionsPerSec',
    help: 'Elections that lost records',
  },

  requests: request('RequestsPerSec', 'Requests by API and version'),
  requestErrors: request('ErrorsPerSec', 'Error codes in answers by API'),
  requestBytes: request('RequestBytes', 'Size of requests'),
  requestTotalTimeMs: request('TotalTimeMs', 'From the last byte of a request until its answer was sent'),
  requestLocalTimeMs: request('LocalTimeMs', 'Handling time of requests'),
  requestRemoteTimeMs: request('RemoteTimeMs', 'Time that requests waited for others'),
  responseQueueTimeMs: request('ResponseQueueTimeMs', 'Time that answers waited for those before them'),
  responseSendTimeMs: request('ResponseSendTimeMs', 'Time until the network had taken an answer'),
  requestHandlerIdle: server('KafkaRequestHandlerPool', 'RequestHandlerAvgIdlePercent', 'Share of time in which nothing was handled'),
  requestHandlerIdleTime: server('KafkaRequestHandlerPool', 'RequestHandlerIdleTime', 'Nanoseconds in which nothing was handled', {
    as: 'kafka_server_kafkarequesthandlerpool_requesthandleravgidlepercent_count',
    asReporter: 'kafka_server_kafkarequesthandlerpool_requesthandleravgidlepercent_total',
  }),
  networkIdle: {
    domain: 'network',
    type: 'SocketServer',
    name: 'NetworkProcessorAvgIdlePercent',
    help: 'Share of time in which the network was idle',
  },
  connectionsAccepted: server('socket-server-metrics', 'connection-creation', 'Connections that were accepted'),
  connectionsRefused: server('socket-server-metrics', 'connections-refused', 'Connections that were over a limit'),
  connectionsIdleClosed: {
    domain: 'network',
    type: 'SocketServer',
    name: 'ExpiredConnectionsKilledCount',
    help: 'Connections that were closed because they were idle',
    as: 'kafka_network_socketserver_expiredconnectionskilledcount',
    asReporter: 'kafka_network_socketserver_expiredconnectionskilledcount',
  },
  connectionsFailed: server(
    'socket-server-metrics',
    'connections-failed',
    'Connections that were closed because of what came through them',
  ),
  connectionCount: server('socket-server-metrics', 'connection-count', 'Open connections'),

  logSize: { domain: 'log', type: 'Log', name: 'Size', help: 'Bytes of a partition on disk' },
  logStartOffset: { domain: 'log', type: 'Log', name: 'LogStartOffset', help: 'First offset of a partition' },
  logEndOffset: { domain: 'log', type: 'Log', name: 'LogEndOffset', help: 'Next offset of a partition' },
  segmentCount: { domain: 'log', type: 'Log', name: 'NumLogSegments', help: 'Segments of a partition' },
  offlineLogDirectoryCount: { domain: 'log', type: 'LogManager', name: 'OfflineLogDirectoryCount', help: 'Log directories that failed' },
  logDirectoryOffline: { domain: 'log', type: 'LogManager', name: 'LogDirectoryOffline', help: '1 when the log directory failed' },
  cordonedLogDirectoryCount: {
    domain: 'log',
    type: 'LogManager',
    name: 'CordonedLogDirectoryCount',
    help: 'Log directories that take no new replicas',
  },
  logFlushTimeMs: { domain: 'log', type: 'LogFlushStats', name: 'LogFlushRateAndTimeMs', help: 'Time of a sync to disk' },

  groups: group('NumGroups', 'Groups of the classic protocol'),
  groupOffsets: group('NumOffsets', 'Committed offsets'),
  groupsPreparing: group('NumGroupsPreparingRebalance', 'Groups that wait for members'),
  groupsCompleting: group('NumGroupsCompletingRebalance', 'Groups that wait for their assignment'),
  groupsStable: group('NumGroupsStable', 'Groups with an assignment'),
  groupsDead: group('NumGroupsDead', 'Groups that are going'),
  groupsEmpty: group('NumGroupsEmpty', 'Groups without members'),
  groupsByProtocol: groupCoordinator('group-count', 'Groups, by the protocol that their members speak'),
  groupPartitions: groupCoordinator('num-partitions', 'Partitions of __consumer_offsets led here, by state'),
  groupCommits: groupCount('offset-commit-count', 'Offsets committed'),
  groupExpirations: groupCount('offset-expiration-count', 'Offsets that expired'),
  groupDeletions: groupCount('offset-deletion-count', 'Offsets that were deleted'),
  groupRebalances: groupCount('group-completed-rebalance-count', 'Rebalances that were completed'),
  groupParked: groupCoordinator('parked-requests', 'JoinGroup and SyncGroup requests that wait'),

  raftState: {
    ...raft('current-state', '1, with the role in the metadata quorum'),
    asReporter: 'kafka_server_raft_metrics_current_state_info',
  },
  raftLeader: raft('current-leader', 'Leader of the metadata quorum, or -1'),
  raftVote: raft('current-vote', 'Voted for in this epoch, or -1'),
  raftEpoch: raft('current-epoch', 'Epoch of the metadata quorum'),
  raftHighWatermark: raft('high-watermark', 'Committed offset of the metadata log'),
  raftLogEndOffset: raft('log-end-offset', 'Next offset of the metadata log'),
  raftCommitLatencyAvg: raft('commit-latency-avg', 'Mean time to commit a batch of metadata'),
  raftAppendRate: raft('append-records-rate', 'Metadata records appended, a second'),
  raftFetchRate: raft('fetch-records-rate', 'Metadata records fetched, a second'),
  raftLogEndEpoch: raft('log-end-epoch', 'Epoch of the last record of the metadata log'),
  raftVoters: raft('number-of-voters', 'Voters of the metadata quorum'),
  raftBytesIn: raftChannel('incoming-byte', 'Bytes from other nodes of the quorum'),
  raftBytesOut: raftChannel('outgoing-byte', 'Bytes to other nodes of the quorum'),
  raftRequests: raftChannel('request', 'Requests to other nodes of the quorum'),
  raftResponses: raftChannel('response', 'Answers of other nodes of the quorum'),
} as const satisfies Record<string, MetricName>
