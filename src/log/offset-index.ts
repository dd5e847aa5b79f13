import type { PooledFile } from './open-files.ts'
import { SparseIndex } from './sparse-index.ts'

const ENTRY_BYTES = 8
const relativeOffsetAt = (bytes: Buffer, at: number): number => bytes.readInt32BE(at)
const positionAt = (bytes: Buffer, at: number): number => bytes.readInt32BE(at + 4)

/**
 * Offset index: `relativeOffset int32, position int32`, one entry about every index.interval.bytes. An entry names the last
 * offset of the batch that starts at its position.
 */
export class OffsetIndex extends SparseIndex {
  readonly baseOffset: number

  constructor(file: PooledFile, baseOffset: number, fileBytes: number) {
    super(file, ENTRY_BYTES, fileBytes)
    this.baseOffset = baseOffset
  }

  append(lastOffset: number, position: number): void {
    const { bytes, at } = this.reserve()
    bytes.writeInt32BE(lastOffset - this.baseOffset, at)
    bytes.writeInt32BE(position, at + 4)
  }

  isFull(indexBytesMaximum: number): boolean {
    return this.count >= Math.floor(indexBytesMaximum / ENTRY_BYTES)
  }

  offset(n: number): number {
    const { bytes, at } = this.entry(n)
    return this.baseOffset + relativeOffsetAt(bytes, at)
  }

  position(n: number): number {
    const { bytes, at } = this.entry(n)
    return positionAt(bytes, at)
  }

  /** Entry number of the last entry at or below `offset`, or −1: start at position 0. */
  floorOffset(offset: number): number {
    return this.floor(offset - this.baseOffset, relativeOffsetAt)
  }

  /** Kafka's fetchUpperBoundOffset: the first indexed offset at or after `position`; undefined past the last entry. */
  offsetAtOrAfter(position: number): number | undefined {
    const below = this.floor(position - 1, positionAt)
    return below + 1 < this.count ? this.offset(below + 1) : undefined
  }

  async truncateTo(offset: number): Promise<void> {
    await this.truncate(this.floorOffset(offset - 1) + 1)
  }
}
