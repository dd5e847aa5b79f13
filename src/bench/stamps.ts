import type { RecordChunk } from '../client/index.ts'

/**
 * A time within a value, in its first bytes:
 *
 *   0 whose it is, 4 · which of them, 4 · milliseconds of the sender's monotonic clock, 8
 */
export const STAMP_BYTES = 16

/** Stamps the values of one load, each once. */
export class Stamps {
  readonly #mark: number
  #count = 0
  /** A bit for each that was read. */
  #seen = new Uint8Array(1024)

  /** `mark`: 32 bits that others do not begin their values with. */
  constructor(mark: number) {
    this.#mark = mark
  }

  write(bytes: Buffer, at: number, sentMs: number): void {
    bytes.writeUInt32BE(this.#mark, at)
    bytes.writeUInt32BE(this.#count++ >>> 0, at + 4)
    bytes.writeDoubleBE(sentMs, at + 8)
  }

  /** Calls for each record that carries one of these stamps, for the first that does: a batch that a producer sent again may lie there twice. */
  read(chunk: Pick<RecordChunk, 'next' | 'cursor'>, take: (sentMs: number, bytes: number) => void): number {
    let count = 0
    while (chunk.next()) {
      const { bytes, valueAt, valueLength } = chunk.cursor
      if (valueLength < STAMP_BYTES || bytes.readUInt32BE(valueAt) !== this.#mark || !this.#isNew(bytes.readUInt32BE(valueAt + 4))) continue
      count++
      take(bytes.readDoubleBE(valueAt + 8), valueLength)
    }
    return count
  }

  #isNew(number: number): boolean {
    if (number >= this.#count) return false
    const at = number >>> 3
    if (at >= this.#seen.length) {
      const more = new Uint8Array(Math.max(at + 1, this.#seen.length * 2))
      more.set(this.#seen)
      this.#seen = more
    }
    const bit = 1 << (number & 7)
    const before = this.#seen[at]!
    this.#seen[at] = before | bit
    return (before & bit) === 0
  }
}
