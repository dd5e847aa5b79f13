import { exporterMetrics, kafkaMetrics, nodeMetrics } from '../metrics/index.ts'
import type { Dashboard } from './dashboards.ts'
import { lines, NONE_IS_GOOD, number, ONE_IS_GOOD, target, variables } from './panels.ts'
import type { Terms } from './terms.ts'

/** A whole cluster at a glance: what is wrong, what goes through it, what it waits for. */
export const clusterDashboard = (terms: Terms): Dashboard => {
  const sum = (expr: string): string => `sum(${expr})`
  const byNode = (expr: string): string => `sum by (instance) (${expr})`
  return {
    title: 'tkafka: cluster',
    about: 'A whole cluster at a glance. The first row has to be green.',
    variables: variables(terms),
    rows: [
      {
        title: 'Health',
        panels: [
          number(
            'Active controllers',
            'none',
            'One, always. None: nothing can be changed, and no leader is elected. See the controller dashboard.',
            sum(terms.gauge(kafkaMetrics.activeControllerCount)),
            ONE_IS_GOOD,
          ),
          number(
            'Nodes that are not scraped',
            'none',
            'Their metrics endpoint does not answer: down, or out of reach.',
            `sum(1 - ${terms.series('up')})`,
            NONE_IS_GOOD,
          ),
          number(
            'Fenced brokers',
            'none',
            'The controller hears nothing of them.',
            sum(terms.gauge(kafkaMetrics.fencedBrokerCount)),
            NONE_IS_GOOD,
          ),
          number(
            'Partitions without a leader',
            'none',
            'They can be neither written nor read.',
            sum(terms.gauge(kafkaMetrics.offlinePartitionsCount)),
            NONE_IS_GOOD,
          ),
          number(
            'Partitions below min.insync.replicas',
            'none',
            'They refuse producers with acks=all.',
            sum(terms.gauge(kafkaMetrics.underMinIsrPartitionCount)),
            NONE_IS_GOOD,
          ),
          number(
            'Under-replicated partitions',
            'none',
            'Replicas are out of sync: one more failure may hurt.',
            sum(terms.gauge(kafkaMetrics.underReplicatedPartitions)),
            {
              limits: { warn: 1 },
            },
          ),
          number(
            'Log directories offline',
            'none',
            'A disk failed.',
            sum(terms.gauge(kafkaMetrics.offlineLogDirectoryCount)),
            NONE_IS_GOOD,
          ),
          number(
            'Unclean elections, last hour',
            'none',
            'Elections of a replica that was out of sync: records were lost.',
            sum(`increase(${terms.counter(kafkaMetrics.uncleanLeaderElections)}[1h])`),
            NONE_IS_GOOD,
          ),
        ],
      },
      {
        title: 'Traffic',
        panels: [
          lines(
            'Bytes in',
            'Bps',
            'What producers wrote, by node.',
            [target(byNode(terms.rate(kafkaMetrics.bytesIn, 'topic=""')), '{{instance}}')],
            { isStacked: true },
          ),
          lines(
            'Bytes out',
            'Bps',
            'What consumers read, by node.',
            [target(byNode(terms.rate(kafkaMetrics.bytesOut, 'topic=""')), '{{instance}}')],
            { isStacked: true },
          ),
          lines(
            'Records in',
            'ops',
            'What producers wrote, by node.',
            [target(byNode(terms.rate(kafkaMetrics.messagesIn, 'topic=""')), '{{instance}}')],
            { isStacked: true },
          ),
          lines('Requests', 'ops', 'Of clients and of other nodes, by API.', [
            target(`sum by (request) (${terms.rate(kafkaMetrics.requests)})`, '{{request}}'),
          ]),
          lines(
            'Produce, 99th percentile',
            'ms',
            'From the last byte of a request until its answer was sent; with acks=all the replication is in it.',
            [target(terms.gauge(kafkaMetrics.requestTotalTimeMs, 'request="Produce"', 'quantile="0.99"'), '{{instance}}')],
          ),
          lines(
            'Fetch of consumers, 99th percentile',
            'ms',
            'With the time that a fetch waits for records to come, fetch.max.wait.ms at most.',
            [target(terms.gauge(kafkaMetrics.requestTotalTimeMs, 'request="FetchConsumer"', 'quantile="0.99"'), '{{instance}}')],
          ),
        ],
      },
      {
        title: 'Replication',
        panels: [
          lines('Replication', 'Bps', 'What followers took from leaders.', [
            target(byNode(terms.rate(kafkaMetrics.replicationBytesIn)), '{{instance}}'),
          ]),
          lines('Changes of in-sync replicas', 'ops', 'Shrinks that go on are disks, networks or brokers that cannot keep up.', [
            target(sum(terms.rate(kafkaMetrics.isrShrinks)), 'shrinks'),
            target(sum(terms.rate(kafkaMetrics.isrExpands)), 'expands'),
          ]),
          lines(
            'Partitions that move or are led by another than the first replica',
            'none',
            'tkafka reassign status; tkafka topics elect-leaders.',
            [
              target(sum(terms.gauge(kafkaMetrics.reassigningPartitions)), 'move'),
              target(sum(terms.gauge(kafkaMetrics.preferredReplicaImbalanceCount)), 'not led by the preferred replica'),
            ],
          ),
        ],
      },
      {
        title: 'Room and lag',
        panels: [
          lines(
            'Disk in use',
            'percentunit',
            'Of the file system of each log directory.',
            [
              target(
                `1 - ${terms.gauge(nodeMetrics.directoryUsableBytes)} / ${terms.gauge(nodeMetrics.directoryTotalBytes)}`,
                '{{instance}} {{logDirectory}}',
              ),
            ],
            { limits: { warn: 0.7, bad: 0.85 } },
          ),
          lines(
            'Logs',
            'bytes',
            'Bytes of records on disk, by node.',
            [target(byNode(terms.gauge(kafkaMetrics.logSize)), '{{instance}}')],
            { isStacked: true },
          ),
          lines('Groups furthest behind', 'short', 'Records that the ten hindmost groups have not read yet.', [
            target(`topk(10, sum by (consumergroup) (${terms.gauge(exporterMetrics.groupLagSum)}))`, '{{consumergroup}}'),
          ]),
        ],
      },
    ],
  }
}
