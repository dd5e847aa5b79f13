import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RaftTransport } from '../../src/raft/index.ts'
import type { DiskCall } from '../../src/sim/index.ts'
import { RecordingJournal } from '../broker/recording-journal.ts'
import { Recorder } from './listener-recorder.ts'
import { ThreeDrivers } from './three-drivers.ts'

type Request = Parameters<RaftTransport['fetchSnapshot']>[1]

const isCopy = ({ path }: DiskCall): boolean => path.endsWith('.checkpoint.part')

/** A quorum of which one node is cut off, and the log of the others begins behind what that node has. */
const withLagging = async (options?: ConstructorParameters<typeof ThreeDrivers>[0]): Promise<{ quorum: ThreeDrivers; id: number }> => {
  const quorum = await ThreeDrivers.started(options)
  quorum.append('a')
  await quorum.allHeard('a')
  const id = quorum.follower
  quorum.cut.add(id)
  quorum.append('b')
  const others = [1, 2, 3].filter((each) => each !== id)
  await quorum.heard(others, 'a', 'b')
  await quorum.cutLog(quorum.leader!.core.self.id, 'a', 'b')
  quorum.append('c')
  await quorum.heard(others, 'a', 'b', 'c')
  quorum.pieceBytes = 50
  return { quorum, id }
}

test('a copy goes on where it stood when a piece was lost', async () => {
  const { quorum, id } = await withLagging()
  const asked: Request[] = []
  quorum.piece = (fetch, from, request) => {
    asked.push(request)
    return asked.length % 2 === 0 ? Promise.resolve(undefined) : fetch(from, request)
  }
  quorum.cut.delete(id)
  await quorum.allHeard('a', 'b', 'c')
  const positions = asked.map(({ position }) => position)
  assert.ok(positions.length > 5, 'the snapshot came in pieces')
  assert.equal(positions.filter((position) => position === 0).length, 1)
  assert.deepEqual(
    positions,
    positions.toSorted((a, b) => a - b),
  )
  assert.ok(asked.every(({ maxBytes }) => maxBytes === 1024 * 1024))
})

test('a damaged copy is told of and taken again, and nothing stops', async () => {
  const entries = new Map<string, RecordingJournal>()
  const journal = (host: string): RecordingJournal => {
    const own = entries.get(host) ?? new RecordingJournal()
    entries.set(host, own)
    return own
  }
  const { quorum, id } = await withLagging({ journal })
  let copies = 0
  quorum.piece = async (fetch, from, request) => {
    const piece = await fetch(from, request)
    if (request.position === 0) copies++
    if (copies < 3 && request.position > 0 && piece !== undefined) piece.bytes[0]! ^= 1
    return piece
  }
  quorum.cut.delete(id)
  await quorum.allHeard('a', 'b', 'c')
  assert.equal(copies, 3)
  assert.equal(quorum.recorders.get(id)!.fatal, undefined)
  const warnings = entries.get(`node-${id}`)!.entries.filter(({ message }) => message.includes('snapshot') && message.includes('damaged'))
  assert.deepEqual(
    warnings.map(({ level }) => level),
    ['warn', 'warn'],
  )
})

test('a failing disk ends a copy and the replica with it', async () => {
  const { quorum, id } = await withLagging()
  quorum.world.faults = { disk: (call) => (isCopy(call) && call.operation === 'sync' ? { error: 'EIO' } : undefined) }
  quorum.cut.delete(id)
  await quorum.world.runUntil(() => quorum.recorders.get(id)!.fatal !== undefined, 60_000)
})

test('a copy that takes long to check, while the role changes, is one copy and comes to its end', async () => {
  const { quorum, id } = await withLagging()
  const begun: string[] = []
  let syncs = 0
  quorum.world.faults = {
    disk: (call) => {
      if (!isCopy(call)) return undefined
      if (call.operation === 'open' && !begun.includes(call.path)) begun.push(call.path)
      return call.operation === 'sync' && syncs++ < 2 ? { delayMs: 7000 } : undefined
    },
  }
  quorum.cut.delete(id)
  await quorum.allHeard('a', 'b', 'c')
  assert.equal(begun.length, 1)
  quorum.crash(id)
  await quorum.start(id)
  await quorum.allHeard('a', 'b', 'c')
})

test('a listener that comes while the log begins anew behind a snapshot hears the snapshot', async () => {
  const { quorum, id } = await withLagging()
  const late = new Recorder()
  const raft = quorum.raft.get(id)!
  let restarting = false
  quorum.world.faults = {
    disk: ({ host, path }) => {
      if (host !== `node-${id}` || !path.includes('leader-epoch-checkpoint')) return undefined
      restarting = true
      return { delayMs: 500 }
    },
  }
  quorum.cut.delete(id)
  await quorum.world.runUntil(() => restarting && raft.parts.log.startOffset > 0, 60_000)
  raft.register(late)
  await quorum.allHeard('a', 'b', 'c')
  await quorum.world.runUntil(() => late.values.includes('c'), 60_000)
  assert.deepEqual(late.snapshots.at(-1)?.values, ['a', 'b'])
  assert.equal(late.fatal, undefined)
})

test('a replica that closes during a copy touches the disk no more afterwards', async () => {
  for (const stage of ['a piece is under way', 'the copy is synced'] as const) {
    const { quorum, id } = await withLagging()
    let reached = false
    let calls = 0
    quorum.world.faults = {
      disk: (call) => {
        if (call.host !== `node-${id}`) return undefined
        calls++
        if (stage !== 'the copy is synced' || !isCopy(call) || call.operation !== 'sync') return undefined
        reached = true
        return { delayMs: 1500 }
      },
    }
    if (stage === 'a piece is under way') {
      quorum.piece = (fetch, from, request) => {
        if (request.position === 0) return fetch(from, request)
        reached = true
        return new Promise((resolve) => quorum.hostOf(id).clock.after(2000, () => resolve(undefined)))
      }
    }
    quorum.cut.delete(id)
    await quorum.world.runUntil(() => reached, 60_000)
    const start = quorum.world.nowMs
    await quorum.world.run(() => quorum.raft.get(id)!.close())
    quorum.raft.delete(id)
    assert.ok(stage === 'the copy is synced' || quorum.world.nowMs - start < 1000, 'it waits for no piece')
    const before = calls
    await quorum.world.runFor(20_000)
    assert.equal(calls, before, stage)
    const left = await quorum.world.run(() => quorum.hostOf(id).disk.list('/data/__cluster_metadata-0'))
    assert.deepEqual(
      left.filter(({ name }) => name.includes('.checkpoint.part')),
      [],
    )
  }
})

test('a replica that closes while it writes a snapshot touches the disk no more afterwards', async () => {
  const quorum = await ThreeDrivers.started()
  quorum.append('a')
  await quorum.allHeard('a')
  const id = quorum.follower
  const raft = quorum.raft.get(id)!
  let calls = 0
  let writing = false
  quorum.world.faults = {
    disk: (call) => {
      if (call.host !== `node-${id}`) return undefined
      calls++
      writing ||= isCopy(call)
      return isCopy(call) ? { delayMs: 100 } : undefined
    },
  }
  const at = { offset: raft.highWatermark!, epoch: raft.leaderAndEpoch.epoch }
  const created = raft.createSnapshot(at, 1, [Buffer.from('a')])
  await quorum.world.runUntil(() => writing)
  await quorum.world.run(() => raft.close())
  quorum.raft.delete(id)
  const before = calls
  await quorum.world.runFor(20_000)
  assert.equal(calls, before)
  assert.equal(await created, true)
})
