import {
  confirmFlags,
  divide,
  dryRunFlag,
  type FailedItem,
  Fault,
  Flags,
  loadReassignmentFile,
  loadReassignmentText,
  ReassignCommand,
  reassignmentFileFlags,
  textArg,
} from '../../src/cli/index.ts'
import type { Admin } from '../../src/client/index.ts'
import { type Applicable, loadReassignment, type PlannedMove, type Target } from '../../src/ops/index.ts'

const LOOK_MS = 500
const TELL_MS = 10_000

interface AppliedMove extends PlannedMove {
  readonly status: string
}

export default class ReassignApply extends ReassignCommand {
  static override summary = 'make the moves of a plan'
  static override description =
    'Replicas are copied in the background. A throttle holds for all moves together and goes when they are done: at the end of --wait, else with reassign verify. Ctrl-C leaves --wait, and the moves go on.'
  static override examples = [
    '<%= config.bin %> reassign apply drain3.json --throttle 50MB/s --wait',
    { description: 'What it would do to the cluster as it is now:', command: '<%= config.bin %> reassign apply drain3.json --dry-run' },
  ]
  static override args = { file: textArg('the plan, a file of reassign plan or kafka-reassign-partitions') }
  static override flags = {
    ...confirmFlags,
    ...reassignmentFileFlags,
    throttle: Flags.string({ summary: 'bytes a second that a broker may send and receive for it', helpValue: 'RATE' }),
    wait: Flags.boolean({ summary: 'until all is moved' }),
    additional: Flags.boolean({ summary: 'also while other partitions are being moved' }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<void> {
    const { flags, args } = await this.read(ReassignApply)
    const { parseRate } = await loadReassignmentFile()
    const rate = flags.throttle === undefined ? undefined : parseRate(flags.throttle, '--throttle')
    const targets = await this.targets(args.file, flags)
    const admin = await this.openAdmin(flags)
    const { judgeTargets } = await loadReassignment()
    const plan = await judgeTargets(admin, targets)
    const failures = divide(plan.failures, ({ topic, partition }) => `${topic}-${partition}`).errors
    refuseUnfit(plan, flags.additional)
    const { fewLines, movesSummary } = await loadReassignmentText()
    if (flags['dry-run']) {
      this.tell(movesSummary(plan.moves))
      await this.#show(
        plan.moves.map((move) => ({ ...move, status: 'WOULD-MOVE' })),
        plan,
        failures,
      )
      return
    }
    if (plan.moves.length > 0) {
      const lines = plan.moves.map(({ topic, partition, from, to }) => `${topic}-${partition}: ${from.join(',')} → ${to.join(',')}`)
      await this.confirm(flags, [...fewLines(lines), movesSummary(plan.moves)], 'Make these moves?')
    }
    await this.#apply(admin, targets, plan, failures, { rate, wait: flags.wait })
  }

  async #apply(
    admin: Admin,
    targets: readonly Target[],
    plan: Applicable,
    failures: readonly FailedItem[],
    { rate, wait }: { readonly rate: number | undefined; readonly wait: boolean },
  ): Promise<void> {
    const { chooseDirectories, setThrottle, startMoves } = await loadReassignment()
    const { throttleLines } = await loadReassignmentText()
    if (rate !== undefined && plan.moves.length > 0) {
      const outcome = await setThrottle(admin, plan.moves, rate)
      for (const line of throttleLines(outcome, 'set')) this.tell(line, outcome.failures.length > 0 ? 'always' : 'unless quiet')
    }
    const started = divide(await startMoves(admin, plan.moves), ({ topic, partition }) => `${topic}-${partition}`)
    const placed = divide(await chooseDirectories(admin, targets), ({ topic, partition }) => `${topic}-${partition}`)
    const moves = started.values.map(({ value }) => value)
    const isDone = wait && (await this.#allMoved(admin, moves))
    await this.#show(
      moves.map((move) => ({ ...move, status: isDone ? 'MOVED' : 'STARTED' })),
      plan,
      [...failures, ...started.errors, ...placed.errors],
    )
    if (isDone || moves.length === 0) await this.clearThrottles(admin, targets)
    else
      this.tell(
        `the replicas are copied in the background: see tkafka reassign status${rate === undefined ? '' : '; reassign verify takes the throttle away'}`,
      )
  }

  /** False: it was told to stop before. */
  async #allMoved(admin: Admin, moves: readonly PlannedMove[]): Promise<boolean> {
    const { moveProgress } = await loadReassignment()
    const stop = this.shell.stopSignal()
    const { clock } = await this.shell.host()
    let toldAtMs = clock.monotonic()
    while (moves.length > 0 && !stop.aborted) {
      const left = await moveProgress(admin, moves)
      if (left.length === 0) return true
      if (clock.monotonic() - toldAtMs >= TELL_MS) {
        const total = left.reduce((sum, each) => sum + (each.bytesTotal ?? 0), 0)
        const moved = left.reduce((sum, each) => sum + (each.bytesMoved ?? 0), 0)
        this.tell(
          `${moves.length - left.length} of ${moves.length} moved, ${total === 0 ? 0 : Math.floor((moved / total) * 100)} % of the rest`,
        )
        toldAtMs = clock.monotonic()
      }
      await this.pause(LOOK_MS)
    }
    return false
  }

  #show(moved: readonly AppliedMove[], { unchanged }: Applicable, errors: readonly FailedItem[]): Promise<void> {
    const same = unchanged.map(({ topic, partition, replicas }) => ({
      ...{ topic, partition, from: replicas, to: replicas, adding: [], removing: [], bytes: 0, status: 'UNCHANGED' },
    }))
    return this.render<AppliedMove>({
      kind: 'ReassignmentMoves',
      items: [...moved, ...same],
      errors,
      columns: [
        { name: 'TOPIC', value: ({ topic }) => topic },
        { name: 'PARTITION', value: ({ partition }) => partition, right: true },
        { name: 'FROM', value: ({ from }) => from.join(',') },
        { name: 'TO', value: ({ to }) => to.join(',') },
        { name: 'STATUS', value: ({ status }) => status },
      ],
    })
  }
}

/** @throws Fault */
function refuseUnfit({ unknownBrokers, ongoing }: Applicable, additional: boolean): void {
  if (unknownBrokers.length > 0)
    throw new Fault(`there is no broker ${unknownBrokers.join(', ')} that could take replicas`, {
      hint: 'See tkafka cluster describe --include-fenced.',
    })
  if (ongoing.length > 0 && !additional)
    throw new Fault('partitions are being moved already', {
      hint: 'See tkafka reassign status. --additional makes these moves beside them.',
    })
}
