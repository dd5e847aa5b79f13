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
