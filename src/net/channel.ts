import { assert, BoundedQueue, type Deadline, DeadlineWheel, type Lease } from '../base/index.ts'
import type { Address, Clock, Connection, Host, NetworkError, Timer } from '../host/index.ts'
import type { Part } from '../protocol/index.ts'
import { BufferPool } from './buffer-pool.ts'
import type { FramePool } from './frame-pool.ts'
import { FrameReader } from './frame-reader.ts'
import { Outbox } from './outbox.ts'

/** `busy`: too many in flight. `timeout`: no answer in time, the channel closed. `closed`: it ended. `garbage`: the peer speaks no Kafka. */
export type ChannelErrorCode = 'busy' | 'timeout' | 'closed' | 'garbage'

export class ChannelError extends Error {
  override name = 'ChannelError'
  readonly code: ChannelErrorCode
  constructor(code: ChannelErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

export interface ChannelOptions {
  readonly address: Address
  readonly connectTimeoutMs?: number
  /** Default per request; one that runs out closes the channel, as nothing after it could be trusted. */
  readonly requestTimeoutMs?: number
  /** Requests sent and not answered at which `send` refuses. */
  readonly inFlightMax?: number
  /** Largest response accepted. */
  readonly frameBytesMax?: number
  readonly signal?: AbortSignal
  /** Turns the stream into the one that frames travel on: where TLS comes in. */
  readonly secure?: (stream: Connection) => Promise<Connection>
  /** Called once, when the channel has ended for whatever reason. */
  readonly onClose?: (error: ChannelError) => void
}

/** Deadlines and buffers that the channels of one owner share. */
export class ChannelGround {
  readonly host: Host
  readonly deadlines: DeadlineWheel
  readonly buffers = new BufferPool()
  /** Memory of answers that is used again, for owners who let go of it; without, the collector takes it. */
  readonly frames: FramePool | undefined

  constructor(host: Host, frames?: FramePool) {
    this.host = host
    this.frames = frames
    this.deadlines = new DeadlineWheel(host.clock, 50)
  }

  close(): void {
    this.deadlines.close()
  }
}

interface InFlight {
  readonly correlationId: number
  readonly deadlineMs: number
  readonly resolve: (frame: Buffer) => void
  readonly onLease: ((lease: Lease) => void) | undefined
  readonly reject: (error: ChannelError) => void
}

/** Where the correlation id stands in a request frame: after size, api key and version. */
const correlationIdAt = 8

/** One connection to one broker: requests out in order, answers back in the same order. */
export class Channel {
  readonly address: Address
  #clock: Clock
  #stream: Connection
  #outbox: Outbox
  #reader: FrameReader
  #inFlight: BoundedQueue<InFlight>
  #deadline: Deadline
  #requestTimeoutMs: number
  #nextId = 0
  #closed: ChannelError | undefined
  #closing = false
  #closeLimit: Timer | undefined
  #onClose: ((error: ChannelError) => void) | undefined

  /** @throws NetworkError */
  static async open(ground: ChannelGround, options: ChannelOptions): Promise<Channel> {
    const { address, signal } = options
    const stream = await ground.host.network.connect({
      ...address,
      timeoutMs: options.connectTimeoutMs ?? 30_000,
      ...(signal && { signal }),
    })
    return new Channel(ground, (await options.secure?.(stream)) ?? stream, options)
  }

  private constructor(ground: ChannelGround, stream: Connection, options: ChannelOptions) {
    this.address = options.address
    this.#clock = ground.host.clock
    this.#stream = stream
    this.#onClose = options.onClose
    this.#requestTimeoutMs = options.requestTimeoutMs ?? 30_000
    this.#inFlight = new BoundedQueue(options.inFlightMax ?? 100)
    this.#reader = new FrameReader(options.frameBytesMax ?? 256 * 1024 * 1024, undefined, ground.frames)
    this.#deadline = ground.deadlines.deadline(() => this.#due())
    this.#outbox = new Outbox(
      stream,
      ground.buffers,
      () => this.#progress(),
      (error) => this.#end(new ChannelError('closed', `request to ${this.#name} could not be read: ${error.message}`, error)),
    )
    stream.onData(
      (chunk) => this.#received(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)),
      () => this.#reader.room(),
    )
    stream.onClose((error) => this.#end(closedBy(this.#name, error)))
  }

  get open(): boolean {
    return this.#closed === undefined && !this.#closing
  }

  get inFlightCount(): number {
    return this.#inFlight.count
  }

  /** Bytes of requests not sent yet. */
  get queuedBytes(): number {
    return this.#outbox.bytes
  }

  get local(): Address {
    return this.#stream.local
  }

  /**
   * Sends a request frame (size first), after giving it a correlation id of its own; resolves to the response frame, which starts with that id.
   * Rejects with a ChannelError, never anything else. `onLease` gets the lease of the frame's memory, if it has one, before it resolves.
   */
  send(parts: readonly Part[], timeoutMs = this.#requestTimeoutMs, onLease?: (lease: Lease) => void): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (!this.open) return reject(this.#closed ?? new ChannelError('closed', `the channel to ${this.#name} is closing`))
      const correlationId = this.#nextId
      const deadlineMs = this.#clock.monotonic() + timeoutMs
      if (!this.#inFlight.push({ correlationId, deadlineMs, resolve, reject, onLease })) {
        return reject(new ChannelError('busy', `${this.#inFlight.count} requests to ${this.#name} are in flight`))
      }
      if (deadlineMs < this.#deadline.atMs) this.#deadline.set(timeoutMs)
      this.#transmit(parts, correlationId)
    })
  }

  /** Sends a request that is not answered (Produce with acks=0). @throws ChannelError when closed */
  post(parts: readonly Part[]): void {
    if (!this.open) throw this.#closed ?? new ChannelError('closed', `the channel to ${this.#name} is closing`)
    this.#transmit(parts, this.#nextId)
  }

  /** Takes no more requests; closes when those in flight are answered and the others sent, or else when no answer would be waited for longer. */
  close(): void {
    if (!this.open) return
    this.#closing = true
    this.#limitClose()
    this.#progress()
  }

  /** Closes now; what is in flight is rejected. */
  destroy(): void {
    this.#end(new ChannelError('closed', `the channel to ${this.#name} was closed`))
  }

  get #name(): string {
    return `${this.address.host}:${this.address.port}`
  }

  #transmit(parts: readonly Part[], correlationId: number): void {
    const first = parts[0]
    assert(
      Buffer.isBuffer(first) && first.length >= correlationIdAt + 4,
      'a request frame starts with size, api key, version and correlation id',
    )
    first.writeInt32BE(correlationId, correlationIdAt)
    this.#nextId = (correlationId + 1) & 0x7fffffff
    this.#outbox.add(parts)
    this.#outbox.flush()
  }

  #received(chunk: Buffer): void {
    this.#reader.push(chunk)
    for (let frame = this.#reader.next(); frame !== undefined && !this.#closed; frame = this.#reader.next()) this.#answered(frame)
    this.#reader.keep()
    const { refusal } = this.#reader
    if (refusal && !this.#closed) this.#end(new ChannelError('garbage', `answer of ${this.#name}: ${refusal.text}`))
  }

  #answered(frame: Buffer): void {
    const first = this.#inFlight.shift()
    if (first === undefined || frame.length < 4 || frame.readInt32BE(0) !== first.correlationId) {
      const error = new ChannelError('garbage', `${this.#name} answered what was not asked`)
      first?.reject(error)
      this.#end(error)
      return
    }
    const { lease } = this.#reader
    if (lease !== undefined) first.onLease?.(lease)
    first.resolve(frame)
    if (this.#inFlight.count === 0) {
      this.#deadline.clear()
      if (this.#closing) this.#progress()
    }
  }

  #progress(): void {
    if (!this.#closing || this.#closed || this.#inFlight.count > 0 || this.#outbox.bytes > 0) return
    this.#stream.end()
    this.#end(new ChannelError('closed', `the channel to ${this.#name} was closed`), false)
  }

  /** By a timer of its own: a channel that closes may outlive its ground, and with it the deadlines there. */
  #limitClose(): void {
    this.#closeLimit = this.#clock.after(this.#requestTimeoutMs, () => {
      if (this.#inFlight.count > 0) this.#limitClose()
      else this.#end(new ChannelError('timeout', `${this.#name} did not take what was sent in time`))
    })
  }

  #due(): void {
    let earliestMs = Number.POSITIVE_INFINITY
    for (const { deadlineMs } of this.#inFlight) earliestMs = Math.min(earliestMs, deadlineMs)
    const restMs = earliestMs - this.#clock.monotonic()
    if (restMs > 0) this.#deadline.set(restMs)
    else this.#end(new ChannelError('timeout', `${this.#name} did not answer in time`))
  }

  #end(error: ChannelError, cut = true): void {
    if (this.#closed) return
    this.#closed = error
    this.#deadline.clear()
    this.#closeLimit?.cancel()
    this.#reader.close()
    this.#outbox.close()
    if (cut) this.#stream.destroy()
    for (let each = this.#inFlight.shift(); each !== undefined; each = this.#inFlight.shift()) each.reject(error)
    this.#onClose?.(error)
  }
}

function closedBy(name: string, error: NetworkError | undefined): ChannelError {
  return new ChannelError('closed', error ? `${name}: ${error.message}` : `${name} closed the connection`, error)
}
