import { dryRunFlag, Fault, loadReassignmentFile, ReassignCommand, rateText, requiredArg, textArg } from '../../../src/cli/index.ts'
import { loadReassignment } from '../../../src/ops/index.ts'

export default class ReassignThrottleSet extends ReassignCommand {
  static override summary = 'bound what the moves under way take, whatever tool began them'
  static override description =
    'For each broker, sending and receiving. It goes with the next reassign status or verify after the moves are done. A copy that gets less than what is being written never catches up.'
  static override examples = [
    '<%= config.bin %> reassign throttle set 50MB/s',
    { description: 'Only the moves of a plan:', command: '<%= config.bin %> reassign throttle set 100MiB drain3.json' },
  ]
  static override args = { rate: requiredArg('bytes a second'), file: textArg('a plan; default: everything that is being moved') }

  static override flags = { 'dry-run': dryRunFlag }

  async run(): Promise<void> {
    const { flags, args } = await this.read(ReassignThrottleSet)
    const { parseRate, readTargets } = await loadReassignmentFile()
    const rate = parseRate(args.rate, 'the rate')
    const targets = args.file === undefined ? undefined : await readTargets(this.shell, args.file)
    const admin = await this.openAdmin(flags)
    const { activeMoves, underWay } = await loadReassignment()
    const moves = (await activeMoves(admin, targets)).map(underWay)
    if (moves.length === 0)
      throw new Fault('nothing is being moved', { exitCode: 3, hint: 'reassign apply --throttle sets one from the start.' })
    if (!flags['dry-run']) await this.throttleMoves(admin, moves, rate)
    await this.render({
      kind: 'ThrottledMoves',
      items: moves.map(({ topic, partition }) => ({
        topic,
        partition,
        bytesPerSecond: rate,
        status: flags['dry-run'] ? 'WOULD-SET' : 'SET',
      })),
      columns: [
        { name: 'TOPIC', value: ({ topic }) => topic },
        { name: 'PARTITION', value: ({ partition }) => partition, right: true },
        {
          name: 'RATE',
          value: ({ bytesPerSecond }) => bytesPerSecond,
          text: ({ bytesPerSecond }) => rateText(bytesPerSecond),
          right: true,
        },
        { name: 'STATUS', value: ({ status }) => status },
      ],
    })
  }
}
