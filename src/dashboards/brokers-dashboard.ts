import { kafkaMetrics, nodeMetrics, processMetrics } from '../metrics/index.ts'
import type { Dashboard } from './dashboards.ts'
import { instanceVariable, lines, number, table, target, variables } from './panels.ts'
import type { Terms } from './terms.ts'

const STATES = '0 not running, 1 starting, 2 recovery, 3 running, 6 controlled shutdown, 7 shutting down'

/** Nodes one by one: the process, what it is asked, how long that takes, and where the time goes. */
export const brokersDashboard = (terms: Terms): Dashboard => {
  const node = terms.where('instance=~"$instance"')
  const each = '{{instance}}'
  const timeOf = (title: string, request: string) =>
    lines(
      title,
      'ms',
      'Local: until the handler returned. Remote: until its answer was there. Response queue: behind earlier answers of the connection. Response send: until the system had taken it.',
      [
        ['local', kafkaMetrics.requestLocalTimeMs] as const,
        ['remote', kafkaMetrics.requestRemoteTimeMs] as const,
        ['response queue', kafkaMetrics.responseQueueTimeMs] as const,
        ['response send', kafkaMetrics.responseSendTimeMs] as const,
      ].map(([part, name]) => target(node.gauge(name, `request="${request}"`, 'quantile="0.99"'), `${each} ${part}`)),
    )
  return {
    title: 'tkafka: brokers',
    about: 'Nodes one by one: the process, what it is asked, how long that takes, and where the time goes.',
    variables: variables(terms, instanceVariable(terms)),
    rows: [
      {
        title: 'Nodes',
        panels: [
          table('State of brokers', 'none', STATES, [target(node.gauge(kafkaMetrics.brokerState), each)]),
          table('Version', 'none', 'What runs where.', [target(node.gauge(processMetrics.buildInfo), `${each} {{version}}`)]),
          lines('Partitions', 'none', 'Replicas on a broker, and how many it leads.', [
            target(node.gauge(kafkaMetrics.partitionCount), `${each} replicas`),
            target(node.gauge(kafkaMetrics.leaderCount), `${each} leads`),
          ]),
          number('Running for', 's', 'Since the node was started; the shortest.', `min(${node.gauge(processMetrics.uptime)})`),
        ],
      },
      {
        title: 'Process',
        panels: [
          lines('CPU', 'short', 'Cores in use. One thread answers requests; disks and compression have others.', [
            target(`rate(${node.counter(processMetrics.cpuSeconds)}[$__rate_interval])`, each),
          ]),
          lines('Idle', 'percentunit', 'Share of the time in which nothing was handled. Below a fifth, requests wait for each other.', [
            target(node.gauge(kafkaMetrics.requestHandlerIdle), each),
          ]),
          lines('Delay of the event loop', 's', 'How late work begins that is due: what a request queue is elsewhere.', [
            target(node.gauge(processMetrics.loopDelayP99), `${each} 99th percentile`),
            target(node.gauge(processMetrics.loopDelayMax), `${each} most`),
          ]),
          lines('Memory', 'bytes', 'Resident memory of the process, and the heap in it.', [
            target(node.gauge(processMetrics.residentBytes), `${each} resident`),
            target(node.gauge(processMetrics.heapUsedBytes), `${each} heap`),
          ]),
          lines(
            'Open files',
            'percentunit',
            'Of those that may be open.',
            [target(`${node.gauge(processMetrics.openFiles)} / ${node.gauge(processMetrics.openFilesMax)}`, each)],
            { limits: { warn: 0.7, bad: 0.85 } },
          ),
          lines('Connections', 'none', 'Open ones, by listener.', [
            target(node.gauge(kafkaMetrics.connectionCount), `${each} {{listener}}`),
          ]),
        ],
      },
      {
        title: 'Requests',
        panels: [
          lines('Requests', 'ops', 'By API.', [target(`sum by (request) (${node.rate(kafkaMetrics.requests)})`, '{{request}}')]),
          lines('Errors', 'ops', 'Of answers, by their names; one for each partition where there are several.', [
            target(`sum by (error) (${node.rate(kafkaMetrics.requestErrors, 'error!="NONE"')})`, '{{error}}'),
          ]),
          lines('All requests, 99th percentile', 'ms', 'From the last byte of a request until its answer was sent.', [
            target(`max by (request) (${node.gauge(kafkaMetrics.requestTotalTimeMs, 'quantile="0.99"')})`, '{{request}}'),
          ]),
          timeOf('Where the time of produces goes', 'Produce'),
          timeOf('Where the time of fetches of consumers goes', 'FetchConsumer'),
          lines('Requests that wait', 'none', 'For replicas (Produce), for records (Fetch).', [
            target(node.gauge(kafkaMetrics.waiting), `${each} {{delayedOperation}}`),
          ]),
        ],
      },
      {
        title: 'Disks',
        panels: [
          lines('Syncs, 99th percentile', 'ms', 'Of the metadata log, and of partitions whose flush settings ask for them.', [
            target(node.gauge(kafkaMetrics.logFlushTimeMs, 'quantile="0.99"'), each),
          ]),
          lines('Disk traffic', 'Bps', 'What the process had read and written; what the page cache answers is not in it.', [
            target(`rate(${node.gauge(kafkaMetrics.diskReadBytes)}[$__rate_interval])`, `${each} read`),
            target(`rate(${node.gauge(kafkaMetrics.diskWriteBytes)}[$__rate_interval])`, `${each} written`),
          ]),
          lines('Room left', 'bytes', 'On the file system of each log directory.', [
            target(node.gauge(nodeMetrics.directoryUsableBytes), `${each} {{logDirectory}}`),
          ]),
        ],
      },
      {
        title: 'Replication',
        panels: [
          lines(
            'Hindmost follower',
            'short',
            'Offsets to the high watermark of its leader, of the hindmost partition that a broker follows.',
            [target(node.gauge(kafkaMetrics.maxLag), each)],
          ),
          lines('Replication', 'Bps', 'From leaders, to followers.', [
            target(node.rate(kafkaMetrics.replicationBytesIn), `${each} in`),
            target(node.rate(kafkaMetrics.replicationBytesOut), `${each} out`),
          ]),
          lines('Under-replicated partitions', 'none', 'By the broker that leads them.', [
            target(node.gauge(kafkaMetrics.underReplicatedPartitions), each),
          ]),
        ],
      },
    ],
  }
}
