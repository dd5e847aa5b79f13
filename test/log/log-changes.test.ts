import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { describe, it } from 'node:test'
import {
  appendAsLeader,
  deleteOldSegments,
  EARLIEST_TIMESTAMP,
  LATEST_TIERED_TIMESTAMP,
  LATEST_TIMESTAMP,
  MAX_TIMESTAMP,
  offsetForTimestamp,
  raiseLogStartOffset,
  readLog,
  truncateFullyAndStartAt,
  truncateTo,
} from '../../src/log/index.ts'
import { batchesIn, bytesOf, leader, logFixture, read, readAll, toLogEnd } from './log-fixture.ts'
import { endMarker, plainBatch, sampleBatch } from './sample-batches.ts'

const small = { segmentBytes: 1000, indexIntervalBytes: 100, fileDeleteDelayMs: 0 }

describe('truncating a log', () => {
  it('removes what ends at or after an offset, in all files, and goes on from there', async (t) => {
    const { open } = await logFixture(t)
    const log = await open({ config: small })
    for (let n = 0; n < 30; n++)
      appendAsLeader(log, plainBatch(2, 60, { producerId: 1, producerEpoch: 0, baseSequence: 2 * n, timestamp: 1000 + n }), {
        ...leader,
        leaderEpoch: n >> 3,
      })
    await log.written()
    const before = await readAll(log)
    assert.equal(await truncateTo(log, 60), false)
    assert.equal(await truncateTo(log, 31), true)
    assert.equal(log.logEndOffset, 30, 'the batch that held 31 is gone as a whole')
    assert.deepEqual(log.epochs.latest, { epoch: 1, startOffset: 16 })
    assert.deepEqual(await readAll(log), before.subarray(0, before.length / 2))
    assert.equal(log.producers.states.get(1)?.lastSequence, 29)
    assert.deepEqual(await offsetForTimestamp(log, MAX_TIMESTAMP), { timestamp: 1014, offset: 28, leaderEpoch: 1 })
    assert.equal(appendAsLeader(log, plainBatch(), { ...leader, leaderEpoch: 9 }).firstOffset, 30)
    await log.close()
    const again = await open({ config: small, recoveryPoint: 31 })
    assert.equal(again.logEndOffset, 31)
    assert.equal((await read(again, 30)).error, undefined)
  })

  it('can empty it and start anywhere', async (t) => {
    const { open, directory } = await logFixture(t)
    const log = await open({ config: small })
    for (let n = 0; n < 10; n++) appendAsLeader(log, plainBatch(2, 60), leader)
    await truncateFullyAndStartAt(log, 1000)
    assert.deepEqual([log.logStartOffset, log.logEndOffset, log.highWatermark, log.recoveryPoint], [1000, 1000, 1000, 1000])
    assert.equal(appendAsLeader(log, plainBatch(), leader).firstOffset, 1000)
    await log.written()
    assert.deepEqual(batchesIn((await read(log, 1000)).data), [[1000, 1000]])
    assert.deepEqual(
      readdirSync(directory).filter((name) => name.endsWith('.log')),
      ['00000000000000001000.log'],
    )
  })
})

describe('retention', () => {
  it('deletes whole old segments by time, never beyond the high watermark, and slices in flight stay readable', async (t) => {
    const { open, host } = await logFixture(t)
    const now = host.clock.now()
    const log = await open({ config: { ...small, retentionMs: 10_000 } })
    for (let n = 0; n < 30; n++) appendAsLeader(log, plainBatch(1, 300, { timestamp: n < 20 ? now - 60_000 : now }), leader)
    await log.written()
    assert.equal(await deleteOldSegments(log), 0)
    log.setHighWatermark(12)
    const inFlight = await readLog(log, 0, 1 << 20, toLogEnd)
    assert.equal(await deleteOldSegments(log), 6)
    assert.equal(log.logStartOffset, 12)
    log.setHighWatermark(30)
    assert.equal(await deleteOldSegments(log), 4)
    assert.equal(log.logStartOffset, 20)
    assert.equal((await read(log, 5)).error, 'OFFSET_OUT_OF_RANGE')
    assert.equal(batchesIn(await bytesOf(inFlight.records)).length, 2)
    assert.equal(log.snapshots[0], 20)
  })

  it('deletes by size and by a raised start offset, and empties a log that is wholly too old', async (t) => {
    const { open, directory } = await logFixture(t)
    const log = await open({ config: { ...small, retentionBytes: 3000, retentionMs: -1 } })
    for (let n = 0; n < 20; n++) appendAsLeader(log, plainBatch(1, 300), leader)
    await log.written()
    log.setHighWatermark(20)
    assert.equal(raiseLogStartOffset(log, 21), false)
    assert.equal(raiseLogStartOffset(log, 5), true)
    assert.equal(await deleteOldSegments(log), 5)
    assert.ok(log.bytes >= 3000 && log.bytes < 4000)
    log.config = { ...log.config, retentionMs: 1 }
    await deleteOldSegments(log)
    assert.deepEqual([log.logStartOffset, log.logEndOffset, log.bytes], [20, 20, 0])
    await log.queue.drained()
    await log.close()
    assert.equal((await open({ config: small, recoveryPoint: 20 })).logEndOffset, 20)
    assert.ok(readdirSync(directory).includes('00000000000000000020.log'))
  })
})

describe('offsets for timestamps', () => {
  it('are found to the record, across segments', async (t) => {
    const { open } = await logFixture(t)
    const log = await open({ config: small })
    for (let n = 0; n < 40; n++) {
      const records = [0, 3, 6].map((timestampDelta) => ({ timestampDelta, value: 'v'.repeat(20) }))
      appendAsLeader(log, sampleBatch({ timestamp: 1000 + 10 * n, records }), { ...leader, leaderEpoch: 2 })
    }
    const at = async (timestamp: number) => (await offsetForTimestamp(log, timestamp))?.offset
    assert.equal(await at(0), 0)
    assert.equal(await at(1000), 0)
    assert.equal(await at(1001), 1)
    assert.equal(await at(1004), 2)
    assert.equal(await at(1007), 3)
    assert.equal(await at(1396), 119)
    assert.equal(await at(1397), undefined)
    assert.equal(await at(EARLIEST_TIMESTAMP), 0)
    assert.equal(await at(LATEST_TIMESTAMP), 120)
    assert.equal(await at(LATEST_TIERED_TIMESTAMP), -1)
    assert.deepEqual(await offsetForTimestamp(log, MAX_TIMESTAMP), { timestamp: 1396, offset: 119, leaderEpoch: 2 })
    for (let timestamp = 1000; timestamp < 1397; timestamp++) {
      const expected = Math.floor((timestamp - 1000) / 10) * 3 + [0, 1, 1, 1, 2, 2, 2, 3, 3, 3][(timestamp - 1000) % 10]!
      assert.equal(await at(timestamp), expected)
    }
  })

  it('are right when records arrive out of time order', async (t) => {
    const { open } = await logFixture(t)
    const log = await open({ config: small })
    const times = [500, 100, 900, 300, 901, 200, 50]
    for (const timestamp of times) appendAsLeader(log, plainBatch(1, 200, { timestamp }), leader)
    for (const target of [0, 50, 100, 400, 500, 501, 900, 901])
      assert.equal(
        (await offsetForTimestamp(log, target))?.offset,
        times.findIndex((timestamp) => timestamp >= target),
      )
  })
})

describe('producers of a log', () => {
  const send = (sequence: number, producerEpoch = 0, count = 1) =>
    plainBatch(count, 5, { producerId: 9, producerEpoch, baseSequence: sequence })

  it('get the original offsets for any of their last five batches', async (t) => {
    const { open } = await logFixture(t)
    const log = await open()
    for (let n = 0; n < 7; n++) assert.equal(appendAsLeader(log, send(2 * n, 0, 2), leader).error, undefined)
    for (let n = 2; n < 7; n++) {
      const again = appendAsLeader(log, send(2 * n, 0, 2), leader)
      assert.deepEqual([again.duplicate, again.firstOffset, again.lastOffset], [true, 2 * n, 2 * n + 1])
    }
    assert.equal(appendAsLeader(log, send(2, 0, 2), leader).error, 'OUT_OF_ORDER_SEQUENCE_NUMBER')
    assert.equal(log.logEndOffset, 14)
  })

  it('may not skip a sequence, nor go back an epoch, nor begin a new epoch in the middle', async (t) => {
    const { open } = await logFixture(t)
    const log = await open()
    assert.equal(appendAsLeader(log, send(17, 3), leader).error, undefined, 'an unknown producer may begin anywhere')
    assert.equal(appendAsLeader(log, send(19, 3), leader).error, 'OUT_OF_ORDER_SEQUENCE_NUMBER')
    assert.equal(appendAsLeader(log, send(18, 2), leader).error, 'INVALID_PRODUCER_EPOCH')
    assert.equal(appendAsLeader(log, send(5, 4), leader).error, 'OUT_OF_ORDER_SEQUENCE_NUMBER')
    assert.equal(appendAsLeader(log, send(0, 4), leader).error, undefined)
    assert.equal(appendAsLeader(log, send(18, 3), leader).error, 'INVALID_PRODUCER_EPOCH')
    assert.equal(log.logEndOffset, 2)
  })

  it('wrap their sequences at 2^31', async (t) => {
    const { open } = await logFixture(t)
    const log = await open()
    assert.equal(appendAsLeader(log, send(0x7ffffffe, 0, 3), leader).error, undefined)
    assert.equal(appendAsLeader(log, send(1, 0, 2), leader).error, undefined)
    assert.equal(appendAsLeader(log, send(0x7ffffffe, 0, 3), leader).duplicate, true)
  })

  it('hold back the last stable offset until their transaction is decided and replicated', async (t) => {
    const { open } = await logFixture(t)
    const log = await open()
    const write = (producerId: number, baseSequence: number) =>
      sampleBatch({ producerId, producerEpoch: 0, baseSequence, transactional: true, records: [{ value: 'v' }] })
    const coordinator = { leaderEpoch: 0, origin: 'coordinator', transactionVersion: 0 } as const
    appendAsLeader(log, write(1, 0), leader)
    appendAsLeader(log, write(2, 0), leader)
    assert.equal(log.setHighWatermark(2), 2)
    assert.equal(log.lastStableOffset, 0)
    appendAsLeader(log, endMarker('abort', { producerId: 1, producerEpoch: 0 }), coordinator)
    assert.equal(log.lastStableOffset, 0)
    log.setHighWatermark(3)
    assert.equal(log.lastStableOffset, 1)
    appendAsLeader(log, endMarker('commit', { producerId: 2, producerEpoch: 0 }), coordinator)
    log.setHighWatermark(4)
    assert.equal(log.lastStableOffset, 4)
    const result = await readLog(log, 0, 1000, { upTo: 'last-stable-offset', minOneMessage: true })
    assert.deepEqual(result.abortedTransactions, [{ producerId: 1, firstOffset: 0, lastOffset: 2, lastStableOffset: 1 }])
    assert.equal(
      appendAsLeader(log, endMarker('commit', { producerId: 2, producerEpoch: 0, coordinatorEpoch: -1 }), coordinator).error,
      'TRANSACTION_COORDINATOR_FENCED',
    )
    assert.equal(
      appendAsLeader(log, sampleBatch({ producerId: 2, producerEpoch: 0, baseSequence: 1, records: [{}] }), leader).error,
      undefined,
    )
  })

  it('need a verified transaction where verification is on', async (t) => {
    const fixture = await logFixture(t)
    fixture.context = { ...fixture.context, rules: { ...fixture.context.rules, transactionVerification: true } }
    const log = await fixture.open()
    const write = () => sampleBatch({ producerId: 1, producerEpoch: 0, baseSequence: 0, transactional: true, records: [{ value: 'v' }] })
    assert.equal(appendAsLeader(log, write(), leader).error, 'INVALID_TXN_STATE')
    const verification = log.producers.startVerification(1, 0, 0, true, 0)
    assert.notEqual(verification, undefined)
    assert.equal(appendAsLeader(log, write(), { ...leader, verification }).error, undefined)
    assert.equal(log.producers.startVerification(1, 1, 0, true, 0), undefined)
  })
})
