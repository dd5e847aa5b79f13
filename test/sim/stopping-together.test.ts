import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openAdmin } from '../../src/client/index.ts'
import { Cluster } from './cluster.ts'

/** Milliseconds that each node takes to stop, told to one after the other. */
const stopAll = async (cluster: Cluster, betweenMs: number): Promise<number[]> => {
  const took: number[] = []
  await Promise.all(
    cluster.all.map(async (id, index) => {
      await cluster.pause(index * betweenMs)
      const startedMs = cluster.world.nowMs
      await cluster.running.get(id)!.close()
      took.push(cluster.world.nowMs - startedMs)
    }),
  )
  return took
}

for (const seed of [1, 2, 3, 4, 5, 6]) {
  for (const betweenMs of [0, 20, 3000]) {
    test(`nodes that stop ${betweenMs} ms after each other do not wait for who is gone, seed ${seed}`, async () => {
      const cluster = new Cluster({ seed })
      await cluster.world.run(async () => {
        await cluster.startAll()
        using admin = openAdmin(cluster.clients, cluster.bootstrap)
        await admin.createTopics([{ name: 'orders', partitionCount: 6, replicationFactor: 3 }])
        await cluster.until(() => cluster.isFullyInSync('orders'), 'all replicas are in sync')
        const took = await stopAll(cluster, betweenMs)
        assert.ok(Math.max(...took) < 2500, `took ${took.join(', ')} ms`)
        assert.deepEqual(cluster.fatal, [])
      }, 3_600_000)
    })
  }
}
