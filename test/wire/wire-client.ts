import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import {
  type Api,
  Apis,
  apiByKey,
  DecodeError,
  decode,
  findMessage,
  type Message,
  type MessageInput,
  type Part,
  Reader,
  readResponseHeader,
  requestFrame,
  responseHeaderVersion,
  type Schema,
} from '../../src/protocol/index.ts'

/** The broker ended the connection before it answered. */
export class ConnectionLost extends Error {
  override name = 'ConnectionLost'
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads the few fields that it is about
export type LooseMessage = Record<string, any>

const DEADLINE_MS = 10_000

export const deadline = <T>(what: string, promise: Promise<T>, limitMs = DEADLINE_MS): Promise<T> => {
  let timer: NodeJS.Timeout
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${limitMs} ms: ${what}`)), limitMs)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

export const eventually = async (what: string, condition: () => boolean | Promise<boolean>, limitMs = DEADLINE_MS): Promise<void> => {
  const endMs = performance.now() + limitMs
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`not within ${limitMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

export const frameBytes = (parts: readonly Part[]): Buffer => Buffer.concat(parts as readonly Buffer[])

/** A frame of any content with an honest size. */
export const framed = (body: Uint8Array | string): Buffer => {
  const bytes = Buffer.from(body)
  const size = Buffer.alloc(4)
  size.writeInt32BE(bytes.length)
  return Buffer.concat([size, bytes])
}

/** Key, version, correlation id and client id, as header version 1 has them. */
export const headerBytes = (apiKey: number, version: number, correlationId = 1, clientId: string | null = null): Buffer => {
  const start = Buffer.alloc(10)
  start.writeInt16BE(apiKey, 0)
  start.writeInt16BE(version, 2)
  start.writeInt32BE(correlationId, 4)
  start.writeInt16BE(clientId === null ? -1 : Buffer.byteLength(clientId), 8)
  return Buffer.concat([start, Buffer.from(clientId ?? '')])
}

/** One TCP connection that speaks the protocol as plainly as it can: what it sends and reads is what the test says. */
export class WireClient implements Disposable {
  readonly socket: Socket
  readonly ended: Promise<void>
  isOpen = true
  #received: Buffer = Buffer.alloc(0)
  #frames: Buffer[] = []
  #waiting: { resolve: (frame: Buffer) => void; reject: (error: Error) => void }[] = []
  #nextCorrelationId = 1

  static async open(port: number, localAddress?: string): Promise<WireClient> {
    const socket = createConnection({ port, host: '127.0.0.1', noDelay: true, ...(localAddress && { localAddress }) })
    await deadline('the connection is open', once(socket, 'connect'))
    return new WireClient(socket)
  }

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', () => {})
    this.ended = new Promise((resolve) => {
      const end = (): void => {
        this.isOpen = false
        socket.destroy()
        for (const { reject } of this.#waiting.splice(0)) reject(new ConnectionLost('the broker closed the connection'))
        resolve()
      }
      socket.on('end', end)
      socket.on('close', end)
    })
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    while (this.#received.length >= 4) {
      const end = 4 + this.#received.readInt32BE(0)
      if (this.#received.length < end) return
      const frame = this.#received.subarray(4, end)
      this.#received = this.#received.subarray(end)
      const waiter = this.#waiting.shift()
      if (waiter === undefined) this.#frames.push(frame)
      else waiter.resolve(frame)
    }
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes)
  }

  /** The next frame that comes in, without its size. Rejects with ConnectionLost. */
  nextFrame(): Promise<Buffer> {
    const frame = this.#frames.shift()
    if (frame !== undefined) return Promise.resolve(frame)
    if (!this.isOpen) return Promise.reject(new ConnectionLost('the broker closed the connection'))
    return deadline('an answer', new Promise<Buffer>((resolve, reject) => this.#waiting.push({ resolve, reject })))
  }

  /** Sends a request and reads its answer strictly: the same correlation id, every byte used. */
  async ask<Q extends Schema, R extends Schema>(
    api: Api,
    version: number,
    request: Q,
    response: R,
    body: MessageInput<Q>,
    clientId: string | null = 'wire',
  ): Promise<Message<R>> {
    const correlationId = this.#nextCorrelationId++
    this.send(frameBytes(requestFrame(api, version, correlationId, clientId, request, body)))
    return readAnswer(await this.nextFrame(), api, version, response, correlationId)
  }

  /** As `ask`, by name. For tests that look at few fields of many APIs. */
  async call(name: keyof typeof Apis, version: number, body: object = {}, clientId: string | null = 'wire'): Promise<LooseMessage> {
    const { request, response } = await schemasOf(Apis[name])
    return (await this.ask(Apis[name], version, request, response, body, clientId)) as LooseMessage
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }
}

export const schemasOf = async (api: Api): Promise<{ request: Schema; response: Schema }> => ({
  request: (await findMessage(`${api.name}Request`))!,
  response: (await findMessage(`${api.name}Response`))!,
})

export const readAnswer = <R extends Schema>(frame: Buffer, api: Api, version: number, response: R, correlationId: number): Message<R> => {
  const reader = new Reader(frame)
  const answered = readResponseHeader(reader, api, version)
  if (answered !== correlationId) throw new DecodeError(`the answer to ${correlationId} says ${answered}`)
  // Header version 0 is the correlation id; version 1 has a tagged section, which this broker leaves empty.
  return decode(response, version, frame, responseHeaderVersion(api, version) === 0 ? 4 : 5)
}

export const apiNameOf = (key: number): string => apiByKey(key)?.name ?? `API ${key}`
