import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openAdmin, Producer } from '../../src/client/index.ts'
import { inAWorld, type Scene, topic } from './replicated-scene.ts'

/** The longest time within which nothing was acknowledged, while `happens` and until records are acknowledged again. */
const pauseOfProduce = async ({ cluster }: Scene, happens: () => Promise<void>): Promise<number> => {
  const { clients, world, bootstrap } = cluster
  const producer = new Producer(clients, { ...bootstrap, acks: 'all', 'delivery.timeout.ms': 600_000, 'request.timeout.ms': 5000 })
  let sent = 0
  let acknowledged = 0
  let lastMs = world.nowMs
  let longestMs = 0
  let isOver = false
  const load = (async () => {
    while (!isOver) {
      sent++
      void producer.sendAsync({ topic, partition: 0, value: Buffer.from(String(sent)) }).then(() => {
        acknowledged++
        longestMs = Math.max(longestMs, world.nowMs - lastMs)
        lastMs = world.nowMs
      })
      await cluster.pause(10)
    }
  })()
  await cluster.until(() => acknowledged > 100, 'records are acknowledged')
  longestMs = 0
  await happens()
  const before = sent
  await cluster.until(() => acknowledged > before, 'records are acknowledged again', 120_000)
  isOver = true
  await load
  await producer.close()
  return longestMs
}

describe('produce goes on', () => {
  const settings = { 'min.insync.replicas': '2' }
  const apart = { controllers: [11, 12, 13] }

  test('after its leader has stopped in order, within a second', async () => {
    await inAWorld({ ...apart, settings }, [[1, 2, 3]], async (scene) => {
      const pauseMs = await pauseOfProduce(scene, () => scene.cluster.stop(1))
      assert.ok(pauseMs < 1000, `${pauseMs} ms`)
    })
  })

  test('after the node that leads and is the active controller has stopped in order, within a second', async () => {
    await inAWorld(
      { settings },
      [
        [1, 2, 3],
        [2, 3, 1],
        [3, 1, 2],
      ],
      async (scene) => {
        const { cluster, admin } = scene
        const active = cluster.activeController!
        await admin.alterReassignments([{ topic, partition: 0, replicas: [active, ...[1, 2, 3].filter((id) => id !== active)] }])
        await admin.electLeaders('preferred', [{ topic, partition: 0 }])
        await cluster.until(() => scene.registration().leader === active, 'the active controller leads')
        const pauseMs = await pauseOfProduce(scene, () => cluster.stop(active))
        assert.ok(pauseMs < 1000, `${pauseMs} ms`)
      },
    )
  })

  for (const sessionMs of [9000, 3000]) {
    test(`after its leader has died, as soon as its session of ${sessionMs} ms is over`, async () => {
      const times = { 'broker.session.timeout.ms': String(sessionMs), 'broker.heartbeat.interval.ms': String(sessionMs / 6) }
      await inAWorld({ ...apart, settings: { ...settings, ...times } }, [[1, 2, 3]], async (scene) => {
        const { cluster } = scene
        const pauseMs = await pauseOfProduce(scene, async () => {
          cluster.crash(1)
          await cluster.until(() => scene.registration().leader !== 1, 'another broker leads')
        })
        // The last heartbeat came up to a sixth of the session before; a producer looks for the leader at least every second.
        assert.ok(pauseMs > sessionMs * 0.75 && pauseMs < sessionMs + 1050, `${pauseMs} ms`)
      })
    })
  }

  test('after the active controller has died, without a pause when the leader lives', async () => {
    await inAWorld({ ...apart, settings }, [[1, 2, 3]], async (scene) => {
      const pauseMs = await pauseOfProduce(scene, async () => {
        scene.cluster.crash(scene.cluster.activeController!)
        await scene.cluster.pause(5000)
      })
      assert.ok(pauseMs < 100, `${pauseMs} ms`)
    })
  })
})

describe('a topic is created', () => {
  for (const [shape, controllers] of [
    ['apart', [11, 12, 13]],
    ['with the brokers', [1, 2, 3]],
  ] as const) {
    test(`within three seconds after the active of the controllers, ${shape}, has died`, async () => {
      await inAWorld({ controllers }, [[1, 2, 3]], async ({ cluster }) => {
        for (let round = 0; round < 5; round++) {
          await cluster.until(() => cluster.activeController !== undefined, 'there is an active controller')
          const active = cluster.activeController!
          cluster.crash(active)
          const startedMs = cluster.world.nowMs
          const admin = openAdmin(cluster.clients, cluster.bootstrap)
          for (let isThere = false; !isThere; ) {
            const [created] = await admin
              .createTopics([{ name: `after-${round}`, partitionCount: 1, replicationFactor: 2 }], { timeoutMs: 1000 })
              .catch(() => [])
            isThere = created?.error === null || created?.error.name === 'TOPIC_ALREADY_EXISTS'
            if (!isThere) await cluster.pause(50)
          }
          const tookMs = cluster.world.nowMs - startedMs
          admin.close()
          assert.ok(tookMs < 3000, `${tookMs} ms`)
          await cluster.start(active)
          await cluster.pause(10_000)
        }
      })
    })
  }
})
