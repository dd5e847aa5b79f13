import { assert, type ByteSource } from '../base/index.ts'
import type { Connection } from '../host/index.ts'
import type { Part } from '../protocol/index.ts'
import type { BufferPool } from './buffer-pool.ts'

/** Parts after which a batch goes. A source that is in memory already comes whole, however many views and bytes it has: the last may pass both bounds. */
const batchPartsMax = 256
/** Bytes after which a batch goes. */
const batchBytesMax = 256 * 1024

/**
 * What one connection has still to send, in order.
 *
 *   queue: Buffer, ByteSource, Buffer, …  → a batch (files loaded into pooled buffers) → connection.writev → sent: buffers back, what was lent released
 */
export class Outbox {
  #connection: Connection
  #pool: BufferPool
  #onProgress: () => void
  #onFailure: (error: Error) => void
  #queue: Part[] = []
  #head = 0
  /** Position in the source at the head of the queue. */
  #position = 0
  /** Bytes of the queue not handed to the connection, and bytes handed over and not sent. */
  #queuedBytes = 0
  #sendingBytes = 0
  #loading = false
  #closed = false

  /** `onProgress`: less is left than before. `onFailure`: a frame cannot be completed; its connection is of no use any more. */
  constructor(connection: Connection, pool: BufferPool, onProgress: () => void, onFailure: (error: Error) => void) {
    this.#connection = connection
    this.#pool = pool
    this.#onProgress = onProgress
    this.#onFailure = onFailure
  }

  /** Everything not sent yet. */
  get bytes(): number {
    return this.#queuedBytes + this.#sendingBytes
  }

  /** Queues one frame, which starts with its size. Sends nothing until `flush`. */
  add(parts: readonly Part[]): void {
    let bytes = 0
    for (const part of parts) bytes += Buffer.isBuffer(part) ? part.length : part.bytes
    const first = parts[0]
    assert(Buffer.isBuffer(first) && first.length >= 4 && first.readInt32BE(0) === bytes - 4, 'a frame starts with its size')
    if (this.#closed) {
      release(parts)
      return
    }
    this.#queuedBytes += bytes
    for (const part of parts) this.#queue.push(part)
  }

  flush(): void {
    while (!this.#loading && !this.#closed && this.#head < this.#queue.length && this.#sendingBytes < 2 * this.#pool.nextBytes)
      this.#sendBatch()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    release(this.#queue.slice(this.#head))
    this.#queue = []
    this.#head = 0
    this.#queuedBytes = 0
  }

  /** One writev: small frames together, file pieces as they load. */
  #sendBatch(): void {
    const batch: Buffer[] = []
    const borrowed: Buffer[] = []
    let lent: ByteSource[] | undefined
    let bytes = 0
    while (this.#head < this.#queue.length && batch.length < batchPartsMax && bytes < batchBytesMax) {
      const part = this.#queue[this.#head]
      if (Buffer.isBuffer(part)) {
        if (part.length > 0) batch.push(part)
        bytes += part.length
        this.#shift()
        continue
      }
      if (part.bytes === this.#position) {
        this.#endSource(part)
        continue
      }
      if (part.views !== undefined) {
        for (const view of part.views) batch.push(view)
        lent ??= []
        lent.push(part)
        bytes += part.bytes
        this.#shift()
        continue
      }
      const buffer = this.#pool.take()
      const piece = buffer.subarray(0, Math.min(buffer.length, part.bytes - this.#position))
      const got = this.#read(part, piece)
      if (got === undefined) return this.#giveBack([...borrowed, buffer], lent)
      if (typeof got !== 'number') {
        this.#loading = true
        this.#await(got, part, buffer, piece.length)
        break
      }
      if (!this.#loaded(part, got, piece.length)) return this.#giveBack([...borrowed, buffer], lent)
      batch.push(got === piece.length ? piece : piece.subarray(0, got))
      borrowed.push(buffer)
      bytes += got
    }
    this.#send(batch, borrowed, bytes, lent)
  }

  #read(source: ByteSource, piece: Buffer): Promise<number> | number | undefined {
    try {
      return source.read(piece, this.#position)
    } catch (error) {
      this.#onFailure(error as Error)
      return undefined
    }
  }

  #await(read: Promise<number>, source: ByteSource, buffer: Buffer, wanted: number): void {
    const done = (got: number | undefined, error?: Error): void => {
      this.#loading = false
      if (this.#closed || got === undefined || !this.#loaded(source, got, wanted)) {
        this.#pool.give(buffer)
        if (error && !this.#closed) this.#onFailure(error)
        return
      }
      this.#send([buffer.subarray(0, got)], [buffer], got)
      this.flush()
    }
    read.then(done, (error: Error) => done(undefined, error))
  }

  #loaded(source: ByteSource, got: number, wanted: number): boolean {
    if (got <= 0 || got > wanted) {
      this.#onFailure(new Error(`a file gave ${got} bytes at ${this.#position} of ${source.bytes} that were announced`))
      return false
    }
    this.#position += got
    if (this.#position === source.bytes) this.#endSource(source)
    return true
  }

  #endSource(source: ByteSource): void {
    this.#position = 0
    this.#shift()
    source.release?.()
  }

  #send(batch: readonly Buffer[], borrowed: readonly Buffer[], bytes: number, lent?: readonly ByteSource[]): void {
    if (batch.length === 0) return
    this.#queuedBytes -= bytes
    this.#sendingBytes += bytes
    assert(this.#queuedBytes >= 0, 'no more is sent than was queued')
    this.#connection.writev(batch, () => {
      this.#giveBack(borrowed, lent)
      this.#sendingBytes -= bytes
      if (this.#closed) return
      this.flush()
      this.#onProgress()
    })
  }

  #giveBack(buffers: readonly Buffer[], lent?: readonly ByteSource[]): void {
    for (const buffer of buffers) this.#pool.give(buffer)
    if (lent !== undefined) release(lent)
  }

  #shift(): void {
    this.#head++
    if (this.#head === this.#queue.length) {
      this.#queue.length = 0
      this.#head = 0
    } else if (this.#head >= 1024) {
      this.#queue.splice(0, this.#head)
      this.#head = 0
    }
  }
}

function release(parts: readonly Part[]): void {
  for (const part of parts) if (!Buffer.isBuffer(part)) part.release?.()
}
