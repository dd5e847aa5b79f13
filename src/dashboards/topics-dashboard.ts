import { exporterMetrics, kafkaMetrics } from '../metrics/index.ts'
import type { Dashboard } from './dashboards.ts'
import { lines, table, target, variables } from './panels.ts'
import type { Terms } from './terms.ts'

/** Topics: what goes in and out, how large they are, and how their partitions are. */
export const topicsDashboard = (terms: Terms): Dashboard => {
  const topic = terms.where('topic=~"$topic"')
  const each = '{{topic}}'
  const byTopic = (expr: string): string => `sum by (topic) (${expr})`
  return {
    title: 'tkafka: topics',
    about: 'Topics: what goes in and out, how large they are, how their partitions are. Partitions need tkafka.metrics.detail=partition.',
    variables: variables(terms, {
      ...{ name: 'topic', label: 'Topic', isMany: true },
      query: `label_values(${terms.gauge(exporterMetrics.topicPartitions)}, topic)`,
    }),
    rows: [
      {
        title: 'Traffic',
        panels: [
          lines('Records in', 'ops', 'What producers wrote.', [target(byTopic(topic.rate(kafkaMetrics.messagesIn)), each)]),
          lines('Bytes in', 'Bps', 'As they were sent: compressed.', [target(byTopic(topic.rate(kafkaMetrics.bytesIn)), each)]),
          lines('Bytes out', 'Bps', 'To consumers.', [target(byTopic(topic.rate(kafkaMetrics.bytesOut)), each)]),
          lines('Refused produces', 'ops', 'For reasons that are not the client’s, by partition asked for.', [
            target(byTopic(topic.rate(kafkaMetrics.failedProduceRequests)), each),
          ]),
          lines('Refused fetches', 'ops', 'Likewise.', [target(byTopic(topic.rate(kafkaMetrics.failedFetchRequests)), each)]),
          lines('Bytes of a record', 'bytes', 'Of those that came in lately, on average.', [
            target(`${byTopic(topic.rate(kafkaMetrics.bytesIn))} / ${byTopic(topic.rate(kafkaMetrics.messagesIn))}`, each),
          ]),
        ],
      },
      {
        title: 'Size',
        panels: [
          lines('Size', 'bytes', 'On disk, all replicas together.', [target(byTopic(topic.gauge(kafkaMetrics.logSize)), each)], {
            isStacked: true,
          }),
          lines('Records', 'short', 'Offsets from the first to the last: compaction leaves gaps.', [
            target(byTopic(`${topic.gauge(exporterMetrics.currentOffset)} - ${topic.gauge(exporterMetrics.oldestOffset)}`), each),
          ]),
          table('Partitions', 'none', 'How many there are.', [target(topic.gauge(exporterMetrics.topicPartitions), each)]),
        ],
      },
      {
        title: 'Partitions',
        panels: [
          table('Replicas out of sync', 'none', 'Partitions with fewer in-sync replicas than replicas.', [
            target(byTopic(topic.gauge(exporterMetrics.underReplicated)), each),
          ]),
          table('Not led by their first replica', 'none', 'tkafka topics elect-leaders gives leadership back.', [
            target(byTopic(`1 - ${topic.gauge(exporterMetrics.leaderIsPreferred)}`), each),
          ]),
          table('Below min.insync.replicas', 'none', 'They refuse producers with acks=all.', [
            target(byTopic(topic.gauge(kafkaMetrics.underMinIsr)), each),
          ]),
          lines(
            'Uneven partitions',
            'short',
            'The largest against the mean: 1 is even. Keys that are used more than others make it grow.',
            [
              target(
                `max by (topic) (${topic.gauge(kafkaMetrics.logSize)}) / avg by (topic) (${topic.gauge(kafkaMetrics.logSize)} > 0)`,
                each,
              ),
            ],
          ),
        ],
      },
    ],
  }
}
