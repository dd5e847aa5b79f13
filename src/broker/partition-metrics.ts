import { isReassigning } from '../metadata/index.ts'
import { exporterMetrics, kafkaMetrics, type LabelledValue, type MetricName, type MetricRegistry } from '../metrics/index.ts'
import type { Partition } from '../replica/index.ts'
import type { BrokerView, ShownPartition } from './node-view.ts'

/** Without those that are still being added: a partition that moves is not ill. */
const replicationFactor = ({ registration }: Partition): number => registration.replicas.length - registration.addingReplicas.length

export const isUnderReplicated = (partition: Partition): boolean =>
  partition.isLeader && partition.registration.isr.length < replicationFactor(partition)
const isAtMinIsr = (partition: Partition): boolean =>
  partition.isLeader && partition.registration.isr.length === partition.minInsyncReplicas

/** How many partitions of this broker are in which state, and its log directories. */
export const showPartitionCounts = (registry: MetricRegistry, { partitions, logs, image, nodeId }: BrokerView): void => {
  const count = (is: (partition: Partition) => boolean) => (): number => {
    let found = 0
    for (const partition of partitions.all()) if (is(partition)) found++
    return found
  }
  registry.gauge(
    kafkaMetrics.partitionCount,
    count(() => true),
  )
  registry.gauge(
    kafkaMetrics.leaderCount,
    count(({ isLeader }) => isLeader),
  )
  registry.gauge(kafkaMetrics.underReplicatedPartitions, count(isUnderReplicated))
  registry.gauge(
    kafkaMetrics.underMinIsrPartitionCount,
    count(({ isUnderMinIsr }) => isUnderMinIsr),
  )
  registry.gauge(kafkaMetrics.atMinIsrPartitionCount, count(isAtMinIsr))
  registry.gauge(
    kafkaMetrics.reassigningPartitions,
    count(({ isLeader, registration }) => isLeader && isReassigning(registration)),
  )
  const sum = (of: (partition: Partition) => number) => (): number => {
    let total = 0
    for (const partition of partitions.all()) total += of(partition)
    return total
  }
  registry.gauge(
    kafkaMetrics.producerIdCount,
    sum(({ log }) => log.producers.states.size),
  )
  registry.gauge(
    kafkaMetrics.waiting,
    sum(({ waitingAppends }) => waitingAppends),
    { delayedOperation: 'Produce' },
  )
  registry.gauge(
    kafkaMetrics.waiting,
    sum(({ waitingFetches }) => waitingFetches),
    { delayedOperation: 'Fetch' },
  )
  // A fetch waits for each of its partitions.
  const waitingFetches = (): number => {
    const fetches = new Set<() => void>()
    for (const { wakers } of partitions.all()) for (const wake of wakers) fetches.add(wake)
    return fetches.size
  }
  registry.gauge(kafkaMetrics.waitingOperations, waitingFetches, { delayedOperation: 'Fetch' })
  registry.gauge(kafkaMetrics.offlineReplicaCount, () => partitions.offlineCount)
  registry.gauge(kafkaMetrics.offlineLogDirectoryCount, () => logs.directories.length - logs.online.length)
  registry.gauge(kafkaMetrics.cordonedLogDirectoryCount, () => logs.cordoned.size)
  registry.gauges(kafkaMetrics.logDirectoryOffline, () =>
    logs.directories.map(({ path, online }): LabelledValue => [{ logDirectory: path }, Number(!online)]),
  )
  if (logs.flushMs !== undefined) registry.showHistogram(kafkaMetrics.logFlushTimeMs, logs.flushMs)
  const shrinks = registry.counter(kafkaMetrics.isrShrinks)
  const expands = registry.counter(kafkaMetrics.isrExpands)
  image.observe({
    partitionChanged: (_topic, _id, before, after) => {
      if (before?.leader !== nodeId || after === undefined) return
      if (before.isr.some((id) => !after.isr.includes(id))) shrinks.value++
      if (after.isr.some((id) => !before.isr.includes(id))) expands.value++
    },
  })
}

type Value = (partition: Partition) => number

const ofReplicas: readonly (readonly [MetricName, Value])[] = [
  [kafkaMetrics.logSize, ({ log }) => log.bytes],
  [kafkaMetrics.logStartOffset, ({ log }) => log.logStartOffset],
  [kafkaMetrics.logEndOffset, ({ log }) => log.logEndOffset],
  [kafkaMetrics.segmentCount, ({ log }) => log.segments.length],
  [kafkaMetrics.underMinIsr, ({ isUnderMinIsr }) => Number(isUnderMinIsr)],
  [kafkaMetrics.atMinIsr, (partition) => Number(isAtMinIsr(partition))],
  // Kafka's gauges of partitions that are led elsewhere say 0.
  [kafkaMetrics.inSyncReplicasCount, ({ isLeader, registration }) => (isLeader ? registration.isr.length : 0)],
  [kafkaMetrics.replicasCount, (partition) => (partition.isLeader ? replicationFactor(partition) : 0)],
  [kafkaMetrics.underReplicated, (partition) => Number(isUnderReplicated(partition))],
  [kafkaMetrics.lastStableOffsetLag, ({ log }) => log.highWatermark - log.lastStableOffset],
]

/** Shown by the leader alone, so that the scrapes of a whole cluster hold each of them once. */
const ofLeaders: readonly (readonly [MetricName, Value])[] = [
  [exporterMetrics.currentOffset, ({ log }) => log.highWatermark],
  [exporterMetrics.oldestOffset, ({ log }) => log.logStartOffset],
  [exporterMetrics.inSyncReplica, ({ registration }) => registration.isr.length],
  [exporterMetrics.leader, ({ registration }) => registration.leader],
  [exporterMetrics.leaderIsPreferred, ({ registration }) => Number(registration.leader === registration.replicas[0])],
  [exporterMetrics.replicas, ({ registration }) => registration.replicas.length],
  [exporterMetrics.underReplicated, ({ registration }) => Number(registration.isr.length < registration.replicas.length)],
]

/** One series for each partition. `shown` gives the partitions of the reading under way. */
export const showPartitions = (registry: MetricRegistry, shown: () => readonly ShownPartition[]): void => {
  const show = (name: MetricName, value: Value, leadersOnly: boolean): void => {
    registry.gauges(name, function* (): Generator<LabelledValue> {
      for (const { labels, partition } of shown()) if (!leadersOnly || partition.isLeader) yield [labels, value(partition)]
    })
  }
  for (const [name, value] of ofReplicas) show(name, value, false)
  for (const [name, value] of ofLeaders) show(name, value, true)
}

/** Without series for each partition: the sizes of topics. */
export const showTopicSizes = (registry: MetricRegistry, shown: () => readonly ShownPartition[]): void => {
  registry.gauges(kafkaMetrics.logSize, () => {
    const sizes = new Map<string, number>()
    for (const { partition } of shown()) sizes.set(partition.topic, (sizes.get(partition.topic) ?? 0) + partition.log.bytes)
    return [...sizes].map(([topic, bytes]): LabelledValue => [{ topic }, bytes])
  })
}
