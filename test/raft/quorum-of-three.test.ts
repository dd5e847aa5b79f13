import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errors } from '../../src/protocol/index.ts'
import type { RaftReply, RaftRequest } from '../../src/raft/core/messages.ts'
import { entriesOf } from '../../src/raft/entries.ts'
import type { RaftDriver } from '../../src/raft/index.ts'
import { BatchBuilder } from '../../src/records/index.ts'
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

test('what a fetch brings while a vote is being written is told once it is in the log', async () => {
  let isSlow = false
  const quorum = new ThreeDrivers({ faults: { disk: ({ operation }) => (isSlow && operation === 'sync' ? { delayMs: 300 } : undefined) } })
  await quorum.start(1)
  const raft = quorum.raft.get(1)!
  let asked = -1
  const fetched = Promise.withResolvers<RaftReply>()
  const answer = (id: number, request: RaftRequest): Promise<RaftReply> => {
    if (request.type !== 'fetch' || request.leaderEpoch < 5 || asked >= 0) return new Promise(() => {})
    asked = id
    return fetched.promise
  }
  for (const id of [2, 3]) quorum.raft.set(id, { request: (request: RaftRequest) => answer(id, request) } as RaftDriver)
  const ask = (candidateId: number, preVote: boolean): void => {
    const candidate = { id: candidateId, directoryId: undefined }
    void raft.request({ type: 'vote', epoch: 5, candidate, voter: undefined, last: { offset: 0, epoch: 0 }, preVote })
  }
  // It hears of an epoch, and looks for its leader: who is asked stands for election just then, and leads when it answers.
  ask(2, true)
  await quorum.world.runUntil(() => asked >= 0, 60_000)
  isSlow = true
  ask(asked, false)
  const batch = new BatchBuilder({ baseOffset: 0, leaderEpoch: 5 })
  batch.append(0, null, Buffer.from('a'))
  const head = { type: 'fetch' as const, error: Errors.NONE, epoch: 5, leaderId: asked, leaderEndpoints: undefined }
  fetched.resolve({ ...head, highWatermark: 1, logStartOffset: 0, entries: entriesOf(batch.close()) })
  await quorum.heard([1], 'a')
  assert.equal(raft.failure, undefined)
})

test('a node that was killed before it had synced its log counts with it only when it has', async () => {
  const slow = new Set<string>()
  const disk = ({ host, operation }: { host: string; operation: string }) =>
    operation === 'sync' && slow.has(host) ? { delayMs: 700 } : undefined
  const quorum = await ThreeDrivers.started({ faults: { disk } })
  const leader = quorum.leader!
  const [one, other] = [1, 2, 3].filter((id) => id !== leader.core.self.id) as [number, number]
  quorum.crash(other)
  slow.add(`node-${one}`)
  quorum.append('written, not synced')
  const { log } = quorum.raft.get(one)!.parts
  await quorum.world.runUntil(() => log.endOffset === leader.core.log.endOffset, 60_000)
  // Behind the checkpoint of the leader epochs.
  const writtenMs = quorum.world.nowMs + 1000
  await quorum.world.runUntil(() => quorum.world.nowMs > writtenMs, 60_000)
  quorum.kill(one)
  slow.clear()
  await quorum.start(one)
  await quorum.heard([leader.core.self.id], 'written, not synced')
  const durable = quorum.world.storage(`node-${one}`)!.durable('/data/__cluster_metadata-0/00000000000000000000.log')
  assert.ok(durable!.includes('written, not synced'))
})

test('a vote that was renamed into place and not synced is not lost once the node has come back with it', async () => {
  const quorum = await ThreeDrivers.started()
  const { epoch } = quorum.leader!.core
  const id = quorum.follower
  const { disk } = quorum.hostOf(id)
  const path = '/data/__cluster_metadata-0/quorum-state'
  quorum.cut.add(id)
  await quorum.world.run(async () => {
    const text = String(await disk.readFile(path)).replace(`"leaderEpoch":${epoch}`, `"leaderEpoch":${epoch + 7}`)
    const file = await disk.open('/data/next', 'create')
    await file.write([Buffer.from(text)], 0)
    await file.sync()
    await disk.rename('/data/next', path)
  })
  quorum.kill(id)
  await quorum.start(id)
  assert.equal(quorum.raft.get(id)!.core.epoch, epoch + 7)
  quorum.crash(id)
  await quorum.start(id)
  assert.equal(quorum.raft.get(id)!.core.epoch, epoch + 7)
})
