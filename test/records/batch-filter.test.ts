import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import {
  BatchBuilder,
  type BatchOptions,
  type BatchRetention,
  baseOffset,
  baseSequence,
  baseTimestamp,
  Codec,
  compressionOf,
  endTransactionBatch,
  filterBatch,
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
  producerEpoch,
  producerId,
  RecordCursor,
  type RecordFilter,
  recordCount,
} from '../../src/records/index.ts'

const NOW = 1_700_000_000_000
const HORIZON = NOW + 86_400_000

const options: BatchOptions = { baseOffset: 100, leaderEpoch: 4, producerId: 7, producerEpoch: 2, baseSequence: 30, transactional: true }

const batchOf = (values: (string | null)[], more: BatchOptions = {}): Buffer => {
  const builder = new BatchBuilder({ ...options, ...more })
  values.forEach((value, index) => {
    const headers = [{ key: 'h', value: Buffer.from([index]) }]
    builder.append(NOW + index, Buffer.from(`key-${index}`), value === null ? null : Buffer.from(value), headers)
  })
  return builder.close()
}

const keep = (indexes: number[], retention: BatchRetention = 'delete-empty', endsEmptyTransaction = false): RecordFilter => ({
  retentionOf: () => retention,
  endsEmptyTransaction: () => endsEmptyTransaction,
  retains: (_bytes, _at, cursor) => indexes.includes(cursor.index),
  deleteHorizon: HORIZON,
})

const totals = () => ({ recordsRead: 0, recordsRetained: 0, bytesRead: 0, bytesRetained: 0 })
const filtered = (bytes: Buffer, filter: RecordFilter): Buffer | null => filterBatch(bytes, 0, filter, totals())

const identity = (bytes: Buffer) => [
  baseOffset(bytes, 0),
  lastOffset(bytes, 0),
  leaderEpoch(bytes, 0),
  producerId(bytes, 0),
  producerEpoch(bytes, 0),
  baseSequence(bytes, 0),
  lastSequence(bytes, 0),
  isTransactional(bytes, 0),
  isControl(bytes, 0),
]

const read = (bytes: Buffer) => {
  const cursor = new RecordCursor().open(bytes, 0)
  const records = []
  while (cursor.next()) {
    records.push({
      offset: cursor.offset,
      timestamp: cursor.timestamp,
      key: cursor.key()?.toString(),
      value: cursor.value()?.toString(),
      headers: cursor.headers(),
    })
  }
  return records
}

test('a batch of which every record stays is passed on as it lies', () => {
  const bytes = batchOf(['a', 'b', 'c'])
  const kept = filtered(bytes, keep([0, 1, 2]))!
  assert.equal(kept.buffer, bytes.buffer)
  assert.deepEqual(kept, bytes)
})

test('a batch that loses records keeps its offsets, its producer and the records that stay', () => {
  for (const codec of Object.values(Codec)) {
    for (const logAppendTime of [undefined, NOW + 55]) {
      const bytes = batchOf(['a', 'b', 'c', 'd'], { codec, ...(logAppendTime !== undefined && { logAppendTime }) })
      const kept = filtered(bytes, keep([1, 2]))!
      assert.ok(isBatchValid(kept, 0, kept.length))
      assert.deepEqual(identity(kept), identity(bytes))
      assert.deepEqual(read(kept), read(bytes).slice(1, 3))
      assert.equal(compressionOf(kept, 0), codec)
      assert.equal(isLogAppendTime(kept, 0), logAppendTime !== undefined)
      assert.equal(maxTimestamp(kept, 0), logAppendTime ?? NOW + 2)
      assert.equal(hasDeleteHorizon(kept, 0), false)
    }
  }
})

test('the first tombstone that stays starts the delete horizon, which later passes leave alone', () => {
  const bytes = batchOf(['a', null, 'c'])
  const once = filtered(bytes, keep([0, 1, 2]))!
  assert.ok(isBatchValid(once, 0, once.length) && hasDeleteHorizon(once, 0))
  assert.equal(baseTimestamp(once, 0), HORIZON)
  assert.deepEqual(read(once), read(bytes))
  assert.deepEqual(filtered(once, keep([0, 1, 2])), once)
  const again = filterBatch(once, 0, { ...keep([1]), deleteHorizon: HORIZON + 5 }, totals())!
  assert.equal(baseTimestamp(again, 0), HORIZON)
  assert.deepEqual(read(again), read(bytes).slice(1, 2))
})

test('a marker of an empty transaction gets its delete horizon', () => {
  const marker = endTransactionBatch({ baseOffset: 9, producerId: 7, producerEpoch: 2 }, NOW, true, 3)
  const kept = filtered(marker, keep([0], 'delete-empty', true))!
  assert.ok(hasDeleteHorizon(kept, 0) && isControl(kept, 0) && isTransactional(kept, 0))
  assert.deepEqual(read(kept), read(marker))
})

test('a batch without records left goes, or stays as a header that remembers the sequence', () => {
  const bytes = batchOf(['a', 'b'], { codec: Codec.zstd })
  assert.equal(filtered(bytes, keep([], 'delete')), null)
  assert.equal(filtered(bytes, keep([], 'delete-empty')), null)
  const empty = filtered(bytes, keep([], 'retain-empty'))!
  assert.deepEqual([empty.length, recordCount(empty, 0), compressionOf(empty, 0), baseTimestamp(empty, 0)], [61, 0, 0, -1])
  assert.equal(maxTimestamp(empty, 0), NOW + 1)
  assert.deepEqual(identity(empty), identity(bytes))
  assert.deepEqual(filtered(empty, keep([], 'retain-empty')), empty)
})

test('messages of magic 0 and 1 come out as batches of magic 2', () => {
  const lines = gunzipSync(readFileSync(new URL('../vectors/batches.jsonl.gz', import.meta.url)))
    .toString()
    .trim()
    .split('\n')
  const legacy = lines.map((line) => JSON.parse(line)).filter(({ name }) => /^v[01]-(none|gzip|snappy|lz4)/.test(name))
  assert.ok(legacy.length > 15)
  for (const { name, hex } of legacy) {
    const bytes = Buffer.from(hex, 'hex')
    const kept = filtered(bytes, keep([0, 1, 2]))!
    assert.ok(isBatchValid(kept, 0, kept.length), name)
    assert.equal(magic(kept, 0), 2)
    assert.deepEqual(read(kept), read(bytes).slice(0, 3), name)
  }
})

test('whatever stays, it reads as before and the totals add up', () => {
  const value = fc.option(fc.string({ maxLength: 40 }), { nil: null })
  const codec = fc.constantFrom(...Object.values(Codec))
  fc.assert(
    fc.property(fc.array(fc.tuple(value, fc.boolean()), { minLength: 1, maxLength: 120 }), codec, (entries, codec) => {
      const bytes = batchOf(
        entries.map(([value]) => value),
        { codec },
      )
      const indexes = entries.flatMap(([, stays], index) => (stays ? [index] : []))
      const sums = totals()
      const kept = filterBatch(bytes, 0, keep(indexes, 'retain-empty'), sums)!
      const all = read(bytes)
      assert.deepEqual(
        read(kept),
        indexes.map((index) => all[index]),
      )
      assert.deepEqual(identity(kept), identity(bytes))
      assert.ok(isBatchValid(kept, 0, kept.length))
      const expected = { recordsRead: all.length, recordsRetained: indexes.length, bytesRead: bytes.length, bytesRetained: kept.length }
      assert.deepEqual(sums, expected)
    }),
    { numRuns: 150 },
  )
})
