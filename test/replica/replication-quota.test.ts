import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Partition, ReplicationQuota, ReplicationThrottle } from '../../src/replica/index.ts'
import { throttledHere } from '../../src/replica/replication-quota.ts'

/** A quota at 1000 bytes a second over 3 windows of a second, and its clock. */
const setting = () => {
  const at = { nowMs: 5000, limit: 1000 }
  const quota = new ReplicationQuota({
    monotonic: () => at.nowMs,
    window: { count: 3, sizeMs: 1000 },
    limit: () => at.limit,
  })
  return { at, quota }
}

describe('a replication quota', () => {
  test('is not exceeded by nothing, nor by what is exactly at the limit', () => {
    const { quota } = setting()
    assert.deepEqual([quota.bytesPerSecond, quota.isExceeded, quota.excessMs], [0, false, 0])
    quota.record(1000)
    assert.deepEqual([quota.bytesPerSecond, quota.isExceeded], [1000, false], 'one window at least is reckoned with')
    quota.record(1)
    assert.equal(quota.isExceeded, true)
  })

  test('knows when it is back at its limit', () => {
    const { at, quota } = setting()
    quota.record(2500)
    assert.equal(quota.excessMs, 2500)
    at.nowMs += 2499
    assert.equal(quota.isExceeded, true)
    at.nowMs += 1
    assert.deepEqual([quota.isExceeded, quota.excessMs], [false, 0])
  })

  test('forgets what is older than its windows', () => {
    const { at, quota } = setting()
    quota.record(1_000_000)
    assert.equal(quota.excessMs, 3000, 'then it is forgotten')
    at.nowMs += 2999
    assert.equal(quota.isExceeded, true)
    at.nowMs += 1
    assert.equal(quota.bytesPerSecond, 0)
  })

  test('follows a steady flow, and never keeps more than its samples', () => {
    const { at, quota } = setting()
    for (let n = 0; n < 1000; n++) {
      quota.record(100)
      at.nowMs += 200
      const rate = quota.bytesPerSecond
      assert.ok(n < 10 || (rate > 450 && rate < 600), `${rate} after ${n}`)
    }
  })

  test('follows a limit that changes', () => {
    const { at, quota } = setting()
    quota.record(5000)
    assert.equal(quota.isExceeded, true)
    at.limit = Number.MAX_SAFE_INTEGER
    assert.equal(quota.isExceeded, false)
    at.limit = 0
    assert.deepEqual([quota.isExceeded, quota.excessMs], [true, 3000])
  })
})

/** SimpleRate of Apache Kafka 4.3.1 over 11 samples of a second: milliseconds pass, the rate is measured, bytes are recorded, it is measured. */
// biome-ignore format: a table
const ofKafka: readonly (readonly [passedMs: number, bytes: number, before: number, after: number])[] = [
  [3830, 113935, 0.0, 113935.0],
  [80, 791277, 113935.0, 905212.0],
  [140, 215237, 905212.0, 1120449.0],
  [103, 206810, 1120449.0, 1327259.0],
  [279, 277735, 1327259.0, 1604994.0],
  [8, 897759, 1604994.0, 2502753.0],
  [126, 796652, 2502753.0, 3299405.0],
  [105, 572723, 3299405.0, 3872128.0],
  [175, 788941, 3811149.6062992127, 4587666.338582677],
  [1448, -1, 1891667.6136363638, 1891667.6136363638],
  [84, 809281, 1829304.945054945, 2146919.1522762952],
  [222, -1, 1974855.59566787, 1974855.59566787],
  [34, -1, 1950909.4151212554, 1950909.4151212554],
  [102, 413372, 1882432.8974535442, 2024680.6607019957],
  [1368, -1, 1376631.2587739823, 1376631.2587739823],
  [134, 691326, 1334782.667876588, 1491617.059891107],
  [127, 122115, 1449845.203969129, 1476772.4366041897],
  [3936, 643943, 790598.8667217565, 866616.2200448589],
  [2055, 63797, 697425.9927797834, 703486.8896066882],
  [81, 21616, 698114.7355519941, 700152.635052324],
  [240, 298707, 684661.1044528441, 712199.317783719],
  [565, 544657, 676938.8363126533, 724665.5275148966],
  [906, 105812, 369377.0726714432, 380207.3694984647],
  [103, 211969, 376240.8589081333, 397710.4223640231],
]

test('a rate is the number that Apache Kafka comes to', () => {
  let nowMs = 1_000_000
  const quota = new ReplicationQuota({ monotonic: () => nowMs, window: { count: 11, sizeMs: 1000 }, limit: () => 1 })
  for (const [passedMs, bytes, before, after] of ofKafka) {
    nowMs += passedMs
    const isNear = (rate: number, expected: number): boolean => Math.abs(rate - expected) <= expected * 1e-12
    assert.ok(isNear(quota.bytesPerSecond, before), `${quota.bytesPerSecond} for ${before} before`)
    if (bytes >= 0) quota.record(bytes)
    assert.ok(isNear(quota.bytesPerSecond, after), `${quota.bytesPerSecond} for ${after} after`)
  }
})

describe('a list of throttled replicas', () => {
  test('names all, or partitions on brokers', () => {
    assert.equal(throttledHere(['*'], 1), 'all')
    assert.deepEqual(throttledHere(['0:1', '1:2', '12:1'], 1), new Set([0, 12]))
    assert.deepEqual(throttledHere(['0:1'], 3), new Set())
  })

  test('counts on its own side, for the partitions that it names', () => {
    const { quota } = setting()
    const partition = (index: number): Partition =>
      ({
        index,
        log: { config: { leaderReplicationThrottledReplicas: ['0:1', '1:2'], followerReplicationThrottledReplicas: ['*'] } },
      }) as unknown as Partition
    const leader = new ReplicationThrottle(1, 'leader', quota)
    const follower = new ReplicationThrottle(1, 'follower', quota)
    assert.deepEqual(
      [0, 1, 2].map((index) => leader.isThrottled(partition(index))),
      [true, false, false],
    )
    assert.deepEqual(
      [0, 1, 2].map((index) => follower.isThrottled(partition(index))),
      [true, true, true],
    )
    leader.record(partition(0), 100)
    leader.record(partition(1), 10)
    assert.equal(quota.bytesPerSecond, 100)
  })
})
