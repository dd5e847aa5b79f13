import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SteadyLoad } from '../client/steady-load.ts'
import { withoutApache } from './kafka-home.ts'
import { type Kind, MixedCluster } from './mixed-cluster.ts'

const topic = 'orders'
const partitionCount = 3

/** Under load from the first to the last step; in the end what was acknowledged is there, once and in order. */
const underLoad = async (kinds: readonly [Kind, Kind, Kind], steps: (cluster: MixedCluster) => Promise<void>): Promise<void> => {
  await using cluster = await MixedCluster.start(kinds)
  try {
    const [created] = await cluster.admin.createTopics([
      { name: topic, partitionCount, replicationFactor: 3, configs: { 'min.insync.replicas': '2' } },
    ])
    assert.equal(created!.error, null)
    const load = new SteadyLoad({ host: cluster.host, bootstrap: cluster.bootstrap, topic, partitionCount })
    load.start(20)
    await steps(cluster)
    await cluster.inSync(topic)
    await load.stop()
    await load.check()
    assert.ok(load.acknowledged.length > 100, `${load.acknowledged.length} records were acknowledged`)
  } catch (error) {
    throw new Error(cluster.log(), { cause: error })
  }
}

test('three nodes are killed and started again one after the other, and lose nothing', async () => {
  await underLoad(['tkafka', 'tkafka', 'tkafka'], async (cluster) => {
    for (const id of cluster.ids) {
      await cluster.inSync(topic)
      await cluster.kill(id)
      await cluster.run(id, 'tkafka')
    }
  })
})

test('nodes of both kinds share a cluster: each is killed and started again in turn, and nothing is lost', {
  skip: withoutApache,
}, async () => {
  await underLoad(['tkafka', 'apache', 'tkafka'], async (cluster) => {
    for (const id of cluster.ids) {
      await cluster.inSync(topic)
      const kind = cluster.kindOf(id)!
      await cluster.kill(id)
      await cluster.run(id, kind)
    }
  })
})

test('a running cluster of Apache Kafka is replaced node by node on the same directories, and back', { skip: withoutApache }, async () => {
  await underLoad(['apache', 'apache', 'apache'], async (cluster) => {
    for (const kind of ['tkafka', 'apache'] as const) {
      for (const id of cluster.ids) {
        await cluster.inSync(topic)
        await cluster.stop(id)
        await cluster.run(id, kind)
      }
    }
  })
})
