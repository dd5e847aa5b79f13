import { kafkaMetrics } from '../metrics/index.ts'
import type { Dashboard } from './dashboards.ts'
import { instanceVariable, lines, NONE_IS_GOOD, number, ONE_IS_GOOD, table, target, variables } from './panels.ts'
import type { Terms } from './terms.ts'

/** The quorum that agrees on the metadata (KRaft), the active controller, and how far everyone is with what was decided. */
export const controllerDashboard = (terms: Terms): Dashboard => {
  const node = terms.where('instance=~"$instance"')
  const each = '{{instance}}'
  const end = node.gauge(kafkaMetrics.raftLogEndOffset)
  return {
    title: 'tkafka: controllers and quorum',
    about: 'The quorum that agrees on the metadata (KRaft), the active controller, and how far everyone is with what was decided.',
    variables: variables(terms, instanceVariable(terms)),
    rows: [
      {
        title: 'Controller',
        panels: [
          number('Active controllers', 'none', 'One, always.', `sum(${terms.gauge(kafkaMetrics.activeControllerCount)})`, ONE_IS_GOOD),
          number('Leader', 'none', 'The node that leads the quorum.', `max(${terms.gauge(kafkaMetrics.raftLeader)})`),
          number('Epoch', 'none', 'Grows with every election.', `max(${terms.gauge(kafkaMetrics.raftEpoch)})`),
          number('Active brokers', 'none', 'Registered and not fenced.', `sum(${terms.gauge(kafkaMetrics.activeBrokerCount)})`),
          number(
            'Fenced brokers',
            'none',
            'The controller hears nothing of them.',
            `sum(${terms.gauge(kafkaMetrics.fencedBrokerCount)})`,
            NONE_IS_GOOD,
          ),
          number('Topics', 'none', 'Of the cluster.', `sum(${terms.gauge(kafkaMetrics.globalTopicCount)})`),
          number('Partitions', 'none', 'Of the cluster.', `sum(${terms.gauge(kafkaMetrics.globalPartitionCount)})`),
          number(
            'Failures to apply metadata',
            'none',
            'They end the node that has them.',
            `sum(${terms.gauge(kafkaMetrics.metadataErrorCount)})`,
            NONE_IS_GOOD,
          ),
        ],
      },
      {
        title: 'Quorum',
        panels: [
          table('Roles', 'none', 'Of each node in the quorum; observers do not vote.', [
            target(node.gauge(kafkaMetrics.raftState), `${each} {{current_state}}`),
          ]),
          lines('Leader, as each node knows it', 'none', '-1: none. Nodes that name different ones for long cannot see each other.', [
            target(node.gauge(kafkaMetrics.raftLeader), each),
          ]),
          lines('Elections', 'short', 'Epochs begun within ten minutes.', [
            target(`delta(${node.gauge(kafkaMetrics.raftEpoch)}[10m])`, each),
          ]),
          lines('Behind the leader', 'short', 'Records of the metadata log that a node does not have yet.', [
            target(`scalar(max(${terms.gauge(kafkaMetrics.raftLogEndOffset)})) - ${end}`, each),
          ]),
          lines('Not committed', 'short', 'Records of the metadata log beyond its high watermark. Growing: no majority takes them.', [
            target(`${end} - ${node.gauge(kafkaMetrics.raftHighWatermark)}`, each),
          ]),
          lines('Time to commit', 'ms', 'From the append of a batch of metadata until a majority has it, on average.', [
            target(node.gauge(kafkaMetrics.raftCommitLatencyAvg), each),
          ]),
          lines('Metadata records', 'ops', 'Appended by the leader, fetched by the others.', [
            target(node.gauge(kafkaMetrics.raftAppendRate), `${each} appended`),
            target(node.gauge(kafkaMetrics.raftFetchRate), `${each} fetched`),
          ]),
          lines('Traffic of the quorum', 'Bps', 'Between this node and the others.', [
            target(`rate(${node.counter(kafkaMetrics.raftBytesIn)}[$__rate_interval])`, `${each} in`),
            target(`rate(${node.counter(kafkaMetrics.raftBytesOut)}[$__rate_interval])`, `${each} out`),
          ]),
        ],
      },
      {
        title: 'Brokers, as the controller sees them',
        panels: [
          table('Registrations', 'none', '10 fenced, 20 shutting down, 30 active.', [
            target(terms.gauge(kafkaMetrics.brokerRegistrationState), 'broker {{broker}}'),
          ]),
          lines('Since a broker was last heard of', 'ms', 'broker.session.timeout.ms is how long it may be.', [
            target(terms.gauge(kafkaMetrics.timeSinceHeartbeat), 'broker {{broker}}'),
          ]),
          lines('Age of the last record that was applied', 'ms', 'A node that lags behind acts on what was true then.', [
            target(node.gauge(kafkaMetrics.brokerAppliedLagMs), each),
          ]),
        ],
      },
    ],
  }
}
