import { type BenchReport, type Comparison, loadCompare, parseReport } from '../../src/bench/index.ts'
import { figureText } from '../../src/cli/bench/index.ts'
import { BaseCommand, Fault, Flags, loadTextFile, messageOf, requiredArg, usageFault } from '../../src/cli/index.ts'

export default class BenchCompare extends BaseCommand {
  static override summary = 'compare two saved benchmarks'
  static override description =
    'Each figure is the one in the middle of its rounds; LOW and HIGH are the ratios of the worst and the best pair of rounds. A figure that is worse by more than the threshold is a regression, and the exit code 3, unless rounds of both overlap: then it is noise. Without rounds noise is not known, and the threshold alone decides. Latencies are judged where both loads had a rate.'
  static override examples = [
    { description: 'Before and after a change:', command: '<%= config.bin %> bench compare before.json after.json' },
    {
      description: 'In a pipeline, where a tenth is too much:',
      command: '<%= config.bin %> bench compare main.json branch.json --threshold 10%',
    },
  ]
  static override args = { a: requiredArg('report to compare with'), b: requiredArg('report that is judged') }
  static override flags = {
    threshold: Flags.string({ summary: 'how much worse is a regression', helpValue: 'PART', default: '5%' }),
  }

  async run(): Promise<void> {
    const { flags, args } = await this.read(BenchCompare)
    const { compareReports, differences, parseThreshold } = await loadCompare()
    const threshold = parseThreshold(flags.threshold)
    if (threshold === undefined) throw usageFault(`--threshold: ${flags.threshold} is no part`, 'Write 5% or 0.05.')
    const [a, b] = [await this.#report(args.a), await this.#report(args.b)]
    const other = differences(a, b)
    if (other.length > 0) this.tell(`the loads were not the same: they differ in ${other.join(', ')}`)
    const items = compareReports(a, b, threshold)
    await this.render<Comparison>({
      kind: 'BenchComparison',
      items,
      columns: [
        { name: 'METRIC', value: ({ metric }) => metric },
        { name: 'A', value: (each) => each.a, text: (each) => figureText(each.a), right: true },
        { name: 'B', value: (each) => each.b, text: (each) => figureText(each.b), right: true },
        { name: 'RATIO', value: ({ ratio }) => ratio, text: ({ ratio }) => ratio.toFixed(2), right: true },
        { name: 'LOW', value: ({ low }) => low, text: ({ low }) => low?.toFixed(2) ?? '-', right: true },
        { name: 'HIGH', value: ({ high }) => high, text: ({ high }) => high?.toFixed(2) ?? '-', right: true },
        { name: 'VERDICT', value: ({ verdict }) => verdict },
      ],
    })
    if (items.some(({ verdict }) => verdict === 'worse')) {
      this.tell(`worse than ${args.a} by more than ${flags.threshold}`)
      this.answerNo()
    }
  }

  async #report(path: string): Promise<BenchReport> {
    const { readTextFile } = await loadTextFile()
    const text = await readTextFile(this.shell, path)
    try {
      return parseReport(text)
    } catch (error) {
      throw new Fault(`${path}: ${messageOf(error)}`, { hint: 'Save one with tkafka bench producer --save FILE.' })
    }
  }
}
