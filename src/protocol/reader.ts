/** The bytes are not what the schema says; the connection or the file they came from is not to be trusted any further. */
export class DecodeError extends Error {
  override name = 'DecodeError'
}

/**
 * Elements that one message may hold over all its arrays. An element can cost a hundred times its byte on the wire, so the frame
 * limit alone does not bound the heap that a hostile frame takes.
 */
export const ELEMENTS_MAX = 2_000_000

const TWO_32 = 4294967296

/** A cursor over one message. Every read is checked against the end; lengths are checked before anything is allocated. */
export class Reader {
  bytes: Buffer
  at: number
  end: number
  private elementsLeft = ELEMENTS_MAX

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  get remaining(): number {
    return this.end - this.at
  }

  private take(count: number): number {
    const at = this.at
    if (count > this.end - at) throw new DecodeError(`${count} bytes wanted at byte ${at}, ${this.end - at} left`)
    this.at = at + count
    return at
  }

  bool(): boolean {
    return this.bytes[this.take(1)] !== 0
  }
  int8(): number {
    return (this.bytes[this.take(1)]! << 24) >> 24
  }
  int16(): number {
    const at = this.take(2)
    return (((this.bytes[at]! << 8) | this.bytes[at + 1]!) << 16) >> 16
  }
  uint16(): number {
    const at = this.take(2)
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!
  }
  int32(): number {
    const at = this.take(4)
    const b = this.bytes
    return (b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!
  }
  uint32(): number {
    return this.int32() >>> 0
  }
  /**
   * Exact within ±2^53. Beyond, the nearest double: not a safe integer, so whoever compares it sees it out of range, and the writer
   * refuses to send it on.
   */
  int64(): number {
    const high = this.int32()
    return high * TWO_32 + (this.int32() >>> 0)
  }
  int64Exact(): bigint {
    return this.bytes.readBigInt64BE(this.take(8))
  }
  /** A number where that is exact, else a bigint. */
  int64Wide(): number | bigint {
    const at = this.at
    const value = this.int64()
    if (Number.isSafeInteger(value)) return value
    this.at = at
    return this.int64Exact()
  }
  float64(): number {
    return this.bytes.readDoubleBE(this.take(8))
  }
  /** 22 characters of URL-safe base64, as Kafka writes uuids. */
  uuid(): string {
    const at = this.take(16)
    return this.bytes.toString('base64url', at, at + 16)
  }

  uvarint(): number {
    let value = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.bytes[this.take(1)]!
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    const last = this.bytes[this.take(1)]!
    if (last > 0x0f) throw new DecodeError(`varint longer than 32 bits at byte ${this.at}`)
    return (value | (last << 28)) >>> 0
  }

  private text(length: number): string {
    if (length > 0x7fff) throw new DecodeError(`text of ${length} bytes at byte ${this.at}, at most 32767 are legal`)
    const at = this.take(length)
    return this.bytes.toString('utf8', at, at + length)
  }
  string(): string {
    const length = this.int16()
    if (length < 0) throw new DecodeError(`null for a text that must be there at byte ${this.at}`)
    return this.text(length)
  }
  nullableString(): string | null {
    const length = this.int16()
    return length < 0 ? null : this.text(length)
  }
  compactString(): string {
    const length = this.uvarint() - 1
    if (length < 0) throw new DecodeError(`null for a text that must be there at byte ${this.at}`)
    return this.text(length)
  }
  compactNullableString(): string | null {
    const length = this.uvarint() - 1
    return length < 0 ? null : this.text(length)
  }

  skip(length: number): void {
    this.take(length)
  }
  /** A view of `length` bytes, not a copy. */
  view(length: number): Buffer {
    const at = this.take(length)
    return this.bytes.subarray(at, at + length)
  }
  lengthPrefixed(): Buffer {
    const length = this.int32()
    if (length < 0) throw new DecodeError(`null for bytes that must be there at byte ${this.at}`)
    return this.view(length)
  }
  nullableLengthPrefixed(): Buffer | null {
    const length = this.int32()
    return length < 0 ? null : this.view(length)
  }
  compactBytes(): Buffer {
    const length = this.uvarint() - 1
    if (length < 0) throw new DecodeError(`null for bytes that must be there at byte ${this.at}`)
    return this.view(length)
  }
  compactNullableBytes(): Buffer | null {
    const length = this.uvarint() - 1
    return length < 0 ? null : this.view(length)
  }

  /** Length of an array, -1 for null; `elementBytesMin` is the least that an element of it takes. */
  arrayLength(elementBytesMin: number): number {
    return this.checkedLength(this.int32(), elementBytesMin)
  }
  compactArrayLength(elementBytesMin: number): number {
    return this.checkedLength(this.uvarint() - 1, elementBytesMin)
  }
  private checkedLength(length: number, elementBytesMin: number): number {
    if (length < 0) return -1
    if (length * elementBytesMin > this.end - this.at) {
      throw new DecodeError(`array of ${length} elements at byte ${this.at}, but only ${this.end - this.at} bytes remain`)
    }
    this.spend(length)
    return length
  }
  private spend(elements: number): void {
    this.elementsLeft -= elements
    if (this.elementsLeft < 0) throw new DecodeError(`more than ${ELEMENTS_MAX} array elements in one message`)
  }
  nonNull(length: number): number {
    if (length < 0) throw new DecodeError(`null for an array that must be there at byte ${this.at}`)
    return length
  }

  /** How many tagged fields follow. Those that nobody knows are kept, so they count as elements. */
  taggedCount(): number {
    const count = this.uvarint()
    if (count > 0) this.spend(count)
    return count
  }
  /** Where a tagged field of `bytes` bytes that starts here must end. */
  taggedEnd(bytes: number): number {
    if (bytes > this.end - this.at) throw new DecodeError(`tagged field of ${bytes} bytes at byte ${this.at}, ${this.end - this.at} left`)
    return this.at + bytes
  }
  expectAt(at: number): void {
    if (this.at !== at) throw new DecodeError(`tagged field ends at byte ${this.at}, its size says ${at}`)
  }
}
