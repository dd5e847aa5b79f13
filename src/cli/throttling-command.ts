import { randomUuid } from '../base/index.ts'
import type { Admin, TopicPartition } from '../client/index.ts'
import {
  loadReassignment,
  type PlannedMove,
  type PlannedThrottle,
  type ThrottleFailure,
  type ThrottleOutcome,
  type ThrottleRun,
} from '../ops/index.ts'
import { ClusterCommand } from './cluster-command.ts'
import { Fault } from './fault.ts'
import type { NotedRun } from './throttle-note.ts'

/** How often moves are looked at right after they have begun. */
export const LOOK_MS = 300
export const AGREE_LOOKS_MAX = 10

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`

/** A command that sets throttles. They are its own: it, or the next such command, takes them away. */
export abstract class ThrottlingCommand extends ClusterCommand {
  /** These moves, and whatever else is on its way: as with Kafka's tool, one rate holds for all. */
  protected async throttleAll(admin: Admin, moves: readonly PlannedMove[], rate: number, wait: boolean): Promise<RunningThrottle> {
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

  /** All of it, or nothing. @throws Fault */
  async #runThrottle(admin: Admin, planned: PlannedThrottle, rate: number, wait: boolean): Promise<RunningThrottle> {
    const { atRate, restoreThrottles, setThrottles } = await loadReassignment()
    if (planned.failures.length > 0) throw unthrottled(planned.failures)
    const { birthOf } = await import('./broker-process.ts')
    const notes = await this.#notes(admin)
    const id = randomUuid((await this.shell.host()).random)
    let run: ThrottleRun = { set: planned.set, before: planned.before }
    const set = async (pid: number | null, toSet: Pick<ThrottleRun, 'set'>) => {
      await notes.put({ id, pid, ...(pid !== null && { birth: await birthOf(pid) }), ...run })
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
    const { birthOf, isThere } = await import('./broker-process.ts')
    const ownBirth = await birthOf(process.pid)
    // This process sees to one run only, and its id may have been that of another.
    const isAnother = async ({ pid, birth = '' }: NotedRun): Promise<boolean> =>
      pid !== null && !(pid === process.pid && (birth === '' || birth === ownBirth)) && (await isThere({ pid, birth }))
    let settled = false
    // The last was set over the one before it.
    for (const run of runs.reverse()) {
      const isAttended = run.id !== own && (await isAnother(run))
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

/** A throttle while somebody sees to it. */
export interface RunningThrottle {
  readonly id: string
  readonly rate: number
  change(bytesPerSecond: number): Promise<void>
  leave(): Promise<void>
}
