import { BaseCommand, Flags, metricNameFlags, parseCount, parseDurationMs, usageFault } from '../../src/cli/index.ts'
import { type AlertRule, alertRules, rulesFile } from '../../src/dashboards/index.ts'

/** An alert as it is listed. */
export interface ListedAlert extends AlertRule {
  /** What it is about. */
  readonly group: string
}

export default class MetricsAlerts extends BaseCommand {
  static override summary = 'write rules for the alerts of Prometheus'
  static override description =
    'Nodes, partitions, requests, groups, controllers: what somebody has to get up for (critical) or to look at (warning). The annotation next of each names the command to begin with. A file for rule_files of prometheus.yml; with --output json or --columns, a list.'
  static override examples = [
    '<%= config.bin %> metrics alerts > tkafka-alerts.yml',
    {
      description: 'Groups may be further behind, but not for long:',
      command: '<%= config.bin %> metrics alerts --lag-records 5000000 --lag-time 5m',
    },
    { description: 'Only to look:', command: '<%= config.bin %> metrics alerts --columns alert,severity,for,summary' },
  ]
  static override flags = {
    ...metricNameFlags,
    'lag-records': Flags.string({ summary: 'records of a topic that a group may be behind', default: '1000000', helpValue: 'COUNT' }),
    'lag-time': Flags.string({ summary: 'how long records may wait for a group, e.g. 90s, 10m', default: '10m', helpValue: 'TIME' }),
    'disk-percent': Flags.string({ summary: 'how much of a disk may be in use', default: '85', helpValue: 'PERCENT' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.read(MetricsAlerts)
    const { naming, 'cluster-label': clusterLabel } = flags
    const rules = alertRules(
      { naming, clusterLabel },
      {
        lagRecords: parseCount(flags['lag-records'], '--lag-records', 1),
        lagTime: durationOf(flags['lag-time']),
        diskShare: parseCount(flags['disk-percent'], '--disk-percent', 1, 99) / 100,
      },
    )
    const { stringify } = await import('yaml')
    await this.render<ListedAlert>({
      kind: 'Alerts',
      items: Object.entries(rules).flatMap(([group, all]) => all.map((rule) => ({ group, ...rule }))),
      columns: [
        { name: 'ALERT', value: ({ alert }) => alert },
        { name: 'GROUP', value: ({ group }) => group },
        { name: 'SEVERITY', value: ({ severity }) => severity },
        { name: 'FOR', value: (rule) => rule.for },
        { name: 'SUMMARY', value: ({ summary }) => summary },
        { name: 'NEXT', value: ({ next }) => next, wide: true },
        { name: 'EXPR', value: ({ expr }) => expr, wide: true },
      ],
      text: () => `# Alerts for clusters of tkafka. See docs/metrics.md.\n${stringify(rulesFile(rules), { lineWidth: 0 })}`,
    })
  }
}

/** As Prometheus writes it. */
function durationOf(text: string): string {
  const ms = parseDurationMs(text, '--lag-time')
  if (ms < 1000 || ms % 1000 !== 0) throw usageFault(`--lag-time ${text} is not a number of seconds`, 'Write 90s, 10m or 1h.')
  return ms % 60_000 === 0 ? `${ms / 60_000}m` : `${ms / 1000}s`
}
