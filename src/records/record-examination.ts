import { Errors } from '../protocol/index.ts'
import type { AppendCheck, AppendRules, RecordError } from './append-check.ts'
import * as layout from './layout.ts'
import { RecordCursor } from './record-cursor.ts'

/** Kafka lists every record at fault; a batch of a million keyless records would get an answer of 100 MB. */
export const RECORD_ERRORS_MAX = 1000
const SHOWN_MAX = 3

const cursor = new RecordCursor()

/**
 * The slow look at the records of a batch which the quick walk did not like: says what is wrong with which, or that all is right and only
 * unusual. Sets error, record errors and maximum timestamp of `check`; returns whether the offset deltas are 0, 1, 2, …
 * Throws a KafkaError when the records do not fit together.
 */
export const examineRecords = (
  batch: Buffer,
  at: number,
  records: Buffer,
  start: number,
  end: number,
  rules: AppendRules,
  now: number,
  partition: string,
  check: AppendCheck,
): boolean => {
  cursor.openRecords(batch, at, records, start, end)
  const isLogAppendTime = layout.isLogAppendTime(batch, at)
  let offsetsRight = true
  let errors = 0
  let badTimestamps = 0
  let max: number = layout.NO_TIMESTAMP
  let exactMax: bigint | null = null
  while (cursor.next()) {
    if (cursor.offsetDelta !== cursor.index) offsetsRight = false
    const timestamp = Number.isSafeInteger(cursor.timestamp) ? cursor.timestamp : cursor.exactTimestamp()
    if (typeof timestamp === 'number') max = Math.max(max, timestamp)
    else if (exactMax === null || timestamp > exactMax) exactMax = timestamp
    if (rules.compacted && cursor.keyLength < 0) {
      if (errors++ < RECORD_ERRORS_MAX) addError(check.recordErrors, keyless(partition))
      continue
    }
    const badTimestamp = timestampError(timestamp, isLogAppendTime, rules, now)
    if (badTimestamp === null) continue
    badTimestamps++
    if (errors++ < RECORD_ERRORS_MAX) addError(check.recordErrors, badTimestamp)
  }
  if (errors > 0) report(check, errors, badTimestamps)
  check.maxTimestamp = max
  if (exactMax !== null && exactMax > BigInt(max)) {
    check.exactMaxTimestamp = exactMax
    check.maxTimestamp = Number(exactMax)
  }
  return offsetsRight
}

/** The texts on records are Kafka's: producers show them. */
const keyless = (partition: string): string => `Compacted topic cannot accept message without key in topic partition ${partition}`

/** "No limit" is the largest number of either side. */
const javaLong = (ms: number): bigint => (ms === Number.MAX_SAFE_INTEGER ? 2n ** 63n - 1n : BigInt(ms))
const int64 = (now: number, ms: bigint): bigint => BigInt.asIntN(64, BigInt(now) + ms)

const addError = (errors: RecordError[], message: string): void => {
  errors.push({ batchIndex: cursor.index, message })
}

const timestampError = (timestamp: number | bigint, isLogAppendTime: boolean, rules: AppendRules, now: number): string | null => {
  if (!rules.logAppendTime && timestamp !== layout.NO_TIMESTAMP) {
    // Kafka's difference is an int64 that wraps: a timestamp far in the past comes out as one of the future.
    const age = typeof timestamp === 'number' ? now - timestamp : Number(BigInt.asIntN(64, BigInt(now) - timestamp))
    if (age <= rules.timestampBeforeMaxMs && -age <= rules.timestampAfterMaxMs) return null
    const range = `[${int64(now, -javaLong(rules.timestampBeforeMaxMs))}, ${int64(now, javaLong(rules.timestampAfterMaxMs))}]`
    return `Timestamp ${timestamp} of message with offset ${cursor.offset} is out of range. The timestamp should be within ${range}`
  }
  return isLogAppendTime ? `The record at offset ${cursor.offset} says LogAppendTime, which is not for producers to say` : null
}

const report = (check: AppendCheck, errors: number, badTimestamps: number): void => {
  if (badTimestamps > 0) {
    check.error = Errors.INVALID_TIMESTAMP
    check.message = 'One or more records have been rejected due to invalid timestamp'
    return
  }
  const shown = check.recordErrors
    .slice(0, SHOWN_MAX)
    .map(({ batchIndex, message }) => `RecordError(batchIndex=${batchIndex}, message='${message}')`)
  check.error = Errors.INVALID_RECORD
  check.message =
    `One or more records have been rejected due to ${errors} record errors in total, ` +
    `and only showing the first three errors at most: [${shown.join(', ')}]`
}
