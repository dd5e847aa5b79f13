import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Consumer, openAdmin } from '../../src/client/index.ts'
import { Cluster } from './cluster.ts'

test('a member that waits for others to join leaves at once', async () => {
  const cluster = new Cluster({ seed: 1 }, { brokers: [1], controllers: [1] })
  await cluster.world.run(async () => {
    await cluster.startAll()
    const admin = openAdmin(cluster.clients, cluster.bootstrap)
    await admin.createTopics([{ name: 'orders', partitionCount: 2, replicationFactor: 1 }])
    const member = (): Consumer => new Consumer(cluster.clients, { ...cluster.bootstrap, 'group.id': 'readers' })
    const [busy, hasty] = [member(), member()]
    busy.subscribe(['orders'])
    while (busy.assignment().length === 0) await busy.poll(500)
    // From here on it polls no more, so that it does not come to the next generation: who joins has to wait for it.
    hasty.subscribe(['orders'])
    await hasty.poll(1000)
    const before = cluster.world.nowMs
    await hasty.close()
    assert.ok(cluster.world.nowMs - before < 500, `${cluster.world.nowMs - before} ms`)
    const [group] = await admin.describeGroups(['readers'])
    assert.equal(group!.value!.members.length, 1)
    await busy.close()
    admin.close()
  })
})
