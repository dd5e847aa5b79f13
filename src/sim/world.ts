import { assert, BinaryHeap } from '../base/index.ts'
import { type Clock, type DiskErrorCode, type Host, type Journal, silentJournal } from '../host/index.ts'
import { SimDisk, Storage } from './disk.ts'
import { SimNetwork, Wires } from './network.ts'
import { SeededRandom } from './random.ts'
import type { Survives } from './storage.ts'
import { TraceHash } from './trace-hash.ts'

export interface MessageFate {
  readonly holdMs?: number
  readonly breakMs?: number
}

/** What may go wrong; asked at each turn, so that a test or a nemesis changes it while the world runs. Absent: nothing does. */
export interface Faults {
  /** Before a disk call: takes longer, or fails with an error. Or it lies: what it says to be synced a power loss takes all the same. */
  disk?(call: DiskCall): { readonly delayMs?: number; readonly error?: DiskErrorCode; readonly lies?: boolean } | undefined
  /** Before bytes, connects and closes cross: takes longer, or waits until the link is up again. */
  link?(from: string, to: string): { readonly delayMs?: number; readonly down?: boolean } | undefined
  /** A message that a host sends on a connection which it opened goes out once more, so much later and on a connection of its own. */
  repeat?: ((from: string, to: string, message: Buffer) => number | undefined) | undefined
  /** Asked when it has come to the other side: true: it is lost there. */
  isStale?: ((from: string, message: Buffer) => boolean) | undefined
  /**
   * Of such a message: how long it is held back on its way, with all that follows on its connection; and how long after it was sent the
   * connection breaks, whatever has come of it by then.
   */
  message?: ((from: string, to: string, message: Buffer) => MessageFate | undefined) | undefined
  /** Milliseconds that a host takes before it reads what has arrived. */
  slowReader?(host: string): number | undefined
}

/** What a host has done, once all that follows from it without time passing has come to an end. */
export type StepObserver = (host: string, kind: string) => void

export interface DiskCall {
  readonly host: string
  readonly operation: string
  readonly path: string
  readonly bytes: number
}

export interface WorldOptions {
  readonly seed?: number
  readonly faults?: Faults
  /** Wall clock at the start. */
  readonly startMs?: number
  /** Streams arrive in chunks of random size. */
  readonly chop?: boolean
  readonly journal?: (host: string) => Journal
  /** Told of each event: the same seed must tell the same. */
  readonly trace?: (line: string) => void
  /** Told of what those who watch the world remark between its events. */
  readonly remarks?: (atMs: number, host: string, text: string) => void
  readonly onStep?: StepObserver
}

/** One life of a host, from start to crash: events of a life that is over never happen. */
export interface Life {
  readonly name: string
  alive: boolean
  /** What waits while the host stands still (SIGSTOP, a stalled machine), in order; undefined: it runs. */
  held?: Event[] | undefined
}

interface Event {
  atMs: number
  sequence: number
  readonly life: Life
  readonly kind: string
  readonly callback: () => void
  cancelled: boolean
}

export interface SimHost extends Host {
  readonly name: string
  readonly disk: SimDisk
  /** Milliseconds that this host's wall clock is ahead of the world's. */
  skewMs: number
}

const eventsMaxDefault = 50_000_000
/** Steps in one turn of the real event loop: microtasks settle between them all the same. */
const stepsPerTurn = 64

/**
 * A world of hosts in one thread: time passes only from event to event, and everything random comes from one seed.
 * Real time, real timers and threads have no part in it; code inside must not await anything of the machine.
 */
export class World {
  readonly random: SeededRandom
  readonly chop: boolean
  faults: Faults
  #nowMs = 0
  #startMs: number
  #sequence = 0
  #events = new BinaryHeap<Event>((a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence))
  #lives = new Map<string, Life>()
  #storages = new Map<string, Storage>()
  #wires: Wires
  #journal: (host: string) => Journal
  #trace: ((line: string) => void) | undefined
  #remarks: WorldOptions['remarks']
  #onStep: StepObserver | undefined
  #last: Event | undefined
  #running = false
  /** Of everything that has happened. */
  readonly hash = new TraceHash()
  /** Events that happened. */
  steps = 0

  constructor(options: WorldOptions = {}) {
    this.random = new SeededRandom(options.seed ?? 1)
    this.chop = options.chop ?? false
    this.faults = options.faults ?? {}
    this.#startMs = options.startMs ?? Date.UTC(2026, 0, 1)
    this.#journal = options.journal ?? (() => silentJournal)
    this.#trace = options.trace
    this.#remarks = options.remarks
    this.#onStep = options.onStep
    this.#wires = new Wires(this)
  }

  get nowMs(): number {
    return this.#nowMs
  }

  /** Starts a host. One that crashed starts again on what its disk kept. */
  host(name: string): SimHost {
    assert(this.#lives.get(name)?.alive !== true, 'a host is started once until it crashes')
    const life: Life = { name, alive: true }
    this.#lives.set(name, life)
    let storage = this.#storages.get(name)
    if (storage === undefined) this.#storages.set(name, (storage = new Storage()))
    const host: SimHost = {
      name,
      skewMs: 0,
      random: this.random.fork(),
      disk: new SimDisk(this, life, storage),
      network: new SimNetwork(this, life, this.#wires),
      journal: this.#journal(name),
      clock: this.#clock(life, () => host.skewMs),
    }
    return host
  }

  knows(name: string): boolean {
    return this.#lives.has(name)
  }

  isAlive(name: string): boolean {
    return this.#lives.get(name)?.alive === true
  }

  /** Power loss: what runs on the host ends in mid-word, its connections break, its disk keeps what was synced, and of the rest what `survives`. */
  crash(name: string, survives?: Survives): void {
    this.#end(name)
    this.#storages.get(name)?.crash(survives)
  }

  /** The process dies, the machine does not: everything that was written is there for the next one. */
  kill(name: string): void {
    this.#end(name)
    this.#storages.get(name)?.settle()
  }

  #end(name: string): void {
    const life = this.#lives.get(name)
    assert(life?.alive, 'only a host that lives can crash')
    life.alive = false
    life.held = undefined
    this.#wires.cut(life)
  }

  /** Another disk, empty. Only while the host is down. */
  wipe(name: string): void {
    assert(!this.isAlive(name), 'the disk of a running host is not exchanged')
    this.#storages.delete(name)
  }

  storage(name: string): Storage | undefined {
    return this.#storages.get(name)
  }

  /** The host stands still: what would happen there waits until it goes on. Time does not wait for it. */
  pause(name: string): void {
    const life = this.#lives.get(name)
    if (life?.alive) life.held ??= []
  }

  resume(name: string): void {
    const life = this.#lives.get(name)
    const held = life?.held
    if (life === undefined || held === undefined) return
    life.held = undefined
    for (const event of held) {
      event.atMs = this.#nowMs
      event.sequence = this.#sequence++
      this.#events.push(event)
    }
  }

  /** Something beside events that the same seed must bring about again, as a number. */
  note(value: number): void {
    this.hash.add(value)
  }

  /** Somebody reads remarks. */
  get isRemarked(): boolean {
    return this.#remarks !== undefined
  }

  remark(host: string, text: string): void {
    this.#remarks?.(this.#nowMs, host, text)
  }

  /** @internal */
  schedule(delayMs: number, life: Life, kind: string, callback: () => void): { cancel(): void } {
    assert(delayMs >= 0, 'events lie ahead')
    const event: Event = { atMs: this.#nowMs + delayMs, sequence: this.#sequence++, life, kind, callback, cancelled: false }
    this.#events.push(event)
    return { cancel: () => void (event.cancelled = true) }
  }

  /** Lets time pass until `main` has come to its end, and gives what it gives. Fails when nothing could ever happen again. */
  async run<T>(main: () => Promise<T>, limitMs = 3_600_000): Promise<T> {
    let ended = false
    const result = main().finally(() => (ended = true))
    result.catch(() => {})
    await this.#drive(() => ended, limitMs, true)
    return result
  }

  async runUntil(condition: () => boolean, limitMs = 3_600_000): Promise<void> {
    await this.#drive(condition, limitMs, true)
  }

  async runFor(durationMs: number): Promise<void> {
    await this.#drive(() => false, durationMs, false)
  }

  /**
   * One step in each immediate: before the next one, every promise that can settle without an event has settled. Many of them are asked
   * for at once, for a turn of the real loop costs more than a step.
   */
  #drive(done: () => boolean, limitMs: number, mustEnd: boolean): Promise<void> {
    assert(!this.#running, 'a world is driven by one')
    this.#running = true
    const untilMs = this.#nowMs + limitMs
    const lastStep = this.steps + eventsMaxDefault
    return new Promise((resolve, reject) => {
      let queued = 0
      let ended = false
      const end = (error?: unknown): void => {
        ended = true
        this.#running = false
        if (error === undefined) resolve()
        else reject(error)
      }
      const turn = (): void => {
        queued--
        if (ended) return
        try {
          this.#settled()
          if (done()) return end()
          const next = this.#next()
          if (next === undefined || next.atMs > untilMs) {
            this.#nowMs = untilMs
            if (!mustEnd) return end()
            return end(new Error(next === undefined ? 'the world stands still: nothing is left to happen' : `not done after ${limitMs} ms`))
          }
          if (this.steps >= lastStep) return end(new Error(`not done after ${eventsMaxDefault} events`))
          this.#events.pop()
          this.#step(next)
        } catch (error) {
          return end(error)
        }
        if (queued === 0) ask()
      }
      const ask = (): void => {
        for (queued = 0; queued < stepsPerTurn; queued++) setImmediate(turn)
      }
      ask()
    })
  }

  /** The next event that will happen; those that never will are dropped. */
  #next(): Event | undefined {
    for (;;) {
      const event = this.#events.peek()
      if (event === undefined) return undefined
      if (!event.cancelled && event.life.alive && event.life.held === undefined) return event
      this.#events.pop()
      if (!event.cancelled && event.life.alive) event.life.held?.push(event)
    }
  }

  #step(event: Event): void {
    this.#nowMs = event.atMs
    this.steps++
    this.hash.event(event.atMs, event.life.name, event.kind)
    this.#trace?.(`${event.atMs.toFixed(3)} ${event.life.name} ${event.kind}`)
    this.#last = event
    event.callback()
  }

  #settled(): void {
    const event = this.#last
    if (event === undefined) return
    this.#last = undefined
    this.#onStep?.(event.life.name, event.kind)
  }

  #clock(life: Life, skewMs: () => number): Clock {
    return {
      now: () => Math.floor(this.#startMs + this.#nowMs + skewMs()),
      monotonic: () => this.#nowMs,
      after: (delayMs, callback) => this.schedule(Math.max(0, delayMs), life, 'timer', callback),
      defer: (callback) => void this.schedule(0, life, 'turn', callback),
    }
  }
}
