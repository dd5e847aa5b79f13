import {
  confirmFlags,
  divide,
  dryRunFlag,
  type FailedItem,
  Flags,
  loadReassignmentFile,
  loadReassignmentText,
  type MovedItem,
  moveFlags,
  parseCount,
  ReassignCommand,
  reassignmentFileFlags,
  refuseUnfit,
  textArg,
} from '../../src/cli/index.ts'
import { type Applicable, loadReassignment, type Target } from '../../src/ops/index.ts'

export default class ReassignApply extends ReassignCommand {
  static override summary = 'make the moves of a plan'
  static override description =
    'Replicas are copied in the background. Run again, it goes on where it was: what is done stays, and what is on its way is followed. What was there before is kept beside the plan for reassign rollback. A throttle holds for all moves together and goes when they are done: at the end of --wait, else with the next reassign status or verify. Ctrl-C leaves --wait, and the moves go on.'
  static override examples = [
    '<%= config.bin %> reassign apply drain3.json --throttle auto --wait',
    {
      description: 'In the background, and later to its end:',
      command: '<%= config.bin %> reassign apply drain3.json --throttle 50MB/s --yes',
    },
    '<%= config.bin %> reassign apply drain3.json --wait',
    { description: 'What it would do to the cluster as it is now:', command: '<%= config.bin %> reassign apply drain3.json --dry-run' },
  ]
  static override args = { file: textArg('the plan, a file of reassign plan or kafka-reassign-partitions') }
  static override flags = {
    ...confirmFlags,
    ...moveFlags,
    ...reassignmentFileFlags,
    wait: Flags.boolean({ summary: 'until all is moved' }),
    detach: Flags.boolean({ aliases: ['no-wait'], summary: 'do not stay; so it is without --wait', exclusive: ['wait'] }),
    additional: Flags.boolean({ summary: 'also while other partitions are being moved' }),
    'directory-throttle': Flags.string({
      aliases: ['replica-alter-log-dirs-throttle'],
      summary: 'bytes a second that a broker may copy between its directories, where the plan names them',
      helpValue: 'RATE',
    }),
    'disallow-replication-factor-change': Flags.boolean({ hidden: true }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<void> {
    const { flags, args } = await this.read(ReassignApply)
    const throttle = await this.throttleWish(flags.throttle, flags.wait)
    const directoryText = flags['directory-throttle']
    const directoryRate =
      directoryText === undefined ? undefined : (await loadReassignmentFile()).parseRate(directoryText, '--directory-throttle')
    const batch = flags.batch === undefined ? undefined : parseCount(flags.batch, '--batch', 1)
    const file = this.planFile(args.file, flags)
    const targets = await this.targets(file, flags)
    const admin = await this.openAdmin(flags)
    const { chooseDirectories, judgeTargets } = await loadReassignment()
    const plan = await judgeTargets(admin, targets)
    const failures = divide(plan.failures, ({ topic, partition }) => `${topic}-${partition}`).errors
    refuseUnfit({ ...plan, others: [...plan.others, ...plan.diverted] }, flags)
    const { fewLines, moveLine, movesSummary } = await loadReassignmentText()
    if (plan.moving.length > 0) this.tell(`${plan.moving.length} of ${targets.length} are on their way already`)
    if (flags['dry-run']) {
      this.tell(movesSummary(plan.moves))
      return this.#show('WOULD-MOVE', plan, failures)
    }
    if (plan.moves.length > 0)
      await this.confirm(flags, [...fewLines(plan.moves.map(moveLine)), movesSummary(plan.moves)], 'Make these moves?')
    await this.#keepWay(file, plan)
    const { moves, moving, diverted } = plan
    const copying = targets.flatMap(({ replicas, logDirs }) => replicas.filter((_id, place) => logDirs[place] !== null))
    const begun = async (): Promise<FailedItem[]> => {
      if (directoryRate !== undefined && copying.length > 0) await this.throttleDirectories(admin, copying, directoryRate, false)
      return divide(await chooseDirectories(admin, targets), ({ topic, partition }) => `${topic}-${partition}`).errors
    }
    const { started, errors, isDone } = await this.carryOut(admin, { moves, moving, diverted, throttle, wait: flags.wait, batch, begun })
    await this.#show(isDone ? 'MOVED' : 'STARTED', { ...plan, moves: started }, [...failures, ...errors])
    if (!isDone && started.length + moving.length > 0)
      this.tell('the replicas are copied in the background: see tkafka reassign status; apply --wait, and verify, see to the end')
  }

  /** The way back: from the first time on, for later the replicas are others. */
  async #keepWay(file: string, { before, moves, moving }: Applicable): Promise<void> {
    const { rollbackPath, targetsJson } = await loadReassignmentFile()
    const { disk } = await this.shell.host()
    const path = rollbackPath(file)
    const changed = new Set([...moves, ...moving].map(({ topic, partition }) => `${topic}-${partition}`))
    const kept = before.filter(({ topic, partition }: Target) => changed.has(`${topic}-${partition}`))
    if (file === '-' || kept.length === 0 || (await disk.stat(path).catch(() => undefined)) !== undefined) return
    await disk
      .replaceFile(path, Buffer.from(targetsJson(kept)))
      .catch(() => this.tell(`the way back could not be kept in ${path}`, 'always'))
  }

  #show(status: string, { moves, moving, unchanged }: Applicable, errors: readonly FailedItem[]): Promise<void> {
    const same = unchanged.map(
      ({ topic, partition, replicas }): MovedItem => ({
        ...{ topic, partition, from: replicas, to: replicas, adding: [], removing: [], bytes: 0, status: 'UNCHANGED' },
      }),
    )
    const items = [
      ...moves.map((move) => ({ ...move, status })),
      ...moving.map((move) => ({ ...move, status: status === 'MOVED' ? status : 'MOVING' })),
      ...same,
    ]
    return this.renderMoves('ReassignmentMoves', items, errors)
  }
}
