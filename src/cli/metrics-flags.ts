import { Flags } from './flags.ts'

/** How the metrics are called that somebody shall look at. */
export const metricNameFlags = {
  naming: Flags.option({ options: ['jmx-exporter', 'reporter'] as const })({
    summary: 'whose names the nodes give their metrics: what their tkafka.metrics.naming says',
    default: 'jmx-exporter',
  }),
  'cluster-label': Flags.string({ summary: 'the label that tells one cluster from another', default: 'job', helpValue: 'LABEL' }),
}
