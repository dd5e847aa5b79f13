import {
  confirmFlags,
  counted,
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
import type { TopicPartition } from '../../src/client/index.ts'
import { type Applicable, type DirectoryWish, loadReassignment, type PlannedMove, type Target } from '../../src/ops/index.ts'

export default class ReassignApply extends ReassignCommand {
  static override summary = 'make the moves of a plan'
  static override description =
    'Replicas are copied in the background. Run again, it goes on where it was: what is done stays, and what is on its way is followed. What was there before is kept beside the plan for reassign rollback. A throttle holds for all moves together and goes when they are done: at the end of --wait, else with the next reassign status or verify. Ctrl-C leaves --wait, and the moves go on; without it --wait lasts as long as they do. What another has cancelled meanwhile is ELSEWHERE, with exit code 3.'
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
    const { chooseDirectories, judgeTargets, keyOf } = await loadReassignment()
    const plan = await judgeTargets(admin, targets)
    const failures = divide(plan.failures, ({ topic, partition }) => `${topic}-${partition}`).errors
    refuseUnfit({ ...plan, others: [...plan.others, ...plan.diverted] }, flags)
    const { directoryLine, fewLines, moveLine, movesSummary } = await loadReassignmentText()
    const { moves, moving, diverted, directories } = plan
    if (moving.length > 0) this.tell(`${moving.length} of ${targets.length} are on their way already`)
    const isMoving = new Set(moving.map(keyOf))
    const places = directories.filter((each) => !each.copying && !isMoving.has(keyOf(each)))
    const summary = [
      ...(moves.length > 0 ? [movesSummary(moves)] : []),
      ...(places.length > 0 ? [`${counted(places.length, 'replica')} to lie in another directory`] : []),
    ]
    if (flags['dry-run']) {
      for (const line of summary) this.tell(line)
      return this.#show('WOULD-MOVE', plan, failures)
    }
    if (summary.length > 0)
      await this.confirm(flags, [...fewLines([...moves.map(moveLine), ...places.map(directoryLine)]), ...summary], 'Make these moves?')
    await this.#keepWay(file, plan)
    // Only of partitions whose replicas are, or go, where they shall be.
    const ready = new Set([...plan.unchanged, ...moving].map(keyOf))
    const chosen: DirectoryWish[] = []
    let waiting = directories
    const begun = async (list: readonly PlannedMove[]): Promise<FailedItem[]> => {
      for (const each of list) ready.add(keyOf(each))
      const due = waiting.filter((each) => ready.has(keyOf(each)))
      waiting = waiting.filter((each) => !ready.has(keyOf(each)))
      const answers = divide(await chooseDirectories(admin, due), ({ broker, ...each }) => `${keyOf(each)} on ${broker}`)
      chosen.push(...answers.values.map(({ item }) => item))
      return answers.errors
    }
    const brokers = [...new Set(directories.map(({ broker }) => broker))]
    const copies = directoryRate !== undefined && brokers.length > 0 ? { brokers, rate: directoryRate } : undefined
    const work = { moves, moving, diverted, throttle, wait: flags.wait, batch, begun, ...(copies !== undefined && { copies }) }
    const { started, errors, isDone } = await this.carryOut(admin, work)
    const outcome = { ...plan, moves: started, directories: chosen }
    const isThere = isDone && (await this.followDirectories(admin, chosen))
    if (isThere && copies !== undefined) await this.settleThrottles(admin)
    const reached = isThere
      ? await this.reached(
          admin,
          targets.filter((each) => ready.has(keyOf(each))),
        )
      : undefined
    await this.#show('STARTED', outcome, [...failures, ...errors], reached)
    if (!isThere && started.length + moving.length + chosen.length > 0)
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

  /** `reached`: of those that were followed to the end. */
  #show(status: string, plan: Applicable, errors: readonly FailedItem[], reached?: ReadonlySet<string>): Promise<void> {
    const { moves, moving, unchanged, directories } = plan
    const placesOf = Map.groupBy(directories, nameOf)
    const item = (move: PlannedMove, state: string): MovedItem => {
      const places = placesOf.get(nameOf(move))
      const ended = reached?.has(nameOf(move)) === true ? 'MOVED' : 'ELSEWHERE'
      const isSame = state === 'UNCHANGED' && places === undefined
      return { ...move, ...(places !== undefined && { directories: places }), status: reached === undefined || isSame ? state : ended }
    }
    const items = [
      ...moves.map((move) => item(move, status)),
      ...moving.map((move) => item(move, 'MOVING')),
      ...unchanged.map(({ topic, partition, replicas }) => {
        const same = { topic, partition, from: replicas, to: replicas, adding: [], removing: [], bytes: 0 }
        return item(same, placesOf.has(nameOf(same)) ? status : 'UNCHANGED')
      }),
    ]
    if (items.some((each) => each.status === 'ELSEWHERE')) this.answerNo()
    return this.renderMoves('ReassignmentMoves', items, errors)
  }
}

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`
