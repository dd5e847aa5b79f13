import { BaseCommand, Flags, parseDurationMs, textArgs, usageFault } from '../../src/cli/index.ts'
import { scrapeConfig } from '../../src/dashboards/index.ts'

/** Where nodes that nobody configured show their metrics, and those of a checkout. */
const USUAL_TARGET = '127.0.0.1:9644'

export default class MetricsPrometheus extends BaseCommand {
  static override summary = 'write a prometheus.yml that scrapes a cluster'
  static override description =
    'An example to begin with. What describes the cluster as a whole gets the name of the job for its instance, so that topics and groups stay the same series when leaders move.'
  static override examples = [
    '<%= config.bin %> metrics prometheus kafka-1:9644 kafka-2:9644 kafka-3:9644 --job prod-eu --rules tkafka-alerts.yml > prometheus.yml',
    {
      description: 'Of the three nodes of tkafka dev up:',
      command: '<%= config.bin %> metrics prometheus 127.0.0.1:21092 127.0.0.1:21093 127.0.0.1:21094',
    },
  ]
  static override args = { target: textArgs(`metrics endpoints of nodes, HOST:PORT; default: ${USUAL_TARGET}`) }
  static override flags = {
    job: Flags.string({ aliases: ['job-name'], summary: 'what the cluster is called', default: 'tkafka', helpValue: 'NAME' }),
    rules: Flags.string({ summary: 'the file of tkafka metrics alerts', helpValue: 'FILE' }),
    interval: Flags.string({ summary: 'how often to scrape, e.g. 15s', default: '15s', helpValue: 'TIME' }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(MetricsPrometheus)
    const targets = argv.length === 0 ? [USUAL_TARGET] : argv.map(checkedTarget)
    const intervalMs = parseDurationMs(flags.interval, '--interval')
    if (intervalMs < 1000) throw usageFault(`--interval ${flags.interval} is too often`, 'At most every second.')
    const { stringify } = await import('yaml')
    const config = scrapeConfig({ targets, job: flags.job, rulesFile: flags.rules, interval: `${Math.round(intervalMs / 1000)}s` })
    await this.render<{ target: string; job: string }>({
      kind: 'ScrapeTargets',
      items: targets.map((target) => ({ target, job: flags.job })),
      columns: [
        { name: 'TARGET', value: ({ target }) => target },
        { name: 'JOB', value: ({ job }) => job },
      ],
      text: () => stringify(config, { lineWidth: 0 }),
    })
  }
}

function checkedTarget(text: string): string {
  if (!/^[^/\s]+:\d+$/.test(text))
    throw usageFault(`${text} is not HOST:PORT`, 'Write kafka-1:9644: the address of tkafka.status.listener.')
  return text
}
