import { exporterMetrics, kafkaMetrics, type MetricName, nodeMetrics, processMetrics } from '../metrics/index.ts'
import { Terms, type TermsOptions } from './terms.ts'

/** critical: somebody has to get up. warning: somebody has to look today. */
export type Severity = 'critical' | 'warning'

export interface AlertRule {
  readonly alert: string
  readonly severity: Severity
  readonly expr: string
  /** How long it has to be so: a duration of Prometheus. */
  readonly for: string
  /** With `{{ $labels.x }}` and `{{ $value }}`. */
  readonly summary: string
  /** What it means. */
  readonly description: string
  /** The command to begin with. */
  readonly next: string
}

/** By what they are about. */
export type AlertRules = Readonly<Record<'nodes' | 'partitions' | 'requests' | 'groups' | 'controllers', readonly AlertRule[]>>

export interface AlertLimits {
  /** Records of a topic that a group may be behind. */
  readonly lagRecords: number
  /** … and for how long a record may wait for its group: a duration of Prometheus. */
  readonly lagTime: string
  /** Share of a disk that may be in use. */
  readonly diskShare: number
}

export const usualLimits: AlertLimits = { lagRecords: 1_000_000, lagTime: '10m', diskShare: 0.85 }

/** What Prometheus watches. Labels of the answers say where: the cluster, the node (`instance`), topic and group. */
export function alertRules(options: TermsOptions, limits: AlertLimits = usualLimits): AlertRules {
  const terms = new Terms(options)
  return {
    nodes: nodeRules(terms, limits),
    partitions: partitionRules(terms),
    requests: requestRules(terms),
    groups: groupRules(terms, limits),
    controllers: controllerRules(terms),
  }
}

/** The rules as a file of Prometheus. */
export const rulesFile = (rules: AlertRules): object => ({
  groups: Object.entries(rules).map(([about, all]) => ({
    name: `tkafka ${about}`,
    rules: all.map(({ alert, expr, for: lasting, severity, ...annotations }) => ({
      ...{ alert, expr, for: lasting },
      labels: { severity },
      annotations,
    })),
  })),
})

const percent = (share: number): string => `${Math.round(share * 100)} %`

function nodeRules(terms: Terms, { diskShare }: AlertLimits): AlertRule[] {
  const usable = terms.gauge(nodeMetrics.directoryUsableBytes)
  const used = `1 - ${usable} / ${terms.gauge(nodeMetrics.directoryTotalBytes)}`
  const directory = '{{ $labels.logDirectory }} of {{ $labels.instance }}'
  return [
    {
      ...{ alert: 'BrokerDown', severity: 'critical', for: '30s' },
      // Of everything that Prometheus scrapes, those that were nodes within 30 days.
      expr: `up == 0 and on (${terms.clusterLabel}, instance) last_over_time(${terms.gauge(kafkaMetrics.raftEpoch)}[30d])`,
      summary: '{{ $labels.instance }} is down',
      description:
        'Its metrics endpoint has not answered for half a minute. What it led has other leaders by now, if replicas were in sync.',
      next: 'tkafka cluster health; on its machine: tkafka broker status, and its log',
    },
    {
      ...{ alert: 'BrokerFenced', severity: 'critical', for: '30s' },
      expr: `max by (${terms.clusterLabel}, broker) (${terms.gauge(kafkaMetrics.brokerRegistrationState)}) == 10`,
      summary: 'broker {{ $labels.broker }} is fenced',
      description:
        'The controller hears nothing of it, or it does not catch up: it leads nothing and serves nobody. If it runs, the way between the two is broken.',
      next: 'tkafka cluster describe, tkafka broker status',
    },
    {
      ...{ alert: 'LogDirectoryOffline', severity: 'critical', for: '0s' },
      expr: `${terms.gauge(kafkaMetrics.offlineLogDirectoryCount)} > 0`,
      summary: '{{ $value }} log directories of {{ $labels.instance }} are offline',
      description: 'A disk failed. The broker goes on with the others; what lay there has its leaders elsewhere.',
      next: 'tkafka cluster logdirs list',
    },
    {
      ...{ alert: 'DiskAlmostFull', severity: 'warning', for: '5m' },
      expr: `${used} > ${diskShare}`,
      summary: `${directory} is {{ $value | humanizePercentage }} full`,
      description: `More than ${percent(diskShare)} are in use. A disk that is full takes its log directory offline.`,
      next: 'tkafka topics list --sort -size; tkafka configs alter topics TOPIC --set retention.ms=…; tkafka reassign plan --balance size',
    },
    {
      ...{ alert: 'DiskFullWithinADay', severity: 'warning', for: '30m' },
      expr: `${used} > 0.5 and predict_linear(${usable}[6h], 86400) < 0`,
      summary: `${directory} is full within a day`,
      description: 'As it has grown in the last six hours.',
      next: 'tkafka topics list --sort -size; tkafka top topics',
    },
    {
      ...{ alert: 'OpenFilesAlmostOut', severity: 'warning', for: '5m' },
      expr: `${terms.gauge(processMetrics.openFiles)} / ${terms.gauge(processMetrics.openFilesMax)} > 0.85`,
      summary: '{{ $labels.instance }} has {{ $value | humanizePercentage }} of its files open',
      description:
        'A broker without file descriptors takes no connections and cannot open logs. Raise the limit of the process (ulimit -n, LimitNOFILE).',
      next: 'tkafka broker status',
    },
  ]
}

function partitionRules(terms: Terms): AlertRule[] {
  return [
    {
      ...{ alert: 'PartitionsOffline', severity: 'critical', for: '30s' },
      expr: `max by (${terms.clusterLabel}) (${terms.gauge(kafkaMetrics.offlinePartitionsCount)}) > 0`,
      summary: '{{ $value }} partitions have no leader',
      description: 'They can be neither written nor read until one of their in-sync replicas comes back.',
      next: 'tkafka topics describe --unavailable-partitions',
    },
    {
      ...{ alert: 'PartitionsUnderMinIsr', severity: 'critical', for: '30s' },
      expr: `${terms.gauge(kafkaMetrics.underMinIsrPartitionCount)} > 0`,
      summary: '{{ $value }} partitions led by {{ $labels.instance }} are below min.insync.replicas',
      description: 'They refuse producers with acks=all.',
      next: 'tkafka topics describe --under-min-isr-partitions',
    },
    {
      ...{ alert: 'PartitionsUnderReplicated', severity: 'warning', for: '2m' },
      expr: `${terms.gauge(kafkaMetrics.underReplicatedPartitions)} > 0`,
      summary: '{{ $value }} partitions led by {{ $labels.instance }} are under-replicated',
      description: 'Replicas are out of sync: their broker is down, or cannot keep up.',
      next: 'tkafka topics describe --under-replicated-partitions; tkafka top brokers',
    },
    {
      ...{ alert: 'InSyncReplicasShrink', severity: 'warning', for: '10m' },
      expr: `sum by (${terms.clusterLabel}) (rate(${terms.counter(kafkaMetrics.isrShrinks)}[5m])) > 0.1`,
      summary: 'replicas fall out of sync {{ $value | humanize }} times a second',
      description: 'A restart does that once. When it goes on, disks, the network or a broker are too slow for what has to be copied.',
      next: 'tkafka top events; tkafka top brokers',
    },
    {
      ...{ alert: 'UncleanLeaderElection', severity: 'critical', for: '0s' },
      expr: `sum by (${terms.clusterLabel}) (increase(${terms.counter(kafkaMetrics.uncleanLeaderElections)}[10m])) > 0`,
      summary: 'a replica that was out of sync became leader',
      description: 'Records that only others had are lost. unclean.leader.election.enable allows it, or somebody asked for it.',
      next: 'tkafka top events; tkafka configs describe topics TOPIC --all',
    },
  ]
}

function requestRules(terms: Terms): AlertRule[] {
  const p99 = (name: MetricName, request: string): string => terms.gauge(name, `request="${request}"`, 'quantile="0.99"')
  return [
    {
      ...{ alert: 'RequestsQueue', severity: 'warning', for: '5m' },
      expr: `${terms.gauge(processMetrics.loopDelayP99)} > 0.25`,
      summary: 'requests to {{ $labels.instance }} wait {{ $value | humanizeDuration }} before they are looked at',
      description: 'The event loop comes late: what is a long request queue elsewhere.',
      next: 'tkafka top brokers --metrics-url http://{host}:9644/metrics',
    },
    {
      ...{ alert: 'HandlersBusy', severity: 'warning', for: '5m' },
      expr: `${terms.gauge(kafkaMetrics.requestHandlerIdle)} < 0.2`,
      summary: '{{ $labels.instance }} is idle for only {{ $value | humanizePercentage }} of the time',
      description: 'There is no room for a peak. Clients with small batches or short polls, or too many leaders on one broker.',
      next: 'tkafka topics analyze TOPIC; tkafka reassign plan --balance leaders',
    },
    {
      ...{ alert: 'ProduceSlow', severity: 'warning', for: '5m' },
      expr: `${p99(kafkaMetrics.requestTotalTimeMs, 'Produce')} > 1000`,
      summary: 'one of a hundred produces to {{ $labels.instance }} takes longer than {{ $value }} ms',
      description: 'With acks=all the time of the slowest in-sync replica is in it.',
      next: 'tkafka top brokers --metrics-url http://{host}:9644/metrics; the dashboard of brokers shows where the time goes',
    },
    {
      ...{ alert: 'FetchSlow', severity: 'warning', for: '5m' },
      // A fetch that waits for records to come is not slow: that time is not in it.
      expr: `${p99(kafkaMetrics.requestLocalTimeMs, 'FetchConsumer')} > 500`,
      summary: 'one of a hundred fetches from {{ $labels.instance }} takes longer than {{ $value }} ms to handle',
      description: 'Consumers read what is not in memory any more, or the disk is slow.',
      next: 'tkafka top groups; tkafka cluster logdirs list',
    },
    {
      ...{ alert: 'ProducesRefused', severity: 'warning', for: '5m' },
      expr: `rate(${terms.counter(kafkaMetrics.failedProduceRequests, 'topic=""')}[5m]) > 0.1`,
      summary: '{{ $labels.instance }} refuses {{ $value | humanize }} appends a second',
      description: 'For reasons that are not the client’s, such as too few in-sync replicas.',
      next: 'tkafka topics describe --under-min-isr-partitions',
    },
  ]
}

/** A scrape or two of a coordinator that fail. */
const GAP = '3m'
/** A partition without a leader is neither written nor read: for so long its lag is what it was. */
const SILENCE = '1h'

/**
 * How far groups are behind on each topic. Where a leader says nothing there is no sum of all partitions: then those that are told of count, and
 * of the others what was told last, as long as the group has offsets.
 */
function lagOf(terms: Terms, topic: string): string {
  const { groupCurrentOffsetSum, groupLag, groupLagSum } = exporterMetrics
  const last = (name: MetricName, time: string): string => `last_over_time(${terms.gauge(name)}[${time}])`
  const most = (labels: string, series: string): string => `max by (${labels}) (${series})`
  const partition = `${topic}, partition`
  const ofPartitions = `${most(partition, terms.gauge(groupLag))} or ${most(partition, last(groupLag, SILENCE))}`
  const untold = `sum by (${topic}) (${ofPartitions}) or ${most(topic, last(groupLagSum, SILENCE))}`
  return `${most(topic, terms.gauge(groupLagSum))} or (${untold}) and ${most(topic, last(groupCurrentOffsetSum, GAP))}`
}

function groupRules(terms: Terms, { lagRecords, lagTime }: AlertLimits): AlertRule[] {
  const { clusterLabel } = terms
  const committed = terms.gauge(exporterMetrics.groupCurrentOffset)
  const before = (offset: string): string =>
    `${committed} < on (${clusterLabel}, topic, partition) group_left () max by (${clusterLabel}, topic, partition) (${offset})`
  const topic = `${clusterLabel}, consumergroup, topic`
  const group = `${clusterLabel}, consumergroup`
  const ofGroup = `on (${group})`
  // Some commit without ever being members, as Flink and Spark do: those are not idle.
  const idle = `(${terms.gauge(exporterMetrics.groupMembers)} == 0 and ${ofGroup} sum by (${group}) (changes(${terms.gauge(exporterMetrics.groupCurrentOffsetSum)}[10m])) == 0)`
  const lag = lagOf(terms, topic)
  return [
    {
      ...{ alert: 'ConsumerLag', severity: 'warning', for: '5m' },
      expr: `(${lag}) > ${lagRecords}`,
      summary: '{{ $labels.consumergroup }} is {{ $value | humanize }} records of {{ $labels.topic }} behind',
      description: 'It reads more slowly than others write, or not at all.',
      next: 'tkafka groups describe {{ $labels.consumergroup }}; tkafka top groups -g {{ $labels.consumergroup }}',
    },
    {
      ...{ alert: 'ConsumerLagTime', severity: 'warning', for: '5m' },
      // What was there that long ago, and is not read yet.
      expr: `count by (${topic}) (${before(`${terms.gauge(exporterMetrics.currentOffset)} offset ${lagTime}`)} and last_over_time(${terms.gauge(exporterMetrics.groupLag)}[${SILENCE}]) > 0)`,
      summary: `{{ $labels.consumergroup }} is behind by more than ${lagTime} on {{ $value }} partitions of {{ $labels.topic }}`,
      description: `Records have waited for it for longer than ${lagTime}.`,
      next: 'tkafka groups describe {{ $labels.consumergroup }}',
    },
    {
      ...{ alert: 'ConsumerStopped', severity: 'warning', for: '10m' },
      expr: `sum by (${group}) (${lag}) > 0 and ${ofGroup} ${idle}`,
      summary: 'nobody reads for {{ $labels.consumergroup }}, which is {{ $value | humanize }} records behind',
      description:
        'It has no members, and has committed nothing for a while. If it is done with, delete it: it is watched as long as it has offsets.',
      next: 'tkafka groups describe {{ $labels.consumergroup }}; tkafka groups delete {{ $labels.consumergroup }}',
    },
    {
      ...{ alert: 'ConsumerLostRecords', severity: 'critical', for: '0s' },
      // Whom nobody reads for any more does not miss them, nor does a group that has stopped reading this topic alone.
      expr: `count by (${topic}) (${before(terms.gauge(exporterMetrics.oldestOffset))}) unless ${ofGroup} ${idle} and on (${topic}) (changes(${terms.gauge(exporterMetrics.groupCurrentOffsetSum)}[6h]) > 0)`,
      summary: 'records of {{ $labels.topic }} were deleted before {{ $labels.consumergroup }} had read them',
      description:
        'On {{ $value }} partitions the committed offset is before the first record that is left: retention is shorter than the lag.',
      next: 'tkafka groups describe {{ $labels.consumergroup }}; tkafka configs alter topics {{ $labels.topic }} --set retention.ms=…',
    },
  ]
}

function controllerRules(terms: Terms): AlertRule[] {
  const end = terms.gauge(kafkaMetrics.raftLogEndOffset)
  return [
    {
      ...{ alert: 'NoActiveController', severity: 'critical', for: '30s' },
      expr: `sum by (${terms.clusterLabel}) (${terms.gauge(kafkaMetrics.activeControllerCount)}) != 1`,
      summary: '{{ $value }} active controllers, where one should be',
      description:
        'Without one no leader is elected and nothing can be changed. More than one for long: two of them cannot see each other.',
      next: 'tkafka cluster quorum status',
    },
    {
      ...{ alert: 'NoQuorumLeader', severity: 'critical', for: '30s' },
      expr: `${terms.gauge(kafkaMetrics.raftLeader)} < 0`,
      summary: '{{ $labels.instance }} knows no leader of the metadata quorum',
      description: 'It cannot see a majority of the voters.',
      next: 'tkafka cluster quorum status; tkafka cluster quorum replication',
    },
    {
      ...{ alert: 'QuorumElections', severity: 'warning', for: '5m' },
      expr: `max by (${terms.clusterLabel}) (delta(${terms.gauge(kafkaMetrics.raftEpoch)}[10m])) > 3`,
      summary: 'the metadata quorum began {{ $value | humanize }} epochs within ten minutes',
      description: 'Leaders do not hold: a network that breaks, a disk that is slow to sync, or a machine without time for its processes.',
      next: 'tkafka cluster quorum status; tkafka top quorum',
    },
    {
      ...{ alert: 'QuorumNodeBehind', severity: 'warning', for: '1m' },
      expr: `(max by (${terms.clusterLabel}) (${end}) - on (${terms.clusterLabel}) group_right () ${end}) > 1000`,
      summary: '{{ $labels.instance }} is {{ $value }} metadata records behind',
      description: 'It acts on what was true then; as a voter it does not help to commit.',
      next: 'tkafka cluster quorum replication',
    },
    {
      ...{ alert: 'MetadataStale', severity: 'warning', for: '1m' },
      expr: `${terms.gauge(kafkaMetrics.brokerAppliedLagMs)} > 30000`,
      summary: '{{ $labels.instance }} has heard of nothing new for {{ $value | humanize }} ms',
      description: 'The active controller writes at least every half second: it is gone, or this node does not get on.',
      next: 'tkafka cluster quorum replication; tkafka broker status',
    },
    {
      ...{ alert: 'CommitsSlow', severity: 'warning', for: '5m' },
      expr: `${terms.gauge(kafkaMetrics.raftCommitLatencyAvg)} > 500`,
      summary: 'metadata takes {{ $value | humanize }} ms to be committed',
      description: 'A majority of the voters is slow to sync its disks or far away.',
      next: 'tkafka top quorum; tkafka cluster quorum replication',
    },
  ]
}
