import type { ControllerState } from '../controller/index.ts'
import {
  type BrokerRegistration,
  hasPreferredLeader,
  type MetadataImage,
  NO_LEADER,
  type PartitionRegistration,
  RECOVERING,
} from '../metadata/index.ts'
import { exporterMetrics, kafkaMetrics, type LabelledValue, type MetricRegistry, RecentGrowth, RecentMean } from '../metrics/index.ts'
import { isBroker, type NodeView } from './node-view.ts'

const countPartitions = (image: MetadataImage, is: (partition: PartitionRegistration) => boolean): number => {
  let found = 0
  for (const { partitions } of image.topicsById.values()) for (const partition of partitions.values()) if (is(partition)) found++
  return found
}

const brokerStates = {
  'not running': 0,
  starting: 1,
  recovery: 2,
  running: 3,
  'pending controlled shutdown': 6,
  'shutting down': 7,
} as const

/** BrokerRegistrationState of Kafka. */
const FENCED = 10
const CONTROLLED_SHUTDOWN = 20
const ACTIVE = 30
const registrationState = ({ fenced, inControlledShutdown }: BrokerRegistration): number =>
  fenced ? FENCED : inControlledShutdown ? CONTROLLED_SHUTDOWN : ACTIVE

/** What only the active controller shows; elsewhere these are 0, as in Kafka, so that sums over a cluster are right. */
export const showController = (registry: MetricRegistry, view: NodeView): void => {
  const ofActive = (value: (state: ControllerState) => number) => (): number =>
    view.controllerState === undefined ? 0 : value(view.controllerState)
  const brokers = (is: (broker: BrokerRegistration) => boolean) =>
    ofActive(({ image }) => [...image.brokers.values()].reduce((found, broker) => found + Number(is(broker)), 0))
  registry.gauge(
    kafkaMetrics.activeControllerCount,
    ofActive(() => 1),
  )
  registry.gauge(
    kafkaMetrics.activeBrokerCount,
    brokers((broker) => registrationState(broker) === ACTIVE),
  )
  registry.gauge(
    kafkaMetrics.fencedBrokerCount,
    brokers((broker) => registrationState(broker) === FENCED),
  )
  registry.gauge(
    kafkaMetrics.controlledShutdownBrokerCount,
    brokers((broker) => registrationState(broker) === CONTROLLED_SHUTDOWN),
  )
  registry.gauges(kafkaMetrics.brokerRegistrationState, () =>
    [...(view.controllerState?.image.brokers ?? [])].map(
      ([id, broker]): LabelledValue => [{ broker: String(id) }, registrationState(broker)],
    ),
  )
  registry.gauges(kafkaMetrics.timeSinceHeartbeat, () => {
    const { image, heartbeats } = view.controllerState ?? {}
    const silence = (id: number): number => heartbeats?.silenceMs(id, view.clock.monotonic()) ?? Number.NaN
    return [...(image?.brokers.keys() ?? [])].map((id): LabelledValue => [{ broker: String(id) }, silence(id)])
  })
  registry.gauge(
    kafkaMetrics.timedOutHeartbeats,
    ofActive(({ heartbeats }) => heartbeats.timedOut),
  )
  registry.gauge(
    kafkaMetrics.globalTopicCount,
    ofActive(({ image }) => image.topicsById.size),
  )
  registry.gauge(
    kafkaMetrics.globalPartitionCount,
    ofActive(({ image }) => countPartitions(image, () => true)),
  )
  registry.gauge(
    kafkaMetrics.offlinePartitionsCount,
    ofActive(({ image }) => countPartitions(image, ({ leader }) => leader === NO_LEADER)),
  )
  registry.gauge(
    kafkaMetrics.preferredReplicaImbalanceCount,
    ofActive(({ image }) => countPartitions(image, (partition) => !hasPreferredLeader(partition))),
  )
  const unclean = registry.counter(kafkaMetrics.uncleanLeaderElections)
  view.image.observe({
    partitionChanged: (_topic, _id, before, after) => {
      if (before === undefined || after === undefined || view.controllerState === undefined) return
      if (after.leaderEpoch !== before.leaderEpoch && after.leaderRecoveryState === RECOVERING) unclean.value++
    },
  })
}

/** How far this node is with the metadata of the cluster. */
export const showMetadata = (registry: MetricRegistry, view: NodeView): void => {
  const { image, raft, clock } = view
  const applied = image.provenance
  const read = (value: (provenance: typeof applied) => number) => (): number => value(image.provenance)
  const offset = read((provenance) => provenance.offset)
  const timestamp = read((provenance) => provenance.timestampMs)
  const lag = read(({ timestampMs }) => (timestampMs < 0 ? 0 : Math.max(0, clock.now() - timestampMs)))
  registry.gauge(kafkaMetrics.lastAppliedRecordOffset, offset)
  registry.gauge(kafkaMetrics.lastAppliedRecordTimestamp, timestamp)
  registry.gauge(kafkaMetrics.lastAppliedRecordLagMs, lag)
  registry.gauge(kafkaMetrics.lastCommittedRecordOffset, () => (raft.highWatermark ?? 0) - 1)
  registry.gauge(kafkaMetrics.brokerAppliedOffset, offset)
  registry.gauge(kafkaMetrics.brokerAppliedTimestamp, timestamp)
  registry.gauge(kafkaMetrics.brokerAppliedLagMs, lag)
  // Metadata that cannot be read or applied ends the node.
  const failures = (): number => Number(raft.failure !== undefined)
  for (const name of [kafkaMetrics.metadataErrorCount, kafkaMetrics.brokerLoadErrors, kafkaMetrics.brokerApplyErrors])
    registry.gauge(name, failures)
  if (isBroker(view)) registry.gauge(kafkaMetrics.brokerState, () => brokerStates[view.lifecycle.state])
}

/** A replica of the metadata log, as far as it is shown. */
export interface ShownReplica {
  readonly role: NodeView['raft']['core']['role']
  readonly votedId: number | undefined
  readonly isVoter: boolean
  readonly self: { readonly id: number }
}

/** What Kafka calls the role: a follower that does not vote observes, and who has voted says so. */
export const quorumStateOf = ({ role, votedId, isVoter }: ShownReplica): string => {
  if (role === 'follower') return isVoter ? 'follower' : 'observer'
  if (role === 'resigned') return 'unattached'
  return (role === 'prospective' || role === 'unattached') && votedId !== undefined ? `${role}-voted` : role
}

/** Or -1. A leader has voted for itself. */
export const votedForOf = ({ role, votedId, self }: ShownReplica): number => (role === 'leader' ? self.id : (votedId ?? -1))

/** This node's part in the quorum. */
export const showQuorum = (registry: MetricRegistry, { raft, clock }: NodeView): void => {
  registry.gauges(kafkaMetrics.raftState, () => [[{ current_state: quorumStateOf(raft.core) }, 1]])
  registry.gauge(kafkaMetrics.raftLeader, () => raft.leaderAndEpoch.leaderId ?? -1)
  registry.gauge(kafkaMetrics.raftVote, () => votedForOf(raft.core))
  registry.gauge(kafkaMetrics.raftEpoch, () => raft.leaderAndEpoch.epoch)
  registry.gauge(kafkaMetrics.raftHighWatermark, () => raft.highWatermark ?? -1)
  registry.gauge(kafkaMetrics.raftLogEndOffset, () => raft.logEndOffset)
  registry.gauge(kafkaMetrics.raftLogEndEpoch, () => raft.core.log.lastEpoch)
  registry.gauge(kafkaMetrics.raftVoters, () => raft.voters.length)
  // A leader's log grows by what it appends, that of others by what they fetch.
  const growth = new RecentGrowth(clock.monotonic(), raft.logEndOffset)
  const rate = (asLeader: boolean) => (): number =>
    raft.isLeader === asLeader ? growth.perSecond(clock.monotonic(), raft.logEndOffset) : 0
  registry.gauge(kafkaMetrics.raftAppendRate, rate(true))
  registry.gauge(kafkaMetrics.raftFetchRate, rate(false))
  const latency = new RecentMean(clock.monotonic())
  registry.gauge(kafkaMetrics.raftCommitLatencyAvg, () => latency.of(clock.monotonic(), raft.commitLatencyMs))
  const { traffic } = raft.parts.transport ?? {}
  registry.counters(kafkaMetrics.raftBytesIn, () => [[{}, traffic?.bytesIn ?? 0]])
  registry.counters(kafkaMetrics.raftBytesOut, () => [[{}, traffic?.bytesOut ?? 0]])
  registry.counters(kafkaMetrics.raftRequests, () => [[{}, traffic?.requests ?? 0]])
  registry.counters(kafkaMetrics.raftResponses, () => [[{}, traffic?.responses ?? 0]])
}

/**
 * What kafka_exporter says of a cluster as a whole; by the active controller, so that each series is there once. It also shows the partitions
 * that have no leader who would.
 */
export const showCluster = (registry: MetricRegistry, view: NodeView, detail: 'partition' | 'topic' | 'broker'): void => {
  const alive = () => (view.controllerState === undefined ? [] : [...view.image.brokers.values()].filter(({ fenced }) => !fenced))
  registry.gauges(exporterMetrics.brokers, () => (view.controllerState === undefined ? [] : [[{}, alive().length]]))
  registry.gauges(exporterMetrics.brokerInfo, () =>
    alive().map(({ id, endpoints }): LabelledValue => {
      const endpoint = endpoints[0]
      return [{ id: String(id), address: endpoint === undefined ? '' : `${endpoint.host}:${endpoint.port}` }, 1]
    }),
  )
  if (detail === 'broker') return
  registry.gauges(exporterMetrics.topicPartitions, function* (): Generator<LabelledValue> {
    if (view.controllerState === undefined) return
    for (const { name, partitions } of view.image.topicsById.values()) yield [{ topic: name }, partitions.size]
  })
  if (detail === 'topic') return
  const leaderless = (value: (partition: PartitionRegistration) => number) =>
    function* (): Generator<LabelledValue> {
      if (view.controllerState === undefined) return
      for (const { name: topic, partitions } of view.image.topicsById.values())
        for (const [index, partition] of partitions)
          if (partition.leader === NO_LEADER) yield [{ topic, partition: String(index) }, value(partition)]
    }
  registry.gauges(
    exporterMetrics.inSyncReplica,
    leaderless(({ isr }) => isr.length),
  )
  registry.gauges(
    exporterMetrics.leader,
    leaderless(() => NO_LEADER),
  )
  registry.gauges(
    exporterMetrics.leaderIsPreferred,
    leaderless(() => 0),
  )
  registry.gauges(
    exporterMetrics.replicas,
    leaderless(({ replicas }) => replicas.length),
  )
  registry.gauges(
    exporterMetrics.underReplicated,
    leaderless(({ isr, replicas }) => Number(isr.length < replicas.length)),
  )
}
