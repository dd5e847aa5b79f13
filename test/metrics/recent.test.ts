import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { RecentGrowth, RecentMean } from '../../src/metrics/index.ts'

describe('the growth of a total', () => {
  test('is measured over the last minute, however often somebody looks', () => {
    const growth = new RecentGrowth(0, 1000)
    assert.equal(growth.perSecond(0, 1000), 0)
    assert.equal(growth.perSecond(10_000, 1100), 10)
    for (let atMs = 10_000; atMs <= 60_000; atMs += 100) growth.look(atMs, 1100)
    assert.equal(growth.perSecond(60_000, 1300), 5)
    // The hundred of the first ten seconds are forgotten.
    const { growth: grown, overMs } = growth.look(74_000, 1300)
    assert.equal(grown, 200)
    assert.ok(overMs >= 60_000 && overMs < 68_000, `over ${overMs} ms`)
  })

  test('is not less than none when a log was cut', () => {
    assert.equal(new RecentGrowth(0, 100).perSecond(1000, 40), 0)
  })
})

test('a recent mean is that of what was recorded lately, and no number when nothing was', () => {
  const mean = new RecentMean(0)
  assert.equal(mean.of(1000, { sum: 30, count: 3 }), 10)
  assert.equal(mean.of(70_000, { sum: 30, count: 3 }), Number.NaN)
  assert.equal(mean.of(80_000, { sum: 130, count: 4 }), 100)
})
