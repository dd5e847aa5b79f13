import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { murmur2, positiveHash } from '../../src/base/index.ts'
import { MadeBatches, type MadeBatchesOptions, type SettledBatch } from '../../src/bench/made-batches.ts'
import { Pace } from '../../src/bench/pace.ts'
import { parseRecordSizes, type RecordContent, RecordSource } from '../../src/bench/record-source.ts'
import { Stamps } from '../../src/bench/stamps.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { baseSequence, Codec, isBatchValid, lastOffsetDelta, producerId, readRecords, recordCount } from '../../src/records/index.ts'

const { clock, random } = nodeHost({ journal: silentJournal })
const stamp = { producerId: 7, producerEpoch: 1, baseSequence: 40 }

function supply(
  content: Partial<RecordContent>,
  options: Partial<MadeBatchesOptions> = {},
): { supply: MadeBatches; settled: SettledBatch[] } {
  const settled: SettledBatch[] = []
  const source = new RecordSource({ sizes: { kind: 'fixed', bytes: 100 }, kind: 'letters', keys: 0, ...content }, random)
  const made = new MadeBatches({
    ...{
      source,
      clock,
      partitionCount: 3,
      byKey: (content.keys ?? 0) > 0,
      batchSize: 4096,
      codec: Codec.none,
      level: undefined,
      reuse: true,
    },
    onSettled: (batch) => settled.push(batch),
    ...options,
  })
  return { supply: made, settled }
}

describe('made batches', () => {
  for (const [name, codec] of Object.entries(Codec))
    it(`are batches that any broker takes, full or not: ${name}`, () => {
      const { supply: made } = supply({}, { codec })
      for (const wanted of [1, 7, 1_000_000]) {
        const batch = made.open(0)
        const count = batch.take(wanted)
        const bytes = batch.close(stamp)
        assert.ok(isBatchValid(bytes, 0, bytes.length))
        assert.deepEqual(
          [recordCount(bytes, 0), lastOffsetDelta(bytes, 0), producerId(bytes, 0), baseSequence(bytes, 0)],
          [count, count - 1, 7, 40],
        )
        const records = [...readRecords(bytes)]
        assert.equal(records.length, count)
        for (const [index, { value, offset }] of records.entries()) {
          assert.equal(offset, index)
          assert.match(value!.toString(), /^[A-Z]{100}$/)
        }
      }
    })

  it('are as large as batch.size, packed as well', () => {
    for (const codec of [Codec.none, Codec.zstd]) {
      const batch = supply({}, { codec, batchSize: 16_384 }).supply.open(0)
      batch.take(1_000_000)
      assert.ok(batch.isFull)
      const { length } = batch.close(stamp)
      assert.ok(length > 14_000 && length <= 16_800, `${length} bytes`)
    }
  })

  it('hold a record that is larger than batch.size alone', () => {
    const batch = supply({ sizes: { kind: 'fixed', bytes: 10_000 } }).supply.open(0)
    assert.equal(batch.take(5), 1)
    assert.ok(batch.isFull)
  })

  it('are no larger than max.request.size, and hold no record that is', () => {
    const batch = supply({}, { requestSizeMax: 600, batchSize: 131_072 }).supply.open(0)
    assert.ok(batch.take(1_000_000) > 1)
    const { length } = batch.close(stamp)
    assert.ok(length <= 600, `${length} bytes`)
    assert.throws(
      () => supply({ sizes: { kind: 'fixed', bytes: 1024 } }, { requestSizeMax: 600 }).supply.open(0),
      /a record of \d+ bytes is larger than max\.request\.size=600/,
    )
  })

  it('take another sequence after they were closed', () => {
    const batch = supply({}).supply.open(0)
    batch.take(1_000_000)
    const bytes = batch.close(stamp)
    batch.restamp({ ...stamp, baseSequence: 0 })
    assert.equal(baseSequence(bytes, 0), 0)
    assert.ok(isBatchValid(bytes, 0, bytes.length))
  })

  it('use memory again once a full batch was answered, and not after a failure', () => {
    const { supply: made, settled } = supply({}, { batchSize: 8 * 1024 * 1024 })
    const full = (): { bytes: Buffer; settle: (error: null | Error) => void } => {
      const batch = made.open(0)
      batch.take(1_000_000)
      return { bytes: batch.close(stamp), settle: (error) => batch.settled(error as null) }
    }
    const first = full()
    first.settle(null)
    const second = full()
    assert.equal(second.bytes, first.bytes)
    assert.ok(isBatchValid(second.bytes, 0, second.bytes.length))
    second.settle(new Error('lost'))
    assert.notEqual(full().bytes, first.bytes)
    assert.equal(settled.length, 2)
  })

  it('carry keys that Kafka sends to their partition', () => {
    const { supply: made } = supply({ keys: 50 })
    for (const partition of [0, 1, 2]) {
      const batch = made.open(partition)
      batch.take(1_000_000)
      for (const { key } of readRecords(batch.close(stamp))) assert.equal(positiveHash(murmur2(key!)) % 3, partition)
    }
  })

  it('carry the time that each record was to be sent, and tell it when they are answered', () => {
    const { supply: made, settled } = supply(
      { sizes: { kind: 'uniform', least: 16, most: 90 } },
      { stamps: new Stamps(99), codec: Codec.lz4 },
    )
    made.pace = new Pace({ perSecond: 1000, countMax: 100, durationMs: Number.POSITIVE_INFINITY, warmUpRecords: 0, warmUpMs: 0 }, 5000)
    const batch = made.open(0)
    batch.take(10)
    batch.take(5)
    const values = [...readRecords(batch.close(stamp))].map(({ value }) => value!)
    assert.deepEqual(
      values.map((value) => [value.readUInt32BE(0), value.readUInt32BE(4)]),
      values.map((_, index) => [99, index]),
    )
    assert.deepEqual(
      values.map((value) => value.readDoubleBE(8)),
      values.map((_, index) => 5000 + index),
    )
    batch.settled(null)
    assert.deepEqual(
      settled[0]!.runs.map(({ firstMs, count }) => [firstMs, count]),
      [
        [5000, 10],
        [5010, 5],
      ],
    )
    assert.equal(
      settled[0]!.payloadBytes,
      values.reduce((sum, { length }) => sum + length, 0),
    )
  })
})

describe('sizes of records', () => {
  it('are one number, a range, or some with weights', () => {
    assert.deepEqual(parseRecordSizes('1024'), { kind: 'fixed', bytes: 1024 })
    assert.deepEqual(parseRecordSizes('100-2000'), { kind: 'uniform', least: 100, most: 2000 })
    assert.deepEqual(parseRecordSizes('100:80,10000:20'), {
      kind: 'weighted',
      sizes: [
        { bytes: 100, weight: 80 },
        { bytes: 10_000, weight: 20 },
      ],
    })
    for (const wrong of ['', '-1', 'big', '20-10', '100:0', '1:2:3', '9999999999999'])
      assert.equal(parseRecordSizes(wrong), undefined, wrong)
  })
})
