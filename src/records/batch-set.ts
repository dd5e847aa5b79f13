import { crc32 } from 'node:zlib'
import { crc32c } from '../base/index.ts'
import {
  ATTRIBUTES_AT,
  BATCH_LENGTH_AT,
  CURRENT_MAGIC,
  HEADER_UP_TO_MAGIC,
  LOG_OVERHEAD,
  MAGIC_AT,
  RECORDS_AT,
  storedCrc,
} from './layout.ts'
import { LEGACY_CRC_AT, LEGACY_OVERHEAD } from './legacy-layout.ts'

/**
 * A record set is batches end to end, perhaps with an incomplete one at its end (a fetch is cut at a byte, a torn write too).
 *
 *     for (let at = start; ; at += size) { const size = nextBatchBytes(bytes, at, end); if (size <= 0) break; … }
 */

/** Too few bytes left for a batch: the end of the set. */
export const NO_BATCH = 0
/** What lies here cannot be a batch: CORRUPT_MESSAGE. */
export const BAD_BATCH = -1

/** Size of the batch at `at` when it lies wholly before `end`; else NO_BATCH or BAD_BATCH. Says nothing yet about its content. */
export const nextBatchBytes = (bytes: Buffer, at: number, end: number): number => {
  const remaining = end - at
  if (remaining < LOG_OVERHEAD) return NO_BATCH
  const length = bytes.readInt32BE(at + BATCH_LENGTH_AT)
  if (length < LEGACY_OVERHEAD[0]) return BAD_BATCH
  if (remaining < HEADER_UP_TO_MAGIC) return NO_BATCH
  if (bytes[at + MAGIC_AT]! > CURRENT_MAGIC) return BAD_BATCH
  return length + LOG_OVERHEAD > remaining ? NO_BATCH : length + LOG_OVERHEAD
}

export const computeCrc = (bytes: Buffer, at: number, size: number): number => crc32c(bytes, at + ATTRIBUTES_AT, at + size)

/** Whether the checksum of the batch at `at` of `size` bytes holds, in every magic: enough for bytes from another broker or from disk. */
export const isBatchValid = (bytes: Buffer, at: number, size: number): boolean => {
  const magic = bytes[at + MAGIC_AT]!
  if (magic === CURRENT_MAGIC) return size >= RECORDS_AT && storedCrc(bytes, at) === computeCrc(bytes, at, size)
  if (magic > CURRENT_MAGIC) return false
  return isMessageValid(bytes, at, size)
}

/** Magic 0 and 1: CRC-32 (IEEE) from the magic to the end. */
export const isMessageValid = (bytes: Buffer, at: number, size: number): boolean =>
  size >= LOG_OVERHEAD + LEGACY_OVERHEAD[0] && bytes.readUInt32BE(at + LEGACY_CRC_AT) === crc32(bytes.subarray(at + MAGIC_AT, at + size))
