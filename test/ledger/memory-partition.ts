import type { LedgerPartition } from '../../src/ledger/index.ts'
import { type ErrorCode, Errors } from '../../src/protocol/index.ts'
import { batchBytes, lastOffset, nextBatchBytes, stampBatch } from '../../src/records/index.ts'

/** A partition in memory that this test leads: appends are in order at once, committed when the test (or `autoCommit`) says so. */
export class MemoryPartition implements LedgerPartition {
  logStartOffset = 0
  logEndOffset = 0
  highWatermark = 0
  batchBytesMax = 1_048_588
  epoch = 0
  /** What the next appends meet. */
  appendError: ErrorCode = Errors.NONE
  refusalError: ErrorCode = Errors.NONE
  onHighWatermark: ((highWatermark: number) => void) | undefined
  /** Runs after each append, with the partition: commits now, later or never. */
  afterAppend: ((partition: MemoryPartition) => void) | undefined = (partition) => partition.commit()
  readonly batches: Buffer[] = []

  static of(bytes: Buffer): MemoryPartition {
    const partition = new MemoryPartition()
    for (let at = 0; at < bytes.length; ) {
      const size = nextBatchBytes(bytes, at, bytes.length)
      partition.batches.push(bytes.subarray(at, at + size))
      partition.logEndOffset = lastOffset(bytes, at) + 1
      at += size
    }
    partition.highWatermark = partition.logEndOffset
    return partition
  }

  refusal(): ErrorCode {
    return this.refusalError
  }

  append(batch: Buffer): ErrorCode {
    if (this.appendError !== Errors.NONE) return this.appendError
    if (batchBytes(batch, 0) !== batch.length) throw new Error('one batch per append')
    stampBatch(batch, 0, this.logEndOffset, this.epoch)
    this.logEndOffset = lastOffset(batch, 0) + 1
    this.batches.push(batch)
    this.afterAppend?.(this)
    return Errors.NONE
  }

  commit(upTo = this.logEndOffset): void {
    this.highWatermark = Math.max(this.highWatermark, upTo)
    this.onHighWatermark?.(this.highWatermark)
  }

  /** What another leader finds: everything up to the high watermark, or more where more was replicated. */
  handOver(upTo = this.highWatermark): MemoryPartition {
    const next = MemoryPartition.of(Buffer.concat(this.batches.filter((batch) => lastOffset(batch, 0) < upTo)))
    next.epoch = this.epoch + 1
    return next
  }

  async read(offset: number, bytesMax: number): Promise<Buffer> {
    const found: Buffer[] = []
    let bytes = 0
    for (const batch of this.batches) {
      if (lastOffset(batch, 0) < offset) continue
      if (found.length > 0 && bytes + batch.length > bytesMax) break
      found.push(batch)
      bytes += batch.length
    }
    return Buffer.concat(found)
  }
}
