import { kafkaMetrics, type LabelledValue, type MetricRegistry, RecentGrowth } from '../metrics/index.ts'
import type { BrokerView } from './node-view.ts'

/** As Kafka's ReplicaFetcherManager names itself. */
const REPLICA = { clientId: 'Replica' }

/** Records between brokers, and who carries them. */
export const showReplication = (registry: MetricRegistry, view: BrokerView): void => {
  const { metrics, throttles, fetchSessions, replication } = view
  registry.counters(kafkaMetrics.replicationBytesOut, () => [[{}, metrics.replicationBytesOut]])
  registry.counters(kafkaMetrics.replicationBytesIn, () => [[{}, metrics.replicationBytesIn]])
  registry.counters(kafkaMetrics.reassignmentBytesOut, () => [[{}, metrics.reassignmentBytesOut]])
  registry.counters(kafkaMetrics.reassignmentBytesIn, () => [[{}, metrics.reassignmentBytesIn]])
  registry.counters(kafkaMetrics.failedIsrUpdates, () => [[{}, replication.failedIsrUpdates]])
  registry.gauge(kafkaMetrics.leaderThrottledRate, () => throttles.leader.quota.bytesPerSecond)
  registry.gauge(kafkaMetrics.followerThrottledRate, () => throttles.follower.quota.bytesPerSecond)
  registry.gauge(kafkaMetrics.alterLogDirsRate, () => throttles.alterLogDirs.bytesPerSecond)
  registry.gauge(kafkaMetrics.fetchSessionCount, () => fetchSessions.count)
  registry.gauge(kafkaMetrics.fetchSessionPartitions, () => fetchSessions.partitionCount)
  registry.counters(kafkaMetrics.fetchSessionEvictions, () => [[{}, fetchSessions.evictions]])
  showFetchers(registry, view)
}

const showFetchers = (registry: MetricRegistry, { replication, clock }: BrokerView): void => {
  registry.gauge(kafkaMetrics.maxLag, () => maxOf(replication, ({ lag }) => lag ?? 0), REPLICA)
  registry.gauge(kafkaMetrics.failedPartitionsCount, () => countOf(replication, ({ isFailed }) => isFailed), REPLICA)
  registry.gauge(kafkaMetrics.deadFetchers, () => 0, REPLICA)
  const growth = new WeakMap<object, RecentGrowth>()
  const rate = ({ counts }: Fetcher): number => {
    const nowMs = clock.monotonic()
    let known = growth.get(counts)
    if (known === undefined) growth.set(counts, (known = new RecentGrowth(nowMs, counts.requests)))
    return known.perSecond(nowMs, counts.requests)
  }
  registry.gauge(kafkaMetrics.minFetchRate, () => Math.min(...ratesOr0(replication, rate)), REPLICA)
  const ofFetchers = (value: (fetcher: Fetcher) => number) =>
    function* (): Generator<LabelledValue> {
      for (const fetcher of replication.fetchers()) {
        const { clientId, host: brokerHost, port } = fetcher
        yield [{ clientId, brokerHost, brokerPort: String(port) }, value(fetcher)]
      }
    }
  registry.counters(
    kafkaMetrics.fetcherRequests,
    ofFetchers(({ counts }) => counts.requests),
  )
  registry.counters(
    kafkaMetrics.fetcherBytes,
    ofFetchers(({ counts }) => counts.bytes),
  )
}

/** One series for each partition that is followed. */
export const showFetcherLags = (registry: MetricRegistry, { replication }: BrokerView): void => {
  registry.gauges(kafkaMetrics.fetcherLag, function* (): Generator<LabelledValue> {
    for (const { clientId, followed } of replication.fetchers())
      for (const { partition, lag } of followed())
        yield [{ clientId, topic: partition.topic, partition: String(partition.index) }, lag ?? -1]
  })
}

type Replicating = BrokerView['replication']
type Fetcher = ReturnType<Replicating['fetchers']> extends Iterable<infer F> ? F : never
type Followed = ReturnType<Fetcher['followed']> extends Iterable<infer F> ? F : never

const maxOf = (replication: Replicating, value: (followed: Followed) => number): number => {
  let max = 0
  for (const fetcher of replication.fetchers()) for (const followed of fetcher.followed()) max = Math.max(max, value(followed))
  return max
}

const countOf = (replication: Replicating, is: (followed: Followed) => boolean): number => {
  let count = 0
  for (const fetcher of replication.fetchers()) for (const followed of fetcher.followed()) count += Number(is(followed))
  return count
}

const ratesOr0 = (replication: Replicating, rate: (fetcher: Fetcher) => number): number[] => {
  const rates = [...replication.fetchers()].map(rate)
  return rates.length === 0 ? [0] : rates
}
