import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Cluster, converge, settledMs } from './core-cluster.ts'
import { type Act, perform } from './core-script.ts'

test('three voters elect one leader', () => {
  const cluster = new Cluster(3, 1)
  const leader = converge(cluster)
  assert.deepEqual(cluster.replicas.map(({ core }) => core.role).sort(), ['follower', 'follower', 'leader'])
  assert.equal(leader.core.leader.leaderId, leader.key.id)
})

test('an append commits once a majority holds it, and not before', () => {
  const cluster = new Cluster(3, 2)
  const leader = converge(cluster)
  const before = leader.core.highWatermark
  cluster.connected = () => false
  cluster.append(leader)
  cluster.runFor(500)
  assert.equal(leader.core.highWatermark, before)
  const [follower] = cluster.replicas.filter((replica) => replica !== leader)
  cluster.connected = (from, to) => from !== to && [from, to].every((id) => id === leader.key.id || id === follower!.key.id)
  assert.ok(cluster.runFor(settledMs, () => cluster.leader !== undefined && cluster.leader.committed === cluster.leader.core.log.endOffset))
  assert.ok(cluster.leader!.committed > before!)
})

test('a leader whose majority is gone steps down', () => {
  const cluster = new Cluster(3, 3)
  const leader = converge(cluster)
  cluster.connected = (from, to) => from !== leader.key.id && to !== leader.key.id
  assert.ok(cluster.runFor(settledMs, () => leader.core.role !== 'leader'))
  assert.ok(cluster.runFor(settledMs, () => cluster.leader !== undefined))
  assert.notEqual(cluster.leader, leader)
})

test('a voter that was cut off does not depose a leader that the others hear (KIP-996)', () => {
  const cluster = new Cluster(3, 4)
  const leader = converge(cluster)
  const lonely = cluster.replicas.find((replica) => replica !== leader)!
  const { epoch } = leader.core
  cluster.connected = (from, to) => from !== lonely.key.id && to !== lonely.key.id
  cluster.runFor(settledMs)
  assert.equal(lonely.core.epoch, epoch)
  converge(cluster)
  assert.equal(leader.core.role, 'leader')
  assert.equal(leader.core.epoch, epoch)
})

test('a leader that dies is succeeded as soon as the others have missed it, though they do so together, or one is behind', () => {
  const fetchTimeoutMs = 2000
  const late: string[] = []
  for (let seed = 1; seed <= 60; seed++) {
    const cluster = new Cluster(3, seed)
    const leader = converge(cluster)
    cluster.runFor(cluster.random.below(1000))
    if (seed % 2 === 0) {
      // The last record reaches one of the followers alone.
      const behind = cluster.replicas.find((replica) => replica !== leader)!
      cluster.connected = (from, to) => from !== behind.key.id && to !== behind.key.id
      cluster.append(leader)
      cluster.runFor(5 + cluster.random.below(20))
      cluster.connected = () => true
    }
    cluster.crash(leader)
    const start = cluster.now
    assert.ok(cluster.runFor(settledMs, () => cluster.leader !== undefined))
    if (cluster.now - start > fetchTimeoutMs + 500) late.push(`seed ${seed}: ${cluster.now - start} ms`)
  }
  // Two may stand within the time that a message takes, and split the votes.
  assert.ok(late.length <= 3, late.join(', '))
})

test('a leader that resigns is succeeded without an election timeout', () => {
  const cluster = new Cluster(3, 5)
  const leader = converge(cluster)
  leader.core.resign(cluster.now)
  cluster.drain(leader)
  const start = cluster.now
  assert.ok(cluster.runFor(settledMs, () => cluster.leader !== undefined))
  assert.ok(cluster.now - start < 1000, `took ${cluster.now - start} ms`)
  assert.notEqual(cluster.leader, leader)
})

test('a leader that restarts never writes under its old epoch', () => {
  const cluster = new Cluster(3, 6)
  const leader = converge(cluster)
  const { epoch } = leader.core
  cluster.crash(leader)
  cluster.start(leader)
  assert.equal(leader.core.role, 'resigned')
  assert.ok(converge(cluster).core.epoch > epoch)
})

test('a follower whose log diverged is cut back to what it shares with the leader', () => {
  const cluster = new Cluster(3, 7)
  const leader = converge(cluster)
  cluster.connected = () => false
  for (let n = 0; n < 5; n++) cluster.append(leader)
  const diverged = leader.core.log.endOffset
  cluster.connected = (from, to) => from !== leader.key.id && to !== leader.key.id
  assert.ok(cluster.runFor(settledMs, () => cluster.leader !== undefined && cluster.leader !== leader))
  const next = converge(cluster)
  assert.notEqual(next, leader)
  assert.ok(leader.core.log.endOffset < diverged)
})

test('a follower that lags behind the log takes the snapshot', () => {
  const cluster = new Cluster(3, 8)
  const leader = converge(cluster)
  const lagging = cluster.replicas.find((replica) => replica !== leader)!
  cluster.crash(lagging)
  for (let n = 0; n < 20; n++) {
    cluster.append(leader)
    cluster.runFor(50)
  }
  cluster.snapshot(leader)
  assert.ok(leader.core.log.startOffset > lagging.core.log.endOffset)
  converge(cluster)
  assert.deepEqual(lagging.disk.snapshot, leader.disk.snapshot)
})

const acts: readonly Act[] = [
  'append',
  'append',
  'append',
  'crash',
  'start',
  'start',
  'partition',
  'heal',
  'storm',
  'calm',
  'wait',
  'resign',
  'snapshot',
]

for (const size of [3, 5]) {
  test(`${size} voters under any weather, crashes and partitions keep the invariants, and agree once it is calm`, () => {
    const script = fc.array(fc.constantFrom(...acts), { maxLength: 40 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 0x7fffffff }), script, (seed, steps) => {
        const cluster = new Cluster(size, seed)
        for (const act of steps) perform(cluster, act)
        const { length } = cluster.committed
        converge(cluster)
        assert.ok(cluster.committed.length >= length)
      }),
      { numRuns: Number(process.env.RAFT_RUNS ?? 150) },
    )
  })
}
