import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ThreeDrivers } from './three-drivers.ts'

test('three nodes elect a leader and hear the same batches', async () => {
  const quorum = await ThreeDrivers.started()
  quorum.append('a', 'b')
  quorum.append('c')
  await quorum.allHeard('a', 'b', 'c')
})

test('the others go on when the leader is lost, and it follows when it is back', async () => {
  const quorum = await ThreeDrivers.started()
  quorum.append('a')
  await quorum.allHeard('a')
  const { id } = quorum.leader!.core.self
  quorum.append('written here, committed nowhere')
  quorum.crash(id)
  await quorum.led()
  quorum.append('b')
  await quorum.allHeard('a', 'b')
  await quorum.start(id)
  await quorum.allHeard('a', 'b')
  assert.notEqual(quorum.leader!.core.self.id, id)
})

test('how long a commit takes is not measured over a lost leadership', async () => {
  const quorum = await ThreeDrivers.started()
  const old = quorum.leader!
  const { id } = old.core.self
  quorum.append('a')
  await quorum.allHeard('a')
  assert.equal(old.commitLatencyMs.count, 1)
  quorum.cut.add(id)
  quorum.append('written here, committed nowhere')
  await quorum.world.runUntil(() => !old.isLeader, 60_000)
  const others = [...quorum.raft.values()].filter((raft) => raft !== old)
  await quorum.world.runUntil(() => others.some(({ isLeader }) => isLeader), 60_000)
  quorum.cut.delete(id)
  await quorum.led()
  quorum.append('b')
  await quorum.allHeard('a', 'b')
  assert.equal(old.commitLatencyMs.count, 1)
})

test('a read for a fetch that outlives the leadership brings nothing of what the next leader wrote', async () => {
  const quorum = await ThreeDrivers.started()
  quorum.append('a')
  await quorum.allHeard('a')
  const old = quorum.leader!
  const { id } = old.core.self
  quorum.cut.add(id)
  const { endOffset, lastEpoch } = old.core.log
  quorum.append('written here, committed nowhere')
  const { log } = old.parts
  const read = log.read.bind(log)
  const disk = Promise.withResolvers<void>()
  log.read = (...args) => disk.promise.then(() => read(...args))
  const replica = { id: quorum.follower, directoryId: undefined }
  const position = { leaderEpoch: old.core.epoch, fetchOffset: endOffset, lastFetchedEpoch: lastEpoch, highWatermark: -1 }
  const fetched = old.request({ type: 'fetch', replica, ...position, maxWaitMs: 0, maxBytes: 1000 })
  await quorum.world.runUntil(() => !old.isLeader && quorum.leader !== undefined, 60_000)
  quorum.cut.delete(id)
  await quorum.led()
  await quorum.world.runUntil(() => old.core.log.lastEpoch > lastEpoch, 60_000)
  disk.resolve()
  const reply = await quorum.world.run(() => fetched)
  assert.deepEqual('entries' in reply && reply.entries, [])
})

test('a leader that closes hands over at once', async () => {
  const quorum = await ThreeDrivers.started()
  const old = quorum.leader!
  const start = quorum.world.nowMs
  await quorum.world.run(() => old.close())
  quorum.raft.delete(old.core.self.id)
  await quorum.led()
  assert.ok(quorum.world.nowMs - start < 1000, `took ${quorum.world.nowMs - start} ms`)
})

test('a node whose log the leader no longer reaches takes the snapshot', async () => {
  const quorum = await ThreeDrivers.started()
  const lagging = quorum.follower
  quorum.crash(lagging)
  quorum.append('a')
  quorum.append('b')
  await quorum.allHeard('a', 'b')
  const { offset } = await quorum.cutLog(quorum.leader!.core.self.id, 'a', 'b')
  quorum.append('c')
  quorum.pieceBytes = 100
  await quorum.start(lagging)
  await quorum.allHeard('a', 'b', 'c')
  assert.equal(quorum.raft.get(lagging)!.logStartOffset, offset)
})
