import { isMessageValid, nextBatchBytes } from './batch-set.ts'
import { Codec, decompress } from './compression.ts'
import { LOG_OVERHEAD, MAGIC_AT, NO_TIMESTAMP, readInt64 } from './layout.ts'
import { LEGACY_ATTRIBUTES_AT, LEGACY_KEY_LENGTH_AT, LEGACY_OVERHEAD, LEGACY_TIMESTAMP_AT } from './legacy-layout.ts'
import { corruptRecord, invalidRecord } from './rejection.ts'

const COMPRESSION_MASK = 0x07
const LOG_APPEND_TIME_MASK = 0x08

/**
 * The messages in one entry of magic 0 or 1: itself, or what its wrapper holds. Only read, never written: 4.x takes no such message from
 * producers, but old segments keep them until they expire or are compacted (into magic 2).
 */
export class LegacyMessages {
  readonly bytes: Buffer
  readonly #positions: number[]
  /** What must be added to the offsets as they are stored: those inside a wrapper of magic 1 are relative. */
  readonly #offsetShift: number
  readonly #wrapperTimestamp: number
  readonly #isLogAppendTime: boolean

  timestamp: number = NO_TIMESTAMP
  keyAt = 0
  keyLength = -1
  valueAt = 0
  valueLength = -1
  end = 0

  constructor(bytes: Buffer, at: number, size: number, limitBytes: number) {
    this.bytes = bytes
    this.#positions = [at]
    this.#offsetShift = 0
    this.#wrapperTimestamp = NO_TIMESTAMP
    this.#isLogAppendTime = false
    const attributes = bytes[at + LEGACY_ATTRIBUTES_AT]!
    const codec = attributes & COMPRESSION_MASK
    if (codec === Codec.none) return
    if (codec === Codec.zstd) throw invalidRecord('zstd in a message older than magic 2')
    const magic = bytes[at + MAGIC_AT]!
    this.#readAt(bytes, at, at + size)
    if (this.valueLength < 0) throw invalidRecord('a compressed message without a value')
    this.#wrapperTimestamp = this.timestamp
    this.#isLogAppendTime = magic === 1 && (attributes & LOG_APPEND_TIME_MASK) !== 0
    this.bytes = decompress(codec, bytes, this.valueAt, this.valueAt + this.valueLength, limitBytes, magic)
    this.#positions = innerPositions(this.bytes)
    if (magic === 1) this.#offsetShift = this.#baseOffset(readInt64(bytes, at))
  }

  get count(): number {
    return this.#positions.length
  }

  /** Some versions of librdkafka produced wrappers with offset 0, whose inner offsets count as they are. */
  #baseOffset(wrapperOffset: number): number {
    if (wrapperOffset === 0) return 0
    const last = readInt64(this.bytes, this.#positions.at(-1)!)
    if (wrapperOffset < last) throw invalidRecord(`a wrapper with offset ${wrapperOffset} before that of its last message, ${last}`)
    return wrapperOffset - last
  }

  positionOf(index: number): number {
    return this.#positions[index]!
  }

  offsetOf(index: number): number {
    return this.#offsetShift + readInt64(this.bytes, this.#positions[index]!)
  }

  /** Whether the inner message's own checksum holds; that of the outer one is isBatchValid's matter. */
  isValid(index: number): boolean {
    const at = this.#positions[index]!
    return isMessageValid(this.bytes, at, this.#sizeAt(at))
  }

  read(index: number): void {
    const at = this.#positions[index]!
    this.#readAt(this.bytes, at, at + this.#sizeAt(at))
    if (this.#isLogAppendTime && this.bytes[at + MAGIC_AT] === 1) this.timestamp = this.#wrapperTimestamp
  }

  #sizeAt(at: number): number {
    return LOG_OVERHEAD + this.bytes.readInt32BE(at + 8)
  }

  #readAt(bytes: Buffer, at: number, end: number): void {
    const magic = bytes[at + MAGIC_AT]!
    if (end - at < LOG_OVERHEAD + LEGACY_OVERHEAD[magic === 0 ? 0 : 1]) throw corruptRecord('a message shorter than its header')
    this.end = end
    this.timestamp = magic === 0 ? NO_TIMESTAMP : readInt64(bytes, at + LEGACY_TIMESTAMP_AT)
    const keyLengthAt = at + LEGACY_KEY_LENGTH_AT[magic === 0 ? 0 : 1]
    this.keyLength = bytes.readInt32BE(keyLengthAt)
    this.keyAt = keyLengthAt + 4
    const valueLengthAt = this.keyAt + Math.max(0, this.keyLength)
    if (valueLengthAt + 4 > end) throw invalidRecord('a message with a key longer than itself')
    this.valueLength = bytes.readInt32BE(valueLengthAt)
    this.valueAt = valueLengthAt + 4
    if (this.valueAt + Math.max(0, this.valueLength) > end) throw invalidRecord('a message with a value longer than itself')
  }
}

/** An incomplete message ends the set, as in Kafka: brokers of old cut sets at a byte before they compressed them. */
const innerPositions = (bytes: Buffer): number[] => {
  const positions: number[] = []
  for (let at = 0, size = 0; ; at += size) {
    size = nextBatchBytes(bytes, at, bytes.length)
    if (size < 0) throw corruptRecord('a compressed message set with a message of impossible size or magic')
    if (size === 0) break
    if (bytes[at + MAGIC_AT]! > 1) throw invalidRecord('a record batch within a compressed message')
    if ((bytes[at + LEGACY_ATTRIBUTES_AT]! & COMPRESSION_MASK) !== 0)
      throw invalidRecord('a compressed message within a compressed message')
    positions.push(at)
  }
  if (positions.length === 0) throw invalidRecord('a compressed message set without messages')
  return positions
}
