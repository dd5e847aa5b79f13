import { Codec, compress } from './compression.ts'
import * as layout from './layout.ts'
import { RecordCursor } from './record-cursor.ts'
import { varintBytes, writeVarint } from './varint.ts'

/** What survives of the attributes: a producer has no business with a delete horizon. */
const KEPT_ATTRIBUTES = layout.TIMESTAMP_TYPE_MASK | layout.TRANSACTIONAL_MASK | layout.CONTROL_MASK
const DELTA_BYTES_MAX = 5

/**
 * A copy of the batch at `at` with its records (unpacked in records[start, end)) in another codec, and with offset deltas 0, 1, 2, … when
 * they are not right. Everything else, timestamps above all, keeps its bytes. Length and checksum are left to `sealBatch`.
 */
export const convertBatch = (
  batch: Buffer,
  at: number,
  records: Buffer,
  start: number,
  end: number,
  codec: number,
  level: number | undefined,
  offsetsRight: boolean,
): Buffer => {
  const plain = offsetsRight ? records.subarray(start, end) : renumbered(batch, at, records, start, end)
  const payload = codec === Codec.none ? plain : compress(codec, plain, level)
  const converted = Buffer.allocUnsafe(layout.RECORDS_AT + payload.length)
  batch.copy(converted, 0, at, at + layout.RECORDS_AT)
  payload.copy(converted, layout.RECORDS_AT)
  converted.writeInt16BE((layout.attributes(batch, at) & KEPT_ATTRIBUTES) | codec, layout.ATTRIBUTES_AT)
  converted.writeInt32BE(converted.length - layout.LOG_OVERHEAD, layout.BATCH_LENGTH_AT)
  return converted
}

const renumbered = (batch: Buffer, at: number, records: Buffer, start: number, end: number): Buffer => {
  const count = layout.recordCount(batch, at)
  const cursor = new RecordCursor().openRecords(batch, at, records, start, end)
  // A longer delta may lengthen the record's own length field as well.
  const output = Buffer.allocUnsafe(end - start + 2 * DELTA_BYTES_MAX * count)
  let position = 0
  while (cursor.next()) {
    const contentBytes = cursor.recordEnd - cursor.keyLengthAt
    const leadBytes = cursor.offsetDeltaAt - cursor.attributesAt
    position = writeVarint(output, position, leadBytes + varintBytes(cursor.index) + contentBytes)
    position += records.copy(output, position, cursor.attributesAt, cursor.offsetDeltaAt)
    position = writeVarint(output, position, cursor.index)
    position += records.copy(output, position, cursor.keyLengthAt, cursor.recordEnd)
  }
  return output.subarray(0, position)
}
