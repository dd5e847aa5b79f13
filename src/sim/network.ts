import { crc32c } from '../base/index.ts'
import {
  type Address,
  type Connection,
  type ConnectOptions,
  type Listener,
  type ListenOptions,
  type Network,
  NetworkError,
} from '../host/index.ts'
import type { Life, World } from './world.ts'

/** One way over a link when no fault says otherwise, milliseconds. */
const linkMs = 0.1
/** While a link is down, what should cross it tries again this often. */
const retryMs = 100
/** Bytes on the wire and unread at the peer, per direction: what the socket buffers of two kernels would hold. */
const windowBytes = 256 * 1024
const highWaterMarkBytes = 256 * 1024
const chunkBytesMax = 64 * 1024
/** How long an unanswered connect goes on by itself. */
const connectMs = 127_000
const firstFreePort = 30_000
/** How long a message that comes twice is given an answer to. */
const repeatedMs = 5000

/** All listeners and connections of a world. */
export class Wires {
  readonly world: World
  #listeners = new Map<string, SimListener>()
  #ends = new Map<Life, Set<SimConnection>>()
  #nextPort = firstFreePort

  constructor(world: World) {
    this.world = world
  }

  freePort(): number {
    return this.#nextPort++
  }

  listener(address: Address): SimListener | undefined {
    return this.#listeners.get(`${address.host}:${address.port}`)
  }

  add(listener: SimListener): void {
    this.#listeners.set(`${listener.address.host}:${listener.address.port}`, listener)
  }

  drop(listener: SimListener): void {
    this.#listeners.delete(`${listener.address.host}:${listener.address.port}`)
  }

  opened(end: SimConnection): void {
    let ends = this.#ends.get(end.life)
    if (ends === undefined) this.#ends.set(end.life, (ends = new Set()))
    ends.add(end)
  }

  closed(end: SimConnection): void {
    this.#ends.get(end.life)?.delete(end)
  }

  /** The host is gone: its listeners with it; its peers are told by a reset. */
  cut(life: Life): void {
    for (const listener of [...this.#listeners.values()]) if (listener.life === life) this.drop(listener)
    for (const end of this.#ends.get(life) ?? []) end.peer.broken(end.life.name)
    this.#ends.delete(life)
  }

  /** A message that was sent before comes again, on a connection of its own, as a client's that tried twice. Nobody reads the answer. */
  repeat(from: string, to: Address, message: Buffer, delayMs: number): void {
    const ghost: Life = { name: from, alive: true }
    this.world.schedule(delayMs, ghost, 'again', () => {
      this.cross(ghost, { name: to.host, alive: true }, 'syn', 0, () => {
        const listener = this.listener(to)
        if (listener === undefined || this.world.faults.isStale?.(from, message)) return
        const [near, far] = connectionPair(this, ghost, listener.life, { host: from, port: this.freePort() }, to)
        near.onData(() => {})
        listener.accept(far)
        near.write(message)
        this.world.schedule(repeatedMs, ghost, 'again', () => near.destroy())
      })
    })
  }

  /** Carries something over a link, once it is up; what crosses one after the other arrives in that order (`notBeforeMs`). */
  cross(from: Life, to: Life, kind: string, notBeforeMs: number, arrive: () => void): number {
    const fault = from.name === to.name ? undefined : this.world.faults.link?.(from.name, to.name)
    const atMs = Math.max(notBeforeMs, this.world.nowMs + (fault?.delayMs ?? linkMs))
    const attempt = (): void => {
      if (from.name !== to.name && this.world.faults.link?.(from.name, to.name)?.down) this.world.schedule(retryMs, to, 'retry', attempt)
      else arrive()
    }
    this.world.schedule(atMs - this.world.nowMs, to, kind, attempt)
    return atMs
  }
}

/** The network as one life of a host sees it. Hosts are addressed by their names; `localhost`, loopback and wildcard addresses mean oneself. */
export class SimNetwork implements Network {
  #world: World
  #life: Life
  #wires: Wires

  constructor(world: World, life: Life, wires: Wires) {
    this.#world = world
    this.#life = life
    this.#wires = wires
  }

  listen(options: ListenOptions, onConnection: (connection: Connection) => void): Promise<Listener> {
    return new Promise((resolve, reject) => {
      this.#world.schedule(0, this.#life, 'listen', () => {
        const address = { host: this.#name(options.host), port: options.port === 0 ? this.#wires.freePort() : options.port }
        if (address.host !== this.#life.name)
          return reject(new NetworkError('EADDRNOTAVAIL', `listen ${options.host}: not an address of ${this.#life.name}`))
        if (this.#wires.listener(address)) return reject(new NetworkError('EADDRINUSE', `listen ${address.host}:${address.port}: in use`))
        const listener = new SimListener(this.#wires, this.#life, address, onConnection)
        this.#wires.add(listener)
        resolve(listener)
      })
    })
  }

  connect(options: ConnectOptions): Promise<Connection> {
    const address = { host: this.#name(options.host), port: options.port }
    const to = `connect ${options.host}:${options.port}`
    return new Promise((resolve, reject) => {
      if (options.signal?.aborted) return reject(new NetworkError('ECANCELED', `${to}: given up`))
      let open = true
      const give = (code: 'ENOTFOUND' | 'ECONNREFUSED' | 'ETIMEDOUT' | 'ECANCELED', text: string): void => {
        if (!open) return
        finish()
        reject(new NetworkError(code, `${to}: ${text}`))
      }
      const cancel = (): void => give('ECANCELED', 'given up')
      const finish = (): void => {
        open = false
        timer.cancel()
        options.signal?.removeEventListener('abort', cancel)
      }
      const limitMs = Math.min(options.timeoutMs ?? connectMs, connectMs)
      const timer = this.#world.schedule(limitMs, this.#life, 'connect timeout', () => give('ETIMEDOUT', `no answer within ${limitMs} ms`))
      options.signal?.addEventListener('abort', cancel, { once: true })
      if (!this.#world.knows(address.host)) {
        this.#world.schedule(linkMs, this.#life, 'name', () => give('ENOTFOUND', 'no such host'))
        return
      }
      // The way there and back belongs to the caller: a host that is down cannot refuse for itself, its network does.
      this.#wires.cross({ name: this.#life.name, alive: true }, this.#between(address.host), 'syn', 0, () => {
        const listener = this.#wires.listener(address)
        if (!open) return
        if (listener === undefined) {
          this.#wires.cross(this.#between(address.host), this.#life, 'refused', 0, () => give('ECONNREFUSED', 'refused'))
          return
        }
        const from = { host: this.#life.name, port: this.#wires.freePort() }
        const [near, far] = connectionPair(this.#wires, this.#life, listener.life, from, address)
        near.mayRepeat = true
        listener.accept(far)
        this.#wires.cross(listener.life, this.#life, 'accepted', 0, () => {
          if (!open) return near.destroy()
          finish()
          resolve(near)
        })
      })
    })
  }

  /** The network in front of a host: not the host, so not subject to its death. */
  #between(host: string): Life {
    return { name: host, alive: true }
  }

  #name(host: string): string {
    return host === '' || host === 'localhost' || host === '0.0.0.0' || host === '::' || host === '::1' || host.startsWith('127.')
      ? this.#life.name
      : host
  }
}

class SimListener implements Listener {
  readonly address: Address
  readonly life: Life
  #wires: Wires
  #onConnection: (connection: Connection) => void

  constructor(wires: Wires, life: Life, address: Address, onConnection: (connection: Connection) => void) {
    this.#wires = wires
    this.life = life
    this.address = address
    this.#onConnection = onConnection
  }

  accept(connection: SimConnection): void {
    this.#wires.world.schedule(0, this.life, 'accept', () => this.#onConnection(connection))
  }

  close(): Promise<void> {
    this.#wires.drop(this)
    return Promise.resolve()
  }
}

function connectionPair(wires: Wires, a: Life, b: Life, aAddress: Address, bAddress: Address): [SimConnection, SimConnection] {
  const near = new SimConnection(wires, a, aAddress, bAddress)
  const far = new SimConnection(wires, b, bAddress, aAddress)
  near.peer = far
  far.peer = near
  wires.opened(near)
  wires.opened(far)
  return [near, far]
}

interface Outgoing {
  bytes: Uint8Array
  readonly onSent: (() => void) | undefined
}

/**
 * One end of a stream.
 *
 *   write → #queue ─(window)→ wire → peer's #inbox → onData
 *             queuedBytes              waits while paused, and holds the window
 */
class SimConnection implements Connection {
  readonly local: Address
  readonly remote: Address
  readonly life: Life
  peer!: SimConnection
  /** Of the side that asks. */
  mayRepeat = false
  #wires: Wires
  #queue: Outgoing[] = []
  #queuedBytes = 0
  #windowUsed = 0
  #needDrain = false
  #inbox: Buffer[] = []
  #paused = false
  #delivering = false
  #lastArrivalMs = 0
  /** Our side: ended once `end` was called, gone once nothing more will be sent or received. */
  #ended = false
  #gone = false
  #peerEnded = false
  #onData: ((chunk: Uint8Array) => void) | undefined
  #room: (() => Uint8Array | undefined) | undefined
  #onClose: ((error: NetworkError | undefined) => void) | undefined
  #onDrain: (() => void) | undefined

  constructor(wires: Wires, life: Life, local: Address, remote: Address) {
    this.#wires = wires
    this.life = life
    this.local = local
    this.remote = remote
  }

  onData(callback: (chunk: Uint8Array) => void, room?: () => Uint8Array | undefined): void {
    this.#onData = callback
    this.#room = room
    this.#deliverSoon()
  }

  onClose(callback: (error: NetworkError | undefined) => void): void {
    this.#onClose = callback
  }

  onDrain(callback: () => void): void {
    this.#onDrain = callback
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  write(bytes: Uint8Array, onSent?: () => void): boolean {
    return this.writev([bytes], onSent)
  }

  writev(chunks: readonly Uint8Array[], onSent?: () => void): boolean {
    if (this.#gone || this.#ended) {
      if (onSent) this.#soon('sent', onSent)
      return false
    }
    const { faults } = this.#wires.world
    if (this.mayRepeat && (faults.repeat ?? faults.message) !== undefined) this.#meddle(Buffer.concat(chunks))
    chunks.forEach((bytes, index) => {
      this.#queue.push({ bytes, onSent: index === chunks.length - 1 ? onSent : undefined })
      this.#queuedBytes += bytes.length
    })
    if (chunks.length === 0 && onSent) this.#soon('sent', onSent)
    this.#needDrain ||= this.#queuedBytes >= highWaterMarkBytes
    this.#soon('send', () => this.#send())
    return !this.#needDrain
  }

  #meddle(message: Buffer): void {
    const { world } = this.#wires
    const { name } = this.life
    const { host } = this.remote
    const fate = world.faults.message?.(name, host, message)
    if (fate?.holdMs !== undefined) this.peer.#lastArrivalMs = Math.max(this.peer.#lastArrivalMs, world.nowMs + fate.holdMs)
    if (fate?.breakMs !== undefined) world.schedule(fate.breakMs, this.life, 'break', () => this.#break())
    const delayMs = world.faults.repeat?.(name, host, message)
    // Only what is a whole message: it stands alone on its connection.
    if (delayMs !== undefined && message.length >= 4 && message.readInt32BE(0) === message.length - 4)
      this.#wires.repeat(name, this.remote, message, delayMs)
  }

  /** Something between the two has lost the connection. */
  #break(): void {
    if (this.#gone) return
    this.#finish(new NetworkError('ECONNRESET', `${this.remote.host}:${this.remote.port} reset the connection`))
    this.peer.broken(this.life.name)
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#deliverSoon()
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#soon('end', () => this.#send())
  }

  destroy(): void {
    if (this.#gone) return
    this.#finish(undefined)
    this.#tellPeer()
  }

  /** The peer's host died. */
  broken(host: string): void {
    this.#wires.cross({ name: host, alive: true }, this.life, 'reset', this.#lastArrivalMs, () => {
      this.#finish(new NetworkError('ECONNRESET', `${this.remote.host}:${this.remote.port} reset the connection`))
    })
  }

  #send(): void {
    if (this.#gone) return
    while (this.#queue.length > 0 && this.#windowUsed < windowBytes) {
      const first = this.#queue[0]
      const count = Math.min(first.bytes.length, windowBytes - this.#windowUsed, chunkBytesMax)
      // Copied as a kernel does: who changes a buffer before `onSent` sends the change.
      this.#transmit(Buffer.from(first.bytes.subarray(0, count)))
      this.#queuedBytes -= count
      if (count < first.bytes.length) first.bytes = first.bytes.subarray(count)
      else {
        this.#queue.shift()
        if (first.onSent) this.#soon('sent', first.onSent)
      }
    }
    if (this.#queue.length > 0) return
    if (this.#needDrain) {
      this.#needDrain = false
      this.#soon('drain', () => this.#gone || this.#onDrain?.())
    }
    if (this.#ended) {
      this.#finish(undefined)
      this.#tellPeer()
    }
  }

  #transmit(bytes: Buffer): void {
    const { world } = this.#wires
    this.#windowUsed += bytes.length
    let at = 0
    while (at < bytes.length) {
      const rest = bytes.length - at
      const count = world.chop ? 1 + world.random.below(rest) : rest
      const chunk = Buffer.from(bytes.subarray(at, at + count))
      at += count
      this.peer.#lastArrivalMs = this.#wires.cross(this.life, this.peer.life, 'data', this.peer.#lastArrivalMs, () => {
        if (this.peer.#gone) this.#refuse()
        else {
          world.note(crc32c(chunk))
          this.peer.#inbox.push(chunk)
          const slowMs = world.faults.slowReader?.(this.peer.life.name)
          if (slowMs === undefined) this.peer.#deliver()
          else world.schedule(slowMs, this.peer.life, 'read', () => this.peer.#deliver())
        }
      })
    }
  }

  /** Bytes reached an end that is gone: the answer is a reset, which is noticed even while paused. */
  #refuse(): void {
    this.#wires.cross(this.peer.life, this.life, 'reset', this.#lastArrivalMs, () => {
      this.#finish(new NetworkError('ECONNRESET', `${this.remote.host}:${this.remote.port} reset the connection`))
    })
  }

  #tellPeer(): void {
    const { peer } = this
    peer.#lastArrivalMs = this.#wires.cross(this.life, peer.life, 'fin', peer.#lastArrivalMs, () => {
      peer.#peerEnded = true
      peer.#deliver()
    })
  }

  #deliverSoon(): void {
    this.#soon('deliver', () => this.#deliver())
  }

  #deliver(): void {
    if (this.#delivering) return
    this.#delivering = true
    while (this.#inbox.length > 0 && !this.#paused && !this.#gone && this.#onData) {
      const chunk = this.#inbox.shift()
      if (chunk === undefined) break
      this.peer.#windowUsed -= this.#give(chunk, this.#onData)
      if (this.peer.#queue.length > 0) this.peer.#soon('window', () => this.peer.#send())
    }
    this.#delivering = false
    // Like a socket: the end is seen once everything before it has been read.
    if (this.#peerEnded && this.#inbox.length === 0 && !this.#gone) this.#finish(undefined)
  }

  /** Gives a chunk, or what of it fits into the reader's room; how many bytes that were. */
  #give(chunk: Buffer, onData: (chunk: Uint8Array) => void): number {
    const room = this.#room?.()
    if (room === undefined) {
      onData(chunk)
      // It was lent: who kept it shall notice.
      chunk.fill(0xdd)
      return chunk.length
    }
    const count = Math.min(room.length, chunk.length)
    room.set(chunk.subarray(0, count))
    if (count < chunk.length) this.#inbox.unshift(chunk.subarray(count))
    onData(room.subarray(0, count))
    return count
  }

  #finish(error: NetworkError | undefined): void {
    if (this.#gone) return
    this.#gone = true
    this.#wires.closed(this)
    this.#soon('close', () => this.#onClose?.(error))
    for (const { onSent } of this.#queue) if (onSent) this.#soon('sent', onSent)
    this.#queue = []
    this.#queuedBytes = 0
    this.#inbox = []
  }

  #soon(kind: string, callback: () => void): void {
    this.#wires.world.schedule(0, this.life, kind, callback)
  }
}
