import type { EpochStart } from './core/log-view.ts'

export const metadataTopic = '__cluster_metadata'
export const metadataPartition = 0
export const metadataDirectoryName = `${metadataTopic}-${metadataPartition}`

/**
 * What raft needs of its log on disk. Batches come and go whole, with offsets and epochs in them. Steps take effect in the order of
 * the calls; after a failure all reject.
 */
export interface MetadataLog {
  readonly startOffset: number
  readonly endOffset: number
  readonly epochs: readonly EpochStart[]
  /** Size of all segments. */
  readonly bytes: number
  /** Takes whole batches that continue the log, on the caller's turn; `flush` makes them durable. Throws when the log has failed. */
  append(batches: Buffer, leaderEpoch: number): void
  /** Resolves when all that was appended survives power loss. */
  flush(): Promise<void>
  truncateTo(endOffset: number): Promise<void>
  /** Drops everything and goes on, empty, at an offset: a snapshot stands for what was before. */
  restartAt(offset: number): Promise<void>
  /** Moves the start; segments wholly before it are removed. */
  deleteBefore(offset: number): Promise<void>
  /** Whole batches from the one that holds `offset` on: at least one, and no more than `maxBytes` beyond it. Empty at the end. */
  read(offset: number, maxBytes: number): Promise<Buffer>
  setHighWatermark(offset: number): void
  close(): Promise<void>
  /** Drops what is not on disk. */
  abandon(): Promise<void>
}
