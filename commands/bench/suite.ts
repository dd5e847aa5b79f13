import { loadSuite, type SuiteFigure, type SuiteRow } from '../../src/bench/index.ts'
import { BenchCommand, figureText } from '../../src/cli/bench/index.ts'
import { Fault, Flags, loadTextFile, messageOf, parseCount, parseDurationMs, textArg, usageFault } from '../../src/cli/index.ts'

const MIB = 1024 * 1024

export default class BenchSuite extends BenchCommand {
  static override summary = 'run a set of loads on a cluster, or on two to compare'
  static override description =
    'Sizes, codecs, acknowledgements, partitions, consumers, and latency at a fixed rate, each into topics of its own, which are deleted afterwards. With --against the two clusters take turns, round by round, so that what else the machine does hits both; RATIO is the second one divided by the first, LOW and HIGH the worst and the best pair of rounds. A file, YAML or JSON, has rows of its own: name, kind (producer, consumer, e2e), recordSize, partitions, throughput, producers, consumers, config.'
  static override examples = [
    { description: 'What a cluster takes and gives:', command: '<%= config.bin %> bench suite -b prod:9092' },
    { description: 'Two clusters side by side, three rounds:', command: '<%= config.bin %> bench suite -b new:9092 --against old:9092' },
    { description: 'Some rows only, quickly:', command: "<%= config.bin %> bench suite --only 'lz4|end to end' --rounds 1 --duration 2s" },
  ]
  static override usage = 'bench suite [FILE] [FLAGS]'
  static override args = { file: textArg('rows of your own; without, the standard ones') }
  static override flags = {
    against: Flags.string({ summary: 'another cluster, by its brokers; everything else as for the first', helpValue: 'HOST:PORT' }),
    rounds: Flags.string({ summary: 'so often', helpValue: 'N', default: '3' }),
    duration: Flags.string({ char: 'd', summary: 'time of each load that sends', helpValue: 'TIME', default: '5s' }),
    warmup: Flags.string({ aliases: ['warm-up'], summary: 'time before what is measured of it', helpValue: 'TIME', default: '1s' }),
    fill: Flags.string({ summary: 'MiB of values that consumers read', helpValue: 'N', default: '256' }),
    only: Flags.string({ summary: 'rows whose name matches', helpValue: 'REGEX' }),
    list: Flags.boolean({ summary: 'show the rows and run none' }),
    'replication-factor': Flags.string({ char: 'r', summary: 'replicas of the topics [default: as the brokers say]', helpValue: 'N' }),
  }

  async run(): Promise<void> {
    const { flags, args } = await this.read(BenchSuite)
    const rounds = parseCount(flags.rounds, '--rounds', 1, 1000)
    const [durationMs, warmUpMs] = [parseDurationMs(flags.duration, '--duration'), parseDurationMs(flags.warmup, '--warmup')]
    const fillBytes = parseCount(flags.fill, '--fill', 1, 1_000_000) * MIB
    const replicationFactor =
      flags['replication-factor'] === undefined ? -1 : parseCount(flags['replication-factor'], '--replication-factor', 1, 32_767)
    const rows = await this.#rows(args.file, flags.only)
    if (flags.list) return this.#list(rows)
    const clusters = [await this.openLoad(flags, 'A')]
    if (flags.against !== undefined) clusters.push(await this.openLoad(flags, 'B', flags.against))
    const { runSuite } = await loadSuite()
    const host = await this.shell.host()
    const stop = this.shell.stopSignal()
    const total = rows.length * rounds * clusters.length
    let done = 0
    const figures = await runSuite({
      ...{ host, clusters, rows, rounds, durationMs, warmUpMs, replicationFactor, fillBytes, stop },
      tell: (line) => this.tell(line, 'always'),
      onLoad: (row, round, { name }, { recordsPerSecond, latency, failed }) => {
        const p99 = row.throughput === -1 || latency === null ? '' : `, p99 ${latency.p99Ms.toFixed(1)} ms`
        const failures = failed === 0 ? '' : `, ${failed} failed`
        this.tell(`${++done}/${total} round ${round} ${name} ${row.name}: ${figureText(recordsPerSecond)} records/s${p99}${failures}`)
      },
    })
    await this.#show(figures, clusters.length > 1)
    if (figures.length === 0) throw new Fault('no load came to its end')
  }

  async #rows(file: string | undefined, only: string | undefined): Promise<readonly SuiteRow[]> {
    const { rowsOf, standardRows } = await loadSuite()
    let rows = standardRows
    if (file !== undefined) {
      const { readTextFile } = await loadTextFile()
      const text = await readTextFile(this.shell, file)
      const { parse } = await import('yaml')
      try {
        rows = rowsOf(parse(text))
      } catch (error) {
        throw new Fault(`${file}: ${messageOf(error)}`, {
          hint: 'See tkafka bench suite --list --output json for rows as they are written.',
        })
      }
    }
    if (only === undefined) return rows
    const chosen = rows.filter(({ name }) => regexOf(only).test(name))
    if (chosen.length === 0) throw usageFault(`no row matches ${only}`, 'See tkafka bench suite --list.')
    return chosen
  }

  async #list(rows: readonly SuiteRow[]): Promise<void> {
    await this.render<SuiteRow>({
      kind: 'BenchSuiteRows',
      items: rows,
      columns: [
        { name: 'ROW', value: ({ name }) => name },
        { name: 'KIND', value: ({ kind }) => kind },
        { name: 'RECORD-SIZE', value: ({ recordSize }) => recordSize, right: true },
        { name: 'PARTITIONS', value: ({ partitions }) => partitions, right: true },
        { name: 'THROUGHPUT', value: ({ throughput }) => throughput, right: true },
        { name: 'PRODUCERS', value: ({ producers }) => producers, right: true, wide: true },
        { name: 'CONSUMERS', value: ({ consumers }) => consumers, right: true },
        {
          name: 'CONFIG',
          value: ({ config }) =>
            Object.entries(config)
              .map(([key, value]) => `${key}=${value}`)
              .join(','),
        },
      ],
    })
  }

  async #show(figures: readonly SuiteFigure[], areTwo: boolean): Promise<void> {
    const ratio = (name: string, of: (figure: SuiteFigure) => number | null) => ({
      name,
      value: of,
      text: (figure: SuiteFigure) => of(figure)?.toFixed(2) ?? '-',
      right: true,
    })
    await this.render<SuiteFigure>({
      kind: 'BenchSuite',
      items: figures,
      columns: [
        { name: 'ROW', value: ({ row }) => row },
        { name: 'METRIC', value: ({ metric }) => metric },
        { name: 'A', value: ({ a }) => a, text: ({ a }) => figureText(a), right: true },
        ...(areTwo
          ? [
              {
                name: 'B',
                value: ({ b }: SuiteFigure) => b,
                text: ({ b }: SuiteFigure) => (b === null ? '-' : figureText(b)),
                right: true,
              },
              ratio('RATIO', (each) => each.ratio),
              ratio('LOW', (each) => each.low),
              ratio('HIGH', (each) => each.high),
            ]
          : []),
      ],
    })
  }
}

function regexOf(text: string): RegExp {
  try {
    return new RegExp(text, 'i')
  } catch {
    throw usageFault(`--only: ${text} is no regular expression`)
  }
}
