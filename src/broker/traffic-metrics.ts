import { kafkaMetrics, type LabelledValue, type MetricRegistry } from '../metrics/index.ts'
import { errorName } from '../protocol/index.ts'
import type { TopicTraffic } from './broker-metrics.ts'
import type { NodeView } from './node-view.ts'

const perTopic = [
  [kafkaMetrics.messagesIn, 'messagesIn'],
  [kafkaMetrics.bytesIn, 'bytesIn'],
  [kafkaMetrics.bytesOut, 'bytesOut'],
  [kafkaMetrics.produceRequests, 'produceRequests'],
  [kafkaMetrics.fetchRequests, 'fetchRequests'],
  [kafkaMetrics.failedProduceRequests, 'failedProduceRequests'],
  [kafkaMetrics.failedFetchRequests, 'failedFetchRequests'],
  [kafkaMetrics.bytesRejected, 'bytesRejected'],
] as const satisfies readonly (readonly [unknown, keyof TopicTraffic])[]

/** Records and bytes in and out, of the broker as a whole (no labels, as Kafka's beans without a topic) and of each topic. */
export const showTopicTraffic = (registry: MetricRegistry, { metrics }: NodeView, withTopics: boolean): void => {
  for (const [name, count] of perTopic) {
    registry.counters(name, function* (): Generator<LabelledValue> {
      yield [{}, metrics.all[count]]
      if (withTopics) for (const [topic, traffic] of metrics.topics) yield [{ topic }, traffic[count]]
    })
  }
}

/** How large requests are, how long they take. A name shows up once it was asked for: called before every reading. */
export const showRequests = (registry: MetricRegistry, { metrics }: NodeView): void => {
  for (const traffic of metrics.requests()) {
    const labels = { request: traffic.name }
    registry.showHistogram(kafkaMetrics.requestBytes, traffic.bytes, labels)
    registry.showHistogram(kafkaMetrics.requestTotalTimeMs, traffic.totalMs, labels)
    registry.showHistogram(kafkaMetrics.requestLocalTimeMs, traffic.localMs, labels)
    registry.showHistogram(kafkaMetrics.requestRemoteTimeMs, traffic.remoteMs, labels)
    registry.showHistogram(kafkaMetrics.responseQueueTimeMs, traffic.responseQueueMs, labels)
    registry.showHistogram(kafkaMetrics.responseSendTimeMs, traffic.responseSendMs, labels)
  }
}

/** How many there were, and what they were told: NONE is an error as good as others, as in Kafka. */
export const showRequestCounts = (registry: MetricRegistry, { metrics }: NodeView): void => {
  registry.counters(kafkaMetrics.requests, function* (): Generator<LabelledValue> {
    for (const { name, requests } of metrics.requests())
      for (const [version, count] of requests.entries()) if (count !== undefined) yield [{ request: name, version: String(version) }, count]
  })
  registry.counters(kafkaMetrics.requestErrors, function* (): Generator<LabelledValue> {
    for (const { name, errors, isPart } of metrics.requests()) {
      if (isPart) continue
      for (const [at, count] of errors.entries()) if (count !== undefined) yield [{ request: name, error: errorName(at - 1) }, count]
    }
  })
}

export const showConnections = (registry: MetricRegistry, { connections }: NodeView, listenerNames: readonly string[]): void => {
  registry.gauges(kafkaMetrics.connectionCount, function* (): Generator<LabelledValue> {
    for (const listener of listenerNames) yield [{ listener }, connections.onListener(listener)]
  })
  registry.counters(kafkaMetrics.connectionsAccepted, () => [[{}, connections.accepted]])
  registry.counters(kafkaMetrics.connectionsRefused, () => [[{}, connections.refused]])
  registry.counters(kafkaMetrics.connectionsIdleClosed, () => [[{}, connections.idleClosed]])
  registry.counters(kafkaMetrics.connectionsFailed, () => [[{}, connections.failed]])
}
