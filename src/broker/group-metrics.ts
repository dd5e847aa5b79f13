import type { GroupMetrics, InspectedGroup } from '../coordinator/group/index.ts'
import { exporterMetrics, kafkaMetrics, type LabelledValue, type Labels, type MetricName, type MetricRegistry } from '../metrics/index.ts'
import type { BrokerView } from './node-view.ts'

/** Numbers of the group coordinator under Kafka's names. */
export const showGroupCoordinator = (registry: MetricRegistry, reading: () => GroupReading | undefined): void => {
  const read = (value: (metrics: GroupMetrics) => number): number => {
    const metrics = reading()?.metrics
    return metrics === undefined ? Number.NaN : value(metrics)
  }
  const gauge = (name: MetricName, value: (metrics: GroupMetrics) => number): void => registry.gauge(name, () => read(value))
  const counter = (name: MetricName, value: (metrics: GroupMetrics) => number): void => {
    registry.counters(name, () => [[{}, read(value)]])
  }
  gauge(kafkaMetrics.groups, (all) => all.groups)
  gauge(kafkaMetrics.groupOffsets, ({ offsets }) => offsets)
  gauge(kafkaMetrics.groupsPreparing, ({ groupsByState }) => groupsByState.PreparingRebalance)
  gauge(kafkaMetrics.groupsCompleting, ({ groupsByState }) => groupsByState.CompletingRebalance)
  gauge(kafkaMetrics.groupsStable, ({ groupsByState }) => groupsByState.Stable)
  gauge(kafkaMetrics.groupsDead, ({ groupsByState }) => groupsByState.Dead)
  gauge(kafkaMetrics.groupsEmpty, ({ groupsByState }) => groupsByState.Empty)
  gauge(kafkaMetrics.groupParked, ({ parkedRequests }) => parkedRequests)
  registry.gauges(kafkaMetrics.groupPartitions, () => [
    [{ state: 'active' }, read(({ partitions }) => partitions.active)],
    [{ state: 'loading' }, read(({ partitions }) => partitions.loading)],
  ])
  registry.gauges(kafkaMetrics.groupsByProtocol, () =>
    Object.entries(reading()?.byProtocol ?? {}).map(([protocol, count]): LabelledValue => [{ protocol }, count]),
  )
  counter(kafkaMetrics.groupCommits, ({ offsetCommits }) => offsetCommits)
  counter(kafkaMetrics.groupExpirations, ({ offsetExpirations }) => offsetExpirations)
  counter(kafkaMetrics.groupDeletions, ({ offsetDeletions }) => offsetDeletions)
  counter(kafkaMetrics.groupRebalances, ({ completedRebalances }) => completedRebalances)
}

/** What one scrape shows of groups, read in one go. */
export interface GroupReading {
  readonly metrics: GroupMetrics
  readonly byProtocol: Readonly<Record<InspectedGroup['protocol'], number>>
  readonly series: GroupSeries
}

interface GroupSeries {
  readonly offset: LabelledValue[]
  readonly offsetSum: LabelledValue[]
  readonly lag: LabelledValue[]
  readonly lagSum: LabelledValue[]
  readonly members: LabelledValue[]
}

/**
 * Positions of the groups coordinated here. Groups without members are there too. Committed offset and high watermark are read in one turn,
 * and a group that committed beyond the end has no lag: a negative one misleads autoscalers. The high watermark of a partition that is
 * led elsewhere is not known here: no lag is shown rather than a wrong one.
 */
export const readGroups = (view: BrokerView, detail: 'partition' | 'topic' | 'broker'): GroupReading => {
  const series: GroupSeries = { offset: [], offsetSum: [], lag: [], lagSum: [], members: [] }
  const byProtocol = { classic: 0, consumer: 0, share: 0, streams: 0 }
  for (const group of view.groups.inspect()) {
    byProtocol[group.protocol]++
    if (detail === 'broker') continue
    series.members.push([{ consumergroup: group.groupId }, group.memberCount])
    for (const [topic, offsets] of group.offsets) addTopic(series, view, group.groupId, topic, offsets, detail === 'partition')
  }
  return { metrics: view.groups.metrics(), byProtocol, series }
}

const addTopic = (
  series: GroupSeries,
  view: BrokerView,
  consumergroup: string,
  topic: string,
  offsets: InspectedGroup['offsets'] extends ReadonlyMap<string, infer Partitions> ? Partitions : never,
  withPartitions: boolean,
): void => {
  let offsetSum = 0
  let lagSum: number | undefined
  for (const [index, { offset: committed }] of offsets) {
    const offset = Number(committed)
    if (offset < 0) continue
    const labels: Labels = { consumergroup, topic, partition: String(index) }
    const partition = view.partitions.findByName(topic, index)
    offsetSum += offset
    if (withPartitions) series.offset.push([labels, offset])
    if (partition === undefined || !partition.isLeader) continue
    const lag = Math.max(0, partition.log.highWatermark - offset)
    lagSum = (lagSum ?? 0) + lag
    if (withPartitions) series.lag.push([labels, lag])
  }
  series.offsetSum.push([{ consumergroup, topic }, offsetSum])
  if (lagSum !== undefined) series.lagSum.push([{ consumergroup, topic }, lagSum])
}

/** `reading` gives what was read for the reading under way. */
export const showGroups = (registry: MetricRegistry, reading: () => GroupReading | undefined): void => {
  const show = (name: MetricName, of: (series: GroupSeries) => LabelledValue[]): void => {
    registry.gauges(name, () => {
      const read = reading()
      return read === undefined ? [] : of(read.series)
    })
  }
  show(exporterMetrics.groupCurrentOffset, ({ offset }) => offset)
  show(exporterMetrics.groupCurrentOffsetSum, ({ offsetSum }) => offsetSum)
  show(exporterMetrics.groupLag, ({ lag }) => lag)
  show(exporterMetrics.groupLagSum, ({ lagSum }) => lagSum)
  show(exporterMetrics.groupMembers, ({ members }) => members)
}
