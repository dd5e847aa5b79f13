import { assert, type Lease } from '../base/index.ts'

/** Below this a frame is cheaper to allocate than to keep. */
const bytesMin = 4 * 1024
const bytesMax = 16 * 1024 * 1024
/**
 * Frames begin this far from where their memory does. Large buffers all begin at the same place of a page, and glibc's copy from one such
 * place to another takes ten times as long on processors whose `rep movsb` minds that (measured: 0.37 against 0.03 s/GiB).
 */
const leadBytes = 256
/** Kept for use again, all sizes together. */
const keptBytesMaxDefault = 32 * 1024 * 1024

/** One piece of memory for a frame, with who holds it. */
export class FrameBuffer implements Lease {
  readonly bytes: Buffer
  #pool: FramePool
  #holders = 1

  constructor(bytes: Buffer, pool: FramePool) {
    this.bytes = bytes
    this.#pool = pool
  }

  retain(): void {
    assert(this.#holders > 0, 'memory that was let go is not retained')
    this.#holders++
  }

  release(): void {
    assert(this.#holders > 0, 'memory is let go once by each holder')
    if (--this.#holders === 0) this.#pool.keep(this)
  }

  /** @internal */
  reuse(): this {
    this.#holders = 1
    return this
  }
}

/**
 * Memory for frames that comes back when their handler is done with it, in four sizes for each power of two.
 *
 * A buffer per frame would be simpler, and was measured: a third of the broker's time went to the garbage collector, which the
 * memory outside its heap sets off, and more to the page faults of memory that the system had just zeroed.
 */
export class FramePool {
  #kept: FrameBuffer[][] = []
  #keptBytes = 0
  #keptBytesMax: number

  constructor(keptBytesMax = keptBytesMaxDefault) {
    this.#keptBytesMax = keptBytesMax
  }

  get keptBytes(): number {
    return this.#keptBytes
  }

  /** Memory for at least so many bytes, with one holder; undefined for sizes that are not worth it. */
  take(bytes: number): FrameBuffer | undefined {
    if (bytes < bytesMin || bytes > bytesMax) return undefined
    const size = sizeClass(bytes)
    const kept = this.#kept[size]?.pop()
    if (kept === undefined) return new FrameBuffer(Buffer.allocUnsafeSlow(leadBytes + classBytes(size)).subarray(leadBytes), this)
    this.#keptBytes -= kept.bytes.length
    return kept.reuse()
  }

  /** @internal */
  keep(buffer: FrameBuffer): void {
    const { length } = buffer.bytes
    if (this.#keptBytes + length > this.#keptBytesMax) return
    this.#keptBytes += length
    const size = sizeClass(length)
    this.#kept[size] ??= []
    this.#kept[size].push(buffer)
  }
}

/** Number of the smallest size that holds so many bytes: 4·2^k, 5·2^k, 6·2^k, 7·2^k for each k. */
const sizeClass = (bytes: number): number => {
  const exponent = 29 - Math.clz32(bytes - 1)
  return exponent * 4 + (((bytes - 1) >>> exponent) & 3)
}

const classBytes = (size: number): number => ((size & 3) + 5) * 2 ** (size >>> 2)
