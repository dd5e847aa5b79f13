import { compressSync, uncompressSync } from 'snappy'
import { corruptRecord, tooLarge } from './rejection.ts'

/**
 * Snappy as Kafka uses it: the framing of xerial's snappy-java. Big-endian.
 *
 *     82 'SNAPPY' 00 · version int32 · compatible version int32 │ block length int32 · raw snappy block │ …
 *
 * Headers may repeat between blocks (concatenated streams). What does not start with a header is one raw block: some clients send that.
 */
const HEADER = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00, 0, 0, 0, 1, 0, 0, 0, 1])
const HEADER_MAGIC_BYTES = 8
/** First four bytes of the header as a length: negative, so never one. */
const HEADER_WORD = HEADER.readInt32BE(0)
const BLOCK_BYTES = 32768

/** A snappy copy yields at most 64 bytes of 2, so a block cannot say more than about 22 times its weight; generous, it only stops lies. */
const EXPANSION_MAX = 64

// The library's default output wraps foreign memory, whose bookkeeping costs more than copying it.
const copied = { copyOutputData: true }

export const compressSnappy = (source: Buffer): Buffer => {
  const parts: Buffer[] = [HEADER]
  for (let at = 0; at < source.length; at += BLOCK_BYTES) {
    const block = compressSync(source.subarray(at, Math.min(at + BLOCK_BYTES, source.length)), copied)
    const length = Buffer.allocUnsafe(4)
    length.writeInt32BE(block.length, 0)
    parts.push(length, block)
  }
  return Buffer.concat(parts)
}

export const decompressSnappy = (bytes: Buffer, start: number, end: number, limitBytes: number): Buffer => {
  if (!startsWithHeader(bytes, start, end)) return readBlock(bytes, start, end, limitBytes)
  const blocks: Buffer[] = []
  let total = 0
  for (let at = start; at < end; ) {
    if (end - at < 4) throw corruptRecord('snappy stream ends within a length')
    const length = bytes.readInt32BE(at)
    if (length === HEADER_WORD) {
      if (!startsWithHeader(bytes, at, end)) throw corruptRecord('snappy stream with a broken header')
      at += HEADER.length
      continue
    }
    at += 4
    if (length <= 0 || length > end - at) throw corruptRecord('snappy block longer than its stream')
    const block = readBlock(bytes, at, at + length, limitBytes - total)
    total += block.length
    blocks.push(block)
    at += length
  }
  return blocks.length === 1 ? blocks[0]! : Buffer.concat(blocks, total)
}

const startsWithHeader = (bytes: Buffer, at: number, end: number): boolean =>
  end - at >= HEADER.length &&
  HEADER.compare(bytes, at, at + HEADER_MAGIC_BYTES, 0, HEADER_MAGIC_BYTES) === 0 &&
  bytes.readInt32BE(at + 8) >= 1

const readBlock = (bytes: Buffer, start: number, end: number, limitBytes: number): Buffer => {
  const declared = declaredBytes(bytes, start, end)
  if (declared > limitBytes) throw tooLarge(`snappy block declares ${declared} bytes, more than the ${limitBytes} left`)
  if (declared > (end - start) * EXPANSION_MAX) throw corruptRecord('snappy block declares more bytes than it can hold')
  try {
    return uncompressSync(bytes.subarray(start, end), copied) as Buffer
  } catch {
    throw corruptRecord('malformed snappy block')
  }
}

/** The unsigned varint before every raw block. */
const declaredBytes = (bytes: Buffer, start: number, end: number): number => {
  let value = 0
  for (let at = start, unit = 1; at < end && at < start + 5; at++, unit *= 128) {
    const byte = bytes[at]!
    value += (byte & 0x7f) * unit
    if (byte < 0x80) return value
  }
  throw corruptRecord('snappy block without a length')
}
