import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { describeProducers } from '../../src/broker/apis/describe-producers.ts'
import { fetch } from '../../src/broker/apis/fetch.ts'
import { listOffsets } from '../../src/broker/apis/list-offsets.ts'
import { offsetForLeaderEpoch } from '../../src/broker/apis/offset-for-leader-epoch.ts'
import { BrokerMetrics } from '../../src/broker/broker-metrics.ts'
import type { BrokerParts } from '../../src/broker/parts.ts'
import { complete, Errors } from '../../src/protocol/index.ts'
import { DescribeProducersRequest } from '../../src/protocol/messages/describe-producers.ts'
import { FetchRequest } from '../../src/protocol/messages/fetch.ts'
import { ListOffsetsRequest } from '../../src/protocol/messages/list-offsets.ts'
import { OffsetForLeaderEpochRequest } from '../../src/protocol/messages/offset-for-leader-epoch.ts'
import { FetchSessions } from '../../src/replica/index.ts'
import { idOf, openReplicas, type Replicas } from '../replica/replica-fixture.ts'
import { ask, asked, fakeParts } from './fake-parts.ts'

const partsOf = (replicas: Replicas): BrokerParts => {
  const fetchSessions = new FetchSessions({ slots: 10, evictionMs: 1000 }, () => 1)
  const { config } = fakeParts().parts
  const { host, image, logs, partitions } = replicas
  return { host, image, logs, partitions, config, fetchSessions, metrics: new BrokerMetrics() } as unknown as BrokerParts
}

const fetchOf = async (parts: BrokerParts): Promise<number | undefined> => {
  const partition = { partition: 0, fetchOffset: 0, partitionMaxBytes: 1000, currentLeaderEpoch: 0 }
  const request = complete(FetchRequest, 13, { topics: [{ topicId: idOf('events'), partitions: [partition] }], maxBytes: 1000 })
  const answer = await ask(fetch, request, parts, asked(13))
  return answer.errorCode || answer.responses![0]!.partitions![0]!.errorCode
}

const requests: Record<string, (parts: BrokerParts) => Promise<number | undefined>> = {
  Fetch: fetchOf,
  ListOffsets: async (parts) => {
    const topics = [{ name: 'events', partitions: [{ partitionIndex: 0, timestamp: -1 }] }]
    const answer = await ask(listOffsets, complete(ListOffsetsRequest, 7, { replicaId: -1, topics }), parts, asked(7))
    return answer.topics![0]!.partitions![0]!.errorCode
  },
  OffsetForLeaderEpoch: async (parts) => {
    const topics = [{ topic: 'events', partitions: [{ partition: 0, currentLeaderEpoch: 0, leaderEpoch: 0 }] }]
    const answer = await ask(offsetForLeaderEpoch, complete(OffsetForLeaderEpochRequest, 4, { topics }), parts)
    return answer.topics![0]!.partitions![0]!.errorCode
  },
  DescribeProducers: async (parts) => {
    const topics = [{ name: 'events', partitionIndexes: [0] }]
    const answer = await ask(describeProducers, complete(DescribeProducersRequest, 0, { topics }), parts)
    return answer.topics![0]!.partitions![0]!.errorCode
  },
}

describe('a topic that the metadata has and whose log is still being made', () => {
  for (const [api, request] of Object.entries(requests)) {
    test(`is waited for by ${api}`, async () => {
      await using replicas = await openReplicas()
      replicas.create('events')
      void replicas.apply()
      assert.equal(replicas.at('events'), undefined)
      assert.equal(await request(partsOf(replicas)), Errors.NONE)
    })
  }
})

test('a fetch does not wait where logs are exchanged: what is there can be read', async () => {
  await using replicas = await openReplicas()
  replicas.create('events')
  await replicas.apply()
  const exchanged = Promise.withResolvers<void>()
  replicas.partitions.hold(replicas.at('events'), exchanged.promise)
  assert.equal(await fetchOf(partsOf(replicas)), Errors.NONE)
  exchanged.resolve()
})
