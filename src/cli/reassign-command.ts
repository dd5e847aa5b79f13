import type { Admin, TopicPartition } from '../client/index.ts'
import {
  type AutoThrottle,
  type DirectoryMove,
  type DirectoryWish,
  loadLogDirs,
  loadReassignment,
  type MoveProgress,
  type PlannedMove,
  type Target,
} from '../ops/index.ts'
import { divide } from './cluster-command.ts'
import { type FailedItem, usageFault } from './fault.ts'
import { AGREE_LOOKS_MAX, LOOK_MS, type RunningThrottle, ThrottlingCommand } from './throttling-command.ts'

const LOOK_MS_MAX = 2000

export type ThrottleWish = number | 'auto' | undefined

/** Moves to be made, and how. */
export interface MoveWork {
  readonly moves: readonly PlannedMove[]
  /** Under way already, and of this work too. */
  readonly moving: readonly PlannedMove[]
  /** Partitions that go elsewhere at this moment: they are stopped first, for two moves of one partition come to no end. */
  readonly diverted: readonly TopicPartition[]
  readonly throttle: ThrottleWish
  /** Stays until all is moved. */
  readonly wait: boolean
  /** At a time; undefined: all. */
  readonly batch: number | undefined
  /** What is to be done once these have begun; at first for none, when there are none to begin with. */
  readonly begun?: (started: readonly PlannedMove[]) => Promise<readonly FailedItem[]>
  /** Bounds copies between the directories of these brokers. */
  readonly copies?: { readonly brokers: readonly number[]; readonly rate: number }
}

export interface MoveOutcome {
  readonly started: readonly PlannedMove[]
  readonly errors: readonly FailedItem[]
  /** Nothing is under way any more. */
  readonly isDone: boolean
}

export interface MovedItem extends PlannedMove {
  readonly status: string
  /** Those of its replicas that go to another directory. */
  readonly directories?: readonly DirectoryWish[]
}

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`

/** A command about replicas that move. */
export abstract class ReassignCommand extends ThrottlingCommand {
  /** @throws Fault */
  protected async targets(path: string | undefined, flags: { readonly 'reassignment-json-file'?: string | undefined }): Promise<Target[]> {
    const { readTargets } = await import('./reassignment-file.ts')
    return readTargets(this.shell, this.planFile(path, flags))
  }

  /** @throws Fault (usage) */
  protected planFile(path: string | undefined, flags: { readonly 'reassignment-json-file'?: string | undefined }): string {
    const file = path ?? flags['reassignment-json-file']
    if (file === undefined)
      throw usageFault('which file?', 'Name one that tkafka reassign plan -f, or kafka-reassign-partitions, has written.')
    return file
  }

  /** @throws Fault (usage) */
  protected async throttleWish(text: string | undefined, wait: boolean): Promise<ThrottleWish> {
    if (text === undefined) return undefined
    if (text !== 'auto') return (await import('./reassignment-file.ts')).parseRate(text, '--throttle')
    if (!wait) throw usageFault('--throttle auto needs somebody who watches', 'Add --wait, or name a rate.')
    return 'auto'
  }

  protected renderMoves(kind: string, items: readonly MovedItem[], errors: readonly FailedItem[]): Promise<void> {
    const places = ({ directories = [] }: MovedItem): string => directories.map(({ broker, path }) => `${broker}:${path}`).join(',')
    const isPlacing = items.some((each) => places(each) !== '')
    return this.render<MovedItem>({
      kind,
      items,
      errors,
      columns: [
        { name: 'TOPIC', value: ({ topic }) => topic },
        { name: 'PARTITION', value: ({ partition }) => partition, right: true },
        { name: 'FROM', value: ({ from }) => from.join(',') },
        { name: 'TO', value: ({ to }) => to.join(',') },
        ...(isPlacing ? [{ name: 'DIRECTORIES', value: places, narrow: 'shorten' as const }] : []),
        { name: 'STATUS', value: ({ status }) => status },
      ],
    })
  }

  /** Throttles, starts and, if asked to, follows moves. However it ends, no throttle of this run outlives its moves unnoticed. */
  protected async carryOut(admin: Admin, work: MoveWork): Promise<MoveOutcome> {
    const { AutoThrottle, cancelMoves, startMoves } = await loadReassignment()
    const diverted = new Set(work.diverted.map(nameOf))
    const all = [...work.moving, ...work.moves]
    const auto = work.throttle === 'auto' ? new AutoThrottle() : undefined
    // From here on Ctrl-C ends it in order: nothing is left behind.
    const stop = this.shell.stopSignal()
    const rate = auto?.rate ?? (work.throttle === 'auto' ? undefined : work.throttle)
    const copies =
      work.copies === undefined ? undefined : await this.throttleDirectories(admin, work.copies.brokers, work.copies.rate, true)
    const giveUp = async (error: unknown): Promise<never> => {
      await this.settleThrottles(admin)
      throw error
    }
    const throttle = rate === undefined || all.length === 0 ? undefined : await this.throttleAll(admin, all, rate, work.wait).catch(giveUp)
    if (stop.aborted) {
      await this.settleThrottles(admin, throttle?.id)
      return { started: [], errors: [], isDone: false }
    }
    const waiting = [...work.moves]
    const started: PlannedMove[] = []
    const errors: FailedItem[] = []
    const next = async (count: number): Promise<void> => {
      const list = waiting.splice(0, count)
      const astray = list.filter((each) => diverted.has(nameOf(each)))
      const { errors: unstopped } = divide(await cancelMoves(admin, astray), nameOf)
      const ready = list.filter((each) => !unstopped.some(({ item }) => item === nameOf(each)))
      errors.push(...unstopped)
      const answers = divide(await startMoves(admin, ready), nameOf)
      const begun = answers.values.map(({ value }) => value)
      started.push(...begun)
      errors.push(...answers.errors, ...((await work.begun?.(begun)) ?? []))
    }
    await next(work.wait ? (work.batch ?? waiting.length) : waiting.length)
    const isDone = work.wait && (await this.#follow(admin, work, { started, waiting, auto, throttle, next }))
    // Nobody sees to them any more: the next who looks does.
    if (throttle !== undefined && !isDone && started.length + work.moving.length > 0) await throttle.leave()
    await copies?.leave()
    if (isDone || started.length + work.moving.length === 0) await this.settleThrottles(admin, throttle?.id, copies?.id)
    return { started, errors, isDone }
  }

  /** Until replicas lie where they shall. False: it was told to stop before. */
  protected async followDirectories(admin: Admin, moves: readonly (DirectoryMove | DirectoryWish)[]): Promise<boolean> {
    const { directoryProgress } = await loadLogDirs()
    const { MoveMeter, reportText } = await import('./move-meter.ts')
    const { ProgressLine } = await import('./progress-line.ts')
    const { clock } = await this.shell.host()
    const stop = this.shell.stopSignal()
    const meter = new MoveMeter(moves)
    const line = new ProgressLine(this.shell, clock.monotonic(), this.quiet)
    try {
      while (!stop.aborted) {
        const left = await directoryProgress(admin, moves)
        if (left.length === 0) return true
        const report = meter.look(clock.monotonic(), left, [], null)
        line.show(reportText(report, false), clock.monotonic())
        if (this.output === 'ndjson') await this.write(`${JSON.stringify({ progress: report })}\n`)
        await this.pause(LOOK_MS)
      }
    } finally {
      line.end()
    }
    return false
  }

  /** False: it was told to stop before. */
  async #follow(admin: Admin, work: MoveWork, run: FollowedRun): Promise<boolean> {
    const { moveProgress, sufferingPartitions } = await loadReassignment()
    const { MoveMeter, reportText } = await import('./move-meter.ts')
    const { ProgressLine } = await import('./progress-line.ts')
    const { clock } = await this.shell.host()
    const stop = this.shell.stopSignal()
    const meter = new MoveMeter([...work.moving, ...work.moves])
    const line = new ProgressLine(this.shell, clock.monotonic(), this.quiet)
    let rate = run.throttle?.rate ?? null
    try {
      for (let lookMs = LOOK_MS; !stop.aborted; lookMs = Math.min(LOOK_MS_MAX, lookMs * 1.2)) {
        const known = [...work.moving, ...run.started]
        const left = known.length === 0 ? [] : await moveProgress(admin, known)
        if (run.waiting.length > 0 && left.length < work.batch!) await run.next(work.batch! - left.length)
        else if (left.length === 0) return true
        const nowMs = clock.monotonic()
        const report = meter.look(nowMs, left, run.waiting, rate)
        line.show(reportText(report, run.auto !== undefined), nowMs)
        if (this.output === 'ndjson') await this.write(`${JSON.stringify({ progress: report })}\n`)
        if (run.auto !== undefined && run.throttle !== undefined) {
          const suffering = await sufferingPartitions(admin)
          const signs = { nowMs, bytesMoved: report.bytesMoved, receiverCount: receiversOf(left), suffering }
          const changed = run.auto.next(signs)
          if (changed !== undefined) await run.throttle.change((rate = changed))
        }
        await this.pause(lookMs)
      }
    } finally {
      line.end()
    }
    return false
  }

  /** Of targets that were followed, those that are reached. Brokers learn a moment later what the controller knows; others may have cancelled moves. */
  protected async reached(admin: Admin, targets: readonly Target[]): Promise<ReadonlySet<string>> {
    const { verifyTargets } = await loadReassignment()
    for (let look = 1; ; look++) {
      const verdicts = await verifyTargets(admin, targets)
      const there = verdicts.flatMap(({ item, value }) => (value?.state === 'complete' ? [nameOf(item)] : []))
      if (there.length === targets.length || look === AGREE_LOOKS_MAX) return new Set(there)
      await this.pause(LOOK_MS)
    }
  }
}

interface FollowedRun {
  readonly started: readonly PlannedMove[]
  readonly waiting: readonly PlannedMove[]
  readonly auto: AutoThrottle | undefined
  readonly throttle: RunningThrottle | undefined
  next(count: number): Promise<void>
}

const receiversOf = (left: readonly MoveProgress[]): number => new Set(left.flatMap(({ adding }) => adding)).size
