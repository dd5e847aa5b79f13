import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fetch } from '../../src/broker/apis/fetch.ts'
import type { BrokerParts } from '../../src/broker/parts.ts'
import { ReplicationThrottles } from '../../src/broker/replication-throttles.ts'
import { complete } from '../../src/protocol/index.ts'
import { FetchRequest } from '../../src/protocol/messages/fetch.ts'
import { FetchSessions } from '../../src/replica/index.ts'
import { plainBatch } from '../log/sample-batches.ts'
import { appendTo, idOf, openReplicas } from '../replica/replica-fixture.ts'
import { ask, asked, fakeParts } from './fake-parts.ts'

const CONSUMER = -1
const FOLLOWER = 2

test('no answer is larger than fetch.max.bytes, to consumers and followers alike', async () => {
  await using replicas = await openReplicas()
  for (const topic of ['a', 'b', 'c']) {
    replicas.create(topic)
    await replicas.apply()
    const partition = replicas.at(topic)
    partition.update({ ...partition.registration, replicas: [1, FOLLOWER], partitionEpoch: 1 })
    appendTo(partition, plainBatch(1, 5000))
    await partition.log.written()
  }
  const { config } = fakeParts({ 'fetch.max.bytes': '12000' }).parts
  const fetchSessions = new FetchSessions({ slots: 10, evictionMs: 1000 }, () => 1)
  const throttles = new ReplicationThrottles(1, replicas.host.clock, () => config)
  const metrics = { fetched: () => {}, fetchFailed: () => {}, reassignmentBytesOut: 0 }
  const parts = { ...replicas, config, fetchSessions, metrics, throttles } as unknown as BrokerParts
  for (const replicaId of [CONSUMER, FOLLOWER]) {
    const topics = ['a', 'b', 'c'].map((topic) => ({
      topicId: idOf(topic),
      partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 << 20 }],
    }))
    const request = complete(FetchRequest, 17, { replicaState: { replicaId }, maxWaitMs: 0, maxBytes: 1 << 30, topics })
    const answer = await ask(fetch, request, parts, asked(17))
    const sizes = answer.responses!.map(({ partitions }) => {
      const records = partitions![0]!.records as { bytes?: number; release?(): void } | Buffer
      if (Buffer.isBuffer(records)) return records.length
      records.release?.()
      return records.bytes!
    })
    assert.deepEqual(
      sizes.map((bytes) => bytes > 5000),
      [true, true, false],
      `replica ${replicaId}`,
    )
    assert.equal(sizes[2], 0)
  }
})
