import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openAdmin, Producer } from '../../src/client/index.ts'
import { RecordingJournal } from '../broker/recording-journal.ts'
import { Cluster, type ClusterShape, nameOf } from './cluster.ts'

const apart: ClusterShape = { brokers: [1, 2, 3], controllers: [11, 12, 13] }
const combined: ClusterShape = { brokers: [1, 2, 3], controllers: [1, 2, 3] }
const SESSION_MS = 9000

const createTopic = async (cluster: Cluster, name: string, replicationFactor = cluster.ids.length): Promise<void> => {
  const admin = openAdmin(cluster.clients, cluster.bootstrap)
  const [created] = await admin.createTopics([{ name, partitionCount: 3, replicationFactor }])
  admin.close()
  assert.equal(created!.error, null)
}

for (const seed of [1, 2]) {
  test(`an active controller that is cut off takes no broker with it, and producing goes on (seed ${seed})`, async () => {
    const cut = new Set<string>()
    const link = (from: string, to: string) => (cut.has(from) || cut.has(to) ? { down: true } : undefined)
    const cluster = new Cluster({ seed, faults: { link } }, apart)
    const { world } = cluster
    await world.run(async () => {
      await cluster.startAll()
      await createTopic(cluster, 'orders')
      await cluster.until(() => cluster.isFullyInSync('orders'), 'all replicas in sync')
      const leadersOf = (image: Cluster['brokers'][number]['image']) => [...image.topic('orders')!.partitions.values()].map((p) => p.leader)
      const leaders = leadersOf(cluster.brokers[0]!.image)
      const fenced = new Set<number>()
      for (const { image } of cluster.brokers)
        image.observe({ brokerChanged: (id, _before, after) => void (after?.fenced && fenced.add(id)) })
      await cluster.pause(10_000)
      const producer = new Producer(cluster.clients, { ...cluster.bootstrap, acks: 'all' })
      cut.add(nameOf(cluster.activeController!))
      const endMs = world.nowMs + 40_000
      let slowestMs = 0
      while (world.nowMs < endMs) {
        const startedMs = world.nowMs
        await producer.sendAsync({ topic: 'orders', value: Buffer.from('an order') })
        slowestMs = Math.max(slowestMs, world.nowMs - startedMs)
        await cluster.pause(100)
      }
      await producer.close()
      assert.ok(slowestMs < SESSION_MS, `a record took ${slowestMs} ms`)
      assert.deepEqual([...fenced], [])
      assert.deepEqual(leadersOf(cluster.brokers[0]!.image), leaders)
    }, 3_600_000)
  })
}

for (const [name, shape] of Object.entries({ 'a controller alone': apart, 'a broker too': combined })) {
  test(`an active controller that stops in order, ${name}, hands over: topics are created meanwhile`, async (t) => {
    for (const seed of [1, 2]) {
      const journal = new RecordingJournal()
      const cluster = new Cluster({ seed, journal: () => journal }, shape)
      const { world } = cluster
      await world.run(async () => {
        await cluster.startAll()
        await cluster.pause(10_000)
        const leader = cluster.activeController!
        const others = { 'bootstrap.servers': cluster.ids.flatMap((id) => (id === leader ? [] : [`${nameOf(id)}:9092`])).join(',') }
        const admin = openAdmin(cluster.clients, others)
        let stopped = false
        const stop = cluster.stop(leader).then(() => {
          stopped = true
        })
        let slowestMs = 0
        for (let count = 0; !stopped || count < 30; count++) {
          const startedMs = world.nowMs
          const [created] = await admin.createTopics([{ name: `topic-${count}`, partitionCount: 1, replicationFactor: 1 }])
          assert.equal(created!.error, null)
          slowestMs = Math.max(slowestMs, world.nowMs - startedMs)
        }
        await stop
        admin.close()
        t.diagnostic(`a topic took ${Math.round(slowestMs)} ms at most`)
        assert.ok(slowestMs < 300, `a topic took ${slowestMs} ms`)
        assert.notEqual(cluster.activeController, leader)
        assert.deepEqual(journal.failures, [])
      }, 3_600_000)
    }
  })
}

const shapes: Readonly<Record<string, ClusterShape>> = {
  'one node': { brokers: [1], controllers: [1] },
  'two nodes, both broker and controller': { brokers: [1, 2], controllers: [1, 2] },
  'three nodes, each broker and controller': combined,
  'three brokers, and controllers apart': apart,
  'two brokers, and a controller apart': { brokers: [1, 2], controllers: [11] },
  'two brokers, one of them a controller': { brokers: [1, 2], controllers: [1] },
}
/** Controlled shutdown, handing over and draining have limits of 5 s each. */
const STOP_LIMIT_MS = 16_000

for (const [name, shape] of Object.entries(shapes)) {
  test(`${name}: each stops in bounded time, one after the other, all at once, and alone when the others have crashed`, async (t) => {
    for (const order of ['active first', 'active last', 'at once', 'others crashed'] as const) {
      const cluster = new Cluster({ seed: 1 }, shape)
      const { world } = cluster
      await world.run(async () => {
        await cluster.startAll()
        await createTopic(cluster, 'orders')
        await cluster.pause(5000)
        const isActive = (id: number): number => Number(id === cluster.activeController)
        const ids = cluster.all.sort((a, b) => (order === 'active last' ? isActive(a) - isActive(b) : isActive(b) - isActive(a)))
        const tookMs: number[] = []
        const stop = async (id: number): Promise<void> => {
          const startedMs = world.nowMs
          await cluster.stop(id)
          tookMs.push(Math.round(world.nowMs - startedMs))
        }
        if (order === 'others crashed') for (const id of ids.splice(1)) cluster.crash(id)
        if (order === 'at once') await Promise.all(ids.map(stop))
        else for (const id of ids) await stop(id)
        t.diagnostic(`${order}: ${tookMs.join(', ')} ms`)
        assert.ok(Math.max(...tookMs) < STOP_LIMIT_MS, `${order}: ${tookMs.join(', ')} ms`)
      }, 3_600_000)
    }
  })
}
