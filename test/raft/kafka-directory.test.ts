import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metadataTopicUuid } from '../../src/base/index.ts'
import { controlRecordsOf, leaderBatch } from '../../src/raft/control-batches.ts'
import { type Endpoint, openRaft, type RaftDriver, VoterSet } from '../../src/raft/index.ts'
import { formatQuorumState, parseQuorumState } from '../../src/raft/quorum-state.ts'
import { readSnapshotBatches, recordValues } from '../../src/raft/snapshot-reader.ts'
import { snapshotBatches } from '../../src/raft/snapshot-writer.ts'
import { baseOffset, batchBytes, maxTimestamp } from '../../src/records/index.ts'
import { type SimHost, World } from '../../src/sim/index.ts'
import { kafkaFile, kafkaFiles, layOut } from './kafka-directories.ts'
import { Recorder } from './listener-recorder.ts'

const directoryIds = { dynamic: 'V2pa8is5RHC23ATa8gYJ7w', static: '8jVjZheo9HYPkUpiX8-B4w' }
const endpoints: readonly Endpoint[] = [{ name: 'CONTROLLER', host: '127.0.0.1', port: 20301 }]
const staticVoters = new VoterSet([{ id: 1, directoryId: undefined, endpoints, kraftVersionMin: 0, kraftVersionMax: 1 }])
const logFile = (kind: string): Buffer => kafkaFile(`${kind}/__cluster_metadata-0/00000000000000000000.log`)

const open = async (host: SimHost, kind: 'dynamic' | 'static'): Promise<RaftDriver> =>
  openRaft({
    host,
    logDirectory: '/data',
    nodeId: 1,
    directoryId: directoryIds[kind],
    staticVoters: kind === 'static' ? staticVoters : VoterSet.none,
    endpoints,
  })

for (const kind of ['dynamic', 'static'] as const) {
  test(`a ${kind} directory of Apache Kafka opens: snapshot and log are replayed, and the log goes on`, async () => {
    const world = new World()
    const host = world.host('one')
    await world.run(() => layOut(host.disk, kind, '/data'))
    const raft = await world.run(() => open(host, kind))
    const recorder = new Recorder()
    raft.register(recorder)
    await world.runUntil(() => recorder.leaders.length > 0)
    assert.deepEqual(recorder.leaders, [{ leaderId: 1, epoch: 2 }])
    assert.equal(raft.kraftVersion, kind === 'dynamic' ? 1 : 0)
    const [snapshot] = recorder.snapshots
    assert.deepEqual([snapshot?.offset, snapshot?.epoch], kind === 'dynamic' ? [92, 1] : [219, 1])
    assert.equal(snapshot?.values.length, kind === 'dynamic' ? 24 : 29)
    assert.equal(recorder.batches[0]!.baseOffset, snapshot!.offset)
    const end = kind === 'dynamic' ? 132 : 239
    assert.deepEqual([recorder.batches.at(-1)!.baseOffset, recorder.batches.at(-1)!.epoch], [end, 2])
    const first = { records: [{ value: Buffer.from('more') }] }
    raft.append(2, first.records)
    await world.runUntil(() => recorder.values.includes('more'))
    await world.run(() => raft.close())
    const state = await world.run(() => host.disk.readFile('/data/__cluster_metadata-0/quorum-state'))
    const before = kafkaFile(`${kind}/__cluster_metadata-0/quorum-state`).toString()
    assert.equal(Buffer.from(state).toString(), before.replace('"leaderEpoch":1', '"leaderEpoch":2'))
  })

  test(`the quorum state of a ${kind} directory reads and writes the same`, () => {
    const text = kafkaFile(`${kind}/__cluster_metadata-0/quorum-state`).toString()
    const election = parseQuorumState(text)
    assert.deepEqual(election, { epoch: 1, leaderId: 1, votedKey: undefined })
    assert.equal(formatQuorumState(election, kind === 'dynamic' ? 1 : 0, [1]), text)
  })

  test(`the batch that opens an epoch is that of Apache Kafka, byte for byte (${kind})`, () => {
    const log = logFile(kind)
    const golden = log.subarray(0, batchBytes(log, 0))
    const voters = controlRecordsOf(golden, 0).find((record) => record.type === 'voters')
    const place = { baseOffset: 0, epoch: 1, timestamp: maxTimestamp(golden, 0) }
    const start = { leaderId: 1, voterIds: [1], grantingIds: [1] }
    const quorum = voters?.type === 'voters' ? { kraftVersion: 1, voters: voters.voters } : {}
    assert.equal(kind === 'dynamic', voters !== undefined)
    assert.deepEqual(leaderBatch(place, start, quorum), golden)
  })
}

test('every snapshot of Apache Kafka, written again from what it holds, is the same byte for byte', async () => {
  const world = new World()
  const host = world.host('one')
  const names = [...kafkaFiles.keys()].filter((path) => /__cluster_metadata-0\/.*\.checkpoint$/.test(path))
  assert.ok(names.length >= 7)
  for (const name of names) {
    const golden = kafkaFile(name)
    await world.run(() => host.disk.replaceFile('/snapshot', golden))
    const batches: Buffer[] = []
    await world.run(async () => {
      for await (const batch of readSnapshotBatches(host.disk, '/snapshot')) batches.push(batch)
    })
    const control = batches.flatMap((batch) => controlRecordsOf(batch, 0))
    const header = control.find((record) => record.type === 'snapshotHeader')
    const version = control.find((record) => record.type === 'kraftVersion')
    const voters = control.find((record) => record.type === 'voters')
    assert.ok(header?.type === 'snapshotHeader')
    const timestamps = batches.map((batch) => maxTimestamp(batch, 0))
    const [, offset, epoch] = /(\d+)-(\d+)\.checkpoint$/.exec(name)!
    const content = {
      id: { offset: Number(offset), epoch: Number(epoch) },
      lastContainedLogTimestamp: header.lastContainedLogTimestamp,
      quorum: {
        kraftVersion: version?.type === 'kraftVersion' ? version.kraftVersion : 0,
        voters: voters?.type === 'voters' ? voters.voters : undefined,
      },
      records: batches.flatMap((batch) => recordValues(batch, 0)),
    }
    let written = 0
    const clock = { ...host.clock, now: () => timestamps[written]! }
    const ours: Buffer[] = []
    for await (const batch of snapshotBatches(clock, content)) {
      ours.push(batch)
      written++
    }
    assert.deepEqual(Buffer.concat(ours), golden, name)
  }
})

test('a new dynamic quorum writes kraft.version and voters into the log with its first leader', async () => {
  const world = new World()
  const host = world.host('one')
  await world.run(async () => {
    await host.disk.makeDirectory('/data/__cluster_metadata-0')
    const name = '__cluster_metadata-0/00000000000000000000-0000000000.checkpoint'
    await host.disk.replaceFile(`/data/${name}`, kafkaFile(`dynamic/${name}`))
  })
  const raft = await world.run(() => open(host, 'dynamic'))
  const recorder = new Recorder()
  raft.register(recorder)
  await world.runUntil(() => recorder.leaders.length > 0)
  assert.deepEqual(recorder.snapshots, [{ offset: 0, epoch: 0, values: [] }])
  assert.equal(raft.highWatermark, 3)
  await world.run(() => raft.close())
  const log = Buffer.from(await world.run(() => host.disk.readFile('/data/__cluster_metadata-0/00000000000000000000.log')))
  assert.deepEqual(
    controlRecordsOf(log, 0).map(({ type, offset }) => [type, offset]),
    [
      ['leaderChange', 0],
      ['kraftVersion', 1],
      ['voters', 2],
    ],
  )
  assert.equal(baseOffset(log, 0), 0)
  const metadata = await world.run(() => host.disk.readFile('/data/__cluster_metadata-0/partition.metadata'))
  assert.equal(Buffer.from(metadata).toString(), `version: 0\ntopic_id: ${metadataTopicUuid}`)
  const again = await world.run(() => open(host, 'dynamic'))
  const second = new Recorder()
  again.register(second)
  await world.runUntil(() => second.leaders.length > 0)
  assert.equal(again.highWatermark, 4, 'the voters are written once')
})
