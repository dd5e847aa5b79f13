import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Latencies } from '../../src/bench/latencies.ts'
import { Pace, type PaceOptions } from '../../src/bench/pace.ts'
import { spread } from '../../src/bench/producer-load.ts'

const never = Number.POSITIVE_INFINITY
const plan = (options: Partial<PaceOptions>): PaceOptions => ({
  perSecond: 1000,
  countMax: never,
  durationMs: never,
  warmUpRecords: 0,
  warmUpMs: 0,
  ...options,
})

describe('the pace of an open loop', () => {
  it('has the first record due at once, and one more each step', () => {
    const pace = new Pace(plan({}), 500)
    assert.equal(pace.due(500), 1)
    assert.equal(pace.due(500.9), 1)
    assert.equal(pace.due(501), 2)
    assert.equal(pace.due(600), 101)
  })

  it('does not slow down when the cluster does: what was not sent stays due, with the time it was due at', () => {
    const pace = new Pace(plan({}), 0)
    pace.take(1, 0)
    const late = pace.take(pace.due(1000), 1000)
    assert.deepEqual(late, { firstMs: 1, stepMs: 1, takenMs: 1000, count: 1000, isWarmUp: false })
  })

  it('charges a stop of the cluster to every record that was due meanwhile', () => {
    const pace = new Pace(plan({}), 0)
    const latencies = new Latencies()
    // Answered a millisecond after it was due, then nothing for a second, then all at once.
    for (let ms = 0; ms < 1000; ms++) latencies.addRun(pace.take(1, ms), ms + 1)
    latencies.addRun(pace.take(1000, 2000), 2000)
    const { p50Ms, p99Ms, maxMs, count } = latencies.summary()
    assert.equal(count, 2000)
    assert.equal(Math.round(p50Ms), 1)
    assert.ok(Math.abs(p99Ms - 980) < 2, `p99 is ${p99Ms}`)
    assert.ok(Math.abs(maxMs - 1000) < 2, `max is ${maxMs}`)
  })

  it('sends as many as the duration holds, however late', () => {
    const pace = new Pace(plan({ durationMs: 2000 }), 0)
    pace.take(1500, 1500)
    assert.equal(pace.isOver(5000), false)
    assert.equal(pace.due(5000), 500)
    pace.take(500, 5000)
    assert.equal(pace.isOver(5000), true)
  })

  it('ends the warm-up between two records', () => {
    const pace = new Pace(plan({ warmUpMs: 100 }), 0)
    assert.equal(pace.due(150), 100)
    assert.equal(pace.take(100, 150).isWarmUp, true)
    assert.equal(pace.isWarmUp(150), false)
    assert.equal(pace.take(pace.due(150), 150).isWarmUp, false)
  })

  it('hands out whole numbers that add up to the rate, whenever it is asked', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 1e6, noNaN: true }),
        fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 50 }),
        (perSecond, steps) => {
          const pace = new Pace(plan({ perSecond }), 0)
          let nowMs = 0
          for (const step of steps) {
            nowMs += step
            const due = pace.due(nowMs)
            const run = pace.take(due, nowMs)
            assert.ok(due === 0 || run.firstMs <= nowMs + 1e-6)
            assert.ok(pace.waitMs(nowMs) > 0 || pace.due(nowMs) === 0)
          }
          assert.ok(Math.abs(pace.taken - (nowMs * perSecond) / 1000) <= 1.001)
        },
      ),
    )
  })
})

describe('a closed loop', () => {
  it('has always more due, until the time is up', () => {
    const pace = new Pace(plan({ perSecond: never, durationMs: 100, warmUpMs: 10 }), 0)
    assert.equal(pace.due(5), never)
    assert.equal(pace.take(7, 5).isWarmUp, true)
    assert.deepEqual(pace.take(3, 20), { firstMs: 20, stepMs: 0, takenMs: 20, count: 3, isWarmUp: false })
    assert.equal(pace.isOver(99), false)
    assert.equal(pace.isOver(100), true)
  })
})

describe('records with keys', () => {
  it('are parted as the keys are, and none is lost', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { minLength: 1, maxLength: 8 }), fc.array(fc.nat(500), { maxLength: 20 }), (weights, counts) => {
        const sum = weights.reduce((total, each) => total + each, 0)
        if (sum === 0) return
        const shares = weights.map((each) => each / sum)
        const sentTo = weights.map(() => 0)
        for (const count of counts) {
          const parts = spread(count, shares, sentTo)
          assert.equal(
            parts.reduce((total, each) => total + each, 0),
            count,
          )
          for (const [partition, part] of parts.entries()) {
            assert.ok(part >= 0 && (shares[partition]! > 0 || part === 0))
            sentTo[partition]! += part
          }
        }
        const total = sentTo.reduce((all, each) => all + each, 0)
        for (const [partition, share] of shares.entries()) assert.ok(Math.abs(sentTo[partition]! - share * total) <= weights.length + 1)
      }),
    )
  })
})
