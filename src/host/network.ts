export interface Address {
  readonly host: string
  readonly port: number
}

export interface ListenOptions {
  /** An address or name; empty: every address of the machine, IPv6 and IPv4. */
  readonly host: string
  /** 0 asks for a free port; the listener tells which. */
  readonly port: number
  readonly backlog?: number
  readonly sendBufferBytes?: number
  readonly receiveBufferBytes?: number
}

export interface ConnectOptions extends Address {
  /** A connection that is not up by then fails with ETIMEDOUT. */
  readonly timeoutMs?: number
  /** Gives up: rejects with ECANCELED. */
  readonly signal?: AbortSignal
}

export interface Listener {
  readonly address: Address
  /** Stops accepting; connections that are open stay open. */
  close(): Promise<void>
}

export type NetworkErrorCode =
  | 'EADDRINUSE'
  | 'EACCES'
  | 'EADDRNOTAVAIL'
  | 'ENOTFOUND'
  | 'ECONNREFUSED'
  | 'ECONNRESET'
  | 'ETIMEDOUT'
  | 'ECANCELED'
  /** What was said does not fit what was to be spoken: see TlsError. */
  | 'EPROTO'
  | 'EIO'

/** What a failed `listen` or `connect` rejects with, and what a broken connection closes with. */
export class NetworkError extends Error {
  override name = 'NetworkError'
  readonly code: NetworkErrorCode
  constructor(code: NetworkErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

/**
 * A byte stream to a peer. Bytes arrive through `onData`, in order; the chunk is lent for the time of the call, who needs it longer copies. The callbacks are
 * set once, right after the connection is handed over, before any event can come; `onClose` may be set again by whoever takes it over.
 */
export interface Connection {
  readonly local: Address
  readonly remote: Address
  /**
   * `room` is asked before each read for memory that the bytes may come to, so that they need not be copied: the chunk is then a view of it.
   * Undefined: the connection's own. What it gave stays free until the next read or the end of the connection.
   */
  onData(callback: (chunk: Uint8Array) => void, room?: () => Uint8Array | undefined): void
  /** The stream is gone, for whatever reason; `error` when it was not an orderly end. Called exactly once. */
  onClose(callback: (error: NetworkError | undefined) => void): void
  /** The output buffer has drained after `write` returned false. */
  onDrain(callback: () => void): void
  /**
   * Queues bytes; the connection owns them until they are sent. False: more than the high-water mark waits, hold until `onDrain`.
   * `onSent` is called once, never from within this call, when the connection lets go of the bytes, sent or lost: from then on
   * the buffer may be used again. Bytes that were lost are let go after `onClose`.
   */
  write(bytes: Uint8Array, onSent?: () => void): boolean
  /** As `write`, several chunks in one system call where the platform can. */
  writev(chunks: readonly Uint8Array[], onSent?: () => void): boolean
  /** Bytes queued and not yet handed to the platform. */
  readonly queuedBytes: number
  /** Stops and restarts `onData`: back-pressure towards the peer. */
  pause(): void
  resume(): void
  /** Sends what is queued, then closes. */
  end(): void
  /** Closes now and drops what is queued. */
  destroy(): void
}

export interface Network {
  listen(options: ListenOptions, onConnection: (connection: Connection) => void): Promise<Listener>
  connect(options: ConnectOptions): Promise<Connection>
  /** The addresses of a name; none: nobody knows it. Connecting looks names up by itself. A world without names has none of it. */
  readonly lookup?: (name: string) => Promise<readonly string[]>
}
