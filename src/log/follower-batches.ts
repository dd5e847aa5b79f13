import { crc32c } from '../base/index.ts'
import type { ErrorName } from '../protocol/index.ts'
import {
  ATTRIBUTES_AT,
  baseOffset,
  CURRENT_MAGIC,
  lastOffset,
  leaderEpoch,
  magic,
  maxTimestamp,
  NO_LEADER_EPOCH,
  NO_TIMESTAMP,
  producerId,
  storedCrc,
} from '../records/index.ts'
import { plausibleBytes, SCAN_HEADER_BYTES } from './batch-scan.ts'

export interface FollowerBatches {
  readonly error: ErrorName | undefined
  /** What may be appended: whole batches from the front. */
  readonly bytes: number
  readonly endOffset: number
  readonly maxTimestamp: number
  readonly fromProducer: boolean
}

/** What a follower makes sure of before it takes a leader's batches (UnifiedLog.analyzeAndValidateRecords). */
export const checkFollowerBatches = (bytes: Buffer, nextOffset: number, currentLeaderEpoch: number): FollowerBatches => {
  let at = 0
  let expected = nextOffset
  let timestamp = NO_TIMESTAMP
  let fromProducer = false
  const result = (error?: ErrorName): FollowerBatches => ({ error, bytes: at, endOffset: expected, maxTimestamp: timestamp, fromProducer })
  while (at + SCAN_HEADER_BYTES <= bytes.length) {
    const size = plausibleBytes(bytes, at)
    if (size < 0) return result('CORRUPT_MESSAGE')
    if (at + size > bytes.length) break
    if (magic(bytes, at) !== CURRENT_MAGIC) return result('UNSUPPORTED_FOR_MESSAGE_FORMAT')
    const epoch = leaderEpoch(bytes, at)
    if (epoch !== NO_LEADER_EPOCH && epoch > currentLeaderEpoch) break
    if (baseOffset(bytes, at) < expected) return result('INVALID_RECORD')
    if (crc32c(bytes, at + ATTRIBUTES_AT, at + size) !== storedCrc(bytes, at)) return result('CORRUPT_MESSAGE')
    expected = lastOffset(bytes, at) + 1
    timestamp = Math.max(timestamp, maxTimestamp(bytes, at))
    if (producerId(bytes, at) >= 0) fromProducer = true
    at += size
  }
  return result()
}
