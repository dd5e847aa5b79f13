import { assert, type Deadline } from '../base/index.ts'
import type { Address, Connection } from '../host/index.ts'
import type { Part } from '../protocol/index.ts'
import type { FrameShare } from './frame-memory.ts'
import { FrameReader } from './frame-reader.ts'
import type { ListenerOptions } from './listener-options.ts'
import { Outbox } from './outbox.ts'
import type { ConnectionHost } from './server.ts'
import { type AnswerObserver, UnsentAnswers } from './unsent-answers.ts'

/** Bytes that wait behind a request in progress, at which the socket is paused. */
const readAheadBytesMax = 64 * 1024
/** As much may come of the one frame after it, which counts against the memory of half frames: about what most producers send at once. */
const halfFrameAheadBytesMax = 1024 * 1024
/** Bytes waiting for a slow reader, at which no further request of it is taken up. */
const outboxBytesMax = 1024 * 1024
/** Requests of one connection handled in a row before others have their turn. */
const framesPerTurnMax = 64
/** A frame that has started must go on at this pace once its first grace is over. */
const halfFrameBytesPerMs = 64
/** A peer that does not read gets this long to take what is left when we close. */
const closingMs = 5000

/**
 * One client of a server.
 *
 *   bytes → FrameReader → one frame → handler … respond → Outbox → bytes
 *              ▲                                   │
 *              └── next frame, when the answer is queued, not too much waits unsent, and no throttle is on
 *
 * One request is in progress at a time, so answers leave in the order of their requests.
 */
export class ServerConnection {
  /** Unique within the server, counted from 0. */
  readonly number: number
  readonly listener: ListenerOptions
  /** Whatever the handler wants to remember: the principal, client software, sessions. */
  state: unknown = undefined
  #host: ConnectionHost
  #stream: Connection
  #reader: FrameReader
  #memory: FrameShare
  #outbox: Outbox
  #unsent = new UnsentAnswers()
  #deadline: Deadline
  #busy = false
  #whenGone: (() => void) | undefined
  #pumping = false
  #paused = false
  #mutedUntilMs = 0
  #lastActiveMs: number
  #halfSinceMs = Number.POSITIVE_INFINITY
  #closingSinceMs = Number.POSITIVE_INFINITY
  #draining = false
  #closed = false
  /** What is due was found so once; the bytes that were there by then are looked at before it is judged. */
  #isOverdue = false

  constructor(host: ConnectionHost, stream: Connection, listener: ListenerOptions, number: number) {
    this.#host = host
    this.#stream = stream
    this.listener = listener
    this.number = number
    this.#memory = host.frameMemory.share(() => this.#pump())
    this.#reader = new FrameReader(host.frameBytesMax, this.#memory, host.frames)
    this.#outbox = new Outbox(
      stream,
      host.buffers,
      () => this.#progress(),
      (error) => this.#fail('response could not be read', error),
    )
    this.#lastActiveMs = host.clock.monotonic()
    this.#deadline = host.deadlines.deadline(() => this.#due())
    this.#deadline.set(host.idleMs)
    stream.onData(
      (chunk) => this.#received(chunk),
      () => this.#reader.room(),
    )
    stream.onClose(() => this.#gone())
  }

  get local(): Address {
    return this.#stream.local
  }

  get remote(): Address {
    return this.#stream.remote
  }

  get open(): boolean {
    return !this.#closed && this.#closingSinceMs === Number.POSITIVE_INFINITY
  }

  /** A request was handed out and is not answered yet. */
  get busy(): boolean {
    return this.#busy
  }

  /** Monotonic milliseconds of the last byte in or out. */
  get lastActiveMs(): number {
    return this.#lastActiveMs
  }

  /** Largest frame accepted from now on: less before authentication, `socket.request.max.bytes` after. */
  set frameBytesMax(bytes: number) {
    this.#reader.bytesMax = bytes
  }

  /**
   * Answers the request in progress, with a whole frame (its size first) or, with undefined, without an answer (acks=0). Then the next
   * request is taken up. Once per request; harmless when the connection is closed or closing. The observer hears when the answer to
   * what came at `receivedMs` has left.
   */
  respond(parts: readonly Part[] | undefined, receivedMs = 0, observer?: AnswerObserver): void {
    if (!this.open) {
      for (const part of parts ?? []) if (!Buffer.isBuffer(part)) part.release?.()
      return
    }
    assert(this.#busy, 'one answer per request')
    this.#busy = false
    this.#whenGone = undefined
    this.#touch()
    if (parts) this.#queue(parts, receivedMs, observer)
    if (this.#draining) return this.close()
    if (this.#pumping) return
    this.#outbox.flush()
    this.#pump()
  }

  /**
   * Calls back when the connection goes, or is to go, before the request in progress is answered: what only waits for more can end. One
   * at a time.
   */
  whenGone(callback: () => void): void {
    if (this.open && this.#busy && !this.#draining) this.#whenGone = callback
    else callback()
  }

  #queue(parts: readonly Part[], receivedMs: number, observer: AnswerObserver | undefined): void {
    const before = this.#outbox.bytes
    this.#outbox.add(parts)
    this.#unsent.add(this.#outbox.bytes - before, receivedMs, this.#lastActiveMs, observer)
  }

  /** Takes up no request for so long: the client was told a throttle time and does not keep to it by itself (KIP-219). */
  mute(durationMs: number): void {
    const untilMs = this.#host.clock.monotonic() + durationMs
    if (untilMs <= this.#mutedUntilMs) return
    this.#mutedUntilMs = untilMs
    this.#host.clock.after(durationMs, () => {
      if (this.#mutedUntilMs !== untilMs) return
      this.#mutedUntilMs = 0
      this.#pump()
    })
  }

  /** Sends what is queued, then closes. No further request is handed out. */
  close(): void {
    if (!this.open) return
    this.#closingSinceMs = this.#host.clock.monotonic()
    this.#deadline.set(closingMs)
    this.#busy = false
    this.#outbox.flush()
    this.#progress()
  }

  /** As `close`, but the request in progress is answered first. */
  drain(): void {
    if (!this.#busy) return this.close()
    this.#draining = true
    this.#endWait()
  }

  destroy(): void {
    if (this.#closed) return
    this.#stream.destroy()
    this.#gone()
  }

  #received(chunk: Uint8Array): void {
    if (this.#closed) return
    this.#touch()
    this.#reader.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    this.#pump()
    if (this.#closed) return
    this.#reader.keep()
    this.#regulate()
  }

  /** Hands out frames as long as it may. */
  #pump(): void {
    if (this.#pumping || this.#closed) return
    this.#pumping = true
    let turns = 0
    while (this.#mayTake() && turns < framesPerTurnMax) {
      const frame = this.#reader.next()
      if (frame === undefined) break
      turns++
      this.#busy = true
      this.#halfSinceMs = Number.POSITIVE_INFINITY
      this.#hand(frame)
    }
    this.#pumping = false
    if (this.#closed) return
    this.#outbox.flush()
    if (this.#reader.refusal && !this.#busy) {
      this.#fail(this.#reader.refusal.text)
      return
    }
    if (turns === framesPerTurnMax) this.#host.clock.defer(() => this.#pump())
    this.#watchHalfFrame()
    this.#regulate()
  }

  #hand(frame: Buffer): void {
    try {
      this.#host.onFrame(this, frame, this.#reader.lease)
    } catch (error) {
      // A handler answers every request; one that throws has a bug, which must not take others down.
      this.#host.journal.error('request handler failed', { client: this.remote.host, error })
      this.destroy()
    }
  }

  #mayTake(): boolean {
    return this.open && !this.#busy && this.#outbox.bytes < outboxBytesMax && this.#mutedUntilMs === 0
  }

  /** The socket rests while nothing that comes in would be looked at. */
  #regulate(): void {
    const isAhead = this.#reader.waitingBytes >= readAheadBytesMax || this.#reader.halfBytes >= halfFrameAheadBytesMax
    const pause = this.#reader.starved || (isAhead && !this.#mayTake())
    if (pause === this.#paused) return
    this.#paused = pause
    if (pause) this.#stream.pause()
    else this.#stream.resume()
  }

  /** Less waits unsent. */
  #progress(): void {
    if (this.#closed) return
    this.#touch()
    this.#unsent.left(this.#outbox.bytes, this.#lastActiveMs)
    if (!this.open) {
      if (this.#outbox.bytes > 0) return
      this.#stream.end()
      this.#gone()
      return
    }
    if (!this.#busy) this.#pump()
  }

  #touch(): void {
    this.#lastActiveMs = this.#host.clock.monotonic()
  }

  #watchHalfFrame(): void {
    if (this.#reader.halfBytes === 0 || this.#reader.whole || this.#busy) {
      this.#halfSinceMs = Number.POSITIVE_INFINITY
      return
    }
    if (this.#halfSinceMs !== Number.POSITIVE_INFINITY) return
    this.#halfSinceMs = this.#host.clock.monotonic()
    // What was found due is over with the frame before, and this deadline is another.
    this.#isOverdue = false
    this.#deadline.set(Math.min(this.#host.halfFrameMs, this.#host.idleMs))
  }

  /** One deadline serves all limits; it looks at what is due and sets itself for the rest. */
  #due(): void {
    const nowMs = this.#host.clock.monotonic()
    if (!this.open) return this.destroy()
    // Waiting for memory is not the client's delay either.
    if (this.#reader.starved) this.#halfSinceMs = nowMs
    const halfLimitMs = this.#host.halfFrameMs + this.#reader.halfBytes / halfFrameBytesPerMs
    const halfRestMs = this.#halfSinceMs + halfLimitMs - nowMs
    // A node that was held up finds its deadlines before the bytes that came meanwhile: those first.
    const wasOverdue = this.#isOverdue
    this.#isOverdue = halfRestMs <= 0 || (!this.#busy && this.#lastActiveMs + this.#host.idleMs <= nowMs)
    if (this.#isOverdue && !wasOverdue) return this.#deadline.set(1)
    if (halfRestMs <= 0) return this.#fail(`a request of which ${this.#reader.halfBytes} bytes came did not arrive in time`)
    // A request in progress is the node's delay, not the client's.
    const idleRestMs = this.#busy ? this.#host.idleMs : this.#lastActiveMs + this.#host.idleMs - nowMs
    if (idleRestMs <= 0) {
      this.#host.counts.idleClosed++
      return this.destroy()
    }
    this.#deadline.set(Math.min(halfRestMs, idleRestMs))
  }

  #fail(reason: string, error?: Error): void {
    this.#host.counts.failed++
    this.#host.journal.info('closing connection', {
      client: `${this.remote.host}:${this.remote.port}`,
      listener: this.listener.name,
      reason,
      ...(error && { error }),
    })
    this.destroy()
  }

  #gone(): void {
    if (this.#closed) return
    this.#closed = true
    this.#deadline.clear()
    this.#reader.close()
    this.#memory.close()
    this.#outbox.close()
    this.#host.closed(this)
    this.#endWait()
  }

  #endWait(): void {
    const end = this.#whenGone
    this.#whenGone = undefined
    end?.()
  }
}
