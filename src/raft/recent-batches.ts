import { baseOffset, lastOffset } from '../records/index.ts'

/** What is kept beyond the uncommitted, for listeners that lag a little. */
const bytesMax = 16 * 1024 * 1024

/** Batches that this node appended a moment ago, so that committing them does not read them back from disk. */
export class RecentBatches {
  #batches: Buffer[] = []
  #first = 0
  #bytes = 0

  add(batch: Buffer): void {
    const last = this.#batches.at(-1)
    if (last !== undefined && lastOffset(last, 0) + 1 !== baseOffset(batch, 0)) this.clear()
    this.#batches.push(batch)
    this.#bytes += batch.length
  }

  /** The batch that begins at `offset`. */
  get(offset: number): Buffer | undefined {
    let low = this.#first
    let high = this.#batches.length - 1
    while (low <= high) {
      const middle = (low + high) >>> 1
      const base = baseOffset(this.#batches[middle]!, 0)
      if (base === offset) return this.#batches[middle]
      if (base < offset) low = middle + 1
      else high = middle - 1
    }
    return undefined
  }

  /** Bytes of the batches from `offset` on. */
  uncommittedBytes(offset: number): number {
    let bytes = this.#bytes
    for (let i = this.#first; i < this.#batches.length && baseOffset(this.#batches[i]!, 0) < offset; i++) bytes -= this.#batches[i]!.length
    return bytes
  }

  /** Committed and heard by all listeners. */
  forgetBefore(offset: number): void {
    while (this.#first < this.#batches.length && lastOffset(this.#batches[this.#first]!, 0) < offset) this.#drop()
    if (this.#first * 2 > this.#batches.length) {
      this.#batches = this.#batches.slice(this.#first)
      this.#first = 0
    }
  }

  /** Listeners that lag too far read from disk: what is committed goes when it is too much. */
  forgetCommitted(committedOffset: number): void {
    while (this.#bytes > bytesMax && lastOffset(this.#batches[this.#first]!, 0) < committedOffset) this.#drop()
  }

  clear(): void {
    this.#batches = []
    this.#first = 0
    this.#bytes = 0
  }

  #drop(): void {
    this.#bytes -= this.#batches[this.#first]!.length
    this.#batches[this.#first] = Buffer.alloc(0)
    this.#first++
  }
}
