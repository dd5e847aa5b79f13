import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metadataTopicUuid } from '../../src/base/index.ts'
import { decode, Errors, encode, type Message, type MessageInput, type Schema } from '../../src/protocol/index.ts'
import { AddRaftVoterRequest, AddRaftVoterResponse } from '../../src/protocol/messages/add-raft-voter.ts'
import { BeginQuorumEpochRequest } from '../../src/protocol/messages/begin-quorum-epoch.ts'
import { DescribeQuorumRequest, DescribeQuorumResponse } from '../../src/protocol/messages/describe-quorum.ts'
import { FetchRequest, FetchResponse } from '../../src/protocol/messages/fetch.ts'
import { FetchSnapshotRequest, FetchSnapshotResponse } from '../../src/protocol/messages/fetch-snapshot.ts'
import { RemoveRaftVoterRequest, RemoveRaftVoterResponse } from '../../src/protocol/messages/remove-raft-voter.ts'
import { UpdateRaftVoterRequest, UpdateRaftVoterResponse } from '../../src/protocol/messages/update-raft-voter.ts'
import { VoteRequest, VoteResponse } from '../../src/protocol/messages/vote.ts'
import { openRaft, type RaftDriver, RaftHandlers, type Voter, VoterSet } from '../../src/raft/index.ts'
import { World } from '../../src/sim/index.ts'
import { Recorder } from './listener-recorder.ts'

const clusterId = 'MkU3OEVBNTcwNTJENDM2Qg'
const directoryId = 'V2pa8is5RHC23ATa8gYJ7w'
const observerDirectory = '8jVjZheo9HYPkUpiX8-B4w'
const context = { version: 17, listenerName: 'CONTROLLER' }
const endpoints = [{ name: 'CONTROLLER', host: 'controller.example', port: 9093 }]
const voter: Voter = { id: 1, directoryId: undefined, endpoints, kraftVersionMin: 0, kraftVersionMax: 1 }

/** A message as it arrives: through the wire. */
const wired = <S extends Schema>(schema: S, version: number, message: MessageInput<S>): Message<S> =>
  decode(schema, version, encode(schema, version, message))

class Leader {
  readonly world = new World()
  readonly recorder = new Recorder()
  raft!: RaftDriver
  handlers!: RaftHandlers

  async start(): Promise<this> {
    const host = this.world.host('one')
    await this.world.run(async () => {
      await host.disk.makeDirectory('/data')
      this.raft = await openRaft({ host, logDirectory: '/data', nodeId: 1, directoryId, staticVoters: new VoterSet([voter]), endpoints })
    })
    this.raft.register(this.recorder)
    this.handlers = new RaftHandlers(this.raft, clusterId)
    await this.world.runUntil(() => this.recorder.leaders.length > 0)
    return this
  }

  async append(...texts: string[]): Promise<void> {
    const last = this.raft.append(
      this.raft.leaderAndEpoch.epoch,
      texts.map((text) => ({ value: Buffer.from(text) })),
    )
    await this.world.runUntil(() => this.raft.highWatermark! > last)
  }

  async fetch(
    fetchOffset: number,
    lastFetchedEpoch: number,
    more: { maxWaitMs?: number; leaderEpoch?: number; highWatermark?: number } = {},
  ) {
    const partition = {
      partition: 0,
      fetchOffset,
      lastFetchedEpoch,
      currentLeaderEpoch: more.leaderEpoch ?? 1,
      partitionMaxBytes: 1000,
      replicaDirectoryId: observerDirectory,
    }
    const request = wired(FetchRequest, 17, {
      clusterId,
      maxWaitMs: more.maxWaitMs ?? 0,
      replicaState: { replicaId: 2 },
      topics: [{ topicId: metadataTopicUuid, partitions: [partition] }],
    })
    const response = await this.handlers.fetch(request, context)
    return wired(FetchResponse, 17, response)
  }
}

test('an observer fetches the log, and the answer names the leader and its endpoint', async () => {
  const leader = await new Leader().start()
  await leader.append('a', 'b')
  const response = await leader.world.run(() => leader.fetch(1, 1))
  const [partition] = response.responses[0]!.partitions
  assert.equal(partition!.errorCode, Errors.NONE)
  assert.equal(partition!.highWatermark, 3)
  assert.deepEqual(partition!.currentLeader, { leaderId: 1, leaderEpoch: 1 })
  assert.ok(partition!.records!.includes('b'))
  assert.deepEqual(
    response.nodeEndpoints.map(({ nodeId, host, port }) => [nodeId, host, port]),
    [[1, 'controller.example', 9093]],
  )
})

test('a fetch at the end waits for the next append, and no longer than it said', async () => {
  const leader = await new Leader().start()
  const waiting = leader.fetch(1, 1, { maxWaitMs: 500 })
  await leader.world.runFor(100)
  await leader.append('news')
  const [partition] = (await waiting).responses[0]!.partitions
  assert.ok(partition!.records!.includes('news'))

  const start = leader.world.nowMs
  const empty = await leader.world.run(() => leader.fetch(2, 1, { maxWaitMs: 500 }))
  assert.equal(empty.responses[0]!.partitions[0]!.records?.length ?? 0, 0)
  assert.ok(leader.world.nowMs - start >= 499 && leader.world.nowMs - start < 600)
})

test('a fetch under another epoch, of another topic or cluster is refused', async () => {
  const leader = await new Leader().start()
  const error = async (leaderEpoch: number) => {
    const { responses } = await leader.world.run(() => leader.fetch(0, 0, { leaderEpoch }))
    return responses[0]!.partitions[0]!.errorCode
  }
  assert.equal(await error(0), Errors.FENCED_LEADER_EPOCH)
  assert.equal(await error(2), Errors.UNKNOWN_LEADER_EPOCH)
  const other = wired(FetchRequest, 17, { topics: [{ topicId: directoryId, partitions: [{ partition: 0 }] }] })
  assert.deepEqual(await leader.handlers.fetch(other, context), { errorCode: Errors.INVALID_REQUEST })
  const vote = wired(VoteRequest, 2, { clusterId: 'another', topics: [] })
  assert.deepEqual(await leader.handlers.vote(vote, context), { errorCode: Errors.INCONSISTENT_CLUSTER_ID })
})

test('a fetch whose log diverges is told where', async () => {
  const leader = await new Leader().start()
  await leader.append('a')
  const response = await leader.world.run(() => leader.fetch(7, 1))
  const { epoch, endOffset } = response.responses[0]!.partitions[0]!.divergingEpoch
  assert.deepEqual([epoch, endOffset], [1, 2])
})

test('a vote for a later epoch moves the only voter to it, and it leads again after that', async () => {
  const leader = await new Leader().start()
  const partition = { replicaEpoch: 5, replicaId: 2, replicaDirectoryId: observerDirectory, lastOffset: 0, lastOffsetEpoch: 0 }
  const request = wired(VoteRequest, 2, { clusterId, topics: [{ topicName: '__cluster_metadata', partitions: [partition] }] })
  const response = await leader.world.run(() => leader.handlers.vote(request, context))
  const [answer] = wired(VoteResponse, 2, response).topics[0]!.partitions
  assert.deepEqual([answer!.errorCode, answer!.voteGranted, answer!.leaderEpoch], [Errors.NONE, false, 5])
  await leader.world.runUntil(() => leader.raft.isLeader && leader.raft.leaderAndEpoch.epoch > 5)
})

test('a claim to lead by another node in the same epoch is refused', async () => {
  const leader = await new Leader().start()
  const partitions = [{ leaderId: 2, leaderEpoch: 1 }]
  const request = wired(BeginQuorumEpochRequest, 1, { clusterId, topics: [{ topicName: '__cluster_metadata', partitions }] })
  const response = await leader.world.run(() => leader.handlers.beginQuorumEpoch(request, context))
  assert.equal(response.topics![0]!.partitions![0]!.errorCode, Errors.INVALID_REQUEST)
  assert.ok(leader.raft.isLeader)
})

test('the quorum is described with its voters and observers', async () => {
  const leader = await new Leader().start()
  await leader.append('a')
  await leader.world.run(() => leader.fetch(1, 1))
  const request = wired(DescribeQuorumRequest, 2, { topics: [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }] })
  const response = wired(DescribeQuorumResponse, 2, leader.handlers.describeQuorum(request, { ...context, version: 2 }))
  const [partition] = response.topics[0]!.partitions
  assert.deepEqual([partition!.leaderId, partition!.leaderEpoch, partition!.highWatermark], [1, 1, 2])
  assert.deepEqual(
    partition!.currentVoters.map(({ replicaId, logEndOffset }) => [replicaId, logEndOffset]),
    [[1, 2]],
  )
  const [observer] = partition!.observers
  assert.deepEqual([observer!.replicaId, observer!.replicaDirectoryId, observer!.logEndOffset], [2, observerDirectory, 1])
  assert.ok(observer!.lastFetchTimestamp > 1_700_000_000_000)
  assert.equal(response.nodes[0]!.listeners[0]!.port, 9093)
})

test('a snapshot is handed out piece by piece', async () => {
  const leader = await new Leader().start()
  await leader.append('a')
  const id = { offset: 2, epoch: 1 }
  await leader.world.run(() => leader.raft.createSnapshot(id, 1, [Buffer.from('state')]))
  const piece = async (position: number, maxBytes: number) => {
    const partition = { partition: 0, currentLeaderEpoch: 1, snapshotId: { endOffset: 2, epoch: 1 }, position }
    const request = wired(FetchSnapshotRequest, 1, {
      clusterId,
      maxBytes,
      topics: [{ name: '__cluster_metadata', partitions: [partition] }],
    })
    const response = await leader.world.run(() => leader.handlers.fetchSnapshot(request, { ...context, version: 1 }))
    return wired(FetchSnapshotResponse, 1, response).topics[0]!.partitions[0]!
  }
  const pieces: Buffer[] = []
  const { size } = await piece(0, 50)
  for (let position = 0; position < size; position += 50) pieces.push((await piece(position, 50)).unalignedRecords!)
  assert.ok(Buffer.concat(pieces).includes('state'))
  assert.equal(Buffer.concat(pieces).length, size)
  assert.equal((await piece(size, 50)).errorCode, Errors.POSITION_OUT_OF_RANGE)
})

test('an epoch near the end of int32 is refused: nothing could follow it', async () => {
  const leader = await new Leader().start()
  const partition = { replicaEpoch: 0x7fffffff, replicaId: 2, lastOffset: 0, lastOffsetEpoch: 0 }
  const request = wired(VoteRequest, 2, { topics: [{ topicName: '__cluster_metadata', partitions: [partition] }] })
  const response = await leader.world.run(() => leader.handlers.vote(request, context))
  assert.equal(response.topics![0]!.partitions![0]!.errorCode, Errors.INVALID_REQUEST)
  assert.deepEqual(leader.raft.leaderAndEpoch, { leaderId: 1, epoch: 1 })
})

test('a voter of a static quorum says where it listens, and hears who leads', async () => {
  const leader = await new Leader().start()
  const update = async (more: MessageInput<typeof UpdateRaftVoterRequest> = {}) => {
    const range = { minSupportedVersion: 0, maxSupportedVersion: 1 }
    const voterDirectoryId = observerDirectory
    const listeners = [{ name: 'CONTROLLER', host: 'moved.example', port: 9094 }]
    const about = { clusterId, currentLeaderEpoch: 1, voterId: 1, voterDirectoryId, listeners, kRaftVersionFeature: range }
    const request = wired(UpdateRaftVoterRequest, 0, { ...about, ...more })
    const response = await leader.world.run(() => leader.handlers.updateVoter(request, context))
    return wired(UpdateRaftVoterResponse, 0, response)
  }
  assert.deepEqual(await update(), {
    throttleTimeMs: 0,
    errorCode: Errors.NONE,
    currentLeader: { leaderId: 1, leaderEpoch: 1, host: 'controller.example', port: 9093 },
  })
  assert.equal(leader.raft.voters[0]!.endpoints[0]!.host, 'controller.example')
  assert.equal((await update({ clusterId: 'another' })).errorCode, Errors.INCONSISTENT_CLUSTER_ID)
  assert.equal((await update({ currentLeaderEpoch: 0 })).errorCode, Errors.FENCED_LEADER_EPOCH)
  assert.equal((await update({ currentLeaderEpoch: 2 })).errorCode, Errors.UNKNOWN_LEADER_EPOCH)
  assert.equal((await update({ voterId: 5 })).errorCode, Errors.VOTER_NOT_FOUND)
  assert.equal((await update({ listeners: [] })).errorCode, Errors.INVALID_REQUEST)
  assert.equal(
    (await update({ kRaftVersionFeature: { minSupportedVersion: 1, maxSupportedVersion: 0 } })).errorCode,
    Errors.INVALID_REQUEST,
  )
})

test('a static quorum adds and removes no voters', async () => {
  const leader = await new Leader().start()
  const about = { clusterId, voterId: 2, voterDirectoryId: observerDirectory }
  const listeners = [{ name: 'CONTROLLER', host: 'controller.example', port: 9094 }]
  const add = wired(AddRaftVoterRequest, 1, { ...about, listeners })
  const added = wired(AddRaftVoterResponse, 1, await leader.world.run(() => leader.handlers.addVoter(add)))
  assert.deepEqual(
    [added.errorCode, added.errorMessage],
    [Errors.UNSUPPORTED_VERSION, 'Voters are static at kraft.version 0: upgrade it first.'],
  )
  const remove = wired(RemoveRaftVoterRequest, 0, about)
  const removed = wired(RemoveRaftVoterResponse, 0, await leader.world.run(() => leader.handlers.removeVoter(remove)))
  assert.equal(removed.errorCode, Errors.UNSUPPORTED_VERSION)
  const elsewhere = await leader.world.run(() => leader.handlers.addVoter({ ...add, clusterId: 'another' }))
  assert.equal(elsewhere.errorCode, Errors.INCONSISTENT_CLUSTER_ID)
  const noListener = await leader.world.run(() => leader.handlers.addVoter({ ...add, listeners: [] }))
  assert.equal(noListener.errorCode, Errors.INVALID_REQUEST)
})
