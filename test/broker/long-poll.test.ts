import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errors } from '../../src/protocol/index.ts'
import { WireClient } from '../wire/wire-client.ts'
import { runBroker } from './broker-fixture.ts'
import { until } from './until.ts'

test('a fetch that waits is dropped when its connection closes', async () => {
  await using running = await runBroker()
  const { broker } = running
  using client = await WireClient.open(running.port)
  const created = await client.call('CreateTopics', 7, { topics: [{ name: 'quiet', numPartitions: 1, replicationFactor: 1 }] })
  assert.equal(created.topics[0].errorCode, Errors.NONE)
  const waiting = (): number | undefined => broker.partitions.findByName('quiet', 0)?.waitingFetches
  {
    using reader = await WireClient.open(running.port)
    const topics = [{ topic: 'quiet', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 << 20 }] }]
    reader.call('Fetch', 11, { maxWaitMs: 600_000, minBytes: 1, maxBytes: 1 << 20, topics }).catch(() => {})
    await until(() => waiting() === 1, 'the fetch waits')
  }
  await until(() => waiting() === 0, 'the fetch waits no more')
})
