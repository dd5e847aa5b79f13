import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { appendAsFollower } from '../../src/log/index.ts'
import { batchBytes } from '../../src/records/index.ts'
import { directoryContent, goldenBytes, goldenContent, goldenFiles, layOut } from './golden-files.ts'
import { batchesIn, logFixture, read, readAll } from './log-fixture.ts'

/** index.interval.bytes of the golden topics `disk` and `compact`: every batch but a segment's first is indexed. */
const dense = { indexIntervalBytes: 0 }
const disk = 'dynamic/disk-0/'

const goldenBatches = (prefix: string): [number, number][] =>
  goldenFiles(prefix).flatMap((each) => (each.batches ?? []).map((batch): [number, number] => [batch.baseOffset, batch.lastOffset]))

describe("a log directory of Apache Kafka 4.3.1's", () => {
  it('opens with all it holds, and closes without a byte changed', async (t) => {
    const { directory, open } = await logFixture(t)
    layOut(disk, directory)
    const log = await open({ recoveryPoint: 36, logStartOffset: 2, config: dense })
    assert.equal(log.logStartOffset, 2)
    assert.equal(log.logEndOffset, 36)
    assert.equal(log.topicId, '416ItoPkTJOsPiRd_bOGiw')
    assert.deepEqual(log.epochs.entries, [{ epoch: 0, startOffset: 2 }])
    assert.deepEqual(
      log.segments.map((segment) => segment.baseOffset),
      [0, 14, 32],
    )
    assert.deepEqual(log.snapshots, [14, 32, 36])
    const producers = goldenFiles(`${disk}00000000000000000036.snapshot`)[0]!.producers!
    assert.deepEqual(
      [...log.producers.states.values()].map((state) => ({
        producerId: state.producerId,
        producerEpoch: state.epoch,
        coordinatorEpoch: state.coordinatorEpoch,
        lastTimestamp: state.lastTimestamp,
        lastSeq: state.lastSequence,
        lastDataOffset: state.lastDataOffset,
        currentTxnFirstOffset: state.transactionFirstOffset,
      })),
      producers.map(({ firstSeq: _, ...rest }) => rest),
    )
    await log.close()
    assert.deepEqual(directoryContent(directory), goldenContent(disk))
  })

  it('is read batch for batch from every offset, with the aborted transactions that Kafka indexed', async (t) => {
    const { directory, open } = await logFixture(t)
    layOut(disk, directory)
    const log = await open({ recoveryPoint: 36, logStartOffset: 0, config: dense })
    const batches = goldenBatches(disk)
    for (let offset = 0; offset < 36; offset++) {
      const holder = batches.find(([, last]) => last >= offset)!
      assert.deepEqual(batchesIn((await read(log, offset)).data)[0], holder)
    }
    assert.deepEqual(batchesIn(await readAll(log)), batches)
    log.setHighWatermark(36)
    assert.equal(log.lastStableOffset, 36)
    const committed = await read(log, 14, 1 << 20, { upTo: 'last-stable-offset', minOneMessage: true })
    assert.deepEqual(committed.abortedTransactions, [{ producerId: 2, firstOffset: 15, lastOffset: 17, lastStableOffset: 18 }])
    assert.deepEqual((await read(log, 18, 1 << 20, { upTo: 'last-stable-offset', minOneMessage: true })).abortedTransactions, [])
  })

  for (const [prefix, config] of [
    [disk, dense],
    ['dynamic/compact-0/', {}],
    ['dynamic/__transaction_state-0/', {}],
    ['dynamic/__cluster_metadata-0/', {}],
    ['static/__cluster_metadata-0/', {}],
  ] as const) {
    it(`has its indexes, snapshots and epochs rebuilt to the same bytes when only the log files are left: ${prefix}`, async (t) => {
      const { directory, open } = await logFixture(t)
      layOut(prefix, directory, (name) => name.endsWith('.log') || name === 'partition.metadata')
      const log = await open({ clean: false, config })
      await log.close()
      const expected = goldenContent(prefix)
      const actual = directoryContent(directory)
      if (prefix === disk) {
        // The log start of 2 was in another file.
        expected['leader-epoch-checkpoint'] = Buffer.from('0\n1\n0 0\n').toString('hex')
      }
      assert.deepEqual(actual, expected)
    })
  }

  it('is written to the same bytes when its batches are appended one by one', async (t) => {
    const { directory, open } = await logFixture(t)
    const log = await open({ config: dense })
    for (const name of ['00000000000000000000', '00000000000000000014', '00000000000000000032']) {
      if (Number(name) > 0) assert.equal(log.roll(Number(name)).baseOffset, Number(name))
      const bytes = goldenBytes(`${disk}${name}.log`)
      for (let at = 0; at < bytes.length; at += batchBytes(bytes, at)) {
        const result = appendAsFollower(log, Buffer.from(bytes.subarray(at, at + batchBytes(bytes, at))), 0)
        assert.equal(result.error, undefined)
      }
      await log.written()
    }
    await log.close()
    const expected = goldenContent(disk)
    delete expected['partition.metadata']
    expected['leader-epoch-checkpoint'] = Buffer.from('0\n1\n0 0\n').toString('hex')
    assert.deepEqual(directoryContent(directory), expected)
  })
})
