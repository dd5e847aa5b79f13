import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Errors, errorName, KafkaError } from '../../src/protocol/index.ts'
import {
  AppendCheck,
  type AppendRules,
  BatchBuilder,
  type BatchOptions,
  baseOffset,
  baseTimestamp,
  Codec,
  type CodecName,
  ControlType,
  checkAppend,
  compressionOf,
  controlBatch,
  type Header,
  isBatchValid,
  isLogAppendTime,
  lastOffset,
  leaderEpoch,
  maxTimestamp,
  RecordCursor,
  sealBatch,
  stampAppend,
} from '../../src/records/index.ts'

const NOW = 1_700_000_000_000
const rules: AppendRules = {
  origin: 'client',
  messageBytesMax: 1_048_588,
  compacted: false,
  logAppendTime: false,
  timestampBeforeMaxMs: 2 ** 63,
  timestampAfterMaxMs: 3_600_000,
}

interface Sent {
  timestamp: number
  key: Buffer | null
  value: Buffer | null
  headers: Header[]
}

const sent = (value: string, key: string | null = 'key', timestamp = NOW): Sent => ({
  timestamp,
  key: key === null ? null : Buffer.from(key),
  value: Buffer.from(value),
  headers: [],
})

const build = (records: Sent[], options: BatchOptions = {}): Buffer => {
  const builder = new BatchBuilder(options)
  for (const record of records) builder.append(record.timestamp, record.key, record.value, record.headers)
  return builder.close()
}

const read = (bytes: Buffer, at = 0): Sent[] => {
  const cursor = new RecordCursor().open(bytes, at)
  const records: Sent[] = []
  while (cursor.next()) records.push({ timestamp: cursor.timestamp, key: cursor.key(), value: cursor.value(), headers: cursor.headers() })
  return records
}

const checked = (bytes: Buffer, changes: Partial<AppendRules> = {}): AppendCheck => {
  const check = new AppendCheck()
  const before = Buffer.from(bytes)
  const right = checkAppend(bytes, 0, bytes.length, { ...rules, ...changes }, NOW, 'topic-0', check)
  assert.equal(right, check.error === Errors.NONE)
  assert.deepEqual(bytes, before, 'a check writes nothing')
  return check
}

const errorOf = (bytes: Buffer, changes: Partial<AppendRules> = {}): string => errorName(checked(bytes, changes).error)

/** The batch with some bytes changed behind its producer's back, checksum made right again. */
const changed = (batch: Buffer, change: (batch: Buffer) => void): Buffer => {
  const copy = Buffer.from(batch)
  change(copy)
  sealBatch(copy, 0, copy.length)
  return copy
}

const setCount = (batch: Buffer, count: number): void => {
  batch.writeInt32BE(count - 1, 23)
  batch.writeInt32BE(count, 57)
}

const plain = build([sent('one'), sent('two'), sent('three')])

test('a right batch is taken as it lies and stamped in place without touching its checksum', () => {
  const bytes = Buffer.concat([plain])
  const check = checked(bytes)
  assert.equal(check.error, Errors.NONE)
  assert.deepEqual([check.recordCount, check.maxTimestamp, check.converted, check.stampsTimestamp], [3, NOW, false, false])
  stampAppend(check, 5000, 7)
  assert.equal(check.bytes, bytes)
  assert.deepEqual([baseOffset(bytes, 0), lastOffset(bytes, 0), leaderEpoch(bytes, 0)], [5000, 5002, 7])
  assert.ok(isBatchValid(bytes, 0, bytes.length))
  assert.deepEqual(bytes.subarray(16), plain.subarray(16))
})

test('an incomplete batch behind the first is left out, a whole one refused', () => {
  assert.equal(checked(Buffer.concat([plain, plain.subarray(0, 40)])).size, plain.length)
  assert.equal(errorOf(Buffer.concat([plain, plain])), 'INVALID_RECORD')
  assert.equal(errorOf(Buffer.concat([plain, Buffer.alloc(30)])), 'CORRUPT_MESSAGE')
})

test('what is no batch of magic 2 is refused as Kafka refuses it', () => {
  assert.equal(errorOf(Buffer.alloc(0)), 'INVALID_RECORD')
  assert.equal(errorOf(plain.subarray(0, plain.length - 1)), 'INVALID_RECORD')
  for (const [magic, error] of [
    [0, 'INVALID_RECORD'],
    [1, 'INVALID_RECORD'],
    [3, 'CORRUPT_MESSAGE'],
    [255, 'CORRUPT_MESSAGE'],
  ] as const) {
    assert.equal(errorOf(changed(plain, (batch) => (batch[16] = magic))), error)
  }
  const short = Buffer.from(plain)
  short.writeInt32BE(13, 8)
  assert.equal(errorOf(short), 'CORRUPT_MESSAGE')
  short.writeInt32BE(30, 8)
  assert.equal(errorOf(short.subarray(0, 42)), 'CORRUPT_MESSAGE')
})

test('every single wrong header field has its error', () => {
  const cases: [string, number, (batch: Buffer) => void][] = [
    ['base offset', Errors.INVALID_RECORD, (batch) => batch.writeInt32BE(1, 4)],
    ['codec', Errors.UNSUPPORTED_COMPRESSION_TYPE, (batch) => batch.writeInt16BE(7, 21)],
    ['control bit', Errors.INVALID_RECORD, (batch) => batch.writeInt16BE(0x20, 21)],
    ['last offset delta', Errors.INVALID_RECORD, (batch) => batch.writeInt32BE(3, 23)],
    ['negative last offset delta', Errors.INVALID_RECORD, (batch) => batch.writeInt32BE(-2, 23)],
    ['no sequence from an idempotent producer', Errors.INVALID_RECORD, (batch) => batch.writeBigInt64BE(9n, 43)],
    ['record count', Errors.INVALID_RECORD, (batch) => batch.writeInt32BE(2, 57)],
    ['negative record count', Errors.INVALID_RECORD, (batch) => batch.writeInt32BE(-3, 57)],
    ['count and offsets beyond the records', Errors.INVALID_RECORD, (batch) => setCount(batch, 4)],
    ['count and offsets short of the records', Errors.INVALID_RECORD, (batch) => setCount(batch, 2)],
    ['gzip that is none', Errors.CORRUPT_MESSAGE, (batch) => batch.writeInt16BE(1, 21)],
    ['lz4 that is none', Errors.CORRUPT_MESSAGE, (batch) => batch.writeInt16BE(3, 21)],
    ['zstd that is none', Errors.CORRUPT_MESSAGE, (batch) => batch.writeInt16BE(4, 21)],
    ['record length', Errors.INVALID_RECORD, (batch) => (batch[61] = 2)],
    ['negative record length', Errors.INVALID_RECORD, (batch) => (batch[61] = 1)],
    ['key length', Errors.INVALID_RECORD, (batch) => (batch[65] = 60)],
    ['header count', Errors.INVALID_RECORD, (batch) => (batch[61 + 13 - 1] = 80)],
    ['negative header count', Errors.INVALID_RECORD, (batch) => (batch[61 + 13 - 1] = 3)],
  ]
  for (const [name, error, change] of cases) assert.equal(checked(changed(plain, change)).error, error, name)
  assert.equal(errorOf(Buffer.from(plain).fill(1, 70, 71)), 'CORRUPT_MESSAGE')
})

test('sizes, old Produce versions and origins have their own rules', () => {
  assert.equal(errorOf(plain, { messageBytesMax: plain.length - 1 }), 'MESSAGE_TOO_LARGE')
  assert.equal(errorOf(plain, { messageBytesMax: plain.length }), 'NONE')
  assert.equal(errorOf(build([sent('v')], { codec: Codec.zstd }), { zstdAllowed: false }), 'UNSUPPORTED_COMPRESSION_TYPE')
  const marker = controlBatch({}, NOW, ControlType.snapshotFooter, Buffer.from([0, 0, 0]))
  assert.equal(errorOf(marker), 'INVALID_RECORD')
  assert.equal(errorOf(marker, { origin: 'coordinator' }), 'NONE')
  assert.equal(checked(marker, { origin: 'coordinator', codec: Codec.gzip }).converted, false, 'control records stay uncompressed')
  assert.equal(errorOf(plain, { origin: 'raft-leader', messageBytesMax: 1 }), 'NONE')
})

test('a compacted topic names the records without a key', () => {
  for (const codec of Object.values(Codec)) {
    const check = checked(build([sent('a'), sent('b', null), sent('c', ''), sent('d', null)], { codec }), { compacted: true })
    assert.equal(check.error, Errors.INVALID_RECORD)
    assert.deepEqual(
      check.recordErrors.map((error) => error.batchIndex),
      [1, 3],
    )
  }
  const many = checked(build(Array.from({ length: 3000 }, () => sent('v', null))), { compacted: true })
  assert.equal(many.recordErrors.length, 1000)
  assert.match(many.message, /due to 3000 record errors in total/)
})

test('timestamps must lie within the bounds of the topic, unless they are absent', () => {
  const at = (timestamp: number) => build([sent('a'), sent('b', 'k', timestamp), sent('c')])
  const bounds = { timestampBeforeMaxMs: 1000, timestampAfterMaxMs: 100 }
  assert.equal(errorOf(at(NOW - 1000), bounds), 'NONE')
  assert.equal(errorOf(at(NOW + 100), bounds), 'NONE')
  assert.equal(errorOf(at(-1), bounds), 'NONE')
  for (const timestamp of [NOW - 1001, NOW + 101, 0]) {
    const check = checked(at(timestamp), bounds)
    assert.equal(check.error, Errors.INVALID_TIMESTAMP)
    assert.deepEqual(
      check.recordErrors.map((error) => error.batchIndex),
      [1],
    )
    assert.match(check.recordErrors[0]!.message, new RegExp(`Timestamp ${timestamp} .* \\[${NOW - 1000}, ${NOW + 100}\\]`))
  }
  assert.equal(errorOf(at(NOW + 3_600_001)), 'INVALID_TIMESTAMP')
  assert.equal(errorOf(at(NOW + 3_600_001), { logAppendTime: true }), 'NONE')
})

test('a topic with LogAppendTime stamps its time and refuses producers who claim to', () => {
  const bytes = Buffer.from(build([sent('a', 'k', NOW - 50), sent('b', 'k', 3)], { codec: Codec.lz4 }))
  const check = checked(bytes, { logAppendTime: true })
  stampAppend(check, 10, 1)
  assert.ok(isLogAppendTime(bytes, 0) && isBatchValid(bytes, 0, bytes.length))
  assert.deepEqual(
    read(bytes).map((record) => record.timestamp),
    [NOW, NOW],
  )
  const claimed = build([sent('a'), sent('b')], { logAppendTime: NOW })
  assert.deepEqual(
    checked(claimed, { logAppendTime: true }).recordErrors.map((error) => error.batchIndex),
    [0, 1],
  )
  assert.equal(errorOf(claimed, { logAppendTime: true }), 'INVALID_TIMESTAMP')
})

test('a wrong maximum timestamp in the header is set right', () => {
  const bytes = changed(build([sent('a', 'k', NOW), sent('b', 'k', NOW + 9), sent('c', 'k', NOW + 4)]), (batch) =>
    batch.writeBigInt64BE(77n, 35),
  )
  const check = checked(bytes)
  assert.equal(check.maxTimestamp, NOW + 9)
  stampAppend(check, 0, 0)
  assert.equal(maxTimestamp(bytes, 0), NOW + 9)
  assert.ok(isBatchValid(bytes, 0, bytes.length))
})

test('timestamps beyond 2^53 are carried exactly or refused, never rounded', () => {
  const far = (base: bigint) =>
    changed(plain, (batch) => {
      batch.writeBigInt64BE(base, 27)
      batch.writeBigInt64BE(0n, 35)
    })
  assert.equal(errorOf(far(2n ** 60n + 1n)), 'INVALID_TIMESTAMP')
  assert.equal(errorOf(far(-(2n ** 63n))), 'INVALID_TIMESTAMP', 'the difference to now wraps, as it does in Kafka')
  const unbounded = { timestampAfterMaxMs: 2 ** 63 }
  for (const codec of [Codec.none, Codec.gzip]) {
    const check = checked(far(2n ** 60n + 1n), { ...unbounded, codec })
    assert.equal(check.error, Errors.NONE)
    stampAppend(check, 0, 0)
    assert.equal(check.bytes.readBigInt64BE(35), 2n ** 60n + 1n)
    assert.equal(check.bytes.readBigInt64BE(27), 2n ** 60n + 1n)
    assert.ok(isBatchValid(check.bytes, 0, check.size))
  }
})

test('wrong offset deltas are set right, compressed or not', () => {
  for (const codec of [Codec.none, Codec.snappy]) {
    const builder = new BatchBuilder({ codec })
    for (const [offset, value] of [
      [3, 'a'],
      [4, 'b'],
      [200, 'c'],
    ] as const)
      builder.appendAt(offset, NOW + offset, null, Buffer.from(value))
    const check = checked(builder.close(2))
    assert.equal(check.error, Errors.NONE)
    stampAppend(check, 40, 0)
    const cursor = new RecordCursor().open(check.bytes, check.at)
    const seen: unknown[] = []
    while (cursor.next()) seen.push([cursor.offset, cursor.timestamp, cursor.value()!.toString()])
    assert.deepEqual(seen, [
      [40, NOW + 3, 'a'],
      [41, NOW + 4, 'b'],
      [42, NOW + 200, 'c'],
    ])
    assert.equal(compressionOf(check.bytes, check.at), codec)
  }
})

test('a batch converts between any two codecs and stays what it was', () => {
  const records = Array.from({ length: 300 }, (_, index) =>
    sent(`value ${index} `.repeat(20), index % 3 === 0 ? null : `k${index}`, NOW + index),
  )
  for (const from of Object.values(Codec)) {
    for (const to of Object.values(Codec)) {
      const bytes = build(records, { codec: from, producerId: 12, producerEpoch: 3, baseSequence: 44, transactional: true })
      const check = checked(bytes, { codec: to, ...(to === Codec.gzip && { level: 1 }) })
      stampAppend(check, 900, 2)
      assert.equal(check.converted, from !== to)
      assert.equal(compressionOf(check.bytes, check.at), to)
      assert.ok(isBatchValid(check.bytes, check.at, check.size))
      assert.deepEqual(read(check.bytes, check.at), records)
      assert.deepEqual(check.bytes.subarray(check.at + 23, check.at + 61), bytes.subarray(23, 61))
    }
  }
  assert.equal(errorOf(build(records, { codec: Codec.zstd }), { codec: Codec.none, messageBytesMax: 20_000 }), 'MESSAGE_TOO_LARGE')
})

test('a batch that unpacks to more than the limit is refused', () => {
  for (const codec of [Codec.gzip, Codec.snappy, Codec.lz4, Codec.zstd]) {
    const bomb = build([sent('\0'.repeat(3_000_000))], { codec })
    assert.equal(errorOf(bomb, { decompressedBytesMax: 1_000_000 }), 'MESSAGE_TOO_LARGE')
    assert.equal(errorOf(bomb), 'NONE')
  }
})

const bytesOrNull = fc.option(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  { nil: null },
)
const plainObject = { noNullPrototype: true }
const anyHeader = fc.record({ key: fc.string({ unit: 'grapheme', maxLength: 20 }), value: bytesOrNull }, plainObject)
const anyRecord = fc.record(
  {
    timestamp: fc.oneof(fc.integer({ min: NOW - 5000, max: NOW + 5000 }), fc.constant(-1), fc.nat()),
    key: bytesOrNull,
    value: bytesOrNull,
    headers: fc.array(anyHeader, { maxLength: 4 }),
  },
  plainObject,
)
const anyBatch = fc.record({
  records: fc.array(anyRecord, { minLength: 1, maxLength: 150 }),
  codec: fc.constantFrom(...(Object.keys(Codec) as CodecName[])),
})

test('any batch built is right, and reads as it was built', () => {
  fc.assert(
    fc.property(anyBatch, ({ records, codec }) => {
      const bytes = build(records, { codec: Codec[codec] })
      const check = checked(bytes)
      assert.equal(check.error, Errors.NONE)
      assert.equal(check.stampsTimestamp, false)
      assert.equal(check.maxTimestamp, Math.max(...records.map((record) => record.timestamp)))
      assert.equal(baseTimestamp(bytes, 0), records[0]!.timestamp)
      assert.deepEqual(read(bytes), records)
    }),
    { numRuns: 300 },
  )
})

test('any bytes overwritten, under a checksum made right, end in a code of Kafka and in records that can be read', () => {
  const overwrite = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(anyBatch, overwrite, fc.boolean(), ({ records, codec }, overwrites, resealed) => {
      const bytes = build(records, { codec: Codec[codec] })
      // With the checksum made right only the bytes it covers matter; the length field then stays the true one.
      const from = resealed ? 21 : 0
      for (const [where, value] of overwrites) bytes[from + (where % (bytes.length - from))] = value
      if (resealed) sealBatch(bytes, 0, bytes.length)
      const check = checked(bytes, { decompressedBytesMax: 1_000_000 })
      if (check.error === Errors.NONE) {
        stampAppend(check, 100, 1)
        assert.ok(isBatchValid(check.bytes, check.at, check.size))
        assert.equal(read(check.bytes, check.at).length, check.recordCount)
      } else readOrRefuse(bytes)
    }),
    { numRuns: 3000 },
  )
})

const readOrRefuse = (bytes: Buffer): void => {
  try {
    read(bytes)
  } catch (error) {
    assert.ok(error instanceof KafkaError, String(error))
  }
}
