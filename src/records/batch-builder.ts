import { assert } from '../base/index.ts'
import { Errors, KafkaError } from '../protocol/index.ts'
import { computeCrc } from './batch-set.ts'
import { Codec, compress } from './compression.ts'
import { ControlType, type ControlTypeId, controlKey, endTransactionMarker } from './control-record.ts'
import * as layout from './layout.ts'
import type { Header, RecordCursor } from './record-cursor.ts'
import { varintBytes, varlongBytes, writeVarint, writeVarlong } from './varint.ts'

export interface BatchOptions {
  /** Of the batch's first record; 0 in what a producer sends. */
  baseOffset?: number
  leaderEpoch?: number
  codec?: number
  level?: number
  /** Set by a broker whose topic says LogAppendTime: the batch's one timestamp. */
  logAppendTime?: number
  producerId?: number
  producerEpoch?: number
  baseSequence?: number
  transactional?: boolean
  control?: boolean
  /** KIP-534: after this time the batch's tombstones or markers may go. */
  deleteHorizon?: number
  /** First guess of the unpacked size; the buffer doubles when it does not suffice. */
  initialBytes?: number
}

const NO_HEADERS: readonly Header[] = []
const COUNT_MAX = 0x7fffffff
/** More than attributes, deltas, lengths and header count of one record can take. */
const RECORD_OVERHEAD_MAX = 1 + 5 + 10 + 5 + 5 + 5 + 5

/**
 * Builds one batch of magic 2: `append` records, then `close` for the bytes. One growing buffer, nothing kept per record.
 * The first record's timestamp is the base timestamp, unless a delete horizon takes that field.
 */
export class BatchBuilder {
  readonly options: BatchOptions
  count = 0
  lastOffset: number
  maxTimestamp: number = layout.NO_TIMESTAMP
  offsetOfMaxTimestamp = -1
  #bytes: Buffer
  #end: number = layout.RECORDS_AT
  #baseTimestamp: number
  /** Base and maximum as the int64s they are, from the first timestamp on that a number cannot hold. */
  #exact: { base: bigint; max: bigint } | null = null

  constructor(options: BatchOptions = {}) {
    this.options = options
    this.#bytes = Buffer.allocUnsafe(Math.max(128, options.initialBytes ?? 1024))
    this.lastOffset = (options.baseOffset ?? 0) - 1
    this.#baseTimestamp = options.deleteHorizon ?? layout.NO_TIMESTAMP
  }

  /** Unpacked size so far, header included: what `close` yields without compression. */
  get sizeInBytes(): number {
    return this.#end
  }

  /** Bytes that `append` would add for such a record. */
  recordBytes(timestamp: number, key: Buffer | null, value: Buffer | null, headers: readonly Header[] = NO_HEADERS): number {
    const delta = this.count === 0 && this.options.deleteHorizon === undefined ? 0 : timestamp - this.#baseTimestamp
    const body =
      1 + varlongBytes(delta) + varintBytes(this.lastOffset + 1 - (this.options.baseOffset ?? 0)) + contentBytes(key, value, headers)
    return varintBytes(body) + body
  }

  /** Appends at the next offset and returns that offset. Throws INVALID_TIMESTAMP for a negative timestamp other than -1. */
  append(timestamp: number, key: Buffer | null, value: Buffer | null, headers: readonly Header[] = NO_HEADERS): number {
    const offset = this.lastOffset + 1
    this.appendAt(offset, timestamp, key, value, headers)
    return offset
  }

  appendAt(offset: number, timestamp: number, key: Buffer | null, value: Buffer | null, headers: readonly Header[] = NO_HEADERS): void {
    if (!Number.isSafeInteger(timestamp) || timestamp < layout.NO_TIMESTAMP) {
      throw new KafkaError(Errors.INVALID_TIMESTAMP, `timestamp ${timestamp} is neither -1 nor a time`)
    }
    const delta = this.#timestampDelta(timestamp)
    const content = contentBytes(key, value, headers)
    const start = this.#beginRecord(offset, delta, content)
    this.#end = writeContent(this.#bytes, start, key, value, headers)
    this.#recordWritten(offset, timestamp)
  }

  /** Appends the cursor's record at an offset of choice: key, value and headers are copied as they lie. Not for magic 0 and 1. */
  appendRecord(cursor: RecordCursor, offset: number): void {
    let delta: number | bigint
    if (this.#exact !== null || !Number.isSafeInteger(cursor.timestamp)) delta = this.#exactDelta(cursor.exactTimestamp(), offset)
    else delta = this.#timestampDelta(cursor.timestamp)
    const start = this.#beginRecord(offset, delta, cursor.recordEnd - cursor.keyLengthAt)
    this.#end = start + cursor.bytes.copy(this.#bytes, start, cursor.keyLengthAt, cursor.recordEnd)
    this.#recordWritten(offset, cursor.timestamp)
  }

  #timestampDelta(timestamp: number): number | bigint {
    if (this.count === 0 && this.options.deleteHorizon === undefined) this.#baseTimestamp = timestamp
    return this.#exact === null ? timestamp - this.#baseTimestamp : this.#exactDelta(BigInt(timestamp), this.lastOffset + 1)
  }

  #exactDelta(timestamp: bigint, offset: number): bigint {
    const first = this.count === 0 && this.options.deleteHorizon === undefined
    this.#exact ??= { base: first ? timestamp : BigInt(this.#baseTimestamp), max: BigInt(this.maxTimestamp) }
    if (timestamp > this.#exact.max) {
      this.#exact.max = timestamp
      this.offsetOfMaxTimestamp = offset
    }
    return BigInt.asIntN(64, timestamp - this.#exact.base)
  }

  /** Writes everything before the key and returns where the key's length goes; room for `content` bytes from there on is made. */
  #beginRecord(offset: number, timestampDelta: number | bigint, content: number): number {
    const offsetDelta = offset - (this.options.baseOffset ?? 0)
    assert(offset > this.lastOffset && offsetDelta <= COUNT_MAX, 'offsets of a batch increase, by less than 2^31 in all')
    const at = this.#end
    if (at + RECORD_OVERHEAD_MAX + content > this.#bytes.length) this.#grow(at + RECORD_OVERHEAD_MAX + content)
    const bytes = this.#bytes
    const body = 1 + varlongBytes(timestampDelta) + varintBytes(offsetDelta) + content
    let position = writeVarint(bytes, at, body)
    bytes[position++] = 0
    position = writeVarlong(bytes, position, timestampDelta)
    return writeVarint(bytes, position, offsetDelta)
  }

  #recordWritten(offset: number, timestamp: number): void {
    this.count++
    this.lastOffset = offset
    if (timestamp > this.maxTimestamp) {
      this.maxTimestamp = timestamp
      if (this.#exact === null) this.offsetOfMaxTimestamp = offset
    }
  }

  #grow(bytes: number): void {
    const grown = Buffer.allocUnsafe(Math.max(bytes, 2 * this.#bytes.length))
    this.#bytes.copy(grown, 0, 0, this.#end)
    this.#bytes = grown
  }

  /**
   * The finished batch; the builder must not be used afterwards. `lastOffset` overrides what the last record says (compaction keeps the
   * original one).
   */
  close(lastOffset = this.lastOffset): Buffer {
    const { codec = Codec.none, level } = this.options
    assert((this.options.producerId ?? -1) < 0 || (this.options.producerEpoch ?? -1) >= 0, 'a producer id comes with its epoch')
    let batch = this.#bytes.subarray(0, this.#end)
    if (codec !== Codec.none && this.count > 0) {
      const packed = compress(codec, this.#bytes.subarray(layout.RECORDS_AT, this.#end), level)
      batch = Buffer.concat([this.#bytes.subarray(0, layout.RECORDS_AT), packed])
    }
    writeHeader(batch, this.options, lastOffset, this.count, this.#baseTimestamp, this.maxTimestamp)
    if (this.#exact !== null) {
      batch.writeBigInt64BE(this.#exact.base, layout.BASE_TIMESTAMP_AT)
      if (this.options.logAppendTime === undefined) batch.writeBigInt64BE(this.#exact.max, layout.MAX_TIMESTAMP_AT)
    }
    sealBatch(batch, 0, batch.length)
    return batch
  }
}

const contentBytes = (key: Buffer | null, value: Buffer | null, headers: readonly Header[]): number => {
  let bytes = partBytes(key) + partBytes(value) + varintBytes(headers.length)
  for (let index = 0; index < headers.length; index++) {
    const header = headers[index]!
    const length = Buffer.byteLength(header.key)
    bytes += varintBytes(length) + length + partBytes(header.value)
  }
  return bytes
}

const partBytes = (part: Buffer | null): number => (part === null ? 1 : varintBytes(part.length) + part.length)

const writeContent = (bytes: Buffer, at: number, key: Buffer | null, value: Buffer | null, headers: readonly Header[]): number => {
  let position = writePart(bytes, writePart(bytes, at, key), value)
  position = writeVarint(bytes, position, headers.length)
  for (let index = 0; index < headers.length; index++) {
    const header = headers[index]!
    position = writeVarint(bytes, position, Buffer.byteLength(header.key))
    position += bytes.write(header.key, position)
    position = writePart(bytes, position, header.value)
  }
  return position
}

const writePart = (bytes: Buffer, at: number, part: Buffer | null): number => {
  if (part === null) return writeVarint(bytes, at, -1)
  const position = writeVarint(bytes, at, part.length)
  bytes.set(part, position)
  return position + part.length
}

const attributesOf = (options: BatchOptions, count: number): number =>
  (count === 0 ? Codec.none : (options.codec ?? Codec.none)) |
  (options.logAppendTime === undefined ? 0 : layout.TIMESTAMP_TYPE_MASK) |
  (options.transactional === true ? layout.TRANSACTIONAL_MASK : 0) |
  (options.control === true ? layout.CONTROL_MASK : 0) |
  (options.deleteHorizon === undefined ? 0 : layout.DELETE_HORIZON_MASK)

const writeHeader = (
  batch: Buffer,
  options: BatchOptions,
  lastOffset: number,
  count: number,
  baseTimestamp: number,
  maxTimestamp: number,
): void => {
  const baseOffset = options.baseOffset ?? 0
  layout.stampBatch(batch, 0, baseOffset, options.leaderEpoch ?? layout.NO_LEADER_EPOCH)
  batch[layout.MAGIC_AT] = layout.CURRENT_MAGIC
  batch.writeInt16BE(attributesOf(options, count), layout.ATTRIBUTES_AT)
  batch.writeInt32BE(lastOffset - baseOffset, layout.LAST_OFFSET_DELTA_AT)
  layout.writeInt64(batch, layout.BASE_TIMESTAMP_AT, baseTimestamp)
  layout.writeInt64(batch, layout.MAX_TIMESTAMP_AT, options.logAppendTime ?? maxTimestamp)
  layout.writeInt64(batch, layout.PRODUCER_ID_AT, options.producerId ?? layout.NO_PRODUCER_ID)
  batch.writeInt16BE(options.producerEpoch ?? layout.NO_PRODUCER_EPOCH, layout.PRODUCER_EPOCH_AT)
  batch.writeInt32BE(options.baseSequence ?? layout.NO_SEQUENCE, layout.BASE_SEQUENCE_AT)
  batch.writeInt32BE(count, layout.RECORD_COUNT_AT)
}

/** Writes length and checksum of a batch whose other fields are in place. */
export const sealBatch = (bytes: Buffer, at: number, size: number): void => {
  bytes.writeInt32BE(size - layout.LOG_OVERHEAD, at + layout.BATCH_LENGTH_AT)
  bytes.writeUInt32BE(computeCrc(bytes, at, size), at + layout.CRC_AT)
}

/** A batch without records: what compaction leaves of a producer's last one, so that its sequence is not forgotten (KIP-98). */
export const emptyBatch = (options: BatchOptions, lastOffset: number, maxTimestamp: number): Buffer => {
  const batch = Buffer.allocUnsafe(layout.RECORDS_AT)
  writeHeader(batch, options, lastOffset, 0, layout.NO_TIMESTAMP, maxTimestamp)
  sealBatch(batch, 0, batch.length)
  return batch
}

/** A batch of one control record; the value's schema is the type's matter. */
export const controlBatch = (options: BatchOptions, timestamp: number, type: ControlTypeId, value: Buffer): Buffer => {
  const builder = new BatchBuilder({ ...options, control: true, initialBytes: 128 + value.length })
  builder.append(timestamp, controlKey(type), value)
  return builder.close()
}

/** The COMMIT or ABORT that ends a transaction in this partition; options carry producer id and epoch. */
export const endTransactionBatch = (options: BatchOptions, timestamp: number, committed: boolean, coordinatorEpoch: number): Buffer =>
  controlBatch(
    { ...options, transactional: true },
    timestamp,
    committed ? ControlType.commit : ControlType.abort,
    endTransactionMarker(coordinatorEpoch),
  )
