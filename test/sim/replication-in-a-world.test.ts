import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Consumer } from '../../src/client/index.ts'
import { nameOf } from './cluster.ts'
import { metricsOf, statusPort } from './page-of.ts'
import { inAWorld, RECORD_BYTES, type Scene, topic } from './replicated-scene.ts'

test('followers spread over another number of fetchers while they run, and lose nothing on the way', async () => {
  const partitions = Array.from({ length: 6 }, () => [1, 2, 3])
  await inAWorld({}, partitions, async ({ cluster, produce, set, logEnd }) => {
    const fetchersOf = (id: number): string[] => {
      const broker = cluster.brokers.find(({ nodeId }) => nodeId === id)!
      return [...broker.replication.fetchers()].map(({ clientId, leader }) => `${clientId} of ${leader}`).toSorted()
    }
    assert.deepEqual(fetchersOf(2), ['ReplicaFetcherThread-0-1 of 1'])
    await Promise.all(partitions.map((_, index) => produce(5, index)))
    await set('broker', '', { 'num.replica.fetchers': '2' })
    assert.deepEqual(fetchersOf(2), ['ReplicaFetcherThread-0-1 of 1', 'ReplicaFetcherThread-1-1 of 1'])
    await Promise.all(partitions.map((_, index) => produce(5, index)))
    await set('broker', '', { 'num.replica.fetchers': '1' })
    assert.deepEqual(fetchersOf(3), ['ReplicaFetcherThread-0-1 of 1'])
    await Promise.all(partitions.map((_, index) => produce(5, index)))
    assert.deepEqual(
      partitions.map((_, index) => logEnd(3, index)),
      partitions.map(() => 15),
    )
  })
})

describe('a replica that catches up', () => {
  /** Five megabytes that broker 2 does not have: it comes back, and the time it takes to be in sync. */
  const catchUp = async (
    settings: { topic: Record<string, string>; broker: Record<string, string> },
    play?: (scene: Scene) => Promise<void>,
  ) => {
    let tookMs = 0
    await inAWorld({ settings: { 'replica.lag.time.max.ms': '5000' } }, [[1, 2]], async (scene) => {
      const { cluster, produce, set } = scene
      await cluster.stop(2)
      await produce(500)
      await set('topic', topic, settings.topic)
      await set('broker', '', settings.broker)
      await cluster.start(2)
      const startedMs = cluster.world.nowMs
      await play?.(scene)
      await cluster.until(() => cluster.isFullyInSync(topic), 'broker 2 is in sync')
      tookMs = cluster.world.nowMs - startedMs
    })
    return tookMs
  }
  const BYTES_PER_SECOND = 200_000
  const rateOf = (side: 'leader' | 'follower', rate = BYTES_PER_SECOND) => ({ [`${side}.replication.throttled.rate`]: String(rate) })

  test('does so at once when nothing holds it up', async () => {
    assert.ok((await catchUp({ topic: {}, broker: rateOf('leader') })) < 3000, 'a rate without replicas that it is for')
    const other = { 'follower.replication.throttled.replicas': '0:1,1:2' }
    assert.ok((await catchUp({ topic: other, broker: rateOf('follower') })) < 3000, 'it is for other replicas')
  })

  for (const [side, replicas] of [
    ['follower', '*'],
    ['follower', '0:2'],
    ['leader', '*'],
    ['leader', '0:1'],
  ] as const) {
    test(`goes no faster than the ${side} may (${replicas})`, async () => {
      const tookMs = await catchUp({ topic: { [`${side}.replication.throttled.replicas`]: replicas }, broker: rateOf(side) })
      // 5 MB at 200 kB/s are 25 s; the last megabyte is not waited for.
      assert.ok(tookMs > 17_000 && tookMs < 40_000, `${tookMs} ms`)
    })
  }

  test('goes on at full speed as soon as the limit is raised', async () => {
    const throttled = { 'follower.replication.throttled.replicas': '*' }
    const tookMs = await catchUp({ topic: throttled, broker: rateOf('follower', 1000) }, async ({ cluster, set, logEnd }) => {
      await cluster.pause(20_000)
      assert.ok(logEnd(2) < 300, `${logEnd(2)} of 500 records in 20 s`)
      await set('broker', '', rateOf('follower', 1_000_000_000))
    })
    assert.ok(tookMs < 24_000, `${tookMs} ms`)
  })
})

test('a replica in sync is never held up: it would only fall out of sync', async () => {
  await inAWorld({ settings: { 'replica.lag.time.max.ms': '5000' } }, [[1, 2, 3]], async ({ cluster, produce, set, registration }) => {
    await produce(1)
    await set('topic', topic, { 'leader.replication.throttled.replicas': '*', 'follower.replication.throttled.replicas': '*' })
    await set('broker', '', { 'leader.replication.throttled.rate': '1', 'follower.replication.throttled.rate': '1' })
    const startedMs = cluster.world.nowMs
    for (let n = 0; n < 20; n++) await produce(20)
    assert.ok(cluster.world.nowMs - startedMs < 10_000, `${cluster.world.nowMs - startedMs} ms`)
    assert.equal(registration().isr.length, 3)
  })
})

describe('a consumer in a rack (KIP-392)', () => {
  const racks = {
    settings: { 'replica.selector.class': 'org.apache.kafka.common.replica.RackAwareReplicaSelector' },
    settingsOf: (id: number) => ({ 'broker.rack': `rack-${id}` }),
  }

  test('reads from the replica there, from the leader while that is gone, and from there again', async () => {
    await inAWorld(racks, [[1, 2, 3]], async ({ cluster, produce }) => {
      await produce(100)
      const consumer = new Consumer(cluster.clients, {
        ...cluster.bootstrap,
        ...{ 'client.rack': 'rack-2', 'auto.offset.reset': 'earliest', 'metadata.max.age.ms': 10_000, 'fetch.max.bytes': 200_000 },
      })
      consumer.assign([{ topic, partition: 0 }])
      const read = async (count: number): Promise<void> => {
        for (let seen = 0; seen < count; ) for (const chunk of await consumer.poll(100)) for (const _ of chunk) seen++
      }
      const sent = (id: number): number => cluster.brokers.find(({ nodeId }) => nodeId === id)!.metrics.all.bytesOut
      await read(100)
      assert.equal(sent(1), 0)
      assert.ok(sent(2) > 100 * RECORD_BYTES)

      cluster.crash(2)
      await produce(100)
      await read(100)
      assert.ok(sent(1) > 100 * RECORD_BYTES)

      await cluster.start(2)
      await cluster.until(() => cluster.isFullyInSync(topic), 'broker 2 is in sync again')
      // The leader names a replica to whoever asks; the consumer learns of the broker with its next metadata.
      await cluster.pause(20_000)
      const before = sent(1)
      await Promise.all([produce(100), read(100)])
      assert.ok(sent(2) > 100 * RECORD_BYTES)
      assert.equal(sent(1), before)
      await consumer.close()
    })
  })

  test('does not stay for longer than metadata.max.age.ms with a replica that has lost its leader', async () => {
    let isCut = false
    const link = (from: string, to: string) =>
      isCut && [from, to].includes(nameOf(2)) && ![from, to].includes('clients') ? { down: true } : undefined
    const settings = { ...racks.settings, 'replica.lag.time.max.ms': '5000' }
    await inAWorld({ ...racks, settings, faults: { link } }, [[1, 2, 3]], async ({ cluster, produce }) => {
      await produce(10)
      const consumer = new Consumer(cluster.clients, {
        ...cluster.bootstrap,
        ...{ 'client.rack': 'rack-2', 'auto.offset.reset': 'earliest', 'metadata.max.age.ms': 60_000 },
      })
      consumer.assign([{ topic, partition: 0 }])
      const read = async (count: number): Promise<void> => {
        for (let seen = 0; seen < count; ) for (const chunk of await consumer.poll(100)) for (const _ of chunk) seen++
      }
      await read(10)
      const startedMs = cluster.world.nowMs
      isCut = true
      await cluster.pause(20_000)
      await produce(10)
      await read(10)
      const tookMs = cluster.world.nowMs - startedMs
      assert.ok(tookMs > 30_000 && tookMs < 65_000, `after ${tookMs} ms`)
      await consumer.close()
    })
  })

  test('reads from the leader when nothing is there, and when the leader is not set up for it', async () => {
    for (const shape of [racks, { settingsOf: racks.settingsOf }]) {
      await inAWorld(shape, [[1, 2, 3]], async ({ cluster, produce }) => {
        await produce(10)
        const rack = shape === racks ? 'elsewhere' : 'rack-2'
        const consumer = new Consumer(cluster.clients, { ...cluster.bootstrap, 'client.rack': rack, 'auto.offset.reset': 'earliest' })
        consumer.assign([{ topic, partition: 0 }])
        for (let seen = 0; seen < 10; ) for (const chunk of await consumer.poll(100)) for (const _ of chunk) seen++
        await consumer.close()
        const sent = cluster.brokers.toSorted((a, b) => a.nodeId - b.nodeId).map(({ metrics }) => metrics.all.bytesOut > 0)
        assert.deepEqual(sent, [true, false, false])
      })
    }
  })
})

test('brokers show how replication goes, under the names of Apache Kafka', async () => {
  const settings = { 'tkafka.status.listener': `0.0.0.0:${statusPort}`, 'replica.lag.time.max.ms': '5000' }
  await inAWorld({ settings }, [[1, 2]], async ({ cluster, admin, produce, set }) => {
    await produce(10)
    await set('topic', topic, { 'leader.replication.throttled.replicas': '*', 'follower.replication.throttled.replicas': '*' })
    await produce(10)
    const leader = await metricsOf(cluster.clients, nameOf(1))
    const follower = await metricsOf(cluster.clients, nameOf(2))
    const fetcher = '{clientId="ReplicaFetcherThread-0-1",brokerHost="node-1",brokerPort="9092"}'
    const replica = '{clientId="Replica"}'
    assert.equal(follower.get(`kafka_server_replicafetchermanager_maxlag${replica}`), 0)
    assert.equal(follower.get(`kafka_server_replicafetchermanager_failedpartitionscount${replica}`), 0)
    assert.equal(follower.get(`kafka_server_replicafetchermanager_deadthreadcount${replica}`), 0)
    assert.equal(
      follower.get('kafka_server_fetcherlagmetrics_consumerlag{clientId="ReplicaFetcherThread-0-1",topic="orders",partition="0"}'),
      0,
    )
    assert.ok(follower.get(`kafka_server_fetcherstats_requests_total${fetcher}`)! >= 2)
    assert.ok(follower.get(`kafka_server_fetcherstats_bytes_total${fetcher}`)! > 20 * RECORD_BYTES)
    assert.ok(follower.get('kafka_server_followerreplication_byte_rate')! > 5000)
    assert.ok(leader.get('kafka_server_leaderreplication_byte_rate')! > 5000)
    assert.equal(leader.get('kafka_server_followerreplication_byte_rate'), 0)
    assert.equal(leader.get('kafka_server_replicamanager_failedisrupdates_total'), 0)
    assert.ok(leader.get('kafka_server_fetchsessioncache_numincrementalfetchsessions')! >= 1)
    assert.ok(leader.get('kafka_server_fetchsessioncache_numincrementalfetchpartitionscached')! >= 1)
    assert.equal(leader.get('kafka_server_brokertopicmetrics_reassignmentbytesout_total'), 0)

    await admin.alterReassignments([{ topic, partition: 0, replicas: [1, 3] }])
    await cluster.until(
      () => cluster.brokers.every(({ image }) => image.topic(topic)!.partitions.get(0)!.isr.includes(3)),
      'broker 3 is in sync',
    )
    const moved = 20 * RECORD_BYTES
    assert.ok((await metricsOf(cluster.clients, nameOf(1))).get('kafka_server_brokertopicmetrics_reassignmentbytesout_total')! > moved)
    assert.ok((await metricsOf(cluster.clients, nameOf(3))).get('kafka_server_brokertopicmetrics_reassignmentbytesin_total')! > moved)
  })
})
