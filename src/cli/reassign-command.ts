import { randomUuid } from '../base/index.ts'
import type { Admin, TopicPartition } from '../client/index.ts'
import {
  type Applicable,
  type AutoThrottle,
  type DirectoryMove,
  type DirectoryWish,
  loadLogDirs,
  loadReassignment,
  type MoveProgress,
  type PlannedMove,
  type PlannedThrottle,
  type Target,
  type ThrottleFailure,
  type ThrottleOutcome,
  type ThrottleRun,
} from '../ops/index.ts'
import { ClusterCommand, divide } from './cluster-command.ts'
import { type FailedItem, Fault, usageFault } from './fault.ts'
import { Flags } from './flags.ts'

/** How kafka-reassign-partitions names the file. */
export const reassignmentFileFlags = {
  'reassignment-json-file': Flags.string({ aliases: ['file'], charAliases: ['f'], hidden: true }),
}
export const preserveThrottlesFlag = {
  'preserve-throttles': Flags.boolean({ summary: 'leave throttles as they are' }),
}
/** What whoever begins moves understands. */
export const moveFlags = {
  throttle: Flags.string({
    summary: 'bytes a second that a broker may send and receive for it; auto: as much as hurts nobody',
    helpValue: 'RATE|auto',
  }),
  batch: Flags.string({ summary: 'so many partitions at a time, while it waits', helpValue: 'N' }),
}

const LOOK_MS = 300
const LOOK_MS_MAX = 2000
const AGREE_LOOKS_MAX = 10

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

/** @throws Fault */
export function refuseUnfit(
  { unknownBrokers, others, moves }: Pick<Applicable, 'unknownBrokers' | 'others' | 'moves'>,
  flags: { readonly additional: boolean; readonly 'disallow-replication-factor-change'?: boolean },
): void {
  if (unknownBrokers.length > 0)
    throw new Fault(`there is no broker ${unknownBrokers.join(', ')} that could take replicas`, {
      hint: 'See tkafka cluster describe --include-fenced.',
    })
  const resized = moves.find(({ from, to }) => from.length !== to.length)
  if (flags['disallow-replication-factor-change'] === true && resized !== undefined)
    throw new Fault(`${nameOf(resized)} would have ${resized.to.length} replicas, not ${resized.from.length}`)
  if (others.length > 0 && !flags.additional)
    throw new Fault('partitions are being moved already', {
      hint: 'See tkafka reassign status. --additional makes these moves beside them.',
    })
}

/** A command about replicas that move. The throttles that it sets are its own: it, or the next such command, takes them away. */
export abstract class ReassignCommand extends ClusterCommand {
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
    const throttle = rate === undefined || all.length === 0 ? undefined : await this.#throttleAll(admin, all, rate, work.wait).catch(giveUp)
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

  /** These moves, and whatever else is on its way: as with Kafka's tool, one rate holds for all. */
  async #throttleAll(admin: Admin, moves: readonly PlannedMove[], rate: number, wait: boolean): Promise<RunningThrottle> {
    const { activeMoves, underWay } = await loadReassignment()
    const known = new Set(moves.map(nameOf))
    const others = (await activeMoves(admin)).filter((each) => !known.has(nameOf(each)))
    return this.#throttle(admin, [...moves, ...others.map(underWay)], rate, wait)
  }

  async #throttle(admin: Admin, moves: readonly PlannedMove[], rate: number, wait: boolean): Promise<RunningThrottle> {
    const { planThrottle } = await loadReassignment()
    return this.#runThrottle(admin, await planThrottle(admin, moves, rate), rate, wait)
  }

  /** Bounds copies between directories of these brokers. It goes as the others do. */
  protected async throttleDirectories(
    admin: Admin,
    brokers: readonly number[],
    rate: number,
    wait: boolean,
  ): Promise<Pick<RunningThrottle, 'id' | 'leave'>> {
    const { planDirectoryThrottle } = await loadReassignment()
    return this.#runThrottle(admin, await planDirectoryThrottle(admin, brokers, rate), rate, wait)
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

  /** All of it, or nothing. @throws Fault */
  async #runThrottle(admin: Admin, planned: PlannedThrottle, rate: number, wait: boolean): Promise<RunningThrottle> {
    const { atRate, restoreThrottles, setThrottles } = await loadReassignment()
    if (planned.failures.length > 0) throw unthrottled(planned.failures)
    const notes = await this.#notes(admin)
    const id = randomUuid((await this.shell.host()).random)
    let run: ThrottleRun = { set: planned.set, before: planned.before }
    const set = async (pid: number | null, toSet: Pick<ThrottleRun, 'set'>) => {
      await notes.put({ id, pid, ...run })
      return setThrottles(admin, toSet)
    }
    const outcome = await set(wait ? process.pid : null, run)
    if (outcome.failures.length > 0) {
      const { failures } = await restoreThrottles(admin, run)
      if (failures.length === 0) await notes.remove([id])
      else await notes.put({ id, pid: null, ...run })
      throw unthrottled(outcome.failures)
    }
    await this.#tellThrottles(outcome, 'set')
    return {
      id,
      rate,
      change: async (bytesPerSecond) => {
        run = atRate(run, bytesPerSecond)
        await set(process.pid, { set: run.set.filter(({ type }) => type === 'broker') })
      },
      leave: () => notes.put({ id, pid: null, ...run }),
    }
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

  /**
   * Puts back what throttles of this user have taken the place of, once what they bound has come to its end: those of run `own`,
   * of runs that nobody sees to, and of runs whose process is gone; not those of run `spared`, which has only begun. True: there were any.
   */
  protected async settleThrottles(admin: Admin, own?: string, spared?: string): Promise<boolean> {
    const notes = await this.#notes(admin)
    const runs = await notes.read()
    if (runs.length === 0) return false
    const { activeMoves, isInUse, restoreThrottles } = await loadReassignment()
    const stop = this.shell.stopSignal()
    let areMoving = (await activeMoves(admin)).length > 0
    // A broker may tell of moves that are over: whoever saw them end looks again before it leaves a throttle behind.
    for (let look = 1; own !== undefined && areMoving && look < AGREE_LOOKS_MAX && !stop.aborted; look++) {
      await this.pause(LOOK_MS)
      areMoving = (await activeMoves(admin)).length > 0
    }
    const { isAlive } = await import('./broker-process.ts')
    let settled = false
    // The last was set over the one before it.
    for (const run of runs.reverse()) {
      const isAttended = run.id !== own && run.pid !== null && run.pid !== process.pid && (await isAlive(run.pid))
      if (isAttended || run.id === spared || (await isInUse(admin, run, areMoving))) continue
      settled = true
      const outcome = await restoreThrottles(admin, run)
      await this.#tellThrottles(outcome, 'cleared')
      if (outcome.failures.length === 0) await notes.remove([run.id])
    }
    return settled
  }

  /** What of the throttles that are there was set by commands of this user. */
  protected async notedThrottles(admin: Admin): Promise<ReadonlySet<string>> {
    const runs = await (await this.#notes(admin)).read()
    return new Set(runs.flatMap(({ set }) => set.map(({ type, name }) => `${type} ${name}`)))
  }

  /** There is none of them any more. */
  protected async forgetThrottles(admin: Admin): Promise<void> {
    const notes = await this.#notes(admin)
    await notes.remove((await notes.read()).map(({ id }) => id))
  }

  /** Takes every throttle away, of the brokers and of these topics, or of all: whoever has set it. Only what nothing that moves is bound by. */
  protected async clearThrottles(admin: Admin, topics?: readonly { readonly topic: string }[]): Promise<void> {
    const { activeMoves, clearThrottles, describeThrottles, unusedThrottles } = await loadReassignment()
    if ((await activeMoves(admin)).length > 0) return
    if (await this.settleThrottles(admin)) return
    const names = topics?.map(({ topic }) => topic)
    const { throttles, failures } = await describeThrottles(admin, names)
    const outcome = await clearThrottles(admin, await unusedThrottles(admin, throttles))
    await this.#tellThrottles({ ...outcome, failures: [...failures, ...outcome.failures] }, 'cleared')
  }

  /** Throttles that stay while nothing is being moved any more, whoever has set them. */
  protected async tellLeftovers(admin: Admin): Promise<void> {
    const { describeThrottles } = await loadReassignment()
    const { throttles, failures } = await describeThrottles(admin)
    for (const { type, name, message } of failures) this.tell(`throttles of ${type} ${name} could not be read: ${message}`, 'always')
    if (throttles.length === 0) return
    const names = throttles.map(({ type, name }) => `${type} ${name}`)
    const shown = names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`
    this.tell(`throttles are still set on ${shown}: tkafka reassign throttle clear takes them away`, 'always')
  }

  /** Notes a throttle that is set for moves under way, which whoever looks after their end takes away. */
  protected async throttleMoves(admin: Admin, moves: readonly PlannedMove[], rate: number): Promise<void> {
    await this.#throttle(admin, moves, rate, false)
  }

  async #tellThrottles(outcome: ThrottleOutcome, verb: 'set' | 'cleared'): Promise<void> {
    const { throttleLines } = await import('./reassignment-text.ts')
    for (const line of throttleLines(outcome, verb)) this.tell(line, outcome.failures.length > 0 ? 'always' : 'unless quiet')
    if (outcome.failures.length > 0 && this.shell.exitCode === 0) this.shell.exitCode = 1
  }

  async #notes(admin: Admin) {
    const { ThrottleNotes } = await import('./throttle-note.ts')
    return ThrottleNotes.of(this.shell, (await admin.describeCluster()).clusterId)
  }
}

const unthrottled = (failures: readonly ThrottleFailure[]): Fault =>
  new Fault(`the throttle could not be set: ${failures.map(({ type, name, message }) => `${type} ${name}: ${message}`).join('; ')}`, {
    hint: 'Nothing was begun. A broker that is down is left out as soon as the cluster misses it; without --throttle nothing bounds the moves.',
  })

interface RunningThrottle {
  readonly id: string
  readonly rate: number
  change(bytesPerSecond: number): Promise<void>
  leave(): Promise<void>
}

interface FollowedRun {
  readonly started: readonly PlannedMove[]
  readonly waiting: readonly PlannedMove[]
  readonly auto: AutoThrottle | undefined
  readonly throttle: RunningThrottle | undefined
  next(count: number): Promise<void>
}

const receiversOf = (left: readonly MoveProgress[]): number => new Set(left.flatMap(({ adding }) => adding)).size
