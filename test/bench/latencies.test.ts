import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Latencies } from '../../src/bench/latencies.ts'

describe('latencies', () => {
  it('keep three digits of every percentile', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.001, max: 600_000, noNaN: true }), { minLength: 1, maxLength: 300 }), (values) => {
        const latencies = new Latencies()
        for (const value of values) latencies.add(value)
        const sorted = values.toSorted((a, b) => a - b)
        for (const percent of [50, 95, 99, 99.9, 100]) {
          const exact = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]!
          assert.ok(
            Math.abs(latencies.atMs(percent) - exact) <= exact * 0.002 + 0.002,
            `${percent}: ${latencies.atMs(percent)} is not ${exact}`,
          )
        }
      }),
      { numRuns: 50 },
    )
  })

  it('survive a file, and add up', () => {
    const [a, b] = [new Latencies(), new Latencies()]
    for (let ms = 1; ms <= 100; ms++) a.add(ms)
    b.add(1000, 100)
    const both = Latencies.decode(a.encode())
    both.merge(Latencies.decode(b.encode()))
    assert.equal(both.count, 200)
    assert.ok(Math.abs(both.atMs(25) - 50) < 1)
    assert.ok(Math.abs(both.atMs(75) - 1000) < 2)
  })

  it('count what takes longer than an hour as an hour, and what came too early as nothing', () => {
    const latencies = new Latencies()
    latencies.add(1e9)
    latencies.add(-5)
    assert.equal(latencies.count, 2)
    assert.equal(latencies.atMs(50), 0)
    assert.ok(latencies.maxMs <= 3_601_000)
  })

  it('say nothing of nothing', () => {
    assert.deepEqual(new Latencies().summary(), { count: 0, avgMs: 0, stdDevMs: 0, p50Ms: 0, p95Ms: 0, p99Ms: 0, p999Ms: 0, maxMs: 0 })
  })
})
