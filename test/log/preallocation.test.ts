import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { appendAsLeader, truncateFullyAndStartAt, truncateTo } from '../../src/log/index.ts'
import { batchesIn, leader, logFixture, readAll } from './log-fixture.ts'
import { plainBatch } from './sample-batches.ts'

const SEGMENT_BYTES = 1000
const config = { segmentBytes: SEGMENT_BYTES, preallocate: true }
const batch = () => plainBatch(2, 100)
const BATCH_BYTES = batch().length

const sizes = (directory: string): number[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.log'))
    .sort()
    .map((name) => statSync(join(directory, name)).size)

const FULL = Math.floor(SEGMENT_BYTES / BATCH_BYTES) * BATCH_BYTES

/** preallocate, as FileRecords has it. */
describe('a log that sets its segments aside in advance', () => {
  it('makes them at their full length, and cuts them to what they hold when they are full or closed', async (t) => {
    const { open, directory } = await logFixture(t)
    const log = await open({ config })
    assert.deepEqual(sizes(directory), [SEGMENT_BYTES])
    for (let n = 0; n < 10; n++) appendAsLeader(log, batch(), leader)
    await log.written()
    await log.queue.drained()
    assert.deepEqual(sizes(directory), [FULL, FULL, FULL, SEGMENT_BYTES])
    assert.equal(batchesIn(await readAll(log)).length, 10)
    assert.equal(log.bytes, 10 * BATCH_BYTES)
    await log.close()
    assert.deepEqual(sizes(directory), [FULL, FULL, FULL, 10 * BATCH_BYTES - 3 * FULL])
    const again = await open({ config, recoveryPoint: 20 })
    assert.deepEqual([again.logEndOffset, batchesIn(await readAll(again)).length], [20, 10])
    assert.equal(sizes(directory).at(-1), 10 * BATCH_BYTES - 3 * FULL, 'a file that was there is not lengthened')
  })

  it('is found whole after a crash, with what came behind the zeros or not', async (t) => {
    const { open, directory, warnings } = await logFixture(t)
    const log = await open({ config })
    for (let n = 0; n < 7; n++) appendAsLeader(log, batch(), leader)
    await log.written()
    await log.queue.drained()
    const before = await readAll(log)
    await log.abandon()
    // The cut of a full segment was lost with the power, the segment behind it was not.
    truncateSync(join(directory, '00000000000000000000.log'), SEGMENT_BYTES)
    assert.deepEqual(sizes(directory), [SEGMENT_BYTES, FULL, SEGMENT_BYTES])
    const again = await open({ config, clean: false })
    assert.deepEqual(await readAll(again), before)
    assert.deepEqual(sizes(directory), [FULL, FULL, 7 * BATCH_BYTES - 2 * FULL])
    assert.deepEqual(warnings, [])
    assert.equal(appendAsLeader(again, batch(), leader).firstOffset, 14)
  })

  it('ends at a hole in it, whatever lies behind', async (t) => {
    const { open, directory } = await logFixture(t)
    const log = await open({ config })
    for (let n = 0; n < 7; n++) appendAsLeader(log, batch(), leader)
    await log.written()
    await log.queue.drained()
    await log.abandon()
    const name = join(directory, '00000000000000000000.log')
    writeFileSync(name, readFileSync(name).fill(0, BATCH_BYTES, 2 * BATCH_BYTES))
    const again = await open({ config, clean: false })
    assert.deepEqual([again.logEndOffset, sizes(directory)], [2, [BATCH_BYTES]])
  })

  it('sets a new one aside when it begins anew, and not when it is cut', async (t) => {
    const { open, directory } = await logFixture(t)
    const log = await open({ config: { ...config, fileDeleteDelayMs: 60_000 } })
    for (let n = 0; n < 2; n++) appendAsLeader(log, batch(), leader)
    await truncateTo(log, 2)
    assert.deepEqual(sizes(directory), [BATCH_BYTES])
    await truncateFullyAndStartAt(log, 50)
    assert.deepEqual(sizes(directory), [SEGMENT_BYTES])
    appendAsLeader(log, batch(), leader)
    await log.close()
    assert.deepEqual(sizes(directory), [BATCH_BYTES])
  })
})
