import { readInt64, writeInt64 } from '../records/index.ts'
import type { PooledFile } from './open-files.ts'
import { SparseIndex } from './sparse-index.ts'

const ENTRY_BYTES = 12
const timestampAt = (bytes: Buffer, at: number): number => readInt64(bytes, at)
const relativeOffsetAt = (bytes: Buffer, at: number): number => bytes.readInt32BE(at + 8)

/**
 * Time index: `timestamp int64, relativeOffset int32`; timestamps rise. An entry says: up to this offset no record is
 * younger than this timestamp.
 */
export class TimeIndex extends SparseIndex {
  readonly baseOffset: number
  #lastTimestamp: number | undefined

  constructor(file: PooledFile, baseOffset: number, fileBytes: number) {
    super(file, ENTRY_BYTES, fileBytes)
    this.baseOffset = baseOffset
  }

  /** Appends unless the timestamp is no later than the last one. Needs `lastTimestamp` to be readable. */
  maybeAppend(timestamp: number, offset: number): void {
    if (timestamp <= this.lastTimestamp()) return
    const { bytes, at } = this.reserve()
    writeInt64(bytes, at, timestamp)
    bytes.writeInt32BE(offset - this.baseOffset, at + 8)
    this.#lastTimestamp = timestamp
  }

  /** One entry of a full index is kept for the roll. */
  isFull(indexBytesMaximum: number): boolean {
    return this.count >= Math.floor(indexBytesMaximum / ENTRY_BYTES) - 1
  }

  lastTimestamp(): number {
    this.#lastTimestamp ??= this.count === 0 ? -1 : this.timestamp(this.count - 1)
    return this.#lastTimestamp
  }

  timestamp(n: number): number {
    const { bytes, at } = this.entry(n)
    return timestampAt(bytes, at)
  }

  offset(n: number): number {
    const { bytes, at } = this.entry(n)
    return this.baseOffset + relativeOffsetAt(bytes, at)
  }

  /** Entry number of the last entry at or before `timestamp`, or −1. */
  floorTimestamp(timestamp: number): number {
    return this.floor(timestamp, timestampAt)
  }

  /** Drops entries at or beyond `offset`. */
  async truncateTo(offset: number): Promise<void> {
    const kept = this.floor(offset - this.baseOffset - 1, relativeOffsetAt) + 1
    this.#lastTimestamp = undefined
    await this.truncate(kept)
  }

  override async reset(): Promise<void> {
    this.#lastTimestamp = undefined
    await super.reset()
  }
}
