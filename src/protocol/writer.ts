import type { ByteSource } from '../base/index.ts'
import type { RecordsInput, UnknownTaggedField } from './schema.ts'

/** The message cannot be said in this version, or a value does not fit its field. The caller's mistake, never the peer's. */
export class EncodeError extends Error {
  override name = 'EncodeError'
}

/** A response or request as it goes out: bytes, and slices of files between them. */
export type Part = Buffer | ByteSource

const TWO_32 = 4294967296
const TWO_63 = 2 ** 63
const INITIAL_BYTES = 4096

const bytesOf = (source: Uint8Array | ByteSource): number => (source instanceof Uint8Array ? source.length : source.bytes)

/**
 * Appends fields to one growing buffer; one writer serves many messages. Record sets are not copied: they are remembered as splices and
 * come out of `finish` as parts of their own.
 */
export class Writer {
  bytes: Buffer = Buffer.allocUnsafe(INITIAL_BYTES)
  at = 0
  private splices: { at: number; source: Uint8Array | ByteSource }[] = []
  private splicedBytes = 0

  reset(): void {
    this.at = 0
    if (this.splices.length > 0) this.splices = []
    this.splicedBytes = 0
    if (this.bytes.length > 1 << 20) this.bytes = Buffer.allocUnsafe(INITIAL_BYTES)
  }

  /** Drops a message that failed; the slices of files in it so far are given back. */
  abandon(): void {
    for (const { source } of this.splices) if (!(source instanceof Uint8Array)) source.release?.()
    this.reset()
  }

  /** Bytes written so far, splices included. */
  get length(): number {
    return this.at + this.splicedBytes
  }

  private room(count: number): number {
    const at = this.at
    this.at = at + count
    if (this.at > this.bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.at, this.bytes.length * 2))
      this.bytes.copy(grown, 0, 0, at)
      this.bytes = grown
    }
    return at
  }

  bool(value: boolean): void {
    const at = this.room(1) // before `this.bytes` is looked at: room may replace it
    this.bytes[at] = value ? 1 : 0
  }
  int8(value: number): void {
    const at = this.room(1)
    this.bytes[at] = value
  }
  int16(value: number): void {
    const at = this.room(2)
    this.bytes[at] = value >> 8
    this.bytes[at + 1] = value
  }
  uint16(value: number): void {
    this.int16(value)
  }
  int32(value: number): void {
    const at = this.room(4)
    const b = this.bytes
    b[at] = value >> 24
    b[at + 1] = value >> 16
    b[at + 2] = value >> 8
    b[at + 3] = value
  }
  uint32(value: number): void {
    this.int32(value | 0)
  }
  /** Takes a bigint wherever one comes; a number must be exact, or ±2^63 for the ends of the range. */
  int64(value: number | bigint): void {
    if (typeof value === 'bigint') {
      const at = this.room(8)
      this.bytes.writeBigInt64BE(value, at)
    } else if (Number.isSafeInteger(value)) {
      this.int32(Math.floor(value / TWO_32))
      this.int32(value | 0)
    } else if (value === TWO_63) {
      this.int32(0x7fffffff)
      this.int32(-1)
    } else if (value === -TWO_63) {
      this.int32(-0x80000000)
      this.int32(0)
    } else {
      throw new EncodeError(`int64 ${value} would be rounded`)
    }
  }
  float64(value: number): void {
    const at = this.room(8)
    this.bytes.writeDoubleBE(value, at)
  }
  uuid(value: string): void {
    const at = this.room(16)
    if (value.length !== 22 || this.bytes.write(value, at, 16, 'base64url') !== 16) throw new EncodeError(`not a uuid: ${value}`)
  }

  uvarint(value: number): void {
    while (value > 0x7f) {
      this.int8((value & 0x7f) | 0x80)
      value >>>= 7
    }
    this.int8(value)
  }

  private text(value: string, length: number): void {
    const at = this.room(length)
    this.bytes.write(value, at, length, length === value.length ? 'latin1' : 'utf8')
  }
  private textBytes(value: string): number {
    const length = Buffer.byteLength(value)
    if (length > 0x7fff) throw new EncodeError(`text of ${length} bytes, at most 32767 are legal`)
    return length
  }
  string(value: string | null): void {
    if (value === null) return this.int16(-1)
    const length = this.textBytes(value)
    this.int16(length)
    this.text(value, length)
  }
  compactString(value: string | null): void {
    if (value === null) return this.uvarint(0)
    const length = this.textBytes(value)
    this.uvarint(length + 1)
    this.text(value, length)
  }

  raw(value: Uint8Array): void {
    const at = this.room(value.length)
    this.bytes.set(value, at)
  }
  lengthPrefixed(value: Uint8Array | null): void {
    if (value === null) return this.int32(-1)
    this.int32(value.length)
    this.raw(value)
  }
  compactBytes(value: Uint8Array | null): void {
    if (value === null) return this.uvarint(0)
    this.uvarint(value.length + 1)
    this.raw(value)
  }

  private splice(value: RecordsInput): void {
    const sources = value instanceof Uint8Array || 'bytes' in value ? [value] : value
    for (const source of sources) {
      const bytes = bytesOf(source)
      if (bytes === 0) {
        if (!(source instanceof Uint8Array)) source.release?.()
        continue
      }
      if (source instanceof Uint8Array && bytes < 512) {
        this.raw(source)
        continue
      }
      this.splices.push({ at: this.at, source })
      this.splicedBytes += bytes
    }
  }
  private recordsBytes(value: RecordsInput): number {
    if (value instanceof Uint8Array || 'bytes' in value) return bytesOf(value)
    let total = 0
    for (const source of value) total += bytesOf(source)
    return total
  }
  records(value: RecordsInput | null): void {
    if (value === null) return this.int32(-1)
    this.int32(this.recordsBytes(value))
    this.splice(value)
  }
  compactRecords(value: RecordsInput | null): void {
    if (value === null) return this.uvarint(0)
    this.uvarint(this.recordsBytes(value) + 1)
    this.splice(value)
  }

  /** Opens a tagged field; `closeTagged` with what this gave writes its size. */
  openTagged(tag: number): number {
    this.uvarint(tag)
    this.room(1)
    return this.at
  }
  /** One byte was kept for the size; a longer size moves the field along. */
  closeTagged(start: number): void {
    const size = this.at - start
    if (size < 0x80) {
      this.bytes[start - 1] = size
      return
    }
    let extra = 0
    for (let rest = size >>> 7; rest > 0; rest >>>= 7) extra++
    this.room(extra)
    this.bytes.copyWithin(start + extra, start, start + size)
    const end = this.at
    this.at = start - 1
    this.uvarint(size)
    this.at = end
  }
  unknownTaggedFields(fields: readonly UnknownTaggedField[]): void {
    for (const field of fields) {
      this.uvarint(field.tag)
      this.uvarint(field.bytes.length)
      this.raw(field.bytes)
    }
  }

  /** Sets four bytes written earlier. */
  patchInt32(at: number, value: number): void {
    this.bytes.writeInt32BE(value, at)
  }

  /** What was written, copied out of the shared buffer, with the record sets between. The writer is ready for the next message. */
  finish(): Part[] {
    const own = Buffer.allocUnsafe(this.at)
    this.bytes.copy(own, 0, 0, this.at)
    const parts: Part[] = []
    let from = 0
    for (const { at, source } of this.splices) {
      if (at > from) parts.push(own.subarray(from, at))
      parts.push(source instanceof Uint8Array ? asBuffer(source) : source)
      from = at
    }
    if (from < own.length || parts.length === 0) parts.push(own.subarray(from))
    this.reset()
    return parts
  }

  /** As `finish`, for messages without slices of files: one buffer. */
  finishBytes(): Buffer {
    const parts = this.finish()
    if (parts.length === 1) return parts[0] as Buffer
    return Buffer.concat(
      parts.map((part) => {
        if (part instanceof Uint8Array) return part
        throw new EncodeError('a slice of a file cannot be part of a message in memory')
      }),
    )
  }
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
