import { BatchBuilder, type BatchOptions, emptyBatch } from './batch-builder.ts'
import { DECOMPRESSED_BYTES_MAX } from './compression.ts'
import * as layout from './layout.ts'
import { LEGACY_ATTRIBUTES_AT, LEGACY_TIMESTAMP_AT } from './legacy-layout.ts'
import { RecordCursor } from './record-cursor.ts'

/** What becomes of a batch: gone unread; gone when no record stays; kept as an empty header when no record stays. */
export type BatchRetention = 'delete' | 'delete-empty' | 'retain-empty'

/** Compaction's answers, batch by batch and record by record (Kafka's RecordFilter). */
export interface RecordFilter {
  /** Called for every batch, also for those of magic 0 and 1. */
  retentionOf(bytes: Buffer, at: number): BatchRetention
  /** Whether the batch is a marker whose transaction has no records left, so that its delete horizon starts now (asked after `retentionOf`). */
  endsEmptyTransaction(bytes: Buffer, at: number): boolean
  retains(bytes: Buffer, at: number, cursor: RecordCursor): boolean
  /** The delete horizon that tombstones and markers get which have none yet: now + delete.retention.ms (KIP-534). */
  deleteHorizon: number
}

export interface FilterTotals {
  recordsRead: number
  recordsRetained: number
  bytesRead: number
  bytesRetained: number
}

const cursor = new RecordCursor()

/**
 * The batch at `at` as compaction leaves it: a view of the original when every record stays, null when it goes, else a new batch. A new one
 * keeps base and last offset, producer fields, leader epoch, codec and LogAppendTime timestamp (Kafka's MemoryRecords.filterTo); batches of
 * magic 0 and 1 come out as magic 2. Adds to `totals`. Throws as RecordCursor does.
 */
export const filterBatch = (
  bytes: Buffer,
  at: number,
  filter: RecordFilter,
  totals: FilterTotals,
  limitBytes = DECOMPRESSED_BYTES_MAX,
): Buffer | null => {
  const size = layout.batchBytes(bytes, at)
  const retention = filter.retentionOf(bytes, at)
  totals.bytesRead += size
  if (retention === 'delete') return null
  const retained = retainedRecords(bytes, at, filter, totals, limitBytes)
  if (retained.count === 0) {
    if (retention === 'delete-empty') return null
    return counted(totals, emptyBatch(keptOptions(bytes, at), layout.lastOffset(bytes, at), layout.maxTimestamp(bytes, at)))
  }
  totals.recordsRetained += retained.count
  const isCurrent = layout.magic(bytes, at) === layout.CURRENT_MAGIC
  const hasHorizon = isCurrent && layout.hasDeleteHorizon(bytes, at)
  const needsHorizon = !hasHorizon && (retained.tombstones || filter.endsEmptyTransaction(bytes, at))
  if (isCurrent && retained.count === retained.flags.length && !needsHorizon) return counted(totals, bytes.subarray(at, at + size))
  const horizon = needsHorizon ? filter.deleteHorizon : hasHorizon ? layout.baseTimestamp(bytes, at) : undefined
  return counted(totals, rebuilt(bytes, at, retained, horizon, limitBytes))
}

const counted = (totals: FilterTotals, batch: Buffer): Buffer => {
  totals.bytesRetained += batch.length
  return batch
}

interface Retained {
  /** One flag per record. */
  flags: boolean[]
  count: number
  tombstones: boolean
  firstOffset: number
  bytes: number
}

const retainedRecords = (bytes: Buffer, at: number, filter: RecordFilter, totals: FilterTotals, limitBytes: number): Retained => {
  const retained: Retained = { flags: [], count: 0, tombstones: false, firstOffset: -1, bytes: 0 }
  cursor.open(bytes, at, limitBytes)
  while (cursor.next()) {
    totals.recordsRead++
    const stays = filter.retains(bytes, at, cursor)
    retained.flags.push(stays)
    if (!stays) continue
    if (retained.count++ === 0) retained.firstOffset = cursor.offset
    retained.bytes += cursor.recordEnd - cursor.recordAt
    if (cursor.valueLength < 0) retained.tombstones = true
  }
  return retained
}

const rebuilt = (bytes: Buffer, at: number, retained: Retained, horizon: number | undefined, limitBytes: number): Buffer => {
  const isCurrent = layout.magic(bytes, at) === layout.CURRENT_MAGIC
  const builder = new BatchBuilder({
    ...(isCurrent ? keptOptions(bytes, at) : legacyOptions(bytes, at, retained.firstOffset)),
    ...(horizon !== undefined && { deleteHorizon: horizon }),
    codec: isCurrent ? layout.compressionOf(bytes, at) : legacyAttributes(bytes, at) & 0x07,
    initialBytes: layout.RECORDS_AT + 64 + retained.bytes + 10 * retained.count,
  })
  cursor.open(bytes, at, limitBytes)
  while (cursor.next()) {
    if (!retained.flags[cursor.index]) continue
    if (isCurrent) builder.appendRecord(cursor, cursor.offset)
    else builder.appendAt(cursor.offset, cursor.timestamp, cursor.key(), cursor.value())
  }
  return builder.close(isCurrent ? layout.lastOffset(bytes, at) : undefined)
}

const keptOptions = (bytes: Buffer, at: number): BatchOptions => ({
  baseOffset: layout.baseOffset(bytes, at),
  leaderEpoch: layout.leaderEpoch(bytes, at),
  producerId: layout.producerId(bytes, at),
  producerEpoch: layout.producerEpoch(bytes, at),
  baseSequence: layout.baseSequence(bytes, at),
  transactional: layout.isTransactional(bytes, at),
  control: layout.isControl(bytes, at),
  ...(layout.isLogAppendTime(bytes, at) && { logAppendTime: layout.maxTimestamp(bytes, at) }),
})

const legacyAttributes = (bytes: Buffer, at: number): number => bytes[at + LEGACY_ATTRIBUTES_AT]!

/** Magic 0 has no timestamp type: it becomes CreateTime with timestamps of -1. */
const legacyOptions = (bytes: Buffer, at: number, firstOffset: number): BatchOptions => {
  const isLogAppendTime = layout.magic(bytes, at) === 1 && (legacyAttributes(bytes, at) & layout.TIMESTAMP_TYPE_MASK) !== 0
  return { baseOffset: firstOffset, ...(isLogAppendTime && { logAppendTime: layout.readInt64(bytes, at + LEGACY_TIMESTAMP_AT) }) }
}
