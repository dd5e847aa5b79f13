import { type Clock, type Connection, type Host, type Listener, type Network, silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'

/** Time goes on only when it is told to: by a jump it is a node that was held up. */
export class ScriptedClock implements Clock {
  #nowMs = 0
  readonly #timers = new Set<{ readonly atMs: number; readonly callback: () => void }>()

  now(): number {
    return this.#nowMs
  }

  monotonic(): number {
    return this.#nowMs
  }

  after(delayMs: number, callback: () => void): { cancel(): void } {
    const timer = { atMs: this.#nowMs + delayMs, callback }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }

  defer(callback: () => void): void {
    this.after(0, callback)
  }

  /** So long nothing could happen; then what is due does. */
  jump(durationMs: number): void {
    this.#nowMs += durationMs
    for (const timer of [...this.#timers].sort((a, b) => a.atMs - b.atMs))
      if (timer.atMs <= this.#nowMs && this.#timers.delete(timer)) timer.callback()
  }

  /** As `jump`, with everything in its time. */
  pass(durationMs: number): void {
    for (let leftMs = durationMs; leftMs > 0; leftMs -= 10) this.jump(Math.min(10, leftMs))
  }
}

/** A client whose bytes come when the script says so. */
export class ScriptedConnection implements Connection {
  readonly local = { host: 'here', port: 9092 }
  readonly remote = { host: 'there', port: 50_000 }
  readonly queuedBytes = 0
  closed = false
  written = Buffer.alloc(0)
  #onData: ((chunk: Uint8Array) => void) | undefined

  /** Bytes of the client arrive. */
  arrive(bytes: Buffer): void {
    if (!this.closed) this.#onData?.(bytes)
  }

  onData(callback: (chunk: Uint8Array) => void): void {
    this.#onData = callback
  }

  onClose(): void {}
  onDrain(): void {}
  pause(): void {}
  resume(): void {}

  write(bytes: Uint8Array, onSent?: () => void): boolean {
    return this.writev([bytes], onSent)
  }

  writev(chunks: readonly Uint8Array[], onSent?: () => void): boolean {
    this.written = Buffer.concat([this.written, ...chunks])
    if (onSent) queueMicrotask(onSent)
    return true
  }

  end(): void {
    this.closed = true
  }

  destroy(): void {
    this.closed = true
  }
}

/** A host whose clock and whose connections are the script's. */
export function scriptedHost(): { host: Host; clock: ScriptedClock; connect: () => ScriptedConnection } {
  const clock = new ScriptedClock()
  let accept: ((connection: Connection) => void) | undefined
  const network: Network = {
    listen: (address, onConnection): Promise<Listener> => {
      accept = onConnection
      return Promise.resolve({ address, close: () => Promise.resolve() })
    },
    connect: () => Promise.reject(new Error('nobody connects from here')),
  }
  const connect = (): ScriptedConnection => {
    const connection = new ScriptedConnection()
    accept?.(connection)
    return connection
  }
  return { host: { ...nodeHost({ journal: silentJournal }), clock, network }, clock, connect }
}
