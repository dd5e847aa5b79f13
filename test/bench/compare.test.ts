import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compareReports, differences, otherLoad, parseThreshold } from '../../src/bench/compare.ts'
import { type BenchReport, type BenchRound, middleRound, parseReport } from '../../src/bench/index.ts'

const summary = (p99Ms: number) => ({
  count: 1,
  avgMs: 1,
  stdDevMs: 0,
  p50Ms: p99Ms / 3,
  p95Ms: p99Ms / 2,
  p99Ms,
  p999Ms: p99Ms * 2,
  maxMs: p99Ms * 3,
})

function report(rates: readonly number[], options: { throughput?: number; p99s?: readonly number[] } = {}): BenchReport {
  const rounds = rates.map(
    (recordsPerSecond, index): BenchRound => ({
      ...{ records: 1000, failed: 0, failure: null, bytes: 1e6, elapsedMs: 1000, recordsPerSecond, mibPerSecond: 1, ackLatency: null },
      ...{ batches: 10, recordsPerBatch: 100, requests: 10, retries: 0, clientCpuSeconds: 1, clientCores: 1, recordsPerCpuSecond: 1000 },
      ...{ clientIdleShare: 0.5, read: null, joinMs: null, transactions: null, deliveries: null, histogram: null, rows: [] },
      latency: options.p99s === undefined ? null : summary(options.p99s[index]!),
    }),
  )
  const settings = { throughput: options.throughput ?? -1, acks: 'all' }
  return {
    format: 'tkafka-bench/1',
    kind: 'producer',
    time: '2026-11-22T00:00:00.000Z',
    topic: 't',
    clusterId: null,
    settings,
    rounds,
    interrupted: false,
  }
}
const verdict = (a: BenchReport, b: BenchReport, metric: string): string | undefined =>
  compareReports(a, b, 0.05).find((each) => each.metric === metric)?.verdict

describe('comparing two benchmarks', () => {
  it('finds a regression beyond the threshold', () => {
    assert.equal(verdict(report([100]), report([96]), 'records/s'), 'same')
    assert.equal(verdict(report([100]), report([94]), 'records/s'), 'worse')
    assert.equal(verdict(report([100]), report([106]), 'records/s'), 'better')
  })

  it('calls it noise when rounds of both overlap', () => {
    assert.equal(verdict(report([90, 100, 110]), report([80, 88, 95]), 'records/s'), 'noise')
    assert.equal(verdict(report([98, 100, 110]), report([80, 88, 95]), 'records/s'), 'worse')
  })

  it('finds more with more rounds: one that went astray hides nothing', () => {
    const a = [...Array.from({ length: 9 }, (_, index) => 98 + index / 2), 74]
    const b = Array.from({ length: 10 }, (_, index) => 74.5 + index / 10)
    assert.equal(verdict(report(a), report(b), 'records/s'), 'worse')
    assert.equal(verdict(report(b), report(a), 'records/s'), 'better')
    assert.equal(verdict(report([...a, ...a, ...a]), report([...b, ...b, ...b]), 'records/s'), 'worse')
  })

  it('calls more failures worse, and nothing better that came of them', () => {
    const lossy = (failed: number, p99: number): BenchReport => {
      const one = report([100, 100], { throughput: 100, p99s: [p99, p99] })
      return { ...one, rounds: one.rounds.map((round, index) => ({ ...round, failed: index * failed })) }
    }
    const compared = compareReports(lossy(0, 20), lossy(500_000, 10), 0.05)
    const failures = compared.find(({ metric }) => metric === 'failed')!
    assert.deepEqual([failures.a, failures.b, failures.ratio, failures.verdict], [0, 500_000, null, 'worse'])
    assert.equal(compared.find(({ metric }) => metric === 'p99 ms')?.verdict, 'told')
    assert.equal(verdict(lossy(500, 10), lossy(0, 10), 'failed'), 'better')
    assert.equal(verdict(lossy(500, 10), lossy(510, 10), 'failed'), 'same')
    assert.equal(verdict(lossy(0, 10), lossy(0, 10), 'failed'), undefined)
  })

  it('judges transactions a second, and their commits without a rate too', () => {
    const ofTransactions = (perSecond: number, commitMs: number): BenchReport => {
      const one = report([100, 100])
      const counts = { committed: 100, aborted: 0, failed: 0, abortShare: 0, recordsEach: 10 }
      const transactions = { ...counts, perSecond, commitLatency: summary(commitMs) }
      return { ...one, kind: 'txn', rounds: one.rounds.map((round) => ({ ...round, transactions })) }
    }
    const [fast, slow] = [ofTransactions(100, 10), ofTransactions(50, 20)]
    const metrics = ['transactions/s', 'commit p50 ms', 'commit p99 ms']
    assert.deepEqual(
      metrics.map((metric) => verdict(fast, slow, metric)),
      ['worse', 'worse', 'worse'],
    )
    assert.deepEqual(
      metrics.map((metric) => verdict(fast, fast, metric)),
      ['same', 'same', 'same'],
    )
    assert.deepEqual(otherLoad(differences(fast, { ...fast, settings: { ...fast.settings, abortShare: 0.1 } })), ['abortShare'])
  })

  it('tells no ratio that JSON cannot say', () => {
    for (const { ratio, low, high } of compareReports(report([0, 0]), report([5, 5]), 0.05))
      for (const each of [ratio, low, high]) assert.ok(each === null || Number.isFinite(each))
  })

  it('tells between what the ratio lies', () => {
    const [rates] = compareReports(report([80, 100, 125]), report([50, 60, 75]), 0.05)
    assert.deepEqual([rates!.a, rates!.b, rates!.ratio, rates!.low, rates!.high], [100, 60, 0.6, 0.4, 75 / 80])
    const [alone] = compareReports(report([100]), report([60]), 0.05)
    assert.deepEqual([alone!.low, alone!.high], [null, null])
  })

  it('judges latency where there was a rate, and only tells it where there was none', () => {
    const at = (p99: number, throughput: number): BenchReport => report([100], { p99s: [p99], throughput })
    assert.equal(verdict(at(10, 100), at(20, 100), 'p99 ms'), 'worse')
    assert.equal(verdict(at(20, 100), at(10, 100), 'p99 ms'), 'better')
    assert.equal(verdict(at(10, -1), at(20, -1), 'p99 ms'), 'told')
  })

  it('names what the loads differ in', () => {
    assert.deepEqual(differences(report([1]), report([1])), [])
    assert.deepEqual(differences(report([1]), report([1], { throughput: 5 })), ['throughput'])
    assert.deepEqual(differences(report([1]), { ...report([1]), kind: 'e2e' }), ['the kind of load'])
    const names = ['the kind of load', 'linger.ms', 'recordSize', 'acks', 'batch.size', 'throughput']
    assert.deepEqual(otherLoad(names), ['the kind of load', 'recordSize', 'acks', 'throughput'])
  })

  it('takes the round in the middle', () => {
    assert.equal(middleRound(report([5, 1, 3])).recordsPerSecond, 3)
    assert.equal(middleRound(report([5, 1])).recordsPerSecond, 1)
  })

  it('reads a threshold as a part or in per cent', () => {
    assert.equal(parseThreshold('5%'), 0.05)
    assert.equal(parseThreshold('0.1'), 0.1)
    for (const wrong of ['', '5', '150%', 'x', '-5%']) assert.equal(parseThreshold(wrong), undefined, wrong)
  })

  it('reads saved reports, and what --output json printed', () => {
    const text = JSON.stringify(report([1]))
    assert.equal(parseReport(text).rounds.length, 1)
    assert.equal(parseReport(JSON.stringify({ apiVersion: 'tkafka/v1', items: [report([1])] })).rounds.length, 1)
    for (const wrong of ['', '{}', '[]', 'null', '{"format":"other/1","rounds":[]}']) assert.throws(() => parseReport(wrong), wrong)
  })
})
