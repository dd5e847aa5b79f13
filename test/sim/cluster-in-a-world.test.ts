import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openAdmin } from '../../src/client/index.ts'
import { Cluster } from './cluster.ts'
import { live } from './life.ts'
import type { ProfileName } from './nemesis/profiles.ts'

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

const seeds: Readonly<Record<ProfileName, readonly number[]>> = {
  raft: [1, 2],
  replication: [1],
  disk: [1],
  network: [1],
  races: [1],
  elections: [1],
  returns: [1],
  admin: [1],
  all: [1, 2],
}

for (const [profile, list] of Object.entries(seeds)) {
  for (const seed of list) {
    test(`a cluster lives through faults of profile ${profile} (seed ${seed})`, async () => {
      const { violation, acknowledgedCount, faults } = await live({ seed, profile: profile as ProfileName })
      assert.equal(violation, undefined)
      assert.ok(acknowledgedCount > 50 && faults.size > 0, 'there was something to live through')
    })
  }
}
