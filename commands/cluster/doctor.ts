import { ExaminingCommand, Flags, loadFindingText, parseCount, parseDurationMs, voterLagFlag, voterLagMs } from '../../src/cli/index.ts'
import { type Finding, loadDoctor, type StrangeSize } from '../../src/ops/index.ts'

export default class ClusterDoctor extends ExaminingCommand {
  static override summary = 'find out why a cluster cannot be reached, or what is wrong in it'
  static override description =
    'Step by step as a client goes: names, connections, TLS, protocol, login; the address that each broker advertises, and whether that broker answers there; versions, clocks, quorum, partitions, disks. Each finding comes with what may be behind it and what to do. Nothing is changed. The exit code is 3 when something is wrong. With --size it tells what a log means by "Invalid receive size 1347375956".'
  static override examples = [
    '<%= config.bin %> cluster doctor -b broker-1:9092',
    { description: 'For a program:', command: '<%= config.bin %> cluster doctor --output json' },
    { description: 'What a broker’s log means:', command: '<%= config.bin %> cluster doctor --size 1347375956' },
  ]
  static override flags = {
    ...voterLagFlag,
    'disk-full': Flags.string({ summary: 'how full a disk may be', default: '85', helpValue: 'PERCENT' }),
    'max-skew': Flags.string({ summary: 'how far clocks may be apart', default: '2s', helpValue: 'TIME' }),
    size: Flags.string({ summary: 'only tell what sends bytes that look like this size of a frame', helpValue: 'N' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.read(ClusterDoctor)
    if (flags.size !== undefined) return this.#explain(flags.size)
    const lagMsMax = voterLagMs(flags)
    const percent = parseCount(flags['disk-full'].replace(/%$/, ''), '--disk-full', 1, 100)
    const skewMsMax = parseDurationMs(flags['max-skew'], '--max-skew')
    const findings = await this.examined(flags, { lagMsMax, skewMsMax, diskShareMax: percent / 100 })
    const { findingColumns, findingText } = await loadFindingText()
    await this.render<Finding>({ kind: 'ClusterFindings', items: findings, columns: findingColumns, text: findingText })
    if (findings.some(({ state }) => state === 'wrong')) this.answerNo()
  }

  async #explain(text: string): Promise<void> {
    const size = parseCount(text, '--size', -0x80000000, 0xffffffff)
    const { strangeSize } = await loadDoctor()
    await this.render<StrangeSize>({
      kind: 'StrangeSize',
      items: [strangeSize(size)],
      columns: [
        { name: 'SIZE', value: (each) => each.size, right: true },
        { name: 'BYTES', value: (each) => each.bytes },
        { name: 'MEANING', value: (each) => each.meaning },
        { name: 'NEXT', value: (each) => each.next },
      ],
      text: ([each]) => (each === undefined ? '' : `${each.size} is "${each.bytes}": ${each.meaning}\n  ${each.next}\n`),
    })
  }
}
