import { assert, BinaryHeap } from '../base/index.ts'
import { type Clock, type DiskErrorCode, type Host, type Journal, silentJournal } from '../host/index.ts'
import { SimDisk, Storage } from './disk.ts'
import { SimNetwork, Wires } from './network.ts'
import { SeededRandom } from './random.ts'

/** What may go wrong; asked at each turn, so that a test or a nemesis changes it while the world runs. Absent: nothing does. */
export interface Faults {
  /** Before a disk call: takes longer, or fails with an error. */
  disk?(call: DiskCall): { readonly delayMs?: number; readonly error?: DiskErrorCode } | undefined
  /** Before bytes, connects and closes cross: takes longer, or waits until the link is up again. */
  link?(from: string, to: string): { readonly delayMs?: number; readonly down?: boolean } | undefined
}

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
}

/** One life of a host, from start to crash: events of a life that is over never happen. */
export interface Life {
  readonly name: string
  alive: boolean
}

interface Event {
  readonly atMs: number
  readonly sequence: number
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
  #running = false

  constructor(options: WorldOptions = {}) {
    this.random = new SeededRandom(options.seed ?? 1)
    this.chop = options.chop ?? false
    this.faults = options.faults ?? {}
    this.#startMs = options.startMs ?? Date.UTC(2026, 0, 1)
    this.#journal = options.journal ?? (() => silentJournal)
    this.#trace = options.trace
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

  /** Power loss: what runs on the host ends in mid-word, its connections break, its disk keeps what was synced. */
  crash(name: string): void {
    const life = this.#lives.get(name)
    assert(life?.alive, 'only a host that lives can crash')
    life.alive = false
    this.#wires.cut(life)
    this.#storages.get(name)?.crash()
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

  async #drive(done: () => boolean, limitMs: number, mustEnd: boolean): Promise<void> {
    assert(!this.#running, 'a world is driven by one')
    this.#running = true
    try {
      const untilMs = this.#nowMs + limitMs
      for (let count = 0; count < eventsMaxDefault; count++) {
        await settled()
        if (done()) return
        const next = this.#events.peek()
        if (next === undefined || next.atMs > untilMs) {
          this.#nowMs = untilMs
          if (mustEnd)
            throw new Error(next === undefined ? 'the world stands still: nothing is left to happen' : `not done after ${limitMs} ms`)
          return
        }
        this.#events.pop()
        this.#step(next)
      }
      throw new Error(`not done after ${eventsMaxDefault} events`)
    } finally {
      this.#running = false
    }
  }

  #step(event: Event): void {
    if (event.cancelled || !event.life.alive) return
    this.#nowMs = event.atMs
    this.#trace?.(`${event.atMs.toFixed(3)} ${event.life.name} ${event.kind}`)
    event.callback()
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

/** Resolves when every promise that can settle without an event has settled: the microtask queue is empty before a turn of the loop ends. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
