import type net from 'node:net'
import { assert } from '../../base/index.ts'
import type { Address, Connection, NetworkError } from '../network.ts'
import { networkError } from './network-errors.ts'
import type { Reading, ReadSocket } from './read-socket.ts'

/**
 * Puts another protocol between a connection that nobody has read from and whoever is handed the one that comes of it. The first is closed
 * when that fails, and of no use to anyone afterwards.
 */
export async function securedConnection(connection: Connection, secure: (plain: net.Socket) => Promise<net.Socket>): Promise<Connection> {
  assert(connection instanceof NodeConnection, 'connections of this host alone can be secured by it')
  return new NodeConnection({ socket: await secure(connection.handedOver()), reading: undefined })
}

export class NodeConnection implements Connection {
  readonly local: Address
  readonly remote: Address
  #socket: net.Socket
  #reading: Reading | undefined
  #paused = false
  #held: Uint8Array | undefined
  #onData: ((chunk: Uint8Array) => void) | undefined
  #error: Error | undefined
  #onClose: ((error: NetworkError | undefined) => void) | undefined
  #isClosed = false
  /** Who waits to hear of bytes that were lost. */
  #lost: (() => void)[] = []

  constructor({ socket, reading }: ReadSocket) {
    this.#socket = socket
    this.#reading = reading
    this.local = { host: plainHost(socket.localAddress), port: socket.localPort ?? 0 }
    this.remote = { host: plainHost(socket.remoteAddress), port: socket.remotePort ?? 0 }
    // Kept for `onClose`; without a listener an error would end the process.
    socket.on('error', (error) => (this.#error = error))
    socket.on('close', () => this.#closed())
  }

  /** Its socket, for what is to lie between it and its reader. */
  handedOver(): net.Socket {
    return this.#socket
  }

  onData(callback: (chunk: Uint8Array) => void, room?: () => Uint8Array | undefined): void {
    if (this.#reading === undefined) this.#socket.on('data', callback)
    else {
      this.#onData = callback
      this.#reading.take = (chunk) => this.#take(chunk)
      // What comes while paused waits elsewhere: room that it took would be given again.
      if (room !== undefined) this.#reading.room = () => (this.#paused ? undefined : room())
      if (!this.#paused) this.#socket.resume()
    }
  }

  onClose(callback: (error: NetworkError | undefined) => void): void {
    this.#onClose = callback
  }

  onDrain(callback: () => void): void {
    this.#socket.on('drain', callback)
  }

  write(bytes: Uint8Array, onSent?: () => void): boolean {
    return this.#socket.write(bytes, onSent && this.#letGo(onSent))
  }

  writev(chunks: readonly Uint8Array[], onSent?: () => void): boolean {
    const last = chunks.length - 1
    if (last < 0) {
      if (onSent) setImmediate(onSent)
      return !this.#socket.writableNeedDrain
    }
    if (last === 0) return this.#socket.write(chunks[0], onSent && this.#letGo(onSent))
    this.#socket.cork()
    for (let index = 0; index < last; index++) this.#socket.write(chunks[index])
    const free = this.#socket.write(chunks[last], onSent && this.#letGo(onSent))
    this.#socket.uncork()
    return free
  }

  /** Node tells of writes that were lost before it tells of the end: whoever takes that for room would send on to nobody. */
  #letGo(onSent: () => void): (error: Error | null | undefined) => void {
    return (error) => {
      if (this.#isClosed || !(error || this.#socket.destroyed)) onSent()
      else this.#lost.push(onSent)
    }
  }

  #closed(): void {
    this.#isClosed = true
    this.#onClose?.(this.#error && networkError(this.#error))
    for (const onSent of this.#lost.splice(0)) onSent()
  }

  get queuedBytes(): number {
    return this.#socket.writableLength
  }

  pause(): void {
    this.#paused = true
    this.#socket.pause()
  }

  resume(): void {
    this.#paused = false
    if (this.#held === undefined) this.#socket.resume()
    else setImmediate(() => this.#giveHeld())
  }

  /** A read that was started before the pause may still bring one chunk: it waits here. */
  #take(chunk: Uint8Array): boolean {
    if (this.#paused) this.#held = this.#held ? Buffer.concat([this.#held, chunk]) : Buffer.from(chunk)
    else this.#onData?.(chunk)
    return !this.#paused
  }

  #giveHeld(): void {
    if (this.#paused || this.#socket.destroyed) return
    const held = this.#held
    this.#held = undefined
    if (held) this.#onData?.(held)
    if (!this.#paused) this.#socket.resume()
  }

  end(): void {
    this.#socket.destroySoon()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

/** An IPv4 peer of a dual-stack socket is shown as IPv4, as Java does: limits and access rules name it that way. */
function plainHost(host: string | undefined): string {
  return host === undefined ? '' : host.startsWith('::ffff:') ? host.slice(7) : host
}
