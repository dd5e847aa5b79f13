import { metadataTopicUuid } from '../base/index.ts'
import type { Host } from '../host/index.ts'
import {
  appendAsFollower,
  defaultLogConfig,
  deleteSegmentsBefore,
  type LogConfig,
  OpenFiles,
  openLog,
  type PartitionLog,
  raiseLogStartOffset,
  readLog,
  truncateFullyAndStartAt,
  truncateTo,
} from '../log/index.ts'
import type { Histogram } from '../metrics/index.ts'
import { nextBatchBytes } from '../records/index.ts'
import type { EpochStart } from './core/log-view.ts'
import { type MetadataLog, metadataPartition, metadataTopic } from './metadata-log.ts'
import { batchBytesMax } from './snapshot-writer.ts'

/** Kafka's names: metadata.log.segment.bytes, metadata.log.segment.ms. */
export interface MetadataLogConfig {
  readonly segmentBytes: number
  readonly segmentMs: number
}
export const defaultMetadataLogConfig: MetadataLogConfig = { segmentBytes: 1024 * 1024 * 1024, segmentMs: 7 * 24 * 3_600_000 }

/** Segments with their indexes; the log has few of them. */
const openFilesMax = 64

/** Kafka's createLog of KafkaRaftLog: no retention of its own, snapshots decide what goes. */
const logConfig = ({ segmentBytes, segmentMs }: MetadataLogConfig): LogConfig => ({
  ...defaultLogConfig,
  segmentBytes,
  segmentMs,
  maxMessageBytes: batchBytesMax,
  retentionMs: -1,
  retentionBytes: -1,
})

/** The metadata log on a partition directory of Kafka's format. */
export class PartitionMetadataLog implements MetadataLog {
  readonly #log: PartitionLog

  constructor(log: PartitionLog) {
    this.#log = log
  }

  get startOffset(): number {
    return this.#log.logStartOffset
  }
  get endOffset(): number {
    return this.#log.logEndOffset
  }
  get epochs(): readonly EpochStart[] {
    return this.#log.epochs.entries
  }
  get bytes(): number {
    return this.#log.bytes
  }

  append(batches: Buffer, leaderEpoch: number): void {
    const { error } = appendAsFollower(this.#log, batches, leaderEpoch)
    if (error !== undefined) throw new Error(`the metadata log refused an append: ${error}`, { cause: this.#log.failure })
  }

  flush(): Promise<void> {
    return this.#log.flush()
  }

  async truncateTo(endOffset: number): Promise<void> {
    await truncateTo(this.#log, endOffset)
  }

  restartAt(offset: number): Promise<void> {
    return truncateFullyAndStartAt(this.#log, offset)
  }

  async deleteBefore(offset: number): Promise<void> {
    raiseLogStartOffset(this.#log, offset)
    await deleteSegmentsBefore(this.#log, offset)
  }

  async read(offset: number, maxBytes: number): Promise<Buffer> {
    const { error, records } = await readLog(this.#log, offset, maxBytes, { upTo: 'log-end', minOneMessage: true })
    if (error !== undefined) throw new Error(`the metadata log cannot be read at offset ${offset}: ${error}`, { cause: this.#log.failure })
    if (records === undefined) return Buffer.alloc(0)
    try {
      const bytes = Buffer.allocUnsafe(records.bytes)
      let filled = 0
      while (filled < bytes.length) {
        const count = await records.read(bytes.subarray(filled), filled)
        if (count === 0) break
        filled += count
      }
      return wholeBatches(bytes.subarray(0, filled))
    } finally {
      records.release?.()
    }
  }

  setHighWatermark(offset: number): void {
    this.#log.setHighWatermark(offset)
  }

  close(): Promise<void> {
    return this.#log.close()
  }

  abandon(): Promise<void> {
    return this.#log.abandon()
  }
}

const wholeBatches = (bytes: Buffer): Buffer => {
  let end = 0
  for (let size = nextBatchBytes(bytes, 0, bytes.length); size > 0; size = nextBatchBytes(bytes, end, bytes.length)) end += size
  return bytes.subarray(0, end)
}

/**
 * Opens the log as Kafka does, checking what may not have been flushed. Only what lies below `recoveryPoint` is known to be durable, so a
 * clean shutdown makes no difference.
 */
export const openPartitionMetadataLog = async (
  host: Pick<Host, 'clock' | 'random' | 'disk' | 'journal'>,
  directory: string,
  recoveryPoint: number,
  config: MetadataLogConfig = defaultMetadataLogConfig,
  flushMs?: Histogram,
): Promise<MetadataLog> => {
  const { clock, random, disk, journal } = host
  const context = {
    disk,
    clock,
    random,
    journal,
    files: new OpenFiles(disk, openFilesMax),
    rules: { transactionVerification: false, producerIdExpirationMs: Number.MAX_SAFE_INTEGER },
    failed: () => {},
    ...(flushMs && { flushMs }),
  }
  const identity = { topic: metadataTopic, partition: metadataPartition, tracksProducers: false }
  const log = await openLog(identity, { path: directory }, logConfig(config), context, { logStartOffset: 0, recoveryPoint, clean: false })
  if (log.topicId === undefined) log.assignTopicId(metadataTopicUuid)
  return new PartitionMetadataLog(log)
}
