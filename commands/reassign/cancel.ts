import {
  confirmFlags,
  counted,
  dryRunFlag,
  Flags,
  loadReassignmentText,
  preserveThrottlesFlag,
  ReassignCommand,
  reassignmentFileFlags,
  textArg,
  usageFault,
} from '../../src/cli/index.ts'
import type { TopicPartition } from '../../src/client/index.ts'
import { type DirectoryMove, loadLogDirs, loadReassignment, type Target } from '../../src/ops/index.ts'

export default class ReassignCancel extends ReassignCommand {
  static override summary = 'stop moves, and go back to the replicas from before'
  static override description =
    'Whatever tool began them, also copies from one directory of a broker to another. Moves that are done stay done, and who is the preferred leader may change: reassign rollback takes a plan back as a whole.'
  static override examples = ['<%= config.bin %> reassign cancel drain3.json', '<%= config.bin %> reassign cancel --all --yes']
  static override args = { file: textArg('the plan') }
  static override flags = {
    ...confirmFlags,
    ...preserveThrottlesFlag,
    ...reassignmentFileFlags,
    'dry-run': dryRunFlag,
    all: Flags.boolean({ summary: 'everything that is being moved' }),
  }

  async run(): Promise<void> {
    const { flags, args } = await this.read(ReassignCancel)
    const file = args.file ?? flags['reassignment-json-file']
    if ((file === undefined) === !flags.all) throw usageFault('which moves?', 'Name the file of the plan, or say --all.')
    const targets = flags.all ? undefined : await this.targets(file, flags)
    const admin = await this.openAdmin(flags)
    const { activeMoves, cancelMoves } = await loadReassignment()
    const { cancelDirectoryCopies, directoryCopies } = await loadLogDirs()
    const active = await activeMoves(admin, targets)
    const found = await directoryCopies(admin)
    for (const { broker, reason } of found.silent)
      this.tell(`broker ${broker} does not say what it copies between its directories: ${reason}`, 'always')
    const copies = found.copies.filter((copy) => targets === undefined || targets.some((target) => isOf(target, copy)))
    if (active.length + copies.length === 0) this.tell('no such partition is being moved')
    else if (!flags['dry-run']) {
      const plan = [
        ...active.map((each) => `${nameOf(each)}: without ${each.adding.join(',') || '-'}, keeps ${each.removing.join(',') || '-'}`),
        ...copies.map((each) => `${nameOf(each)}: stays in ${each.from}, does not go to ${each.path}`),
      ]
      await this.confirm(flags, (await loadReassignmentText()).fewLines(plan), `Cancel ${counted(active.length + copies.length, 'move')}?`)
    }
    const wouldCancel = [...active, ...copies].map((item) => ({ item, error: null, value: null }))
    const results = flags['dry-run']
      ? wouldCancel
      : [...(await cancelMoves(admin, active)), ...(await cancelDirectoryCopies(admin, copies))]
    const status = flags['dry-run'] ? 'WOULD-CANCEL' : 'CANCELLED'
    await this.renderChanges<Moving>('CancelledReassignments', 'PARTITION', results, nameOf, status)
    if (!flags['preserve-throttles'] && !flags['dry-run']) {
      const cancelled = [...(targets ?? []), ...active, ...copies]
      if (results.some(({ error }) => error === null)) await this.clearThrottles(admin, cancelled)
      else await this.settleThrottles(admin)
    }
  }
}

type Moving = TopicPartition & { readonly broker?: number }

const nameOf = ({ topic, partition, broker }: Moving): string => `${topic}-${partition}${broker === undefined ? '' : ` on ${broker}`}`

/** The copy is one that the target asks for. */
const isOf = ({ topic, partition, replicas, logDirs }: Target, copy: DirectoryMove): boolean =>
  topic === copy.topic && partition === copy.partition && logDirs[replicas.indexOf(copy.broker)] === copy.path
