import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fetch } from '../../src/broker/apis/fetch.ts'
import { listOffsets } from '../../src/broker/apis/list-offsets.ts'
import { offsetForLeaderEpoch } from '../../src/broker/apis/offset-for-leader-epoch.ts'
import type { BrokerParts } from '../../src/broker/parts.ts'
import { complete, type ErrorName, errorName } from '../../src/protocol/index.ts'
import { FetchRequest } from '../../src/protocol/messages/fetch.ts'
import { ListOffsetsRequest } from '../../src/protocol/messages/list-offsets.ts'
import { OffsetForLeaderEpochRequest } from '../../src/protocol/messages/offset-for-leader-epoch.ts'
import { FetchSessions } from '../../src/replica/index.ts'
import { plainBatch } from '../log/sample-batches.ts'
import { appendTo, idOf, openReplicas, type Replicas } from '../replica/replica-fixture.ts'
import { ask, asked, fakeParts } from './fake-parts.ts'

const CONSUMER = -1
const DEBUGGING = -2
const FOLLOWER = 2

/** A partition of five records in leader epoch 3; this broker leads it, or broker 2 does. */
const setting = async (leader: number): Promise<{ replicas: Replicas; parts: BrokerParts }> => {
  const replicas = await openReplicas()
  replicas.create('events')
  await replicas.apply()
  appendTo(replicas.at('events'), plainBatch(5))
  await replicas.at('events').log.written()
  replicas.lead(idOf('events'), 0, leader, 3)
  await replicas.apply()
  const { config } = fakeParts().parts
  const fetchSessions = new FetchSessions({ slots: 10, evictionMs: 1000 }, () => 1)
  const metrics = { fetched: () => {}, fetchFailed: () => {} }
  return { replicas, parts: { ...replicas, config, fetchSessions, metrics, throttles: {} } as unknown as BrokerParts }
}

/** What is answered to one who believes in these epochs; -1: it does not say. */
const epochs = [2, 3, 4, -1] as const
type Answers = [ErrorName, ErrorName, ErrorName, ErrorName]
const forEach = async (code: (epoch: number) => Promise<number>): Promise<string[]> => {
  const names: string[] = []
  for (const epoch of epochs) names.push(errorName(await code(epoch)))
  return names
}

const fetchAs = (parts: BrokerParts, replicaId: number, version: number) =>
  forEach(async (currentLeaderEpoch) => {
    const partitions = [{ partition: 0, currentLeaderEpoch, fetchOffset: 5, partitionMaxBytes: 1000 }]
    const request = complete(FetchRequest, version, {
      ...(version >= 15 ? { replicaState: { replicaId } } : { replicaId }),
      ...{ maxWaitMs: 0, maxBytes: 1000, topics: [{ topicId: idOf('events'), topic: 'events', partitions }] },
    })
    const answer = await ask(fetch, request, parts, asked(version))
    return answer.responses![0]!.partitions![0]!.errorCode!
  })

const listAs = (parts: BrokerParts, replicaId: number) =>
  forEach(async (currentLeaderEpoch) => {
    const partitions = [{ partitionIndex: 0, currentLeaderEpoch, timestamp: -1 }]
    const request = complete(ListOffsetsRequest, 8, { replicaId, topics: [{ name: 'events', partitions }] })
    return (await ask(listOffsets, request, parts, asked(8))).topics![0]!.partitions![0]!.errorCode!
  })

const epochEndAs = (parts: BrokerParts, replicaId: number) =>
  forEach(async (currentLeaderEpoch) => {
    const partitions = [{ partition: 0, currentLeaderEpoch, leaderEpoch: 0 }]
    const request = complete(OffsetForLeaderEpochRequest, 4, { replicaId, topics: [{ topic: 'events', partitions }] })
    return (await ask(offsetForLeaderEpoch, request, parts, asked(4))).topics![0]!.partitions![0]!.errorCode!
  })

const served: Answers = ['FENCED_LEADER_EPOCH', 'NONE', 'UNKNOWN_LEADER_EPOCH', 'NONE']
const refused: Answers = ['FENCED_LEADER_EPOCH', 'NOT_LEADER_OR_FOLLOWER', 'UNKNOWN_LEADER_EPOCH', 'NOT_LEADER_OR_FOLLOWER']

describe('whoever believes in another leader epoch is told so, before anything else (KIP-320)', () => {
  test('by a leader', async () => {
    const { replicas, parts } = await setting(1)
    await using _ = replicas
    assert.deepEqual(await fetchAs(parts, CONSUMER, 16), served)
    assert.deepEqual(await fetchAs(parts, CONSUMER, 9), served)
    assert.deepEqual(await listAs(parts, CONSUMER), served)
    assert.deepEqual(await listAs(parts, FOLLOWER), served)
    assert.deepEqual(await epochEndAs(parts, CONSUMER), served)
    assert.deepEqual(await epochEndAs(parts, FOLLOWER), served)
  })

  test('by a follower, who serves consumers that know that they may read from it, and tools that look at one replica', async () => {
    const { replicas, parts } = await setting(2)
    await using _ = replicas
    assert.deepEqual(await fetchAs(parts, CONSUMER, 16), served)
    assert.deepEqual(await fetchAs(parts, CONSUMER, 11), served)
    assert.deepEqual(await fetchAs(parts, CONSUMER, 10), refused)
    assert.deepEqual(await fetchAs(parts, DEBUGGING, 16), served)
    assert.deepEqual(await fetchAs(parts, FOLLOWER, 16), refused)
    assert.deepEqual(await listAs(parts, CONSUMER), refused)
    assert.deepEqual(await listAs(parts, FOLLOWER), refused)
    assert.deepEqual(await listAs(parts, DEBUGGING), served)
    assert.deepEqual(await epochEndAs(parts, CONSUMER), refused)
  })
})
