import { exporterMetrics, kafkaMetrics } from '../metrics/index.ts'
import type { Dashboard } from './dashboards.ts'
import { lines, table, target, variables } from './panels.ts'
import type { Terms } from './terms.ts'

/** Consumer groups: how far they are behind, in records and in time, and whether they keep up. */
export const groupsDashboard = (terms: Terms): Dashboard => {
  const group = terms.where('consumergroup=~"$group"')
  const each = '{{consumergroup}} {{topic}}'
  const byTopic = (expr: string): string => `sum by (consumergroup, topic) (${expr})`
  const written = `sum by (topic) (rate(${terms.gauge(exporterMetrics.currentOffset)}[$__rate_interval]))`
  const read = byTopic(`rate(${group.gauge(exporterMetrics.groupCurrentOffset)}[$__rate_interval])`)
  // While a leader says nothing there is no sum: the line goes on over a scrape or two.
  const lag = `max by (consumergroup, topic) (last_over_time(${group.gauge(exporterMetrics.groupLagSum)}[$__rate_interval]))`
  return {
    title: 'tkafka: consumer groups',
    about: 'How far groups are behind, in records and in time, and whether they keep up.',
    variables: variables(terms, {
      ...{ name: 'group', label: 'Group', isMany: true },
      query: `label_values(${terms.gauge(exporterMetrics.groupMembers)}, consumergroup)`,
    }),
    rows: [
      {
        title: 'Lag',
        panels: [
          lines('Records not read', 'short', 'Between the committed offset and the high watermark.', [target(lag, each)]),
          lines('Behind by', 's', 'How long it took to write what is not read yet, at the present rate of the topic.', [
            target(`${lag} / on (topic) group_left () (${written} > 0)`, each),
          ]),
          lines('Caught up in', 's', 'At the present rates of reading and writing; nothing: never.', [
            target(`${lag} / (${read} - on (topic) group_left () ${written} > 0)`, each),
          ]),
          table('Hindmost partitions', 'short', 'The twenty with the most records not read.', [
            target(`topk(20, ${group.gauge(exporterMetrics.groupLag)})`, '{{consumergroup}} {{topic}}-{{partition}}'),
          ]),
        ],
      },
      {
        title: 'Pace',
        panels: [
          lines('Read', 'ops', 'Growth of the committed offsets, a second.', [target(read, each)]),
          lines('Written', 'ops', 'Growth of the topics that the groups read, a second.', [
            target(`${written} and on (topic) ${byTopic(group.gauge(exporterMetrics.groupCurrentOffset))}`, '{{topic}}'),
          ]),
          lines('Members', 'none', 'None, and a lag that grows: nobody reads.', [
            target(`sum by (consumergroup) (${group.gauge(exporterMetrics.groupMembers)})`, '{{consumergroup}}'),
          ]),
        ],
      },
      {
        title: 'Coordinators',
        panels: [
          lines('Groups by state', 'none', 'Of the classic protocol.', [
            target(`sum(${terms.gauge(kafkaMetrics.groupsStable)})`, 'stable'),
            target(`sum(${terms.gauge(kafkaMetrics.groupsPreparing)})`, 'wait for members'),
            target(`sum(${terms.gauge(kafkaMetrics.groupsCompleting)})`, 'wait for their assignment'),
            target(`sum(${terms.gauge(kafkaMetrics.groupsEmpty)})`, 'without members'),
          ]),
          lines(
            'Rebalances',
            'ops',
            'That were completed. Many of them: members come and go, or are too slow for session.timeout.ms or max.poll.interval.ms.',
            [target(`sum(${terms.rate(kafkaMetrics.groupRebalances)})`, 'rebalances')],
          ),
          lines('Commits', 'ops', 'Offsets that groups have committed.', [
            target(`sum(${terms.rate(kafkaMetrics.groupCommits)})`, 'offsets'),
          ]),
        ],
      },
    ],
  }
}
