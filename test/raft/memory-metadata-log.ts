import { LogView } from '../../src/raft/core/log-view.ts'
import type { MetadataLog } from '../../src/raft/index.ts'
import { baseOffset, batchBytes, lastOffset, leaderEpoch } from '../../src/records/index.ts'

/** What survives a kill: shared by the lives of one log. */
export interface MemoryDisk {
  batches: Buffer[]
  startOffset: number
}
export const memoryDisk = (): MemoryDisk => ({ batches: [], startOffset: 0 })

/** A metadata log in memory that loses what was not flushed. */
export class MemoryMetadataLog implements MetadataLog {
  readonly #disk: MemoryDisk
  #batches: Buffer[]
  #view: LogView
  flushes = 0
  /** A flush waits for this. */
  gate: Promise<void> = Promise.resolve()
  failure: Error | undefined

  constructor(disk: MemoryDisk) {
    this.#disk = disk
    this.#batches = [...disk.batches]
    this.#view = new LogView(disk.startOffset, disk.startOffset, [])
    for (const batch of this.#batches) {
      if (lastOffset(batch, 0) >= disk.startOffset) this.#view.append(baseOffset(batch, 0), lastOffset(batch, 0), leaderEpoch(batch, 0))
    }
  }

  get startOffset(): number {
    return this.#view.startOffset
  }
  get endOffset(): number {
    return this.#view.endOffset
  }
  get epochs(): LogView['epochs'] {
    return this.#view.epochs
  }
  get bytes(): number {
    return this.#batches.reduce((sum, batch) => sum + batch.length, 0)
  }

  append(batches: Buffer): void {
    if (this.failure !== undefined) throw this.failure
    for (let at = 0; at < batches.length; at += batchBytes(batches, at)) {
      const batch = batches.subarray(at, at + batchBytes(batches, at))
      this.#view.append(baseOffset(batch, 0), lastOffset(batch, 0), leaderEpoch(batch, 0))
      this.#batches.push(batch)
    }
  }

  async flush(): Promise<void> {
    this.flushes++
    const batches = [...this.#batches]
    await this.gate
    if (this.failure !== undefined) throw this.failure
    this.#disk.batches = batches
  }

  async truncateTo(endOffset: number): Promise<void> {
    this.#view.truncateTo(endOffset)
    this.#batches = this.#batches.filter((batch) => baseOffset(batch, 0) < endOffset)
    this.#disk.batches = this.#disk.batches.filter((batch) => baseOffset(batch, 0) < endOffset)
  }

  async restartAt(offset: number): Promise<void> {
    this.#batches = []
    this.#view = new LogView(offset, offset, [])
    this.#disk.batches = []
    this.#disk.startOffset = offset
  }

  async deleteBefore(offset: number): Promise<void> {
    this.#view.cutBefore({ offset, epoch: this.#view.epochBefore(offset) ?? 0 })
    this.#batches = this.#batches.filter((batch) => lastOffset(batch, 0) >= offset)
    this.#disk.batches = this.#disk.batches.filter((batch) => lastOffset(batch, 0) >= offset)
    this.#disk.startOffset = offset
  }

  async read(offset: number, maxBytes: number): Promise<Buffer> {
    const batches: Buffer[] = []
    let bytes = 0
    for (const batch of this.#batches) {
      if (lastOffset(batch, 0) < offset) continue
      if (batches.length > 0 && bytes + batch.length > maxBytes) break
      batches.push(batch)
      bytes += batch.length
    }
    return Buffer.concat(batches)
  }

  setHighWatermark(): void {}
  async close(): Promise<void> {
    await this.flush()
  }
  async abandon(): Promise<void> {}
}
