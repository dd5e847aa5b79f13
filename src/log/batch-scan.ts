import { crc32 } from 'node:zlib'
import { crc32c } from '../base/index.ts'
import type { File } from '../host/index.ts'
import {
  ATTRIBUTES_AT,
  CURRENT_MAGIC,
  LAST_OFFSET_DELTA_AT,
  LOG_OVERHEAD,
  MAGIC_AT,
  maxTimestamp,
  NO_TIMESTAMP,
  RECORDS_AT,
  readInt64,
  storedCrc,
} from '../records/index.ts'
import type { Segment } from './segment.ts'

/** Bytes from which a batch's offsets, size and magic can be told. */
export const SCAN_HEADER_BYTES = LAST_OFFSET_DELTA_AT + 4
/** The smallest entry of the older formats: 12 bytes overhead, crc, magic, attributes, two empty lengths. */
const SMALLEST_LEGACY_BYTES = 26

/** Whether enough of what starts at `at` is among the `read` bytes; `left`: what the file holds from `at` on. */
export const headerFits = (at: number, read: number, left: number): boolean =>
  at + SCAN_HEADER_BYTES <= read || (left === SMALLEST_LEGACY_BYTES && at + left <= read)

/**
 * Size of the batch or message at `at`, or −1 when the bytes cannot be one. `headerFits` must hold.
 * Sizes are not checked against the end: the caller knows what follows.
 */
export const plausibleBytes = (bytes: Buffer, at: number): number => {
  const size = bytes.readInt32BE(at + 8) + LOG_OVERHEAD
  const magic = bytes[at + MAGIC_AT]!
  if (magic > CURRENT_MAGIC || bytes.readInt32BE(at) < 0) return -1
  if (magic < CURRENT_MAGIC) return size < SMALLEST_LEGACY_BYTES ? -1 : size
  return size < RECORDS_AT || at + SCAN_HEADER_BYTES > bytes.length || bytes.readInt32BE(at + LAST_OFFSET_DELTA_AT) < 0 ? -1 : size
}

/** Last offset of a batch; older formats store it as the (wrapper's) offset itself. */
export const scannedLastOffset = (bytes: Buffer, at: number): number =>
  bytes[at + MAGIC_AT]! < CURRENT_MAGIC ? readInt64(bytes, at) : readInt64(bytes, at) + bytes.readInt32BE(at + LAST_OFFSET_DELTA_AT)

/** Largest timestamp of a batch; message formats 0 and 1 carry none or their own. */
export const scannedMaxTimestamp = (bytes: Buffer, at: number): number => {
  const magic = bytes[at + MAGIC_AT]!
  if (magic === CURRENT_MAGIC) return maxTimestamp(bytes, at)
  return magic === 1 ? readInt64(bytes, at + 18) : NO_TIMESTAMP
}

/** Whether the checksum of a whole batch holds. */
export const checksumHolds = (bytes: Buffer, at: number, size: number): boolean => {
  if (bytes[at + MAGIC_AT]! === CURRENT_MAGIC) return crc32c(bytes, at + ATTRIBUTES_AT, at + size) === storedCrc(bytes, at)
  return crc32(bytes.subarray(at + MAGIC_AT, at + size)) === bytes.readUInt32BE(at + LOG_OVERHEAD)
}

/** Long walks beside the broker's work: how much at a time, and what to await after each piece. The visited bytes are valid until then. */
export interface WalkPace {
  readonly bytes: number
  pause(bytes: number): Promise<void>
}

/** Bytes read at a time while a segment is walked. */
export const WALK_BYTES = 1024 * 1024

/**
 * Visits the batches of a segment's file in order, whole, from `from` (the start of one) to `until`. A visit that gives false
 * ends the walk. Gives the position behind the last batch that was visited with success: short of `until` when what follows is
 * no whole batch.
 */
export const walkBatches = async (
  segment: Segment,
  from: number,
  until: number,
  visit: (bytes: Buffer, at: number, size: number, position: number) => boolean,
  pace?: WalkPace,
): Promise<number> =>
  segment.log.using(async (file) => {
    const borrowed = borrow(Math.min(pace?.bytes ?? WALK_BYTES, Math.max(until - from, SCAN_HEADER_BYTES)))
    try {
      return await walkFile(file, borrowed, from, until, visit, pace)
    } finally {
      if (spare.length < SPARE_MAXIMUM && borrowed.length === WALK_BYTES) spare.push(borrowed)
    }
  })

const SPARE_MAXIMUM = 8
const spare: Buffer[] = []
/** Start-up walks thousands of segments: their buffers are used again. */
const borrow = (bytes: number): Buffer =>
  bytes > WALK_BYTES / 4 ? (spare.pop() ?? Buffer.allocUnsafeSlow(WALK_BYTES)) : Buffer.allocUnsafeSlow(bytes)

const walkFile = async (
  file: File,
  borrowed: Buffer,
  from: number,
  until: number,
  visit: (bytes: Buffer, at: number, size: number, position: number) => boolean,
  pace?: WalkPace,
): Promise<number> => {
  let buffer = borrowed
  let position = from
  while (position < until) {
    const piece = Math.min(pace?.bytes ?? buffer.length, until - position)
    const read = await file.read(buffer.subarray(0, Math.min(buffer.length, buffer === borrowed ? piece : until - position)), position)
    let at = 0
    let wanted = 0
    while (headerFits(at, read, until - position - at)) {
      const size = plausibleBytes(buffer, at)
      if (size < 0 || size > until - position - at) return position + at
      if (at + size > read) {
        wanted = size
        break
      }
      if (!visit(buffer, at, size, position + at)) return position + at
      at += size
    }
    if (at === 0 && wanted <= read) return position
    if (at === 0) buffer = Buffer.allocUnsafeSlow(wanted)
    else buffer = borrowed
    position += at
    await pace?.pause(at)
  }
  return position
}
