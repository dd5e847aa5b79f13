import { nextBatchBytes } from './batch-set.ts'
import { Codec, DECOMPRESSED_BYTES_MAX, decompress } from './compression.ts'
import * as layout from './layout.ts'
import { LegacyMessages } from './legacy-messages.ts'
import { corruptRecord, invalidRecord } from './rejection.ts'
import { readVarint, readVarlong, readVarlongExact, varintEnd } from './varint.ts'

export interface Header {
  key: string
  value: Buffer | null
}

/**
 * Reads the records of one batch after the other without allocating per record: its fields say where the current record's parts lie in
 * `bytes` (the batch's own buffer, or what it unpacked to).
 *
 *     cursor.open(bytes, at)
 *     while (cursor.next()) … cursor.offset, cursor.bytes.subarray(cursor.keyAt, cursor.keyAt + cursor.keyLength)
 *
 * Batches of magic 0 and 1 read the same way. The checksum is not looked at: see isBatchValid. `open` and `next` throw a KafkaError when the
 * records do not fit together (INVALID_RECORD), do not unpack (CORRUPT_MESSAGE) or unpack to too much (MESSAGE_TOO_LARGE).
 */
export class RecordCursor {
  bytes: Buffer = Buffer.alloc(0)
  /** Number of records the batch declares; -1 for a compressed wrapper of magic 0 or 1 before it is read. */
  count = 0
  /** Index of the current record within its batch. */
  index = -1

  offset = -1
  offsetDelta = 0
  /** Rounded beyond 2^53: exactTimestamp() carries it then. */
  timestamp: number = layout.NO_TIMESTAMP
  sequence: number = layout.NO_SEQUENCE
  /** The record from its length field on; for magic 0 and 1 from its offset on. */
  recordAt = 0
  recordEnd = 0
  attributesAt = 0
  timestampDeltaAt = 0
  offsetDeltaAt = 0
  /** Length -1 is null. */
  keyLength = -1
  keyAt = 0
  /** Where the key's length field lies: from here to recordEnd a record is copied as it is. */
  keyLengthAt = 0
  valueLength = -1
  valueAt = 0
  headerCount = 0
  headersAt = 0

  headerKeyAt = 0
  headerKeyLength = 0
  headerValueAt = 0
  headerValueLength = -1

  #batch: Buffer = this.bytes
  #batchAt = 0
  #recordsEnd = 0
  #baseOffset = 0
  #baseTimestamp = 0
  /** The batch's one timestamp when the broker set it (LogAppendTime). */
  #logAppendTime = false
  #baseSequence: number = layout.NO_SEQUENCE
  #headersLeft = 0
  #headerNext = 0
  #legacy: LegacyMessages | null = null

  /** Starts on the batch at `at`, which must lie wholly in `bytes` before `end`. */
  open(bytes: Buffer, at: number, limitBytes = DECOMPRESSED_BYTES_MAX, end = bytes.length): this {
    const size = nextBatchBytes(bytes, at, end)
    if (size <= 0) throw corruptRecord('no whole batch here')
    this.index = -1
    if (layout.magic(bytes, at) < layout.CURRENT_MAGIC) return this.#openLegacy(bytes, at, size, limitBytes)
    if (size < layout.RECORDS_AT) throw corruptRecord(`a batch of ${size} bytes, less than its header`)
    const codec = layout.compressionOf(bytes, at)
    const count = layout.recordCount(bytes, at)
    if (codec === Codec.none || count === 0) return this.openRecords(bytes, at, bytes, at + layout.RECORDS_AT, at + size)
    const records = decompress(codec, bytes, at + layout.RECORDS_AT, at + size, limitBytes)
    return this.openRecords(bytes, at, records, 0, records.length)
  }

  /** Starts on the batch at `at` whose records are already unpacked in records[start, end). */
  openRecords(batch: Buffer, at: number, records: Buffer, start: number, end: number): this {
    this.#batch = batch
    this.#batchAt = at
    this.bytes = records
    this.#legacy = null
    this.index = -1
    this.recordEnd = start
    this.#recordsEnd = end
    this.count = layout.recordCount(batch, at)
    if (this.count < 0) throw invalidRecord(`a batch of ${this.count} records`)
    this.#baseOffset = layout.baseOffset(batch, at)
    this.#baseSequence = layout.baseSequence(batch, at)
    this.#logAppendTime = layout.isLogAppendTime(batch, at)
    this.#baseTimestamp = this.#logAppendTime ? layout.maxTimestamp(batch, at) : layout.baseTimestamp(batch, at)
    return this
  }

  /** Moves to the next record; false behind the last one. */
  next(): boolean {
    if (this.#legacy !== null) return this.#nextLegacy(this.#legacy)
    if (this.index + 1 >= this.count) return false
    const at = this.recordEnd
    const limit = this.#recordsEnd
    this.recordAt = at
    const length = readVarint(this.bytes, at)
    const start = varintEnd
    if (length < 0 || length > limit - start) throw invalidRecord('a record longer than its batch')
    this.index++
    this.recordEnd = start + length
    this.#readRecord(start)
    if (this.index + 1 === this.count && this.recordEnd !== limit) throw invalidRecord('a batch with bytes behind its last record')
    return true
  }

  #readRecord(start: number): void {
    const bytes = this.bytes
    const end = this.recordEnd
    this.attributesAt = start
    this.timestampDeltaAt = start + 1
    const timestampDelta = readVarlong(bytes, start + 1)
    this.offsetDeltaAt = varintEnd
    this.offsetDelta = readVarint(bytes, varintEnd)
    this.timestamp = this.#logAppendTime ? this.#baseTimestamp : this.#baseTimestamp + timestampDelta
    this.offset = this.#baseOffset + this.offsetDelta
    this.sequence = this.#baseSequence < 0 ? layout.NO_SEQUENCE : layout.addSequence(this.#baseSequence, this.offsetDelta)
    this.keyLengthAt = varintEnd
    this.keyLength = readVarint(bytes, varintEnd)
    this.keyAt = varintEnd
    this.valueLength = readVarint(bytes, this.keyLength > 0 ? varintEnd + this.keyLength : varintEnd)
    this.valueAt = varintEnd
    this.headerCount = readVarint(bytes, this.valueLength > 0 ? varintEnd + this.valueLength : varintEnd)
    this.headersAt = varintEnd
    // Positions only grow, so one comparison behind the last field covers every length before it.
    if (this.headerCount < 0 || varintEnd + 2 * this.headerCount > end) throw invalidRecord('a record whose parts exceed its length')
    let position = varintEnd
    for (let left = this.headerCount; left > 0; left--) {
      const keyLength = readVarint(bytes, position)
      if (keyLength < 0) throw invalidRecord('a header without a key')
      const valueLength = readVarint(bytes, varintEnd + keyLength)
      position = valueLength > 0 ? varintEnd + valueLength : varintEnd
      if (position > end) break
    }
    if (position !== end) throw invalidRecord('a record whose length differs from that of its parts')
    this.resetHeaders()
  }

  resetHeaders(): void {
    this.#headersLeft = this.headerCount
    this.#headerNext = this.headersAt
  }

  /** Moves to the record's next header; false behind the last one. */
  nextHeader(): boolean {
    if (this.#headersLeft === 0) return false
    this.#headersLeft--
    this.headerKeyLength = readVarint(this.bytes, this.#headerNext)
    this.headerKeyAt = varintEnd
    this.headerValueLength = readVarint(this.bytes, varintEnd + this.headerKeyLength)
    this.headerValueAt = varintEnd
    this.#headerNext = this.headerValueLength > 0 ? varintEnd + this.headerValueLength : varintEnd
    return true
  }

  /** A view of the key, null when it has none. */
  key(): Buffer | null {
    return this.keyLength < 0 ? null : this.bytes.subarray(this.keyAt, this.keyAt + this.keyLength)
  }

  value(): Buffer | null {
    return this.valueLength < 0 ? null : this.bytes.subarray(this.valueAt, this.valueAt + this.valueLength)
  }

  headers(): Header[] {
    const headers: Header[] = []
    this.resetHeaders()
    while (this.nextHeader()) {
      headers.push({
        key: this.bytes.toString('utf8', this.headerKeyAt, this.headerKeyAt + this.headerKeyLength),
        value: this.headerValueLength < 0 ? null : this.bytes.subarray(this.headerValueAt, this.headerValueAt + this.headerValueLength),
      })
    }
    return headers
  }

  /** Whether the checksum holds that messages of magic 0 and 1 carry each; records of magic 2 have none of their own. */
  isRecordValid(): boolean {
    return this.#legacy === null || this.#legacy.isValid(this.index)
  }

  /** The timestamp as the int64 it is. */
  exactTimestamp(): bigint {
    if (this.#legacy !== null) return BigInt(this.timestamp)
    if (this.#logAppendTime) return this.#batch.readBigInt64BE(this.#batchAt + layout.MAX_TIMESTAMP_AT)
    const base = this.#batch.readBigInt64BE(this.#batchAt + layout.BASE_TIMESTAMP_AT)
    return BigInt.asIntN(64, base + readVarlongExact(this.bytes, this.timestampDeltaAt))
  }

  #openLegacy(bytes: Buffer, at: number, size: number, limitBytes: number): this {
    this.#legacy = new LegacyMessages(bytes, at, size, limitBytes)
    this.bytes = this.#legacy.bytes
    this.count = this.#legacy.count
    this.#baseOffset = this.#legacy.offsetOf(0)
    this.sequence = layout.NO_SEQUENCE
    this.headerCount = 0
    return this
  }

  #nextLegacy(messages: LegacyMessages): boolean {
    if (this.index + 1 >= messages.count) return false
    const index = ++this.index
    messages.read(index)
    this.offset = messages.offsetOf(index)
    this.offsetDelta = this.offset - this.#baseOffset
    this.timestamp = messages.timestamp
    this.recordAt = messages.positionOf(index)
    this.recordEnd = messages.end
    this.keyAt = messages.keyAt
    this.keyLength = messages.keyLength
    this.valueAt = messages.valueAt
    this.valueLength = messages.valueLength
    this.resetHeaders()
    return true
  }
}
