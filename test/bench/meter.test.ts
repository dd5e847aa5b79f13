import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { BenchRow } from '../../src/bench/index.ts'
import { Meter } from '../../src/bench/meter.ts'
import type { Run } from '../../src/bench/pace.ts'
import { World } from '../../src/sim/index.ts'

const run = (firstMs: number, count: number, isWarmUp = false): Run => ({ firstMs, stepMs: 0, takenMs: firstMs, count, isWarmUp })

/** What a meter tells of a story on a clock that stands still between its steps. */
function told(story: (meter: Meter, wait: (ms: number) => Promise<void>, startMs: number) => Promise<void>) {
  const world = new World({ seed: 1 })
  const host = world.host('client')
  return world.run(async () => {
    const rows: BenchRow[] = []
    const meter = new Meter({ host, intervalMs: 1000, onRow: (row) => rows.push(row) })
    const startMs = host.clock.monotonic()
    meter.start(startMs)
    await story(meter, (ms) => new Promise((resolve) => void host.clock.after(ms, resolve)), startMs)
    return { round: await meter.finish({ batches: 10 }), rows }
  }, 100_000)
}

describe('a meter', () => {
  it('leaves the warm-up out of all but its rows', async () => {
    const { round, rows } = await told(async (meter, wait, startMs) => {
      await wait(500)
      meter.acknowledged(run(startMs, 100, true), 1000, startMs + 500)
      meter.measureFrom(startMs + 500)
      await wait(1000)
      meter.acknowledged(run(startMs + 1000, 50), 500, startMs + 1500)
    })
    assert.deepEqual([round.records, round.bytes, round.elapsedMs, round.recordsPerSecond, round.latency?.count], [50, 500, 1000, 50, 50])
    assert.ok(Math.abs(round.latency!.p50Ms - 500) < 1)
    assert.deepEqual(
      rows.map(({ records, recordsSoFar }) => [records, recordsSoFar]),
      [
        [100, 100],
        [50, 150],
      ],
    )
  })

  it('counts the time in which nothing came, and says what failed', async () => {
    const { round, rows } = await told(async (meter, wait, startMs) => {
      meter.measureFrom(startMs)
      await wait(100)
      meter.acknowledged(run(startMs, 10), 100, startMs + 100)
      await wait(1900)
      meter.failed(5, 'it is gone')
      meter.failed(1, 'so is the other')
    })
    assert.deepEqual([round.records, round.failed, round.failure, round.elapsedMs, round.recordsPerSecond], [10, 6, 'it is gone', 2000, 5])
    assert.equal(
      rows.reduce((sum, { failed }) => sum + failed, 0),
      6,
    )
  })

  it('tells no row of an end too short for a rate, and counts it all the same', async () => {
    const { round, rows } = await told(async (meter, wait, startMs) => {
      meter.measureFrom(startMs)
      await wait(900)
      meter.acknowledged(run(startMs, 10), 100, startMs + 900)
      await wait(150)
      meter.acknowledged(run(startMs + 1000, 1), 10, startMs + 1050)
    })
    assert.equal(rows.length, 1)
    assert.deepEqual([round.records, round.latency?.count], [11, 11])
  })
})
