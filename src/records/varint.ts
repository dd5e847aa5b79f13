/**
 * Zig-zag varints of the record format. Hot loops read one- and two-byte varints inline and come here for the rest.
 *
 * A reader needs two results, the value and where it ends. The end is left in `varintEnd`, which the next read overwrites: take it at once.
 * Reading past the end of the buffer sees zero bytes, so it ends; the caller compares positions with its limit afterwards.
 */
export let varintEnd = 0

/** `varintEnd` after a varint that does not end within its 5 or 10 bytes: beyond every limit a caller may have. */
export const VARINT_OVERLONG = Number.MAX_SAFE_INTEGER

/** The raw 32 bits, not yet zig-zag decoded. A fifth byte keeps its low four bits, as in Kafka. */
const readUnsigned = (bytes: Buffer, at: number): number => {
  let position = at
  let byte = bytes[position++]!
  let value = byte & 0x7f
  for (let shift = 7; byte >= 0x80; shift += 7) {
    if (shift > 28) {
      varintEnd = VARINT_OVERLONG
      return 0
    }
    byte = bytes[position++]!
    value |= (byte & 0x7f) << shift
  }
  varintEnd = position
  return value
}

export const readVarint = (bytes: Buffer, at: number): number => {
  const raw = readUnsigned(bytes, at)
  return (raw >>> 1) ^ -(raw & 1)
}

/** An int64 delta, rounded beyond 2^53: `readVarlongExact` has the exact value for those who must carry it. */
export const readVarlong = (bytes: Buffer, at: number): number => {
  // Four bytes hold 28 bits: all that the deltas of a usual batch need.
  let raw = 0
  for (let length = 0; length < 4; length++) {
    const byte = bytes[at + length]!
    raw |= (byte & 0x7f) << (7 * length)
    if (!(byte >= 0x80)) {
      varintEnd = at + length + 1
      return (raw >>> 1) ^ -(raw & 1)
    }
  }
  return Number(readVarlongExact(bytes, at))
}

export const readVarlongExact = (bytes: Buffer, at: number): bigint => {
  let raw = 0n
  let position = at
  for (let shift = 0n; shift <= 63n; shift += 7n) {
    const byte = bytes[position++] ?? 0
    raw |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) {
      varintEnd = position
      raw = BigInt.asUintN(64, raw)
      return BigInt.asIntN(64, (raw >> 1n) ^ -(raw & 1n))
    }
  }
  varintEnd = VARINT_OVERLONG
  return 0n
}

export const varintBytes = (value: number): number => {
  const raw = ((value << 1) ^ (value >> 31)) >>> 0
  return raw < 0x80 ? 1 : raw < 0x4000 ? 2 : raw < 0x200000 ? 3 : raw < 0x10000000 ? 4 : 5
}

/** Writes an int32 and returns the position behind it. */
export const writeVarint = (bytes: Buffer, at: number, value: number): number => {
  let raw = ((value << 1) ^ (value >> 31)) >>> 0
  while (raw >= 0x80) {
    bytes[at++] = (raw & 0x7f) | 0x80
    raw >>>= 7
  }
  bytes[at] = raw
  return at + 1
}

const INT32_LOW = -0x80000000
const INT32_HIGH = 0x7fffffff

/** Beyond int32 through bigint: deltas of more than 24 days within one batch are rare enough. */
export const varlongBytes = (value: number | bigint): number => {
  if (typeof value === 'number' && value >= INT32_LOW && value <= INT32_HIGH) return varintBytes(value)
  let raw = zigzag(BigInt(value))
  let length = 1
  for (; raw >= 0x80n; raw >>= 7n) length++
  return length
}

/** Writes an int64 and returns the position behind it. */
export const writeVarlong = (bytes: Buffer, at: number, value: number | bigint): number => {
  if (typeof value === 'number' && value >= INT32_LOW && value <= INT32_HIGH) return writeVarint(bytes, at, value)
  let raw = zigzag(BigInt(value))
  for (; raw >= 0x80n; raw >>= 7n) bytes[at++] = Number(raw & 0x7fn) | 0x80
  bytes[at] = Number(raw)
  return at + 1
}

const zigzag = (value: bigint): bigint => BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
