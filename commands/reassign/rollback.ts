import {
  confirmFlags,
  counted,
  divide,
  dryRunFlag,
  type FailedItem,
  Fault,
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
  usageFault,
} from '../../src/cli/index.ts'
import type { Admin } from '../../src/client/index.ts'
import { loadReassignment, type Target } from '../../src/ops/index.ts'

export default class ReassignRollback extends ReassignCommand {
  static override summary = 'take moves back, also those that are done'
  static override description =
    'To what the plan says was there before, or else to what reassign apply has kept beside it. Of a plan of another tool that was never applied here only what is still under way can be taken back, and so it is with --all. Run again, it goes on where it was.'
  static override examples = [
    '<%= config.bin %> reassign rollback drain3.json --wait',
    { description: 'Whatever is being moved, whoever began it:', command: '<%= config.bin %> reassign rollback --all --dry-run' },
  ]
  static override args = { file: textArg('the plan') }
  static override flags = {
    ...confirmFlags,
    ...moveFlags,
    ...reassignmentFileFlags,
    all: Flags.boolean({ summary: 'everything that is being moved' }),
    wait: Flags.boolean({ summary: 'until all is back' }),
    detach: Flags.boolean({ aliases: ['no-wait'], summary: 'do not stay; so it is without --wait', exclusive: ['wait'] }),
    additional: Flags.boolean({ summary: 'also while other partitions are being moved' }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<void> {
    const { flags, args } = await this.read(ReassignRollback)
    const file = args.file ?? flags['reassignment-json-file']
    if ((file === undefined) === !flags.all) throw usageFault('which moves?', 'Name the file of the plan, or say --all.')
    const throttle = await this.throttleWish(flags.throttle, flags.wait)
    const batch = flags.batch === undefined ? undefined : parseCount(flags.batch, '--batch', 1)
    const planned = file === undefined ? undefined : await this.#before(file)
    const admin = await this.openAdmin(flags)
    const { targets, failures } = planned === undefined ? await this.#origins(admin, undefined) : await this.#targets(admin, planned)
    const { judgeTargets } = await loadReassignment()
    const plan = await judgeTargets(admin, targets)
    const errors = [...failures, ...divide(plan.failures, ({ topic, partition }) => `${topic}-${partition}`).errors]
    refuseUnfit(plan, flags)
    const { fewLines, moveLine, movesSummary } = await loadReassignmentText()
    const { moves, moving, diverted, unchanged } = plan
    if (moves.length + moving.length === 0) this.tell('everything is as it was before')
    if (moves.length > 0 && !flags['dry-run']) {
      const question = `Take the moves of ${counted(moves.length, 'partition')} back?`
      await this.confirm(flags, [...fewLines(moves.map(moveLine)), movesSummary(moves)], question)
    }
    const outcome = flags['dry-run']
      ? { started: moves, errors: [], isDone: false }
      : await this.carryOut(admin, { moves, moving, diverted, throttle, wait: flags.wait, batch })
    const status = flags['dry-run'] ? 'WOULD-MOVE-BACK' : outcome.isDone ? 'BACK' : 'STARTED'
    const items = [...outcome.started, ...moving].map((move): MovedItem => ({ ...move, status }))
    const same = unchanged.map(
      ({ topic, partition, replicas }): MovedItem => ({
        ...{ topic, partition, from: replicas, to: replicas, adding: [], removing: [], bytes: 0, status: 'UNCHANGED' },
      }),
    )
    await this.renderMoves('ReassignmentMoves', [...items, ...same], [...errors, ...outcome.errors])
  }

  /** What was there before a plan, and the plan itself. */
  async #before(file: string): Promise<{ readonly targets: readonly Target[]; readonly before: readonly Target[] }> {
    const { readPlan, readTargets, rollbackPath } = await loadReassignmentFile()
    const { targets, before } = await readPlan(this.shell, file)
    if (before !== undefined) return { targets, before }
    const kept = rollbackPath(file)
    const { disk } = await this.shell.host()
    const isKept = file !== '-' && (await disk.stat(kept).catch(() => undefined)) !== undefined
    return { targets, before: isKept ? await readTargets(this.shell, kept) : [] }
  }

  /** To where it was; of what nobody has noted, to where it comes from. */
  async #targets(admin: Admin, { targets, before }: { readonly targets: readonly Target[]; readonly before: readonly Target[] }) {
    const { keyOf } = await loadReassignment()
    const known = new Set(before.map(keyOf))
    const unknown = targets.filter((each) => !known.has(keyOf(each)))
    if (unknown.length === 0) return { targets: before, failures: [] }
    const moving = await this.#origins(admin, unknown)
    if (before.length + moving.targets.length === 0)
      throw new Fault('nobody has noted what was there before, and nothing of it is being moved', {
        hint: 'A plan of tkafka reassign plan has it, and reassign apply keeps it in FILE.rollback.json.',
      })
    return { targets: [...before, ...moving.targets], failures: moving.failures }
  }

  async #origins(admin: Admin, wanted: readonly Target[] | undefined): Promise<{ targets: Target[]; failures: FailedItem[] }> {
    const { activeMoves, keyOf, originOf } = await loadReassignment()
    const active = await activeMoves(admin, wanted)
    const moving = new Set(active.map(keyOf))
    const missing = (wanted ?? []).filter((each) => !moving.has(keyOf(each)))
    return {
      targets: active.map((each) => {
        const replicas = originOf(each)
        return { topic: each.topic, partition: each.partition, replicas, logDirs: replicas.map(() => null) }
      }),
      failures: missing.map((each) => ({
        ...{ item: keyOf(each), code: null, name: null, retriable: false },
        message: 'is not being moved, and nobody has noted what was there before',
      })),
    }
  }
}
