import { BAD_BATCH, NO_BATCH, nextBatchBytes } from './batch-set.ts'
import { DECOMPRESSED_BYTES_MAX } from './compression.ts'
import { type Header, RecordCursor } from './record-cursor.ts'
import { corruptRecord } from './rejection.ts'

/** One record as an object, for clients and tools; brokers use RecordCursor. Key, value and header values are views of the bytes read. */
export interface ReadRecord {
  offset: number
  /** Rounded beyond 2^53. */
  timestamp: number
  key: Buffer | null
  value: Buffer | null
  headers: Header[]
  /** Position of the record's batch in the bytes read, for what only the batch knows. */
  batchAt: number
}

/**
 * Every record of the whole batches in bytes[start, end), control records too; an incomplete batch at the end is left out. Checksums are not
 * looked at. Throws as RecordCursor does, and CORRUPT_MESSAGE where no batch can be.
 */
export function* readRecords(bytes: Buffer, start = 0, end = bytes.length, limitBytes = DECOMPRESSED_BYTES_MAX): Generator<ReadRecord> {
  const cursor = new RecordCursor()
  for (let at = start, size = 0; ; at += size) {
    size = nextBatchBytes(bytes, at, end)
    if (size === BAD_BATCH) throw corruptRecord(`no batch can have such a size or magic, at position ${at}`)
    if (size === NO_BATCH) return
    cursor.open(bytes, at, limitBytes, end)
    while (cursor.next()) {
      const { offset, timestamp } = cursor
      yield { offset, timestamp, key: cursor.key(), value: cursor.value(), headers: cursor.headers(), batchAt: at }
    }
  }
}
