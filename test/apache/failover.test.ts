import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { activeController, ledBy, pauseOfCreation, pauseOfProduce } from './interruption.ts'
import { MixedCluster } from './mixed-cluster.ts'

/** How long it takes is measured by bench/failover.ts on a quiet machine, and shown by test/sim: here it must only happen. */
const LIMIT_MS = 60_000

describe('three nodes, each a process of its own', () => {
  let cluster: MixedCluster
  before(async () => {
    cluster = await MixedCluster.start(['tkafka', 'tkafka', 'tkafka'])
  })
  after(() => cluster[Symbol.asyncDispose]())
  const follower = async (): Promise<number> => {
    const active = await activeController(cluster)
    return cluster.ids.find((id) => id !== active)!
  }

  test('produce goes on after the leader was killed', async () => {
    const victim = await follower()
    await ledBy(cluster, 'killed', victim)
    assert.ok((await pauseOfProduce(cluster, 'killed', () => cluster.kill(victim))) < LIMIT_MS)
    await cluster.run(victim, 'tkafka')
    await cluster.inSync('killed')
  })

  test('produce goes on after the leader has stopped', async () => {
    const victim = await follower()
    await ledBy(cluster, 'stopped', victim)
    assert.ok((await pauseOfProduce(cluster, 'stopped', () => cluster.stop(victim))) < LIMIT_MS)
    await cluster.run(victim, 'tkafka')
    await cluster.inSync('stopped')
  })

  test('a topic can be created after the active controller was killed', async () => {
    const victim = await activeController(cluster)
    assert.ok((await pauseOfCreation(cluster, 'after-the-controller', () => cluster.kill(victim))) < LIMIT_MS)
    assert.notEqual(await activeController(cluster), victim)
    await cluster.run(victim, 'tkafka')
    await cluster.inSync('after-the-controller')
  })
})
