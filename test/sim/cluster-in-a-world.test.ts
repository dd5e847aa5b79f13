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

for (const seed of [1, 2, 3, 4]) {
  test(`nodes ${rounds.join(', ')}: what was acknowledged is there, once and in order (seed ${seed})`, async () => {
    assert.ok((await survive(seed)) > 500, 'records were acknowledged')
  })
}
