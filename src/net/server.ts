import { DeadlineWheel, type Lease } from '../base/index.ts'
import type { Address, Clock, Connection, Host, Journal, Listener } from '../host/index.ts'
import { BufferPool } from './buffer-pool.ts'
import { ConnectionCounts, type ConnectionLimits } from './connection-counts.ts'
import { Doorway, type DoorwayHost } from './doorway.ts'
import { SharedFrameMemory } from './frame-memory.ts'
import { FramePool } from './frame-pool.ts'
import type { ListenerOptions } from './listener-options.ts'
import { ServerConnection } from './server-connection.ts'

export type FrameHandler = (connection: ServerConnection, frame: Buffer, lease: Lease | undefined) => void

export interface ServerOptions extends Partial<ConnectionLimits> {
  readonly listeners: readonly ListenerOptions[]
  /**
   * A request: answer it through `connection.respond`, once, now or later. The frame belongs to the handler, who may release its lease once
   * nothing refers to the frame any more, so that its memory is used again.
   */
  readonly onFrame: FrameHandler
  readonly onOpen?: (connection: ServerConnection) => void
  /** Called once, however the connection ended. */
  readonly onClose?: (connection: ServerConnection) => void
  /** `socket.request.max.bytes`. */
  readonly frameBytesMax?: number
  /** `connections.max.idle.ms`; negative: no limit. */
  readonly idleMs?: number
  /** How long a frame that has started may stand before it must go on at 64 KiB a second. */
  readonly halfFrameMs?: number
  /** What all half frames hold together. */
  readonly halfFrameBytesMax?: number
}

/** What a connection needs of its server. */
export interface ConnectionHost {
  readonly clock: Clock
  readonly journal: Journal
  readonly deadlines: DeadlineWheel
  readonly buffers: BufferPool
  readonly frameMemory: SharedFrameMemory
  readonly frames: FramePool
  readonly counts: ConnectionCounts
  readonly frameBytesMax: number
  readonly idleMs: number
  readonly halfFrameMs: number
  readonly onFrame: FrameHandler
  closed(connection: ServerConnection): void
}

const deadlineTickMs = 250
/** A year. */
const never = 31_536_000_000

/** Listeners and the connections that came through them. */
export class Server implements ConnectionHost, DoorwayHost {
  readonly clock: Clock
  readonly journal: Journal
  readonly deadlines: DeadlineWheel
  readonly buffers = new BufferPool()
  readonly frameMemory: SharedFrameMemory
  readonly frames = new FramePool()
  readonly counts: ConnectionCounts
  readonly frameBytesMax: number
  readonly idleMs: number
  readonly halfFrameMs: number
  readonly onFrame: FrameHandler
  #host: Host
  #options: ServerOptions
  #listeners = new Map<string, { readonly listener: Listener; readonly doorway: Doorway }>()
  #connections = new Set<ServerConnection>()
  #onEmpty: (() => void) | undefined
  #nextNumber = 0
  #shedding = false
  #closing = false

  /** Listens on all listeners, or on none: rejects with the first NetworkError. */
  static async open(host: Host, options: ServerOptions): Promise<Server> {
    const server = new Server(host, options)
    try {
      for (const listener of options.listeners) await server.listen(listener)
    } catch (error) {
      await server.destroy()
      throw error
    }
    return server
  }

  private constructor(host: Host, options: ServerOptions) {
    this.#host = host
    this.#options = options
    this.clock = host.clock
    this.journal = host.journal.child('net')
    this.deadlines = new DeadlineWheel(host.clock, deadlineTickMs)
    this.frameMemory = new SharedFrameMemory(options.halfFrameBytesMax ?? 256 * 1024 * 1024)
    this.frameBytesMax = options.frameBytesMax ?? 104_857_600
    this.idleMs = options.idleMs === undefined ? 600_000 : options.idleMs < 0 ? never : options.idleMs
    this.halfFrameMs = options.halfFrameMs ?? 30_000
    this.onFrame = options.onFrame
    this.counts = new ConnectionCounts({
      connectionsMax: options.connectionsMax ?? Number.POSITIVE_INFINITY,
      perIpMax: options.perIpMax ?? Number.POSITIVE_INFINITY,
      perIpOverrides: options.perIpOverrides ?? new Map(),
      ...(options.perListenerMax && { perListenerMax: options.perListenerMax }),
      ...(options.rateMax !== undefined && { rateMax: options.rateMax }),
      ...(options.perListenerRateMax && { perListenerRateMax: options.perListenerRateMax }),
      ...(options.ipRateMax && { ipRateMax: options.ipRateMax }),
      ...(options.rateWindow && { rateWindow: options.rateWindow }),
    })
    this.counts.onLimits = () => this.#settle()
  }

  get connections(): ReadonlySet<ServerConnection> {
    return this.#connections
  }

  /** Connections at the door, until there is a place. */
  get waiting(): number {
    let count = 0
    for (const { doorway } of this.#listeners.values()) count += doorway.waiting
    return count
  }

  /** Where a listener is bound; undefined when there is none of that name. */
  address(listenerName: string): Address | undefined {
    return this.#listeners.get(listenerName)?.listener.address
  }

  async listen(options: ListenerOptions): Promise<void> {
    const doorway = new Doorway(options, this)
    const listener = await this.#host.network.listen(
      { host: options.host, port: options.port, backlog: options.backlog ?? 1024 },
      (stream) => doorway.arrive(stream),
    )
    this.#listeners.set(options.name, { listener, doorway })
  }

  /** Takes a listener away; its connections end once their requests in progress are answered. */
  async unlisten(name: string): Promise<void> {
    const open = this.#listeners.get(name)
    if (open === undefined) return
    this.#listeners.delete(name)
    open.doorway.close()
    await open.listener.close()
    for (const connection of [...this.#connections]) if (connection.listener.name === name) connection.drain()
  }

  /** Stops listening, lets requests in progress be answered, closes; what is not done by then is cut off. */
  async close(limitMs = 10_000): Promise<void> {
    await this.#stopListening()
    for (const connection of [...this.#connections]) connection.drain()
    await new Promise<void>((resolve) => {
      if (this.#connections.size === 0) return resolve()
      const limit = this.clock.after(limitMs, resolve)
      this.#onEmpty = () => {
        limit.cancel()
        resolve()
      }
    })
    await this.destroy()
  }

  /** Ends everything now. */
  async destroy(): Promise<void> {
    await this.#stopListening()
    for (const connection of [...this.#connections]) connection.destroy()
    this.deadlines.close()
  }

  async #stopListening(): Promise<void> {
    this.#closing = true
    const open = [...this.#listeners.values()]
    for (const { doorway } of open) doorway.close()
    await Promise.all(open.map(({ listener }) => listener.close()))
  }

  /** @internal A connection has its place. */
  enter(stream: Connection, listener: ListenerOptions): void {
    const ip = stream.remote.host
    if (this.#closing) return this.refuse(stream, listener, 'closing')
    if (!this.counts.hasSlotForIp(ip)) return this.refuse(stream, listener, 'connections of the address')
    this.counts.add(listener, ip)
    if (listener.protected) this.#shed()
    if (listener.secure === undefined) {
      this.#welcome(stream, listener)
      return
    }
    listener.secure(stream).then(
      (secured) => this.#welcome(secured, listener),
      (error: Error) => {
        this.counts.remove(listener, ip)
        this.counts.failed++
        this.journal.info('closing connection', { client: ip, listener: listener.name, reason: 'no secure channel', error })
        stream.destroy()
        this.#settle()
      },
    )
  }

  /** @internal */
  refuse(stream: Connection, listener: ListenerOptions, reason: string): void {
    this.counts.refused++
    this.journal.debug('connection refused', { client: stream.remote.host, listener: listener.name, reason })
    stream.destroy()
  }

  #welcome(stream: Connection, listener: ListenerOptions): void {
    const connection = new ServerConnection(this, stream, listener, this.#nextNumber++)
    this.#connections.add(connection)
    this.#options.onOpen?.(connection)
    if (this.#closing) connection.drain()
  }

  /** Places may have become free, or too few. */
  #settle(): void {
    if (this.#closing) return
    this.#shed()
    for (const { doorway } of this.#listeners.values()) doorway.look()
  }

  /** Above the total, connections go that have been quiet for the longest time, but not those of a protected listener. */
  #shed(): void {
    const { excess } = this.counts
    if (excess === 0 || this.#shedding) return
    const others = [...this.#connections].filter((connection) => !connection.listener.protected)
    // Each one that goes looks here again.
    this.#shedding = true
    try {
      for (const connection of quietest(others, excess)) connection.destroy()
    } finally {
      this.#shedding = false
    }
  }

  /** @internal */
  closed(connection: ServerConnection): void {
    this.#connections.delete(connection)
    this.counts.remove(connection.listener, connection.remote.host)
    this.#options.onClose?.(connection)
    this.#settle()
    if (this.#connections.size === 0) this.#onEmpty?.()
  }
}

/** So many of them that have been quiet for the longest time. One takes the place of one mostly: that needs no order. */
function quietest(connections: ServerConnection[], count: number): ServerConnection[] {
  const first = connections[0]
  if (count > 1 || first === undefined) return connections.sort((a, b) => a.lastActiveMs - b.lastActiveMs).slice(0, count)
  let quiet = first
  for (const connection of connections) if (connection.lastActiveMs < quiet.lastActiveMs) quiet = connection
  return [quiet]
}
