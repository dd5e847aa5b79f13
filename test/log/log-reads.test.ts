import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { appendAsLeader, deleteOldSegments, readLog, truncateTo } from '../../src/log/index.ts'
import { batchBytes, lastOffset } from '../../src/records/index.ts'
import { bytesOf, leader, logFixture, read, readAll, toLogEnd } from './log-fixture.ts'
import { plainBatch } from './sample-batches.ts'

describe('reading a log', () => {
  it('gives the same bytes with three open files as with many', async (t) => {
    const { open, context, failures } = await logFixture(t, { filesMaximum: 3 })
    const log = await open({ config: { segmentBytes: 1000, indexIntervalBytes: 100 } })
    for (let n = 0; n < 100; n++) appendAsLeader(log, plainBatch(1, 100), leader)
    await log.written()
    const before = await readAll(log).catch((error: unknown) => assert.fail(`${error} ${failures}`))
    assert.equal(before.length, log.bytes)
    for (const offset of [0, 99, 50, 3, 97, 42]) assert.equal((await read(log, offset)).error, undefined)
    assert.ok(context.files.count <= 6)
  })

  it('finds a new segment when the one it was about to open is removed', async (t) => {
    const { open } = await logFixture(t)
    const log = await open({ config: { segmentBytes: 500, retentionBytes: 0, fileDeleteDelayMs: 0, retentionMs: -1 } })
    for (let n = 0; n < 20; n++) appendAsLeader(log, plainBatch(1, 300), leader)
    await log.close()
    const again = await open({
      recoveryPoint: 20,
      config: { segmentBytes: 500, retentionBytes: 700, fileDeleteDelayMs: 0, retentionMs: -1 },
    })
    again.setHighWatermark(20)
    const reads = [0, 5, 19].map((offset) => readLog(again, offset, 1000, toLogEnd))
    await deleteOldSegments(again)
    const results = await Promise.all(reads)
    for (const result of results) if (result.error !== undefined) assert.equal(result.error, 'OFFSET_OUT_OF_RANGE')
    assert.equal(again.failure, undefined)
    assert.equal((await bytesOf(results[2]!.records)).length, results[2]!.bytes)
  })

  it('equals a model under random appends, rolls, truncations, reads and restarts', async (t) => {
    const step = fc.oneof(
      {
        weight: 10,
        arbitrary: fc.record({
          kind: fc.constant('append' as const),
          count: fc.integer({ min: 1, max: 4 }),
          bytes: fc.integer({ min: 1, max: 400 }),
        }),
      },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('read' as const), at: fc.nat(), bytes: fc.integer({ min: 1, max: 3000 }) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('roll' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('truncate' as const), at: fc.nat() }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const), clean: fc.boolean() }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const) }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        const { open } = await logFixture(t)
        const config = { segmentBytes: 2000, indexIntervalBytes: 150, fileDeleteDelayMs: 0 }
        let log = await open({ config })
        let model: Buffer[] = []
        const end = (): number => (model.length === 0 ? 0 : lastOffset(model.at(-1)!, 0) + 1)
        for (const each of steps) {
          if (each.kind === 'append') {
            const batch = plainBatch(each.count, each.bytes)
            assert.equal(appendAsLeader(log, batch, leader).firstOffset, end())
            model.push(batch)
          } else if (each.kind === 'read' && end() > 0) {
            const offset = each.at % end()
            const first = model.findIndex((batch) => lastOffset(batch, 0) >= offset)
            const { data, error } = await read(log, offset, each.bytes)
            assert.equal(error, undefined)
            const expected = Buffer.concat(model.slice(first))
            assert.deepEqual(data, expected.subarray(0, data.length))
            assert.ok(data.length >= Math.min(batchBytes(model[first]!, 0), expected.length))
          } else if (each.kind === 'roll') log.roll()
          else if (each.kind === 'truncate') {
            const target = each.at % (end() + 1)
            await truncateTo(log, target)
            model = model.filter((batch) => lastOffset(batch, 0) < target)
          } else if (each.kind === 'reopen') {
            const recoveryPoint = log.logEndOffset
            if (each.clean) await log.close()
            else {
              await log.written()
              await log.queue.drained()
              await log.abandon()
            }
            log = await open({ config, clean: each.clean, recoveryPoint: each.clean ? recoveryPoint : 0 })
          } else if (each.kind === 'wait') await log.written()
          assert.equal(log.logEndOffset, end())
        }
        assert.deepEqual(await readAll(log), Buffer.concat(model))
        await log.abandon()
      }),
      { numRuns: 40 },
    )
  })
})
