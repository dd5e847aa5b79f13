import { assert, type Lease } from '../base/index.ts'
import type { FrameBuffer, FramePool } from './frame-pool.ts'

/** Why a stream cannot be read on. `text` says what the peer probably is. */
export interface FrameRefusal {
  readonly size: number
  readonly text: string
}

/** Decides whether a half frame may hold this many more bytes of memory; gets them back when the frame is whole or given up. */
export interface FrameMemory {
  take(bytes: number): boolean
  give(bytes: number): void
}

const unlimited: FrameMemory = { take: () => true, give: () => {} }
const partialBytesMin = 1024
/** A half frame may hold this many times the bytes that have arrived: more once a client has shown that it sends. */
const growth = 4
const longGrowth = 16
const longBytes = 64 * 1024
/** Less room than this is not worth a read of its own. */
const roomBytesMin = 16 * 1024

/**
 * Cuts a stream of chunks into frames: four bytes of size, then as many bytes.
 *
 *   chunk      [size|frame][size|frame][size|fra        each whole frame is copied once: alone, or with what is kept of its chunk
 *   chunk                                       me]     → #partial, grows with what arrived, never to what the size claims
 *   room                                        me]     the rest of a large frame is read where it belongs
 *
 * Contract: a frame belongs to the caller, until he releases its lease if it has one. A chunk is lent until `keep`. After a refusal nothing more is read.
 */
export class FrameReader {
  /** Largest size accepted from the next frame on; may change (KIP-255: less before authentication). */
  bytesMax: number
  #memory: FrameMemory
  #pool: FramePool | undefined
  #chunks: Buffer[] = []
  /** Where kept chunks come from, when it is from the pool; one hold is the reader's, one each that of frames that are views of the chunk. */
  #chunkLeases: (FrameBuffer | undefined)[] = []
  #lent: Buffer | undefined
  #at = 0
  #waitingBytes = 0
  /** Size of the frame under way, −1 while its four bytes are not all here. */
  #size = -1
  #sizeBytes = 0
  #sizeHave = 0
  #partial: Buffer | undefined
  /** Where `#partial` comes from, when it is from the pool. */
  #partialLease: FrameBuffer | undefined
  #lease: FrameBuffer | undefined
  #have = 0
  #roomGiven = false
  #refusal: FrameRefusal | undefined
  #starved = false

  constructor(bytesMax: number, memory: FrameMemory = unlimited, pool?: FramePool) {
    this.bytesMax = bytesMax
    this.#memory = memory
    this.#pool = pool
  }

  get refusal(): FrameRefusal | undefined {
    return this.#refusal
  }

  /** Bytes that arrived and wait for `next`: a frame that is whole, and what follows it. */
  get waitingBytes(): number {
    return this.#waitingBytes + (this.whole ? this.#size : 0)
  }

  /** A frame has all its bytes and waits for `next`. */
  get whole(): boolean {
    return this.#size >= 0 && this.#have === this.#size
  }

  /** Bytes of the frame under way that have arrived, its size included; 0 between frames. */
  get halfBytes(): number {
    return this.#sizeHave + this.#have
  }

  /** The last `next` stopped because memory for half frames is short, not because bytes are. */
  get starved(): boolean {
    return this.#starved
  }

  /** Of the frame that `next` gave last; undefined when its memory is not used again. */
  get lease(): Lease | undefined {
    return this.#lease
  }

  /** Memory for the bytes that come next, when a large frame is under way and nothing else waits. What is read there must be pushed next. */
  room(): Buffer | undefined {
    if (this.#partial === undefined || this.#chunks.length > 0 || this.#size - this.#have < roomBytesMin) return undefined
    if (this.#have === this.#partial.length && !this.#grow(this.#have + 1)) return undefined
    this.#roomGiven = true
    return this.#partial.subarray(this.#have)
  }

  /** Lends a chunk, until `keep`; one that was read into `room` is there already. */
  push(chunk: Buffer): void {
    if (chunk.length === 0 || this.#refusal) return
    if (this.#isRoom(chunk)) {
      this.#have += chunk.length
      return
    }
    this.#chunks.push(chunk)
    this.#chunkLeases.push(undefined)
    this.#waitingBytes += chunk.length
    this.#lent = chunk
  }

  /** The lent chunk goes back to its owner: what was not looked at is copied, to its frame as far as it belongs there. */
  keep(): void {
    const lent = this.#lent
    if (lent === undefined) return
    this.#gather()
    this.#lent = undefined
    const last = this.#chunks.length - 1
    if (this.#chunks[last] !== lent) return
    const rest = lent.subarray(last === 0 ? this.#at : 0)
    this.#chunks[last] = this.#copy(rest)
    this.#chunkLeases[last] = this.#lease
    this.#lease = undefined
    if (last === 0) this.#at = 0
  }

  /** The next whole frame without its size; undefined when more bytes are needed, or after a refusal. */
  next(): Buffer | undefined {
    this.#starved = false
    this.#lease = undefined
    while (!this.#refusal) {
      const chunk = this.#chunks[0]
      if (this.#size < 0) {
        if (chunk === undefined) return undefined
        this.#readSize(chunk)
        continue
      }
      const rest = this.#size - this.#have
      if (rest === 0) return this.#whole()
      if (chunk === undefined) return undefined
      if (this.#have === 0 && chunk.length - this.#at >= rest) {
        const view = chunk.subarray(this.#at, this.#at + rest)
        const frame = this.#lent === chunk ? this.#copy(view) : this.#share(view)
        this.#advance(chunk, rest)
        this.#size = -1
        this.#sizeHave = 0
        return frame
      }
      if (!this.#collect(chunk, rest)) return undefined
    }
    return undefined
  }

  /** Gives back what is held; nothing more will be read. */
  close(): void {
    if (this.#partial) this.#memory.give(this.#partial.length)
    this.#partial = undefined
    // A read into its room may still be under way: that memory is not used again.
    if (!this.#roomGiven) this.#partialLease?.release()
    this.#partialLease = undefined
    for (const lease of this.#chunkLeases) lease?.release()
    this.#chunkLeases = []
    this.#chunks = []
    this.#waitingBytes = 0
    this.#refusal ??= { size: 0, text: 'closed' }
  }

  #isRoom(chunk: Buffer): boolean {
    const partial = this.#partial
    return this.#roomGiven && partial?.buffer === chunk.buffer && partial.byteOffset + this.#have === chunk.byteOffset
  }

  /** Brings what has arrived of the frame under way to its place. */
  #gather(): void {
    while (!this.#refusal && this.#chunks.length > 0) {
      if (this.#size < 0) this.#readSize(this.#chunks[0])
      else if (this.whole || !this.#collect(this.#chunks[0], this.#size - this.#have)) return
    }
  }

  #readSize(chunk: Buffer): void {
    if (this.#sizeHave === 0 && chunk.length - this.#at >= 4) {
      this.#sizeBytes = chunk.readInt32BE(this.#at)
      this.#sizeHave = 4
      this.#advance(chunk, 4)
    } else {
      this.#sizeBytes = (this.#sizeBytes << 8) | chunk[this.#at]
      this.#sizeHave++
      this.#advance(chunk, 1)
    }
    if (this.#sizeHave < 4) return
    if (this.#sizeBytes < 0 || this.#sizeBytes > this.bytesMax) this.#refusal = refusalOf(this.#sizeBytes, this.bytesMax)
    else this.#size = this.#sizeBytes
  }

  /** Copies what has arrived of a frame that is not whole. False: no memory for it now. */
  #collect(chunk: Buffer, rest: number): boolean {
    const count = Math.min(rest, chunk.length - this.#at)
    if (!this.#grow(this.#have + count)) {
      this.#starved = true
      return false
    }
    const partial = this.#partial
    assert(partial !== undefined && partial.length >= this.#have + count, 'a half frame has room for what arrived')
    chunk.copy(partial, this.#have, this.#at, this.#at + count)
    this.#have += count
    this.#advance(chunk, count)
    return true
  }

  #grow(bytes: number): boolean {
    const held = this.#partial?.length ?? 0
    if (bytes <= held) return true
    const capacity = Math.min(this.#size, Math.max(partialBytesMin, bytes * (bytes < longBytes ? growth : longGrowth)))
    if (!this.#memory.take(capacity - held)) return false
    const lease = this.#pool?.take(capacity)
    const grown = lease?.bytes.subarray(0, capacity) ?? Buffer.allocUnsafeSlow(capacity)
    this.#partial?.copy(grown, 0, 0, this.#have)
    this.#partialLease?.release()
    this.#roomGiven = false
    this.#partial = grown
    this.#partialLease = lease
    return true
  }

  #copy(view: Buffer): Buffer {
    this.#lease = this.#pool?.take(view.length)
    if (this.#lease === undefined) return Buffer.from(view)
    view.copy(this.#lease.bytes)
    return this.#lease.bytes.subarray(0, view.length)
  }

  /** A view of a kept chunk, whose memory stays until the frame lets go of it too. */
  #share(view: Buffer): Buffer {
    this.#lease = this.#chunkLeases[0]
    this.#lease?.retain()
    return view
  }

  #whole(): Buffer {
    const frame = this.#partial?.subarray(0, this.#size) ?? Buffer.alloc(0)
    if (this.#partial) this.#memory.give(this.#partial.length)
    this.#lease = this.#partialLease
    this.#partial = undefined
    this.#partialLease = undefined
    this.#roomGiven = false
    this.#have = 0
    this.#size = -1
    this.#sizeHave = 0
    return frame
  }

  #advance(chunk: Buffer, count: number): void {
    this.#waitingBytes -= count
    this.#at += count
    if (this.#at < chunk.length) return
    this.#chunks.shift()
    this.#chunkLeases.shift()?.release()
    this.#at = 0
  }
}

const methods: ReadonlySet<string> = new Set(['GET ', 'POST', 'PUT ', 'HEAD', 'DELE', 'OPTI', 'PATC', 'CONN', 'TRAC', 'PRI '])

/** A size out of bounds is mostly the first four bytes of another protocol. */
function refusalOf(size: number, bytesMax: number): FrameRefusal {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(size)
  const letters = bytes.toString('latin1')
  const bounds = size < 0 ? `frame size ${size} is negative` : `frame size ${size} is larger than ${bytesMax}`
  if (bytes[0] === 0x16 && bytes[1] === 0x03)
    return { size, text: `${bounds}: the bytes are a TLS ClientHello; this listener speaks no TLS` }
  if (bytes[0] === 0x15 && bytes[1] === 0x03) return { size, text: `${bounds}: the bytes are a TLS alert; the peer speaks TLS, we do not` }
  if (methods.has(letters))
    return { size, text: `${bounds}: the bytes are "${letters.trim()}", an HTTP request; this port speaks Kafka's protocol` }
  if (letters === 'HTTP') return { size, text: `${bounds}: the bytes are "HTTP", an HTTP answer; the peer is no Kafka broker` }
  if (/^[\x20-\x7e]{4}$/.test(letters))
    return { size, text: `${bounds}: the bytes are the text ${JSON.stringify(letters)}; the peer speaks another protocol` }
  return { size, text: bounds }
}
