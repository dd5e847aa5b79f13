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

/** What a group has committed of a topic, as it was when the reading began. */
interface Committed {
  readonly consumergroup: string
  readonly topic: string
  readonly offsets: readonly (readonly [partition: number, offset: number])[]
}

/**
 * Positions of the groups coordinated here. Groups without members are there too. High watermarks are read after the committed offsets, those
 * of partitions that are led elsewhere from their leaders, and a group that committed beyond the end has no lag: a negative one misleads
 * autoscalers. Where no leader says what the high watermark is, no lag is shown rather than a wrong one. `rest` is awaited now and then.
 */
export const readGroups = async (
  view: BrokerView,
  detail: 'partition' | 'topic' | 'broker',
  rest: () => Promise<void>,
): Promise<GroupReading> => {
  const series: GroupSeries = { offset: [], offsetSum: [], lag: [], lagSum: [], members: [] }
  const byProtocol = { classic: 0, consumer: 0, share: 0, streams: 0 }
  const committed: Committed[] = []
  for (const { groupId, protocol, memberCount, offsets } of view.groups.inspect()) {
    byProtocol[protocol]++
    if (detail === 'broker') continue
    series.members.push([{ consumergroup: groupId }, memberCount])
    for (const [topic, partitions] of offsets) committed.push({ consumergroup: groupId, topic, offsets: committedOf(partitions) })
  }
  const metrics = view.groups.metrics()
  const elsewhere = await view.leaderOffsets.ask(ledElsewhere(view, committed))
  const highWatermark = (topic: string, index: number): number | undefined => {
    const partition = view.partitions.findByName(topic, index)
    return partition?.isLeader === true ? partition.log.highWatermark : elsewhere.get(topic)?.get(index)
  }
  let work = 0
  for (const each of committed) {
    addTopic(series, each, highWatermark, detail === 'partition')
    work += each.offsets.length
    if (work < WORK_A_TURN) continue
    work = 0
    await rest()
  }
  return { metrics, byProtocol, series }
}

/** About as much as is written in a turn. */
const WORK_A_TURN = 2000

type CommittedPartitions = InspectedGroup['offsets'] extends ReadonlyMap<string, infer Partitions> ? Partitions : never

const committedOf = (partitions: CommittedPartitions): [number, number][] => {
  const offsets: [number, number][] = []
  for (const [index, { offset }] of partitions) if (Number(offset) >= 0) offsets.push([index, Number(offset)])
  return offsets
}

/** What other brokers lead of what groups have committed, by leader. */
const ledElsewhere = ({ image, nodeId }: BrokerView, committed: readonly Committed[]): Map<number, Map<string, Set<number>>> => {
  const wanted = new Map<number, Map<string, Set<number>>>()
  for (const { topic, offsets } of committed) {
    const partitions = image.topic(topic)?.partitions
    for (const [index] of offsets) {
      const leader = partitions?.get(index)?.leader
      if (leader === undefined || leader < 0 || leader === nodeId) continue
      let topics = wanted.get(leader)
      if (topics === undefined) wanted.set(leader, (topics = new Map()))
      let indexes = topics.get(topic)
      if (indexes === undefined) topics.set(topic, (indexes = new Set()))
      indexes.add(index)
    }
  }
  return wanted
}

const addTopic = (
  series: GroupSeries,
  { consumergroup, topic, offsets }: Committed,
  highWatermark: (topic: string, index: number) => number | undefined,
  withPartitions: boolean,
): void => {
  if (offsets.length === 0) return
  let offsetSum = 0
  let lagSum = 0
  let isWhole = true
  for (const [index, offset] of offsets) {
    const labels: Labels = { consumergroup, topic, partition: String(index) }
    const end = highWatermark(topic, index)
    offsetSum += offset
    if (withPartitions) series.offset.push([labels, offset])
    if (end === undefined) {
      isWhole = false
      continue
    }
    const lag = Math.max(0, end - offset)
    lagSum += lag
    if (withPartitions) series.lag.push([labels, lag])
  }
  series.offsetSum.push([{ consumergroup, topic }, offsetSum])
  // A sum of some would fall when a leader fails, and whoever goes by it would take readers away.
  if (isWhole) series.lagSum.push([{ consumergroup, topic }, lagSum])
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
