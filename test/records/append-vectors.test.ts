import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { type ErrorName, errorName } from '../../src/protocol/index.ts'
import {
  AppendCheck,
  type AppendRules,
  Codec,
  type CodecName,
  checkAppend,
  compressionOf,
  isLogAppendTime,
  RecordCursor,
  stampAppend,
} from '../../src/records/index.ts'

/**
 * Produced record sets, right and wrong, with what the ProduceRequest and LogValidator classes of Apache Kafka 4.3.1 made of them at
 * time NOW for log end offset 5000 and leader epoch 7: an error and the records at fault, or the bytes to store. `readable` is false where
 * Kafka would store what its own consumers cannot read.
 */
interface Vector {
  hex: string
  compacted: boolean
  logAppendTime: boolean
  beforeMaxMs: string
  afterMaxMs: string
  compressionType: string
  produceVersion: number
  messageBytesMax: number
  error?: ErrorName
  batchIndexes?: number[]
  maxTimestamp?: string
  stored?: string
  readable?: boolean
}

const NOW = 1_700_000_000_000
const lines = gunzipSync(readFileSync(new URL('../vectors/append-checks.jsonl.gz', import.meta.url)))
  .toString()
  .trim()
  .split('\n')
const vectors = lines.map((line) => JSON.parse(line) as Vector)

const codecOf = (type: string): { codec?: number } =>
  type === 'producer' ? {} : { codec: type === 'uncompressed' ? Codec.none : Codec[type as CodecName] }

const rulesOf = (vector: Vector): AppendRules => ({
  origin: 'client',
  messageBytesMax: vector.messageBytesMax,
  compacted: vector.compacted,
  logAppendTime: vector.logAppendTime,
  timestampBeforeMaxMs: Number(vector.beforeMaxMs),
  timestampAfterMaxMs: Number(vector.afterMaxMs),
  zstdAllowed: vector.produceVersion >= 7,
  ...codecOf(vector.compressionType),
})

const checked = (vector: Vector, bytes: Buffer): AppendCheck => {
  const check = new AppendCheck()
  checkAppend(bytes, 0, bytes.length, rulesOf(vector), NOW, 'topic-0', check)
  return check
}

const isCompressed = (vector: Vector): boolean => compressionOf(Buffer.from(vector.hex, 'hex'), 0) !== Codec.none

const records = (bytes: Buffer): unknown[] => {
  const cursor = new RecordCursor().open(bytes, 0)
  const read: unknown[] = []
  while (cursor.next()) read.push([cursor.offset, cursor.exactTimestamp(), cursor.key(), cursor.value(), cursor.headers()])
  return read
}

const offsetDeltasAreRight = (bytes: Buffer): boolean => {
  const cursor = new RecordCursor().open(bytes, 0)
  while (cursor.next()) if (cursor.offsetDelta !== cursor.index) return false
  return true
}

test('what Kafka refuses with an error of its own is refused with the same error and the same records', () => {
  let compared = 0
  for (const vector of vectors) {
    if (vector.error === undefined || vector.error === 'UNKNOWN_SERVER_ERROR') continue
    const check = checked(vector, Buffer.from(vector.hex, 'hex'))
    const error = errorName(check.error)
    // Kafka unpacks as it walks: what it meets first may be a wrong record or a malformed stream.
    if (error === 'CORRUPT_MESSAGE' && check.message.includes('malformed')) continue
    assert.equal(error, vector.error, check.message)
    // Within compressed batches Kafka does not look at record lengths, so it gets as far as naming records.
    if (check.recordErrors.length === 0 && vector.batchIndexes!.length > 0 && isCompressed(vector)) continue
    assert.deepEqual(
      check.recordErrors.map((entry) => entry.batchIndex),
      vector.batchIndexes,
    )
    compared++
  }
  assert.ok(compared > 500)
})

test('where Kafka fails without an answer the error is named, or the batch is stored right', () => {
  const named = new Set(['CORRUPT_MESSAGE', 'UNSUPPORTED_COMPRESSION_TYPE', 'MESSAGE_TOO_LARGE', 'INVALID_RECORD'])
  let compared = 0
  for (const vector of vectors) {
    if (vector.error !== 'UNKNOWN_SERVER_ERROR') continue
    const check = checked(vector, Buffer.from(vector.hex, 'hex'))
    if (errorName(check.error) === 'NONE') {
      stampAppend(check, 5000, 7)
      assert.equal(records(check.bytes.subarray(check.at, check.at + check.size)).length, check.recordCount)
    } else assert.ok(named.has(errorName(check.error)), check.message)
    compared++
  }
  assert.ok(compared > 50)
})

test('what Kafka stores is stored with the same bytes, or after a conversion with the same records', () => {
  let inPlace = 0
  let converted = 0
  for (const vector of vectors) {
    if (vector.stored === undefined) continue
    const bytes = Buffer.from(vector.hex, 'hex')
    const claimsLogAppendTime = isLogAppendTime(bytes, 0)
    const theirs = Buffer.from(vector.stored, 'hex')
    const check = checked(vector, bytes)
    if (vector.readable === false) {
      assert.equal(errorName(check.error), 'INVALID_RECORD')
      continue
    }
    // Libraries pack differently tight, so a limit may be met by one of them only.
    if (check.converted && errorName(check.error) === 'MESSAGE_TOO_LARGE') continue
    assert.equal(errorName(check.error), 'NONE', check.message)
    assert.equal(String(check.exactMaxTimestamp ?? check.maxTimestamp), vector.maxTimestamp)
    stampAppend(check, 5000, 7)
    const ours = check.bytes.subarray(check.at, check.at + check.size)
    if (!check.converted) {
      assert.deepEqual(ours, theirs)
      inPlace++
    } else if (offsetDeltasAreRight(theirs) && !claimsLogAppendTime) {
      assert.deepEqual(records(ours), records(theirs))
      converted++
    }
  }
  assert.ok(inPlace > 100 && converted > 100)
})
