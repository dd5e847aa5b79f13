import type { Storage, Survives } from '../../../src/sim/index.ts'
import { type Cluster, idOf, nameOf } from '../cluster.ts'
import { Violation } from '../invariants/index.ts'
import type { Watch } from '../watch.ts'

/** How a process ends. */
export type End =
  | { readonly kind: 'kill' }
  | { readonly kind: 'power loss'; readonly survives: Survives }
  | { readonly kind: 'bit flips'; readonly flip: (storage: Storage) => void }
  | { readonly kind: 'wipe' }

/** Long after it, somebody would look why the node does not start. */
const startsMax = 20
const restartMs = 1000

/** The processes of a cluster, and who starts them again. */
export class Nodes {
  readonly #cluster: Cluster
  readonly #watch: Watch
  /** Steps until the node ends in the midst of what it does. */
  readonly #countdowns = new Map<number, { left: number; readonly end: () => End | undefined; readonly forMs: number }>()
  /** Milliseconds that a node's wall clock is off, whatever becomes of its process. */
  readonly #skewMs = new Map<number, number>()
  /** Nodes whose machine fails them, or has: they may stop by themselves. */
  readonly troubled = new Set<number>()
  /**
   * Nodes whose disk has changed or lost what it had said to hold, until they serve again. One of them may refuse to start and name the file
   * that is damaged, as a node of Apache Kafka may: then it gets an empty disk, as an operator would give it.
   */
  readonly #harmed = new Set<number>()
  readonly #stopping = new Set<number>()
  readonly #fatal = new Map<number, Error>()
  readonly #failedStarts = new Map<number, number>()
  #isHealing = false

  readonly #isMachineBroken: (id: number) => boolean

  constructor(cluster: Cluster, watch: Watch, isMachineBroken: (id: number) => boolean) {
    this.#isMachineBroken = isMachineBroken
    this.#cluster = cluster
    this.#watch = watch
    cluster.onFatal = (id, error) => void this.#fatal.set(id, error)
  }

  isAlive(id: number): boolean {
    return this.#cluster.world.isAlive(nameOf(id))
  }
  /** It serves, and nobody has asked it to stop. */
  isUp(id: number): boolean {
    return this.isAlive(id) && this.#cluster.running.has(id) && !this.#stopping.has(id)
  }

  boot(id: number): void {
    if (this.isAlive(id)) return
    const started = this.#cluster.start(id)
    const host = this.#cluster.hosts.get(id)!
    host.skewMs = this.#skewMs.get(id) ?? 0
    started.then(
      () => {
        this.#failedStarts.delete(id)
        if (this.#harmed.delete(id) && !this.#isMachineBroken(id)) this.troubled.delete(id)
      },
      (error) => {
        if (this.#cluster.hosts.get(id) === host) this.#didNotStart(id, error)
      },
    )
  }

  #didNotStart(id: number, error: Error): void {
    const count = (this.#failedStarts.get(id) ?? 0) + 1
    this.#failedStarts.set(id, count)
    this.#cluster.world.remark(nameOf(id), `did not start: ${error.message}`)
    const isVoter = this.#cluster.shape.controllers.includes(id)
    if (this.#harmed.has(id) && !isVoter && error.message.includes('/data') && this.end(id, { kind: 'wipe' }, restartMs)) return
    if (count >= startsMax)
      this.#watch.fail('L1 nodes start', `node ${id} did not start ${count} times, the last time because: ${error.message}`)
    if (this.isAlive(id)) this.end(id, { kind: 'kill' }, restartMs)
  }

  /** Ends the process at once; it starts again after `forMs`. False: there was none. */
  end(id: number, end: End, forMs: number, isClean = false): boolean {
    if (!this.isAlive(id)) return false
    const { world } = this.#cluster
    this.#countdowns.delete(id)
    this.#stopping.delete(id)
    this.#fatal.delete(id)
    world.remark(nameOf(id), `ends: ${end.kind}`)
    if (end.kind === 'power loss') this.#cluster.crash(id, end.survives)
    else this.#cluster.kill(id)
    if (end.kind === 'wipe') world.wipe(nameOf(id))
    if (end.kind === 'bit flips') end.flip(world.storage(nameOf(id))!)
    this.#watch.ended(id, { isLossy: end.kind !== 'kill', isWiped: end.kind === 'wipe', isClean })
    this.#later(forMs, () => {
      if (!this.#isMachineBroken(id) && !this.#harmed.has(id)) this.troubled.delete(id)
      this.boot(id)
    })
    return true
  }

  /** As `end`, and what the disk says afterwards need not be so. */
  harm(id: number, end: End, forMs: number): boolean {
    if (!this.isAlive(id)) return false
    this.#harmed.add(id)
    this.troubled.add(id)
    return this.end(id, end, forMs)
  }

  /** Ends it a number of its steps later. `end` is asked then; undefined: not any more. */
  endWithin(id: number, steps: number, end: () => End | undefined, forMs: number): boolean {
    if (!this.isAlive(id)) return false
    this.#countdowns.set(id, { left: steps, end, forMs })
    return true
  }

  /** Asks it to stop, as an operator would. What it had not brought to disk when it was done is lost. */
  stop(id: number, forMs: number): boolean {
    if (!this.isUp(id)) return this.end(id, { kind: 'kill' }, forMs)
    this.#stopping.add(id)
    const running = this.#cluster.running.get(id)!
    const host = this.#cluster.hosts.get(id)
    const stopped = (): void => {
      if (this.#cluster.hosts.get(id) !== host) return
      const isClean = !this.troubled.has(id)
      this.end(id, isClean ? { kind: 'power loss', survives: () => false } : { kind: 'kill' }, forMs, isClean)
    }
    running.close().then(stopped, (error) => {
      this.#cluster.world.remark(nameOf(id), `did not stop cleanly: ${error.message}`)
      this.troubled.add(id)
      stopped()
    })
    return true
  }

  jump(id: number, byMs: number): void {
    this.#skewMs.set(id, byMs)
    const host = this.#cluster.hosts.get(id)
    if (host !== undefined) host.skewMs = byMs
  }

  /** After a step of a host. */
  step(host: string): void {
    const id = idOf(host)
    if (id === undefined) return
    const error = this.#fatal.get(id)
    if (error !== undefined && this.isAlive(id)) return this.#gaveUp(id, error)
    const countdown = this.#countdowns.get(id)
    if (countdown === undefined || countdown.left-- > 0) return
    this.#countdowns.delete(id)
    const end = countdown.end()
    if (end !== undefined) this.end(id, end, countdown.forMs)
  }

  #gaveUp(id: number, error: Error): void {
    if (!this.troubled.has(id)) throw new Violation('L2 nobody stops without a reason', `node ${id}: ${error.stack ?? error.message}`)
    this.end(id, { kind: 'kill' }, restartMs)
  }

  /** From now on nothing is taken down any more, and what is down comes back. */
  heal(): void {
    this.#isHealing = true
    this.#countdowns.clear()
    for (const id of this.#cluster.all) {
      this.#cluster.world.resume(nameOf(id))
      if (this.troubled.has(id)) this.end(id, { kind: 'kill' }, restartMs)
      else this.boot(id)
    }
  }

  #later(forMs: number, act: () => void): void {
    this.#cluster.clients.clock.after(this.#isHealing ? Math.min(forMs, restartMs) : forMs, act)
  }
}
