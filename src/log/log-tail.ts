import type { Lease } from '../base/index.ts'
import { batchBytes, lastOffset } from '../records/index.ts'
import type { Segment } from './segment.ts'

/** Bytes of one append that are ordered but not yet in the file. Owned by the log until they are, and by those who read them meanwhile. */
export interface TailPart {
  readonly segment: Segment
  readonly position: number
  readonly bytes: Buffer
  readonly firstOffset: number
  readonly endOffset: number
  readonly lease: Lease | undefined
}

/** The memory end of a log, oldest part first. Parts leave at the front when the disk has taken them. */
export class LogTail {
  #parts: TailPart[] = []
  #head = 0
  bytes = 0

  get isEmpty(): boolean {
    return this.#head === this.#parts.length
  }

  /** First offset that may not be in the file yet; infinite when all is written. */
  get firstOffset(): number {
    return this.isEmpty ? Number.POSITIVE_INFINITY : this.#parts[this.#head]!.firstOffset
  }

  push(part: TailPart): void {
    this.#parts.push(part)
    this.bytes += part.bytes.length
  }

  shift(count: number): void {
    for (let n = 0; n < count; n++) {
      const { bytes, lease } = this.#parts[this.#head + n]!
      this.bytes -= bytes.length
      lease?.release()
    }
    this.#head += count
    if (this.#head === this.#parts.length) {
      this.#parts = []
      this.#head = 0
    } else if (this.#head > 1024) {
      this.#parts = this.#parts.slice(this.#head)
      this.#head = 0
    }
  }

  clear(): void {
    this.#parts = []
    this.#head = 0
    this.bytes = 0
  }

  /** Number of the part that holds `offset`, counted from the front; −1 when none does. */
  find(offset: number): number {
    let low = this.#head
    let high = this.#parts.length - 1
    while (low <= high) {
      const middle = (low + high) >>> 1
      if (this.#parts[middle]!.endOffset <= offset) low = middle + 1
      else high = middle - 1
    }
    return low < this.#parts.length ? low - this.#head : -1
  }

  part(n: number): TailPart {
    return this.#parts[this.#head + n]!
  }

  get count(): number {
    return this.#parts.length - this.#head
  }
}

/** Place of the first batch in `part` that ends at or after `offset`. */
export const findInPart = (part: TailPart, offset: number): { readonly position: number; readonly batchBytes: number } => {
  let at = 0
  while (lastOffset(part.bytes, at) < offset) at += batchBytes(part.bytes, at)
  return { position: part.position + at, batchBytes: batchBytes(part.bytes, at) }
}
