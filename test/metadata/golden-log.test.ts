import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { decodeRecord, encodeRecord, imageToRecords, MetadataImage, type MetadataRecord, metadataRecord } from '../../src/metadata/index.ts'
import { goldenCheckpoints, goldenMetadata } from './golden-metadata.ts'

const clusters = ['dynamic', 'static'] as const
const logOf = (cluster: string) => goldenMetadata(`${cluster}/__cluster_metadata-0/00000000000000000000.log`)
/** The features of a registration are a set; Kafka writes them in the order of its hash table. */
const inOrder = (record: MetadataRecord): MetadataRecord =>
  record.name === 'RegisterBrokerRecord' || record.name === 'RegisterControllerRecord'
    ? metadataRecord(record.name, record.version, {
        ...record.message,
        features: record.message.features.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      })
    : record
const hexOf = (records: Iterable<MetadataRecord>): string[] =>
  [...records].map((record) => encodeRecord(inOrder(record)).toString('hex')).sort()

describe('a metadata log of Apache Kafka 4.3.1', () => {
  for (const cluster of clusters) {
    test(`${cluster}: every record is written back byte for byte`, () => {
      const { values } = logOf(cluster)
      assert.ok(values.length > 100)
      for (const value of values) assert.equal(encodeRecord(decodeRecord(value)).toString('hex'), value.toString('hex'))
    })

    test(`${cluster}: replayed up to a snapshot, the image writes the snapshot's records`, () => {
      const { batches } = logOf(cluster)
      const checkpoints = goldenCheckpoints(cluster).filter((name) => !name.includes('/00000000000000000000-'))
      assert.ok(checkpoints.length >= 2)
      for (const checkpoint of checkpoints) {
        const end = Number(/\/(\d{20})-\d{10}\.checkpoint$/.exec(checkpoint)![1])
        const image = new MetadataImage()
        for (const batch of batches) if (batch.offset < end) image.replayBatch(batch)
        assert.equal(image.provenance.offset, end - 1)
        const records = goldenMetadata(checkpoint).batches.flatMap((batch) => batch.records)
        assert.deepEqual(hexOf(imageToRecords(image)), hexOf(records))
      }
    })

    test(`${cluster}: a node that loads each snapshot in turn, and then the rest of the log, ends where the log ends`, () => {
      const { batches } = logOf(cluster)
      const whole = new MetadataImage()
      for (const batch of batches) whole.replayBatch(batch)
      const image = new MetadataImage()
      for (const checkpoint of goldenCheckpoints(cluster)) {
        const [, offset, epoch] = /\/(\d{20})-(\d{10})\.checkpoint$/.exec(checkpoint)!
        const records = goldenMetadata(checkpoint).batches.flatMap((batch) => batch.records)
        image.loadSnapshot(records, { offset: Number(offset) - 1, epoch: Number(epoch), timestampMs: 0 })
      }
      for (const batch of batches) if (batch.baseOffset > image.provenance.offset) image.replayBatch(batch)
      assert.deepEqual(image.provenance, whole.provenance)
      assert.deepEqual(hexOf(imageToRecords(image)), hexOf(imageToRecords(whole)))
    })
  }

  test('the image holds what the files describe', () => {
    const image = new MetadataImage()
    for (const batch of logOf('dynamic').batches) image.replayBatch(batch)
    assert.equal(image.metadataVersion, 30)
    assert.equal(image.isElrEnabled, true)
    assert.deepEqual([...image.topicsByName.keys()].sort(), ['__consumer_offsets', '__transaction_state', 'compact', 'disk'])
    assert.equal(image.topic('disk')!.id, '416ItoPkTJOsPiRd_bOGiw')
    assert.equal(image.brokers.get(1)!.epoch, 23)
    assert.equal(image.brokers.get(1)!.fenced, true)
    assert.equal(image.configs.of(2, 'disk').get('segment.ms'), '3000')
    assert.equal(image.nextProducerId, 1000)
    const partition = image.partition('disk', 0)!
    // Cleanly stopped: no leader, the last one known and eligible.
    assert.deepEqual([partition.leader, partition.isr, partition.elr, partition.lastKnownElr], [-1, [], [1], [1]])
  })
})

test('the golden vectors of every metadata record frame and unframe', () => {
  const path = join(import.meta.dirname, '../vectors/messages/records-metadata.jsonl.gz')
  const lines = gunzipSync(readFileSync(path)).toString().trim().split('\n')
  const names = new Set<string>()
  for (const line of lines) {
    const { message, framed, variant } = JSON.parse(line) as { message: string; framed: string; variant: string }
    if (variant === 'long' || message === undefined || framed === undefined) continue
    const record = decodeRecord(Buffer.from(framed, 'hex'))
    assert.equal(record.name, message)
    assert.equal(encodeRecord(record).toString('hex'), framed, line.slice(0, 200))
    names.add(message)
  }
  assert.equal(names.size, 26)
})

test('a record that is not known, or longer than it says, is refused', () => {
  const refuse = (hex: string, why: RegExp) => assert.throws(() => decodeRecord(Buffer.from(hex, 'hex')), why)
  refuse('0001000000', /frame version 0/)
  refuse('01630000', /unknown type 99/)
  refuse('01146300', /NoOpRecord of version 99/)
  refuse('0114000000', /1 bytes left over/)
  refuse('', /./)
})
