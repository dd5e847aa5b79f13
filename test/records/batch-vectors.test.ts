import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { KafkaError } from '../../src/protocol/index.ts'
import {
  BatchBuilder,
  baseOffset,
  baseSequence,
  baseTimestamp,
  batchBytes,
  Codec,
  codecName,
  compressionOf,
  controlTypeOf,
  emptyBatch,
  endTransactionOf,
  hasDeleteHorizon,
  isBatchValid,
  isControl,
  isLogAppendTime,
  isTransactional,
  lastOffset,
  lastSequence,
  leaderEpoch,
  magic,
  maxTimestamp,
  nextBatchBytes,
  producerEpoch,
  producerId,
  RecordCursor,
  readRecords,
  recordCount,
  storedCrc,
} from '../../src/records/index.ts'

/** Record sets written by Apache Kafka 4.3.1 (magic 2) and by its own writers of magic 0 and 1, with what its readers make of them. */
interface Vector {
  name: string
  hex: string
  batches: VectorBatch[]
}
interface VectorBatch {
  magic: number
  valid: boolean
  records?: VectorRecord[]
  [field: string]: unknown
}
interface VectorRecord {
  offset: number
  timestamp: number
  sequence?: number
  sizeInBytes?: number
  key: string | null
  value?: string | null
  valueLength?: number
  valueSha256?: string
  headers?: { key: string; value: string | null }[]
  control?: { type: number; coordinatorEpoch?: number }
}

const lines = gunzipSync(readFileSync(new URL('../vectors/batches.jsonl.gz', import.meta.url)))
  .toString()
  .trim()
  .split('\n')
const vectors = lines.map((line) => JSON.parse(line) as Vector)
const hex = (bytes: Buffer | null): string | null => (bytes === null ? null : bytes.toString('hex'))

for (const vector of vectors) {
  test(`${vector.name} reads as Apache Kafka reads it`, () => {
    const bytes = Buffer.from(vector.hex, 'hex')
    let at = 0
    for (const expected of vector.batches) {
      const size = nextBatchBytes(bytes, at, bytes.length)
      assert.ok(size > 0)
      if (expected.magic === 2) assert.deepEqual(headerOf(bytes, at), withoutRecords(expected))
      assert.equal(isBatchValid(bytes, at, size), expected.valid)
      if (expected.valid) checkRecords(bytes, at, expected)
      at += size
    }
    assert.equal(nextBatchBytes(bytes, at, bytes.length), 0)
  })
}

const withoutRecords = ({ records: _, ...header }: VectorBatch) => header

const headerOf = (bytes: Buffer, at: number) => ({
  magic: magic(bytes, at),
  sizeInBytes: batchBytes(bytes, at),
  valid: isBatchValid(bytes, at, batchBytes(bytes, at)),
  compression: codecName(compressionOf(bytes, at)),
  timestampType: isLogAppendTime(bytes, at) ? 'LogAppendTime' : 'CreateTime',
  baseOffset: baseOffset(bytes, at),
  lastOffset: lastOffset(bytes, at),
  nextOffset: lastOffset(bytes, at) + 1,
  maxTimestamp: maxTimestamp(bytes, at),
  crc: storedCrc(bytes, at),
  partitionLeaderEpoch: leaderEpoch(bytes, at),
  producerId: producerId(bytes, at),
  producerEpoch: producerEpoch(bytes, at),
  baseSequence: baseSequence(bytes, at),
  lastSequence: lastSequence(bytes, at),
  count: recordCount(bytes, at),
  baseTimestamp: baseTimestamp(bytes, at),
  isTransactional: isTransactional(bytes, at),
  isControl: isControl(bytes, at),
  deleteHorizonMs: hasDeleteHorizon(bytes, at) ? baseTimestamp(bytes, at) : null,
})

const checkRecords = (bytes: Buffer, at: number, expected: VectorBatch) => {
  const cursor = new RecordCursor().open(bytes, at)
  for (const record of expected.records ?? []) {
    assert.ok(cursor.next())
    assert.ok(cursor.isRecordValid())
    assert.equal(cursor.offset, record.offset)
    assert.equal(cursor.timestamp, record.timestamp)
    assert.equal(hex(cursor.key()), record.key)
    if (record.valueSha256 === undefined) assert.equal(hex(cursor.value()), record.value)
    else {
      assert.equal(cursor.valueLength, record.valueLength)
      assert.equal(createHash('sha256').update(cursor.value()!).digest('hex'), record.valueSha256)
    }
    if (record.sequence !== undefined) assert.equal(cursor.sequence, record.sequence)
    if (record.sizeInBytes !== undefined) assert.equal(cursor.recordEnd - cursor.recordAt, record.sizeInBytes)
    assert.deepEqual(
      cursor.headers().map((header) => ({ key: header.key, value: hex(header.value) })),
      record.headers ?? [],
    )
    if (record.control !== undefined) checkControl(bytes, at, cursor, record.control)
  }
  assert.equal(cursor.next(), false)
}

const checkControl = (bytes: Buffer, at: number, cursor: RecordCursor, control: { type: number; coordinatorEpoch?: number }) => {
  assert.equal(controlTypeOf(cursor), control.type)
  const marker = control.coordinatorEpoch === undefined ? null : { type: control.type, coordinatorEpoch: control.coordinatorEpoch }
  assert.deepEqual(endTransactionOf(bytes, at), marker)
}

test('an uncompressed batch rebuilt from its parts has the bytes of Apache Kafka', () => {
  let rebuilt = 0
  for (const vector of vectors) {
    const bytes = Buffer.from(vector.hex, 'hex')
    let at = 0
    for (const { magic, valid } of vector.batches) {
      const size = nextBatchBytes(bytes, at, bytes.length)
      if (magic === 2 && valid && compressionOf(bytes, at) === Codec.none) {
        assert.equal(rebuild(bytes, at).toString('hex'), bytes.toString('hex', at, at + size), vector.name)
        rebuilt++
      }
      at += size
    }
  }
  assert.ok(rebuilt > 20)
})

const rebuild = (bytes: Buffer, at: number): Buffer => {
  const options = {
    baseOffset: baseOffset(bytes, at),
    leaderEpoch: leaderEpoch(bytes, at),
    producerId: producerId(bytes, at),
    producerEpoch: producerEpoch(bytes, at),
    baseSequence: baseSequence(bytes, at),
    transactional: isTransactional(bytes, at),
    control: isControl(bytes, at),
    ...(hasDeleteHorizon(bytes, at) && { deleteHorizon: baseTimestamp(bytes, at) }),
    ...(isLogAppendTime(bytes, at) && { logAppendTime: maxTimestamp(bytes, at) }),
  }
  if (recordCount(bytes, at) === 0) return emptyBatch(options, lastOffset(bytes, at), maxTimestamp(bytes, at))
  const builder = new BatchBuilder(options)
  const cursor = new RecordCursor().open(bytes, at)
  const base = baseTimestamp(bytes, at)
  while (cursor.next()) {
    // A LogAppendTime batch keeps the producer's timestamps in its deltas.
    const timestamp = isLogAppendTime(bytes, at) ? base + createTimeDeltas[cursor.index]! : cursor.timestamp
    const before = builder.sizeInBytes
    const announced = builder.recordBytes(timestamp, cursor.key(), cursor.value(), cursor.headers())
    builder.appendAt(cursor.offset, timestamp, cursor.key(), cursor.value(), cursor.headers())
    if (cursor.index === cursor.offsetDelta) assert.equal(builder.sizeInBytes - before, announced)
  }
  return builder.close(lastOffset(bytes, at))
}
const createTimeDeltas = [0, 5, 1000]

test('the sets of Apache Kafka with any byte changed read, or are refused with a code of Kafka', () => {
  const sets = vectors.map(({ hex }) => Buffer.from(hex, 'hex')).filter((bytes) => bytes.length < 1000)
  fc.assert(
    fc.property(fc.constantFrom(...sets), fc.nat(), fc.nat(255), (set, where, value) => {
      const bytes = Buffer.from(set)
      bytes[where % bytes.length] = value
      try {
        for (const record of readRecords(bytes, 0, bytes.length, 1_000_000)) assert.ok(Number.isFinite(record.offset))
      } catch (error) {
        assert.ok(error instanceof KafkaError, String(error))
      }
    }),
    { numRuns: 5000 },
  )
})
