import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Errors, KafkaError } from '../../src/protocol/index.ts'
import { BatchBuilder, Codec, isBatchValid, RecordCursor, readRecords } from '../../src/records/index.ts'
import {
  readVarint,
  readVarlong,
  readVarlongExact,
  varintBytes,
  varintEnd,
  varlongBytes,
  writeVarint,
  writeVarlong,
} from '../../src/records/varint.ts'

const batch = (baseOffset: number, codec: number, ...values: string[]): Buffer => {
  const builder = new BatchBuilder({ baseOffset, codec })
  for (const value of values) builder.append(1000 + builder.count, null, Buffer.from(value))
  return builder.close()
}

test('a set of batches reads as one run of records, up to the batch that is cut off', () => {
  const first = batch(10, Codec.none, 'a', 'b')
  const bytes = Buffer.concat([Buffer.alloc(5), first, batch(12, Codec.zstd, 'c'), batch(13, Codec.lz4, 'd').subarray(0, 70)])
  const seen = [...readRecords(bytes, 5)].map(({ offset, timestamp, value, batchAt }) => [offset, timestamp, value!.toString(), batchAt])
  const second = 5 + first.length
  assert.deepEqual(seen, [
    [10, 1000, 'a', 5],
    [11, 1001, 'b', 5],
    [12, 1000, 'c', second],
  ])
})

test('bytes that cannot be a batch are named, not skipped', () => {
  const bytes = Buffer.concat([batch(0, Codec.none, 'a'), Buffer.alloc(20)])
  assert.throws(
    () => [...readRecords(bytes)],
    (error) => error instanceof KafkaError && error.code === Errors.CORRUPT_MESSAGE,
  )
})

test('timestamps beyond 2^53 pass from batch to batch without losing a digit', () => {
  const source = batch(0, Codec.none, 'a', 'b', 'c')
  source.writeBigInt64BE(-(2n ** 62n) - 1n, 27)
  const builder = new BatchBuilder({ codec: Codec.gzip })
  builder.append(50, null, null)
  const cursor = new RecordCursor().open(source, 0)
  while (cursor.next()) builder.appendRecord(cursor, cursor.offset + 1)
  builder.append(70, null, null)
  const copy = builder.close()
  assert.ok(isBatchValid(copy, 0, copy.length))
  const exact: bigint[] = []
  cursor.open(copy, 0)
  while (cursor.next()) exact.push(cursor.exactTimestamp())
  const far = -(2n ** 62n) - 1n
  assert.deepEqual(exact, [50n, far, far + 1n, far + 2n, 70n])
  assert.equal(copy.readBigInt64BE(35), 70n)
})

test('varints of every length read back, and one that never ends is beyond every limit', () => {
  const bytes = Buffer.alloc(16)
  const int32 = fc.integer()
  fc.assert(
    fc.property(int32, (value) => {
      const end = writeVarint(bytes, 3, value)
      assert.equal(end - 3, varintBytes(value))
      assert.deepEqual([readVarint(bytes, 3), varintEnd], [value, end])
      assert.deepEqual([readVarlong(bytes, 3), varintEnd], [value, end])
    }),
  )
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      const end = writeVarlong(bytes, 3, value)
      assert.equal(end - 3, varlongBytes(value))
      assert.deepEqual([readVarlongExact(bytes, 3), varintEnd], [value, end])
      assert.deepEqual([readVarlong(bytes, 3), varintEnd], [Number(value), end])
    }),
  )
  bytes.fill(0xff)
  readVarint(bytes, 0)
  assert.ok(varintEnd > 2 ** 32)
  readVarlong(bytes, 0)
  assert.ok(varintEnd > 2 ** 32)
})
