import assert from 'node:assert/strict'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { appendAsLeader } from '../../src/log/index.ts'
import { batchesIn, leader, logFixture, read, readAll } from './log-fixture.ts'
import { plainBatch } from './sample-batches.ts'

describe('a partition log', () => {
  it('gives offsets at once, in order, and stamps them into the batches', async (t) => {
    const { open } = await logFixture(t)
    const log = await open()
    const batch = plainBatch(3)
    assert.deepEqual(appendAsLeader(log, batch, { ...leader, leaderEpoch: 7 }), {
      error: undefined,
      firstOffset: 0,
      lastOffset: 2,
      logAppendTime: -1,
      logStartOffset: 0,
      duplicate: false,
    })
    assert.equal(appendAsLeader(log, plainBatch(2), { ...leader, leaderEpoch: 7 }).firstOffset, 3)
    assert.equal(log.logEndOffset, 5)
    assert.equal(batch.readInt32BE(12), 7)
    assert.deepEqual(log.epochs.entries, [{ epoch: 7, startOffset: 0 }])
  })

  it('is read from memory before the disk has the bytes, and from the file afterwards, with the same result', async (t) => {
    const { open } = await logFixture(t)
    const log = await open()
    for (let n = 0; n < 5; n++) appendAsLeader(log, plainBatch(2, 20), leader)
    assert.equal(log.writtenOffset, 0)
    const fromMemory = await read(log, 3)
    assert.deepEqual(batchesIn(fromMemory.data)[0], [2, 3])
    await log.written()
    assert.equal(log.writtenOffset, 10)
    assert.equal(log.unwrittenBytes, 0)
    const fromFile = await read(log, 3)
    assert.deepEqual(fromFile.data, fromMemory.data)
    assert.deepEqual(batchesIn(fromFile.data), [
      [2, 3],
      [4, 5],
      [6, 7],
      [8, 9],
    ])
  })

  it('tells when an offset is written, in the order of the offsets', async (t) => {
    const { open } = await logFixture(t)
    const log = await open()
    const told: number[] = []
    for (let n = 1; n <= 3; n++) {
      appendAsLeader(log, plainBatch(), leader)
      log.whenWritten(n, (error) => {
        assert.equal(error, undefined)
        assert.ok(log.writtenOffset >= n)
        told.push(n)
      })
    }
    assert.equal(told.length, 0)
    await log.written()
    assert.deepEqual(told, [1, 2, 3])
    log.whenWritten(2, () => told.push(2))
    assert.deepEqual(told, [1, 2, 3, 2])
  })

  it('is the same after closing and opening', async (t) => {
    const { open, directory } = await logFixture(t)
    const log = await open({ config: { segmentBytes: 4000, indexIntervalBytes: 300 } })
    log.assignTopicId('B4mSPPvSQsuUvMGxX-rwYQ')
    for (let n = 0; n < 60; n++) appendAsLeader(log, plainBatch(2, 50, { timestamp: 1000 + n }), { ...leader, leaderEpoch: n < 30 ? 1 : 4 })
    const before = await readAll(log)
    assert.ok(log.segments.length > 2)
    const bases = log.segments.map((segment) => segment.baseOffset)
    await log.close()
    const again = await open({ recoveryPoint: 120 })
    assert.equal(again.logEndOffset, 120)
    assert.equal(again.topicId, 'B4mSPPvSQsuUvMGxX-rwYQ')
    assert.deepEqual(
      again.segments.map((segment) => segment.baseOffset),
      bases,
    )
    assert.deepEqual(again.epochs.entries, [
      { epoch: 1, startOffset: 0 },
      { epoch: 4, startOffset: 60 },
    ])
    assert.deepEqual(await readAll(again), before)
    assert.equal(appendAsLeader(again, plainBatch(), { ...leader, leaderEpoch: 4 }).firstOffset, 120)
    for (const name of readdirSync(directory).filter((file) => file.endsWith('index')))
      assert.equal(statSync(join(directory, name)).size % 4, 0)
  })

  it('rolls by bytes, by time and when asked, and names segments by their first offset', async (t) => {
    const { open, directory } = await logFixture(t)
    const log = await open({ config: { segmentBytes: 500, segmentMs: 1000 } })
    appendAsLeader(log, plainBatch(1, 300, { timestamp: 10_000 }), leader)
    appendAsLeader(log, plainBatch(1, 300, { timestamp: 10_000 }), leader)
    assert.deepEqual(
      log.segments.map((segment) => segment.baseOffset),
      [0, 1],
    )
    appendAsLeader(log, plainBatch(1, 5, { timestamp: 11_001 }), leader)
    assert.equal(log.active.baseOffset, 2)
    log.roll()
    assert.equal(log.active.baseOffset, 3)
    assert.equal(log.roll(), log.active)
    await log.written()
    await log.queue.drained()
    assert.ok(existsSync(join(directory, '00000000000000000003.log')))
    for (const name of ['00000000000000000000.index', '00000000000000000002.timeindex']) assert.ok(existsSync(join(directory, name)))
    assert.ok(existsSync(join(directory, '00000000000000000003.snapshot')))
  })

  it('refuses offsets outside of the log and stops at the high watermark', async (t) => {
    const { open } = await logFixture(t)
    const log = await open()
    appendAsLeader(log, plainBatch(4), leader)
    appendAsLeader(log, plainBatch(4), leader)
    await log.written()
    assert.equal((await read(log, 9)).error, 'OFFSET_OUT_OF_RANGE')
    assert.equal((await read(log, -1)).error, 'OFFSET_OUT_OF_RANGE')
    assert.equal((await read(log, 8)).bytes, 0)
    const bounded = { upTo: 'high-watermark', minOneMessage: true } as const
    assert.equal((await read(log, 0, 1000, bounded)).bytes, 0)
    log.setHighWatermark(4)
    assert.deepEqual(batchesIn((await read(log, 0, 1000, bounded)).data), [[0, 3]])
    assert.equal(log.setHighWatermark(100), 8)
  })

  it('gives a first batch whole only when asked to', async (t) => {
    const { open } = await logFixture(t)
    const log = await open()
    appendAsLeader(log, plainBatch(1, 1000), leader)
    await log.written()
    const cut = await read(log, 0, 100, { upTo: 'log-end', minOneMessage: false })
    assert.equal(cut.bytes, 100)
    assert.equal(cut.firstBatchCut, true)
    assert.deepEqual(batchesIn((await read(log, 0, 100)).data), [[0, 0]])
  })

  it('flushes before it acknowledges when flush.messages says so', async (t) => {
    const { open } = await logFixture(t)
    const log = await open({ config: { flushMessages: 1 } })
    appendAsLeader(log, plainBatch(), leader)
    appendAsLeader(log, plainBatch(), leader)
    await log.written()
    assert.equal(log.recoveryPoint, 2)
  })

  it('refuses an append larger than a segment', async (t) => {
    const { open } = await logFixture(t)
    const log = await open({ config: { segmentBytes: 200 } })
    assert.equal(appendAsLeader(log, plainBatch(1, 500), leader).error, 'RECORD_LIST_TOO_LARGE')
    assert.equal(log.logEndOffset, 0)
  })
})
