import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openAdmin } from '../../src/client/index.ts'
import { Cluster } from './cluster.ts'
import { rounds, survive } from './survival.ts'

test('three nodes elect a controller, and each registers with it as a broker', async () => {
  const cluster = new Cluster({ seed: 1 })
  await cluster.world.run(async () => {
    await cluster.startAll()
    const admin = openAdmin(cluster.clients, cluster.bootstrap)
    const { nodes } = await admin.describeCluster()
    assert.deepEqual(nodes.map(({ id }) => id).toSorted(), cluster.ids)
    admin.close()
  })
})

const shapes = {
  'three nodes, each broker and controller': { brokers: [1, 2, 3], controllers: [1, 2, 3] },
  'three brokers, and controllers apart': { brokers: [1, 2, 3], controllers: [11, 12, 13] },
}

for (const [name, shape] of Object.entries(shapes)) {
  for (const seed of [1, 2]) {
    test(`${name}: nodes ${rounds.join(', ')}, and what was acknowledged is there, once and in order (seed ${seed})`, async () => {
      assert.ok((await survive(seed, shape)) > 500, 'records were acknowledged')
    })
  }
}
