import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Journal, silentJournal } from '../../src/host/index.ts'
import { RECOVERED, RECOVERING } from '../../src/metadata/index.ts'
import { Errors } from '../../src/protocol/index.ts'
import type { AlterPartitionRequest, AlterPartitionResponse } from '../../src/protocol/messages/alter-partition.ts'
import { IsrChanges } from '../../src/replica/index.ts'
import type { IsrChange, Partition } from '../../src/replica/partition.ts'
import { World } from '../../src/sim/index.ts'
import { RecordingJournal } from '../broker/recording-journal.ts'

const TOPIC_ID = 'B4mSPPvSQsuUvMGxX-rwYQ'

/** Changes of a few partitions, and a controller that answers as the test says. */
const world = (answer: (request: AlterPartitionRequest, attempt: number) => number | Error, journal: Journal = silentJournal) => {
  const sim = new World({ seed: 1 })
  const host = sim.host('leader')
  const requests: AlterPartitionRequest[] = []
  const refused: number[] = []
  const changes = new IsrChanges({
    ...{ clock: host.clock, journal, nodeId: 1, brokerEpoch: () => 9 },
    send: async (request) => {
      requests.push(request)
      const errorCode = answer(request, requests.length)
      if (errorCode instanceof Error) throw errorCode
      const partitions = request.topics[0]!.partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode }))
      return { errorCode: Errors.NONE, topics: [{ topicId: TOPIC_ID, partitions }] } as unknown as AlterPartitionResponse
    },
  })
  const partitions = [0, 1, 2].map(
    (index) =>
      ({
        topicId: TOPIC_ID,
        index,
        name: `t-${index}`,
        isLeader: true,
        leaderEpoch: 3,
        // Elected uncleanly.
        registration: { leaderRecoveryState: RECOVERING },
      }) as Partition,
  )
  const change = (index: number): IsrChange => ({
    ...{ isr: [1, 2], leaderEpoch: 3, partitionEpoch: 5, members: [{ brokerId: 1, brokerEpoch: 9 }] },
    refused: () => refused.push(index),
  })
  return { sim, changes, partitions, change, requests, refused }
}

const indexesOf = (request: AlterPartitionRequest): number[] => request.topics[0]!.partitions.map(({ partitionIndex }) => partitionIndex)

test('changes of one turn travel together, those that come meanwhile with the next request', async () => {
  const { sim, changes, partitions, change, requests, refused } = world((request) => {
    if (indexesOf(request).length === 2) changes.add(partitions[2]!, change(2))
    return Errors.NONE
  })
  changes.add(partitions[0]!, change(0))
  changes.add(partitions[1]!, change(1))
  await sim.runFor(1000)
  assert.deepEqual(requests.map(indexesOf), [[0, 1], [2]])
  assert.deepEqual([requests[0]!.brokerId, requests[0]!.brokerEpoch, refused], [1, 9, []])
})

test('a leader that was elected uncleanly has recovered when it takes others in: the controller allows no more than one before', async () => {
  const { sim, changes, partitions, change, requests } = world(() => Errors.NONE)
  changes.add(partitions[0]!, change(0))
  await sim.runFor(1000)
  assert.equal(requests[0]!.topics[0]!.partitions[0]!.leaderRecoveryState, RECOVERED)
})

test('a change that the controller has not made and never will is taken back at once', async () => {
  for (const error of [Errors.INELIGIBLE_REPLICA, Errors.OPERATION_NOT_ATTEMPTED]) {
    const { sim, changes, partitions, change, requests, refused } = world(() => error)
    changes.add(partitions[0]!, change(0))
    await sim.runFor(10_000)
    assert.deepEqual([requests.length, refused], [1, [0]])
  }
})

test('one that may have been made, its answer lost, is neither taken back nor sent again', async () => {
  for (const error of [Errors.INVALID_UPDATE_VERSION, Errors.FENCED_LEADER_EPOCH, Errors.NEW_LEADER_ELECTED]) {
    const { sim, changes, partitions, change, requests, refused } = world((_request, attempt) =>
      attempt === 1 ? new Error('lost') : error,
    )
    changes.add(partitions[0]!, change(0))
    await sim.runFor(10_000)
    assert.deepEqual([requests.length, refused], [2, []])
  }
})

test('a change is sent again while no controller takes it, with a pause in between', async () => {
  const { sim, changes, partitions, change, requests, refused } = world((_request, attempt) =>
    attempt < 3 ? new Error('nobody is there') : attempt < 5 ? Errors.UNKNOWN_SERVER_ERROR : Errors.NONE,
  )
  changes.add(partitions[0]!, change(0))
  await sim.runFor(10_000)
  assert.deepEqual([requests.length, refused], [5, []])
  const { nowMs } = sim
  assert.ok(nowMs >= 200)
})

test('a change of a partition that this broker leads no more is dropped', async () => {
  const { sim, changes, partitions, change, requests } = world(() => Errors.NONE)
  changes.add(partitions[0]!, { ...change(0), leaderEpoch: 2 })
  changes.add(partitions[1]!, change(1))
  await sim.runFor(1000)
  assert.deepEqual(requests.map(indexesOf), [[1]])
})

test('a controller that is lost is told once, asked ever more rarely, and told again when it is back', async () => {
  const journal = new RecordingJournal()
  const { sim, changes, partitions, change, requests } = world(
    (_request, attempt) => (attempt <= 20 ? new Error('nobody is there') : Errors.NONE),
    journal,
  )
  changes.add(partitions[0]!, change(0))
  await sim.runFor(60_000)
  assert.equal(requests.length, 21)
  assert.deepEqual(
    journal.entries.map(({ level, message }) => `${level}: ${message}`),
    [
      'warn: no controller takes changes of in-sync replicas; they are sent again until one does',
      'info: a controller takes changes of in-sync replicas again',
    ],
  )
  const { afterMs, attempts } = journal.entries[1]!.fields as { afterMs: number; attempts: number }
  assert.equal(attempts, 21)
  assert.ok(afterMs > 15_000, `20 pauses took ${afterMs} ms`)
})
