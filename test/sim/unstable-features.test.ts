import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openAdmin } from '../../src/client/index.ts'
import { METADATA_VERSION } from '../../src/metadata/index.ts'
import { Cluster } from './cluster.ts'

/** Level of metadata.version after a try to raise it to 4.4-IV0. */
const levelAfterUpgrade = async (settings: Record<string, string>): Promise<number> => {
  const cluster = new Cluster({ seed: 1 }, { brokers: [1, 2], controllers: [1, 11, 12], settings })
  let level = 0
  await cluster.world.run(async () => {
    await cluster.startAll()
    await cluster.until(() => cluster.latest?.image.controllers.size === 3, 'all controllers are registered')
    const admin = openAdmin(cluster.clients, cluster.bootstrap)
    await admin.updateFeatures([{ feature: METADATA_VERSION, maxVersionLevel: 31 }])
    admin.close()
    level = cluster.latest!.image.metadataVersion
  }, 600_000)
  return level
}

test('a level that is not settled yet is taken where unstable.feature.versions.enable is set on every node, and nowhere else', async () => {
  assert.equal(await levelAfterUpgrade({}), 30)
  assert.equal(await levelAfterUpgrade({ 'unstable.feature.versions.enable': 'true' }), 31)
})
