import { compressSync, uncompressSync } from 'lz4-napi'
import { giveBack } from './memory-return.ts'
import { corruptRecord, tooLarge } from './rejection.ts'
import { xxhash32 } from './xxhash32.ts'

/**
 * LZ4 frames by hand over the block functions of lz4-napi, whose own frame reader has no size limit and accepts truncated frames.
 *
 *     magic 04224d18 · FLG · BD · [content size 8] · HC │ block length (top bit: stored) · block · [block checksum] │ … │ 0 · [content checksum]
 *
 * Little-endian. Kafka writes independent blocks of 64 KiB without checksums and reads only independent blocks. Magic 0 took the header
 * checksum over the frame magic as well (KIP-57): written so, not checked when read.
 */
const MAGIC = 0x184d2204
const FLAGS = 0x60
const BLOCK_64_KIB = 0x40
const BLOCK_BYTES = 65536
const STORED = 0x80000000

const FLAG_CONTENT_CHECKSUM = 0x04
const FLAG_CONTENT_SIZE = 0x08
const FLAG_BLOCK_CHECKSUM = 0x10

/** An LZ4 sequence of n bytes yields at most 255 n: what a block may claim is limited by what it weighs. */
const EXPANSION_MAX = 255
const LIKELY_EXPANSION = 8
const LIKELY_BYTES_MIN = 1024

const headerChecksum = (bytes: Buffer, start: number, end: number): number => (xxhash32(bytes, start, end) >>> 8) & 0xff

export const compressLz4 = (source: Buffer, brokenHeaderChecksum: boolean): Buffer => {
  const header = Buffer.allocUnsafe(7)
  header.writeUInt32LE(MAGIC, 0)
  header[4] = FLAGS
  header[5] = BLOCK_64_KIB
  header[6] = headerChecksum(header, brokenHeaderChecksum ? 0 : 4, 6)
  const parts: Buffer[] = [header]
  for (let at = 0; at < source.length; at += BLOCK_BYTES) {
    const block = source.subarray(at, Math.min(at + BLOCK_BYTES, source.length))
    // The library puts the raw length before the block: exactly the place of the frame's block length.
    const packed = compressSync(block)
    if (packed.length - 4 < block.length) {
      packed.writeUInt32LE(packed.length - 4, 0)
      parts.push(packed)
    } else {
      const length = Buffer.allocUnsafe(4)
      length.writeUInt32LE((STORED | block.length) >>> 0, 0)
      parts.push(length, block)
    }
  }
  parts.push(Buffer.alloc(4))
  return Buffer.concat(parts)
}

/** Reads one frame; what follows its end mark is ignored, as in Kafka. */
export const decompressLz4 = (bytes: Buffer, start: number, end: number, limitBytes: number, ignoreHeaderChecksum: boolean): Buffer => {
  if (end - start < 7 || bytes.readUInt32LE(start) !== MAGIC) throw corruptRecord('not an LZ4 frame')
  const flags = bytes[start + 4]!
  const descriptor = bytes[start + 5]!
  if ((flags & 0xe3) !== FLAGS)
    throw corruptRecord(`LZ4 frame flags 0x${flags.toString(16)}: only version 1 with independent blocks is read`)
  if ((descriptor & 0x8f) !== 0 || descriptor < BLOCK_64_KIB) throw corruptRecord('LZ4 frame with an unknown block size')
  const blockBytesMax = 1 << (2 * (descriptor >>> 4) + 8)
  const checksumAt = start + ((flags & FLAG_CONTENT_SIZE) === 0 ? 6 : 14)
  if (checksumAt >= end) throw corruptRecord('LZ4 frame ends within its header')
  if (!ignoreHeaderChecksum && bytes[checksumAt] !== headerChecksum(bytes, start + 4, checksumAt)) {
    throw corruptRecord('LZ4 frame header does not match its checksum')
  }
  return readBlocks(bytes, checksumAt + 1, end, flags, blockBytesMax, limitBytes)
}

const readBlocks = (bytes: Buffer, start: number, end: number, flags: number, blockBytesMax: number, limitBytes: number): Buffer => {
  const blocks: Buffer[] = []
  const checksumBytes = (flags & FLAG_BLOCK_CHECKSUM) === 0 ? 0 : 4
  let total = 0
  for (let at = start; ; ) {
    if (end - at < 4) throw corruptRecord('LZ4 frame ends before its end mark')
    const word = bytes.readUInt32LE(at)
    at += 4
    if (word === 0) return whole(at, end, flags, blocks, total)
    const length = word & 0x7fffffff
    if (length > blockBytesMax || length + checksumBytes > end - at) throw corruptRecord('LZ4 block longer than its frame')
    if (checksumBytes > 0 && bytes.readUInt32LE(at + length) !== xxhash32(bytes, at, at + length)) {
      throw corruptRecord('LZ4 block does not match its checksum')
    }
    const remaining = limitBytes - total
    const block = word >= STORED ? bytes.subarray(at, at + length) : readBlock(bytes, at, length, blockBytesMax, remaining)
    if (block.length > remaining) throw tooLarge(`LZ4 frame holds more than ${limitBytes} bytes`)
    total += block.length
    blocks.push(block)
    at += length + checksumBytes
  }
}

/** Length prefix and block side by side, as the library wants them: grown to the largest block seen, at most 4 MiB. */
let scratch = Buffer.allocUnsafeSlow(4 + 16384)

const readBlock = (bytes: Buffer, at: number, length: number, blockBytesMax: number, remaining: number): Buffer => {
  if (scratch.length < 4 + length) scratch = Buffer.allocUnsafeSlow(4 + Math.max(length, 2 * scratch.length))
  bytes.copy(scratch, 4, at, at + length)
  const bound = Math.min(blockBytesMax, length * EXPANSION_MAX)
  const block = unpackedAsLearned(length, bound)
  if (block === null) throw bound > remaining ? tooLarge('LZ4 block beyond the limit') : corruptRecord('malformed LZ4 block')
  return block
}

/** What blocks of late came to, per packed byte, and a quarter more: at once up, slowly down. */
let expansion = LIKELY_EXPANSION

/** The library clears as many bytes as it is told to expect, so it is told what is likely first: a block seldom needs what it may need. */
const unpackedAsLearned = (length: number, bound: number): Buffer | null => {
  let bytes = Math.min(bound, Math.max(LIKELY_BYTES_MIN, Math.ceil(length * expansion)))
  let block = unpacked(length, bytes)
  while (block === null && bytes < bound) {
    bytes = Math.min(bound, bytes * LIKELY_EXPANSION)
    block = unpacked(length, bytes)
  }
  if (block === null) return null
  const observed = (block.length / length) * 1.25
  expansion = observed > expansion ? observed : expansion + (observed - expansion) / 100
  return block
}

const unpacked = (length: number, bytesMax: number): Buffer | null => {
  scratch.writeUInt32LE(bytesMax, 0)
  try {
    return uncompressSync(scratch.subarray(0, 4 + length))
  } catch {
    return null
  }
}

/** The content checksum is not compared, as in Kafka: the batch has its own over the packed bytes, and this one costs more than unpacking. */
const whole = (at: number, end: number, flags: number, blocks: readonly Buffer[], total: number): Buffer => {
  if ((flags & FLAG_CONTENT_CHECKSUM) !== 0 && end - at < 4) throw corruptRecord('LZ4 frame ends before its checksum')
  if (blocks.length === 1) return blocks[0]!
  const content = Buffer.concat(blocks, total)
  // Stored blocks are views of the frame, which is larger than they are: they stay.
  for (const block of blocks) giveBack(block)
  return content
}
