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
import { loadReassignment } from '../../src/ops/index.ts'

export default class ReassignCancel extends ReassignCommand {
  static override summary = 'stop moves, and go back to the replicas from before'
  static override description =
    'Whatever tool began them. Moves that are done stay done, and who is the preferred leader may change: reassign rollback takes a plan back as a whole.'
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
    const active = await activeMoves(admin, targets)
    if (active.length === 0) this.tell('no such partition is being moved')
    else if (!flags['dry-run']) {
      const plan = active.map(
        ({ topic, partition, adding, removing }) =>
          `${topic}-${partition}: without ${adding.join(',') || '-'}, keeps ${removing.join(',') || '-'}`,
      )
      await this.confirm(
        flags,
        (await loadReassignmentText()).fewLines(plan),
        `Cancel the moves of ${counted(active.length, 'partition')}?`,
      )
    }
    const results = flags['dry-run'] ? active.map((item) => ({ item, error: null, value: null })) : await cancelMoves(admin, active)
    const status = flags['dry-run'] ? 'WOULD-CANCEL' : 'CANCELLED'
    await this.renderChanges('CancelledReassignments', 'PARTITION', results, ({ topic, partition }) => `${topic}-${partition}`, status)
    if (!flags['preserve-throttles'] && !flags['dry-run']) {
      const cancelled = [...(targets ?? []), ...active]
      if (results.some(({ error }) => error === null)) await this.clearThrottles(admin, cancelled)
      else await this.settleThrottles(admin)
    }
  }
}
