import { BaseCommand, Flags, metricNameFlags, textArgs, usageFault, writeFiles } from '../../src/cli/index.ts'
import { type DashboardName, dashboardNames, dashboards, expressionsOf, grafanaDashboard } from '../../src/dashboards/index.ts'

/** A dashboard, and where it was written to. */
export interface WrittenDashboard {
  readonly name: DashboardName
  readonly title: string
  readonly about: string
  readonly expressions: number
  readonly path: string | null
}

export default class MetricsDashboards extends BaseCommand {
  static override summary = 'write dashboards for Grafana'
  static override description =
    'Of the cluster, its brokers, topics, groups and controllers. They ask for a data source of Prometheus and for the cluster. Without --to the dashboard that is named goes to standard output; without a name they are listed.'
  static override examples = [
    '<%= config.bin %> metrics dashboards --to grafana/dashboards',
    { description: 'One, to be imported by hand:', command: '<%= config.bin %> metrics dashboards cluster > cluster.json' },
    {
      description: 'For clusters that are told apart by another label than job:',
      command: '<%= config.bin %> metrics dashboards --to dashboards --cluster-label strimzi_io_cluster --naming reporter',
    },
  ]
  static override args = { name: textArgs(`${dashboardNames.slice(0, -1).join(', ')} or ${dashboardNames.at(-1)}; default: all of them`) }
  static override flags = {
    ...metricNameFlags,
    to: Flags.string({ summary: 'write a file for each into this directory', helpValue: 'DIR' }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(MetricsDashboards)
    const { to, naming, 'cluster-label': clusterLabel } = flags
    const names = argv.map(dashboardNamed)
    if (names.length > 1 && to === undefined) throw usageFault('two dashboards are two files', 'Add --to DIR.')
    const made = dashboards({ naming, clusterLabel })
    const wanted = names.length === 0 ? dashboardNames : dashboardNames.filter((name) => names.includes(name))
    const text = (name: DashboardName): string => `${JSON.stringify(grafanaDashboard(name, made[name]), null, 2)}\n`
    const files = new Map(wanted.map((name) => [`tkafka-${name}.json`, text(name)]))
    const paths = to === undefined ? undefined : await writeFiles(this.shell, to, files)
    if (paths === undefined && names.length === 0) this.tell('Add --to DIR to write them, or name one of them.')
    await this.render<WrittenDashboard>({
      kind: 'Dashboards',
      items: wanted.map((name, index) => {
        const { title, about } = made[name]
        return { name, title, about, expressions: expressionsOf(made[name]).length, path: paths?.[index] ?? null }
      }),
      columns: [
        { name: 'NAME', value: ({ name }) => name },
        { name: 'TITLE', value: ({ title }) => title },
        { name: 'EXPRESSIONS', value: ({ expressions }) => expressions, right: true },
        { name: 'PATH', value: ({ path }) => path },
        { name: 'ABOUT', value: ({ about }) => about, wide: true },
      ],
      ...(paths === undefined && names.length === 1 ? { text: () => text(names[0]!) } : {}),
    })
  }
}

function dashboardNamed(name: string): DashboardName {
  const found = dashboardNames.find((each) => each === name)
  if (found === undefined) throw usageFault(`there is no dashboard ${name}`, `Dashboards: ${dashboardNames.join(', ')}.`)
  return found
}
