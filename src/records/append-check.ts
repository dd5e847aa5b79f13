import { type ErrorCode, Errors, KafkaError } from '../protocol/index.ts'
import { sealBatch } from './batch-builder.ts'
import { convertBatch } from './batch-conversion.ts'
import { BAD_BATCH, isBatchValid, NO_BATCH, nextBatchBytes } from './batch-set.ts'
import { Codec, DECOMPRESSED_BYTES_MAX, decompress, isKnownCodec } from './compression.ts'
import * as layout from './layout.ts'
import { giveBack } from './memory-return.ts'
import { examineRecords } from './record-examination.ts'
import { walk, walkRecords } from './record-walk.ts'

/** Who appends: what a client sends is trusted least (Kafka's AppendOrigin; replication does not come this way). */
export type AppendOrigin = 'client' | 'coordinator' | 'raft-leader'

/** What a topic asks of the batches appended to it. One object per partition or topic, not per append. */
export interface AppendRules {
  origin: AppendOrigin
  /** max.message.bytes; not applied to what the raft leader appends. */
  messageBytesMax: number
  /** cleanup.policy contains compact: every record needs a key. */
  compacted: boolean
  /** message.timestamp.type is LogAppendTime. */
  logAppendTime: boolean
  timestampBeforeMaxMs: number
  timestampAfterMaxMs: number
  /** compression.type: a codec, or undefined for `producer`, which keeps what comes. */
  codec?: number
  level?: number
  /** False for Produce before version 7, which does not know zstd (KIP-110). */
  zstdAllowed?: boolean
  decompressedBytesMax?: number
}

export interface RecordError {
  /** Index of the record within its batch. */
  batchIndex: number
  message: string
}

/**
 * The outcome of `checkAppend`: an error, or the batch to append. Meant to be reused; every check overwrites it.
 * Nothing is written to the producer's bytes before `stampAppend`.
 */
export class AppendCheck {
  error: ErrorCode = Errors.NONE
  message = ''
  /** The records at fault, at most RECORD_ERRORS_MAX of them. */
  recordErrors: RecordError[] = []

  /** The batch to append: the producer's own bytes, or a converted copy. */
  bytes: Buffer = Buffer.alloc(0)
  at = 0
  size = 0
  recordCount = 0
  /** Of the records, or the time of the append where the topic says LogAppendTime. */
  maxTimestamp: number = layout.NO_TIMESTAMP
  /** Whether `bytes` is a copy with another codec, or with offset deltas set right. */
  converted = false

  /** Header fields that `stampAppend` has to bring in line with the records or the topic. */
  stampsTimestamp = false
  logAppendTime = false
  /** The maximum timestamp when it lies beyond what a number holds. */
  exactMaxTimestamp: bigint | null = null
}

const reject = (check: AppendCheck, error: ErrorCode, message: string): boolean => {
  check.error = error
  check.message = message
  return false
}

const begin = (check: AppendCheck): void => {
  check.error = Errors.NONE
  if (check.message !== '') check.message = ''
  if (check.recordErrors.length > 0) check.recordErrors = []
  check.converted = false
  check.exactMaxTimestamp = null
}

/**
 * Checks one record set in bytes[start, end) as Kafka does before an append (ProduceRequest.validateRecords, UnifiedLog's analysis,
 * LogValidator), in its order. True: `check` describes the batch, an incomplete one behind it is not part of it. False: `check.error`.
 *
 * Differs from Kafka where that stores what no consumer can read: record lengths are also checked in compressed batches, and wrong offset
 * deltas are set right (Kafka stores them when uncompressed and fails on them when compressed). An unknown codec is
 * UNSUPPORTED_COMPRESSION_TYPE and a malformed compressed stream CORRUPT_MESSAGE; Kafka answers both with UNKNOWN_SERVER_ERROR.
 */
export const checkAppend = (
  bytes: Buffer,
  start: number,
  end: number,
  rules: AppendRules,
  now: number,
  partition: string,
  check: AppendCheck,
): boolean => {
  begin(check)
  const size = nextBatchBytes(bytes, start, end)
  return (
    isOneBatch(bytes, start, end, size, rules, partition, check) &&
    isIntact(bytes, start, size, rules, partition, check) &&
    (rules.origin !== 'client' || isClientBatch(bytes, start, partition, check)) &&
    areRecordsRight(bytes, start, size, rules, now, partition, check)
  )
}

/** What a produce request is refused for before any partition is looked at (ProduceRequest.validateRecords): NONE when it is one batch. */
export const oneBatchError = (bytes: Buffer, zstdAllowed: boolean): ErrorCode => {
  const check = new AppendCheck()
  isOneBatch(bytes, 0, bytes.length, nextBatchBytes(bytes, 0, bytes.length), { zstdAllowed }, '', check)
  return check.error
}

const isOneBatch = (
  bytes: Buffer,
  at: number,
  end: number,
  size: number,
  rules: Pick<AppendRules, 'zstdAllowed'>,
  partition: string,
  check: AppendCheck,
): boolean => {
  if (size === BAD_BATCH) return reject(check, Errors.CORRUPT_MESSAGE, `No record batch has such a size or magic, in ${partition}`)
  if (size === NO_BATCH) return reject(check, Errors.INVALID_RECORD, `No record batch for ${partition}`)
  if (layout.magic(bytes, at) !== layout.CURRENT_MAGIC) {
    return reject(check, Errors.INVALID_RECORD, `Only record batches of magic 2 are accepted, not magic ${layout.magic(bytes, at)}`)
  }
  const codec = layout.compressionOf(bytes, at)
  if (codec === Codec.zstd && rules.zstdAllowed === false) {
    return reject(check, Errors.UNSUPPORTED_COMPRESSION_TYPE, 'zstd needs Produce version 7 or later')
  }
  const next = nextBatchBytes(bytes, at + size, end)
  if (next === BAD_BATCH)
    return reject(check, Errors.CORRUPT_MESSAGE, `Bytes that cannot be a batch behind the record batch for ${partition}`)
  if (next !== NO_BATCH) return reject(check, Errors.INVALID_RECORD, `More than one record batch for ${partition}`)
  return true
}

const isIntact = (bytes: Buffer, at: number, size: number, rules: AppendRules, partition: string, check: AppendCheck): boolean => {
  if (size < layout.RECORDS_AT) return reject(check, Errors.CORRUPT_MESSAGE, `A record batch of ${size} bytes in ${partition}`)
  if (rules.origin === 'client' && layout.baseOffset(bytes, at) !== 0) {
    return reject(check, Errors.INVALID_RECORD, `The base offset for ${partition} must be 0, not ${layout.baseOffset(bytes, at)}`)
  }
  if (rules.origin !== 'raft-leader' && size > rules.messageBytesMax) {
    return reject(check, Errors.MESSAGE_TOO_LARGE, `A record batch of ${size} bytes for ${partition}, which takes ${rules.messageBytesMax}`)
  }
  if (!isBatchValid(bytes, at, size)) {
    return reject(
      check,
      Errors.CORRUPT_MESSAGE,
      `The record batch for ${partition} does not match its checksum, ${layout.storedCrc(bytes, at)}`,
    )
  }
  const codec = layout.compressionOf(bytes, at)
  if (!isKnownCodec(codec)) return reject(check, Errors.UNSUPPORTED_COMPRESSION_TYPE, `No codec has the id ${codec}`)
  return true
}

const isClientBatch = (bytes: Buffer, at: number, partition: string, check: AppendCheck): boolean => {
  const offsets = layout.lastOffsetDelta(bytes, at) + 1
  const count = layout.recordCount(bytes, at)
  if (offsets <= 0) return reject(check, Errors.INVALID_RECORD, `A record batch of ${offsets} offsets for ${partition}`)
  if (count <= 0) return reject(check, Errors.INVALID_RECORD, `A record batch that declares ${count} records for ${partition}`)
  if (offsets !== count) {
    return reject(check, Errors.INVALID_RECORD, `A record batch of ${offsets} offsets that declares ${count} records for ${partition}`)
  }
  if (layout.isControl(bytes, at)) return reject(check, Errors.INVALID_RECORD, `Control records from a client for ${partition}`)
  if (layout.producerId(bytes, at) > layout.NO_PRODUCER_ID && layout.baseSequence(bytes, at) < 0) {
    return reject(check, Errors.INVALID_RECORD, `Sequence ${layout.baseSequence(bytes, at)} from an idempotent producer for ${partition}`)
  }
  return true
}

const areRecordsRight = (
  bytes: Buffer,
  at: number,
  size: number,
  rules: AppendRules,
  now: number,
  partition: string,
  check: AppendCheck,
): boolean => {
  const codec = layout.compressionOf(bytes, at)
  try {
    let records = bytes
    let recordsAt = at + layout.RECORDS_AT
    let recordsEnd = at + size
    if (codec !== Codec.none) {
      records = decompress(codec, bytes, recordsAt, recordsEnd, rules.decompressedBytesMax ?? DECOMPRESSED_BYTES_MAX)
      recordsAt = 0
      recordsEnd = records.length
    }
    check.recordCount = layout.recordCount(bytes, at)
    let offsetsRight = true
    if (!quickCheck(bytes, at, records, recordsAt, recordsEnd, rules, now, check)) {
      const examined = examineRecords(bytes, at, records, recordsAt, recordsEnd, rules, now, partition, check)
      if (check.error !== Errors.NONE) return false
      offsetsRight = examined
    }
    planStamp(bytes, at, rules, now, check)
    const taken = takeBatch(bytes, at, size, records, recordsAt, recordsEnd, codec, offsetsRight, rules, partition, check)
    if (codec !== Codec.none && !check.converted) giveBack(records)
    return taken
  } catch (cause) {
    if (!(cause instanceof KafkaError)) throw cause
    check.recordErrors = []
    return reject(check, cause.code as ErrorCode, `${cause.message}, in ${partition}`)
  }
}

/** The usual batch, in one walk: false when anything about it needs the slow examination. Leaves the maximum timestamp in `check`. */
const quickCheck = (
  bytes: Buffer,
  at: number,
  records: Buffer,
  recordsAt: number,
  recordsEnd: number,
  rules: AppendRules,
  now: number,
  check: AppendCheck,
): boolean => {
  if (check.recordCount <= 0 || layout.isLogAppendTime(bytes, at)) return false
  if (!walkRecords(records, recordsAt, recordsEnd, check.recordCount, rules.compacted)) return false
  if (rules.logAppendTime) return true
  const base = layout.baseTimestamp(bytes, at)
  const low = Math.max(now - rules.timestampBeforeMaxMs, Number.MIN_SAFE_INTEGER)
  const high = Math.min(now + rules.timestampAfterMaxMs, Number.MAX_SAFE_INTEGER)
  if (!Number.isSafeInteger(base) || base + walk.timestampDeltaMin < low || base + walk.timestampDeltaMax > high) return false
  check.maxTimestamp = Math.max(layout.NO_TIMESTAMP, base + walk.timestampDeltaMax)
  return true
}

const planStamp = (bytes: Buffer, at: number, rules: AppendRules, now: number, check: AppendCheck): void => {
  check.logAppendTime = rules.logAppendTime
  if (rules.logAppendTime) {
    check.maxTimestamp = now
    check.exactMaxTimestamp = null
  }
  const stored = check.exactMaxTimestamp === null ? layout.maxTimestamp(bytes, at) : bytes.readBigInt64BE(at + layout.MAX_TIMESTAMP_AT)
  check.stampsTimestamp =
    layout.isLogAppendTime(bytes, at) !== rules.logAppendTime || stored !== (check.exactMaxTimestamp ?? check.maxTimestamp)
}

const takeBatch = (
  bytes: Buffer,
  at: number,
  size: number,
  records: Buffer,
  recordsAt: number,
  recordsEnd: number,
  codec: number,
  offsetsRight: boolean,
  rules: AppendRules,
  partition: string,
  check: AppendCheck,
): boolean => {
  // Control records are not compressed unless they come compressed.
  const target = codec === Codec.none && layout.isControl(bytes, at) ? codec : (rules.codec ?? codec)
  if (offsetsRight && target === codec) {
    check.bytes = bytes
    check.at = at
    check.size = size
    return true
  }
  const level = rules.codec === target ? rules.level : undefined
  check.bytes = convertBatch(bytes, at, records, recordsAt, recordsEnd, target, level, offsetsRight)
  check.at = 0
  check.size = check.bytes.length
  check.converted = true
  if (rules.origin !== 'raft-leader' && check.size > rules.messageBytesMax) {
    return reject(
      check,
      Errors.MESSAGE_TOO_LARGE,
      `A record batch of ${check.size} bytes after conversion for ${partition}, which takes ${rules.messageBytesMax}`,
    )
  }
  return true
}

/**
 * Makes a checked batch the log's: base offset and leader epoch, and where needed the maximum timestamp, the timestamp type and with them
 * the checksum.
 */
export const stampAppend = (check: AppendCheck, baseOffset: number, leaderEpoch: number): void => {
  const { bytes, at } = check
  layout.stampBatch(bytes, at, baseOffset, leaderEpoch)
  if (check.stampsTimestamp) stampTimestamp(bytes, at, check.logAppendTime, check.exactMaxTimestamp ?? check.maxTimestamp)
  if (check.stampsTimestamp || check.converted) sealBatch(bytes, at, check.size)
}

const KNOWN_ATTRIBUTES = 0x7f

const stampTimestamp = (bytes: Buffer, at: number, logAppendTime: boolean, timestamp: number | bigint): void => {
  const kept = layout.attributes(bytes, at) & KNOWN_ATTRIBUTES & ~layout.TIMESTAMP_TYPE_MASK
  bytes.writeInt16BE(logAppendTime ? kept | layout.TIMESTAMP_TYPE_MASK : kept, at + layout.ATTRIBUTES_AT)
  if (typeof timestamp === 'bigint') bytes.writeBigInt64BE(timestamp, at + layout.MAX_TIMESTAMP_AT)
  else layout.writeInt64(bytes, at + layout.MAX_TIMESTAMP_AT, timestamp)
}
