/**
 * Record batch, magic 2, as it lies on the wire and on disk (KIP-98; Kafka's DefaultRecordBatch). Big-endian.
 *
 *     0  baseOffset            int64      21  attributes           int16
 *     8  batchLength           int32      23  lastOffsetDelta      int32
 *    12  partitionLeaderEpoch  int32      27  baseTimestamp        int64
 *    16  magic                 int8       35  maxTimestamp         int64
 *    17  crc (CRC32C)          uint32     43  producerId           int64
 *                                         51  producerEpoch        int16
 *                                         53  baseSequence         int32
 *                                         57  recordCount          int32
 *                                         61  records …
 *
 * batchLength counts from byte 12; the crc covers byte 21 to the end, so base offset and leader epoch are stamped without touching it.
 * All functions take the buffer and the position of the batch in it: a batch is never an object.
 */
export const BASE_OFFSET_AT = 0
export const BATCH_LENGTH_AT = 8
export const LEADER_EPOCH_AT = 12
export const MAGIC_AT = 16
export const CRC_AT = 17
export const ATTRIBUTES_AT = 21
export const LAST_OFFSET_DELTA_AT = 23
export const BASE_TIMESTAMP_AT = 27
export const MAX_TIMESTAMP_AT = 35
export const PRODUCER_ID_AT = 43
export const PRODUCER_EPOCH_AT = 51
export const BASE_SEQUENCE_AT = 53
export const RECORD_COUNT_AT = 57
export const RECORDS_AT = 61

/** Offset and length: what precedes the part that batchLength counts, in every magic. */
export const LOG_OVERHEAD = 12
/** Enough bytes of a batch to tell its magic. */
export const HEADER_UP_TO_MAGIC = 17
export const CURRENT_MAGIC = 2
export const NO_PRODUCER_ID = -1
export const NO_PRODUCER_EPOCH = -1
export const NO_SEQUENCE = -1
export const NO_TIMESTAMP = -1
export const NO_LEADER_EPOCH = -1

export const COMPRESSION_MASK = 0x07
export const TIMESTAMP_TYPE_MASK = 0x08
export const TRANSACTIONAL_MASK = 0x10
export const CONTROL_MASK = 0x20
export const DELETE_HORIZON_MASK = 0x40

const TWO_32 = 4294967296

/** An int64 as a number; exact within ±2^53, which every offset, producer id and sane timestamp is. */
export const readInt64 = (bytes: Buffer, at: number): number => bytes.readInt32BE(at) * TWO_32 + bytes.readUInt32BE(at + 4)

export const writeInt64 = (bytes: Buffer, at: number, value: number): void => {
  bytes.writeInt32BE(Math.floor(value / TWO_32), at)
  bytes.writeUInt32BE(value >>> 0, at + 4)
}

export const baseOffset = (bytes: Buffer, at: number): number => readInt64(bytes, at + BASE_OFFSET_AT)
/** The whole batch in bytes, offset and length fields included. */
export const batchBytes = (bytes: Buffer, at: number): number => bytes.readInt32BE(at + BATCH_LENGTH_AT) + LOG_OVERHEAD
export const leaderEpoch = (bytes: Buffer, at: number): number => bytes.readInt32BE(at + LEADER_EPOCH_AT)
export const magic = (bytes: Buffer, at: number): number => bytes[at + MAGIC_AT]!
export const storedCrc = (bytes: Buffer, at: number): number => bytes.readUInt32BE(at + CRC_AT)
export const attributes = (bytes: Buffer, at: number): number => bytes.readInt16BE(at + ATTRIBUTES_AT)
export const lastOffsetDelta = (bytes: Buffer, at: number): number => bytes.readInt32BE(at + LAST_OFFSET_DELTA_AT)
export const lastOffset = (bytes: Buffer, at: number): number => baseOffset(bytes, at) + lastOffsetDelta(bytes, at)
/** Base timestamp, or the delete horizon when `hasDeleteHorizon`. */
export const baseTimestamp = (bytes: Buffer, at: number): number => readInt64(bytes, at + BASE_TIMESTAMP_AT)
export const maxTimestamp = (bytes: Buffer, at: number): number => readInt64(bytes, at + MAX_TIMESTAMP_AT)
export const producerId = (bytes: Buffer, at: number): number => readInt64(bytes, at + PRODUCER_ID_AT)
export const producerEpoch = (bytes: Buffer, at: number): number => bytes.readInt16BE(at + PRODUCER_EPOCH_AT)
export const baseSequence = (bytes: Buffer, at: number): number => bytes.readInt32BE(at + BASE_SEQUENCE_AT)
export const recordCount = (bytes: Buffer, at: number): number => bytes.readInt32BE(at + RECORD_COUNT_AT)

export const compressionOf = (bytes: Buffer, at: number): number => attributes(bytes, at) & COMPRESSION_MASK
export const isLogAppendTime = (bytes: Buffer, at: number): boolean => (attributes(bytes, at) & TIMESTAMP_TYPE_MASK) !== 0
export const isTransactional = (bytes: Buffer, at: number): boolean => (attributes(bytes, at) & TRANSACTIONAL_MASK) !== 0
export const isControl = (bytes: Buffer, at: number): boolean => (attributes(bytes, at) & CONTROL_MASK) !== 0
/** KIP-534: the base timestamp field holds the time after which tombstones and markers may go. */
export const hasDeleteHorizon = (bytes: Buffer, at: number): boolean => (attributes(bytes, at) & DELETE_HORIZON_MASK) !== 0

/** Sequence arithmetic wraps at 2^31 (KIP-98). */
export const addSequence = (sequence: number, increment: number): number =>
  sequence > 0x7fffffff - increment ? increment - (0x7fffffff - sequence) - 1 : sequence + increment
export const lastSequence = (bytes: Buffer, at: number): number => {
  const first = baseSequence(bytes, at)
  return first === NO_SEQUENCE ? NO_SEQUENCE : addSequence(first, lastOffsetDelta(bytes, at))
}

/** What the leader does on append: both fields lie outside the crc. */
export const stampBatch = (bytes: Buffer, at: number, offset: number, epoch: number): void => {
  writeInt64(bytes, at + BASE_OFFSET_AT, offset)
  bytes.writeInt32BE(epoch, at + LEADER_EPOCH_AT)
}
