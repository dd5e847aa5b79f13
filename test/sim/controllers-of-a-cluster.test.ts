import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openAdmin, Producer } from '../../src/client/index.ts'
import { Cluster, type ClusterShape, nameOf } from './cluster.ts'

const apart: ClusterShape = { brokers: [1, 2, 3], controllers: [11, 12, 13] }
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
