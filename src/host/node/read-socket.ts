import net from 'node:net'

/** Bytes that may wait for the peer before `write` says so. */
const highWaterMarkBytes = 256 * 1024
const keepAliveMs = 60_000
export const streamOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs, highWaterMark: highWaterMarkBytes }

/** Where the bytes of a socket go; set once by `onData`. */
export interface Reading {
  /** False: no more for now. */
  take: (chunk: Uint8Array) => boolean
  room: () => Uint8Array | undefined
}

export interface ReadSocket {
  readonly socket: net.Socket
  /** Undefined: the socket speaks through `data` events. */
  readonly reading: Reading | undefined
}

/**
 * All sockets whose reader has no room of its own read into one buffer, and lend it: no allocation per read, and reads four times as large
 * as Node's own.
 * Measured over loopback: 0.30 CPU s/GiB, against 0.60 with a buffer per read.
 */
const readBuffer = Buffer.allocUnsafeSlow(256 * 1024)

function into(reading: Reading): { buffer: () => Uint8Array; callback: (count: number, buffer: Uint8Array) => boolean } {
  return {
    buffer: () => reading.room() ?? readBuffer,
    callback: (count, buffer) => reading.take(buffer.subarray(0, count)),
  }
}

/** A socket on its way to a peer. */
export function connecting(host: string, port: number): { socket: net.Socket; reading: Reading } {
  const reading: Reading = { take: () => true, room: () => undefined }
  const socket = net.connect({ host, port, ...streamOptions, onread: into(reading), manualStart: true } as net.NetConnectOpts)
  return { socket, reading }
}

/**
 * Node offers `onread` to sockets that connect, not to those that a server accepts: their handle moves into a socket that has it.
 * Where this Node keeps its handle elsewhere, the accepted socket stays as it is.
 */
export function adopted(accepted: net.Socket): ReadSocket {
  const holder = accepted as unknown as { _handle: object | null }
  const handle = holder._handle
  if (typeof handle !== 'object' || handle === null) return { socket: accepted, reading: undefined }
  holder._handle = null
  const reading: Reading = { take: () => true, room: () => undefined }
  const options = { handle, onread: into(reading), manualStart: true, writableHighWaterMark: highWaterMarkBytes }
  return { socket: new net.Socket(options as net.SocketConstructorOpts), reading }
}
