import { baseTimestamp, batchBytes, compressionOf, RECORDS_AT } from '../records/index.ts'

export interface EndMarker {
  readonly aborted: boolean
  readonly coordinatorEpoch: number
  readonly timestamp: number
}

const ABORT = 0
const COMMIT = 1

/** One zig-zag varint of at most 5 bytes; the position after it in `next`. */
let next = 0
const readVarint = (bytes: Buffer, at: number, end: number): number => {
  let value = 0
  for (let shift = 0; shift < 35 && at < end; shift += 7) {
    const byte = bytes[at++]!
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) {
      next = at
      return (value >>> 1) ^ -(value & 1)
    }
  }
  next = end + 1
  return 0
}

/**
 * The end-of-transaction marker in a control batch (EndTransactionMarker): key `version int16, type int16`, value
 * `version int16, coordinatorEpoch int32`. Undefined for other control batches and for ones that a cleaner has emptied.
 */
export const readEndMarker = (bytes: Buffer, at: number): EndMarker | undefined => {
  const end = Math.min(at + batchBytes(bytes, at), bytes.length)
  if (compressionOf(bytes, at) !== 0 || end - at <= RECORDS_AT) return undefined
  readVarint(bytes, at + RECORDS_AT, end)
  const timestampDelta = readVarint(bytes, next + 1, end)
  readVarint(bytes, next, end)
  const keyBytes = readVarint(bytes, next, end)
  const keyAt = next
  if (keyBytes < 4 || keyAt + keyBytes > end) return undefined
  const type = bytes.readInt16BE(keyAt + 2)
  const valueBytes = readVarint(bytes, keyAt + keyBytes, end)
  if ((type !== ABORT && type !== COMMIT) || valueBytes < 6 || next + valueBytes > end) return undefined
  return { aborted: type === ABORT, coordinatorEpoch: bytes.readInt32BE(next + 2), timestamp: baseTimestamp(bytes, at) + timestampDelta }
}
