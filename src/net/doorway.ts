import type { Deadline, DeadlineWheel } from '../base/index.ts'
import type { Clock, Connection, Timer } from '../host/index.ts'
import type { ConnectionCounts } from './connection-counts.ts'
import type { ListenerOptions } from './listener-options.ts'

/** Connections that wait at one listener, or are kept waiting in vain; more are closed at once. */
const WAITING_MAX = 1024

export interface DoorwayHost {
  readonly clock: Clock
  readonly deadlines: DeadlineWheel
  readonly counts: ConnectionCounts
  /** Nobody waits longer than a connection may be idle. */
  readonly idleMs: number
  enter(stream: Connection, listener: ListenerOptions): void
  refuse(stream: Connection, listener: ListenerOptions, reason: string): void
}

interface Visitor {
  readonly stream: Connection
  readonly deadline: Deadline
  /** Undefined: its turn has not come yet. */
  readyMs: number | undefined
}

/**
 * Where connections of a listener wait for a free place, and for the rate at which they may come: accepted by the system, as in the
 * backlog of Kafka's acceptor that waits, and not read from.
 *
 *     arrive ─► queue ─► its turn: rate of broker and listener ─► a free place ─► rate of the address ─► enter
 *                                                                                     └─ too fast: held a while, then closed
 */
export class Doorway {
  readonly listener: ListenerOptions
  readonly #host: DoorwayHost
  readonly #waiting: Visitor[] = []
  readonly #turnedAway = new Map<Connection, Timer>()
  #timer: Timer | undefined
  #isClosed = false

  constructor(listener: ListenerOptions, host: DoorwayHost) {
    this.listener = listener
    this.#host = host
  }

  get waiting(): number {
    return this.#waiting.length
  }

  arrive(stream: Connection): void {
    if (this.#isClosed || this.#waiting.length >= WAITING_MAX) return this.#host.refuse(stream, this.listener, 'too many wait')
    const { clock, counts, deadlines, idleMs } = this.#host
    const nowMs = clock.monotonic()
    let readyMs: number | undefined
    if (this.#waiting.length === 0) {
      readyMs = nowMs + counts.arrivalDelayMs(this.listener, nowMs)
      if (readyMs <= nowMs && counts.hasSlot(this.listener)) return this.#letIn(stream, nowMs)
    }
    const visitor: Visitor = { stream, readyMs, deadline: deadlines.deadline(() => this.#leave(visitor)) }
    visitor.deadline.set(idleMs)
    stream.onClose(() => this.#drop(visitor))
    this.#waiting.push(visitor)
    this.look()
  }

  /** A place may be free, or a time have come. */
  look(): void {
    const { clock, counts } = this.#host
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const nowMs = clock.monotonic()
      first.readyMs ??= nowMs + counts.arrivalDelayMs(this.listener, nowMs)
      if (nowMs < first.readyMs) return this.#lookAgain(first.readyMs - nowMs)
      if (!counts.hasSlot(this.listener)) return
      this.#waiting.shift()
      first.deadline.clear()
      this.#letIn(first.stream, nowMs)
    }
  }

  #letIn(stream: Connection, nowMs: number): void {
    const { clock, counts } = this.#host
    const delayMs = counts.ipDelayMs(this.listener, stream.remote.host, nowMs)
    if (delayMs === 0) return this.#host.enter(stream, this.listener)
    const turnAway = (): void => {
      this.#turnedAway.delete(stream)
      this.#host.refuse(stream, this.listener, 'connection rate of the address')
    }
    if (this.#turnedAway.size >= WAITING_MAX) turnAway()
    else this.#turnedAway.set(stream, clock.after(delayMs, turnAway))
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
    for (const visitor of this.#waiting.splice(0)) {
      visitor.deadline.clear()
      visitor.stream.destroy()
    }
    for (const [stream, timer] of this.#turnedAway) {
      timer.cancel()
      stream.destroy()
    }
    this.#turnedAway.clear()
  }

  #leave(visitor: Visitor): void {
    this.#drop(visitor)
    this.#host.refuse(visitor.stream, this.listener, 'no place became free')
  }

  #drop(visitor: Visitor): void {
    const at = this.#waiting.indexOf(visitor)
    if (at < 0) return
    this.#waiting.splice(at, 1)
    visitor.deadline.clear()
    if (at === 0) this.look()
  }

  #lookAgain(delayMs: number): void {
    this.#timer?.cancel()
    this.#timer = this.#host.clock.after(delayMs, () => this.look())
  }
}
