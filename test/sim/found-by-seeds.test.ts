import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cluster as ClientCluster } from '../../src/client/cluster.ts'
import { type Admin, Consumer, connectionSettings, openAdmin, Producer, resolveSettings } from '../../src/client/index.ts'
import { Cluster, type ClusterShape, nameOf } from './cluster.ts'
import { checkReplicas } from './replica-equality.ts'

/** What seeds have found, each as the shortest way to it. */

const topic = 'orders'
const apart: ClusterShape = { brokers: [1, 2, 3], controllers: [11, 12, 13], settings: { 'broker.session.timeout.ms': '4000' } }

interface Scene {
  readonly cluster: Cluster
  readonly admin: Admin
  /** Links that are down, as `node-1>node-2`. */
  readonly down: Set<string>
  /** Links that take so many milliseconds. */
  readonly slow: Map<string, number>
  leader(): number
  send(count: number, acks?: 'all' | '1'): Promise<void>
}

const scene = async (act: (scene: Scene) => Promise<void>): Promise<void> => {
  const down = new Set<string>()
  const slow = new Map<string, number>()
  const link = (from: string, to: string) => {
    const name = `${from}>${to}`
    if (down.has(name)) return { down: true }
    return slow.has(name) ? { delayMs: slow.get(name)! } : undefined
  }
  const cluster = new Cluster({ seed: 1, faults: { link } }, apart)
  await cluster.world.run(async () => {
    await cluster.startAll()
    const admin = openAdmin(cluster.clients, cluster.bootstrap)
    await admin.createTopics([
      {
        name: topic,
        assignments: [
          [1, 2, 3],
          [2, 1, 3],
        ],
      },
    ])
    await cluster.until(() => cluster.isFullyInSync(topic), 'all replicas are in sync')
    await act({
      ...{ cluster, admin, down, slow },
      leader: () => cluster.latest!.image.partition(topic, 0)!.leader,
      send: async (count, acks = 'all') => {
        const producer = new Producer(cluster.clients, { ...cluster.bootstrap, acks, 'enable.idempotence': false })
        for (let sent = 0; sent < count; sent++) await producer.sendAsync({ topic, partition: 0, value: Buffer.from(String(sent)) })
        await producer.close()
      },
    })
    admin.close()
  }, 3_600_000)
}

test('a consumer whose position is in doubt asks the leader of now, not the one that was to be asked first', async () => {
  await scene(async ({ cluster, down, leader, send }) => {
    await send(5)
    const consumer = new Consumer(cluster.clients, { ...cluster.bootstrap, 'auto.offset.reset': 'earliest', 'request.timeout.ms': 3000 })
    consumer.assign([{ topic, partition: 0 }])
    let readCount = 0
    const readUpTo = async (count: number): Promise<void> => {
      const endMs = cluster.world.nowMs + 60_000
      while (readCount < count && cluster.world.nowMs < endMs)
        for (const chunk of await consumer.poll(500)) for (const _record of chunk) readCount++
    }
    await readUpTo(5)
    // The next leader cannot be asked by clients, and is none any more before they can.
    down.add(`clients>${nameOf(2)}`)
    cluster.crash(1)
    await cluster.until(() => leader() === 2, 'another leads')
    await consumer.poll(5000)
    cluster.crash(2)
    await cluster.until(() => leader() === 3, 'a third leads')
    down.clear()
    await send(5)
    await readUpTo(10)
    assert.equal(readCount, 10)
    await consumer.close()
  })
})

test('what a leader of an earlier epoch had answered is not appended behind a later one', async () => {
  await scene(async ({ cluster, admin, down, leader, send }) => {
    const preferred = async (replicas: readonly number[]): Promise<void> => {
      await admin.alterReassignments([{ topic, partition: 0, replicas }])
      await admin.electLeaders('preferred', [{ topic, partition: 0 }])
      await cluster.until(() => leader() === replicas[0], `node ${replicas[0]} leads`)
    }
    await preferred([2, 1, 3])
    await send(5)
    await cluster.pause(1250)
    // Node 2 hears node 1, which does not hear node 2: its answers wait on the way. There is another partition that node 1 follows.
    down.add(`${nameOf(2)}>${nameOf(1)}`)
    await send(5, '1')
    await cluster.pause(600)
    await preferred([1, 2, 3])
    await preferred([2, 1, 3])
    await cluster.pause(600)
    down.clear()
    await send(5)
    await cluster.until(() => cluster.isFullyInSync(topic), 'all replicas are in sync')
    await cluster.pause(2000)
    await checkReplicas(cluster, topic)
  })
})

test('a follower that had to drop an answer learns the high watermark all the same', async () => {
  await scene(async ({ cluster, admin, slow, send }) => {
    const logOf = (id: number) => cluster.brokers.find(({ nodeId }) => nodeId === id)!.partitions.findByName(topic, 0)!.log
    await send(5)
    await cluster.pause(1250)
    slow.set(`${nameOf(1)}>${nameOf(2)}`, 400)
    await send(1, '1')
    await cluster.until(() => logOf(1).highWatermark === 6, 'the leader knows that the record is replicated')
    assert.equal(logOf(2).highWatermark, 5, 'and has just said so')
    // A replica leaves: the same leader, another epoch.
    await admin.alterReassignments([{ topic, partition: 0, replicas: [1, 2] }])
    await cluster.until(() => logOf(2).highWatermark === 6, 'the follower knows it too', 20_000)
  })
})

test('a follower that led for a moment learns what it was told meanwhile', async () => {
  await scene(async ({ cluster, admin, slow, leader, send }) => {
    const logOf = (id: number) => cluster.brokers.find(({ nodeId }) => nodeId === id)!.partitions.findByName(topic, 0)!.log
    await send(5)
    await cluster.pause(1250)
    slow.set(`${nameOf(1)}>${nameOf(2)}`, 400)
    await send(1, '1')
    await cluster.until(() => logOf(1).highWatermark === 6, 'the leader knows that the record is replicated')
    for (const replicas of [
      [2, 1, 3],
      [1, 2, 3],
    ]) {
      await admin.alterReassignments([{ topic, partition: 0, replicas }])
      await admin.electLeaders('preferred', [{ topic, partition: 0 }])
    }
    assert.deepEqual([leader(), logOf(2).highWatermark], [1, 5], 'all this while the answer was on its way')
    await cluster.until(() => logOf(2).highWatermark === 6, 'the follower knows it too', 20_000)
  })
})

test('a group begins to read a topic that was not known yet when it was formed', async () => {
  await scene(async ({ cluster, admin }) => {
    const consumer = new Consumer(cluster.clients, {
      ...cluster.bootstrap,
      ...{ 'group.id': 'readers', 'allow.auto.create.topics': 'false', 'auto.offset.reset': 'earliest' },
    })
    consumer.subscribe(['later'])
    for (let count = 0; count < 20; count++) await consumer.poll(500)
    assert.deepEqual(consumer.assignment(), [])
    await admin.createTopics([{ name: 'later', partitionCount: 1, replicationFactor: 3 }])
    const endMs = cluster.world.nowMs + 20_000
    while (consumer.assignment().length === 0 && cluster.world.nowMs < endMs) await consumer.poll(500)
    assert.equal(consumer.assignment().length, 1)
    await consumer.close()
  })
})

test('a coordinator that the view did not name can be reached again after the client went back to its bootstrap servers', async () => {
  let isCut = false
  const link = (from: string) => (isCut && from === 'clients' ? { down: true } : undefined)
  const cluster = new Cluster({ seed: 1, faults: { link } }, apart)
  await cluster.world.run(async () => {
    await cluster.startAll()
    const client = new ClientCluster(cluster.clients, resolveSettings(connectionSettings, cluster.bootstrap).settings)
    const coordinator = async (): Promise<number | undefined> => {
      const found = (await client.coordinators(0, ['readers'])).get('readers')!
      return 'id' in found ? found.id : undefined
    }
    let id: number | undefined
    while ((id = await coordinator()) === undefined) await cluster.pause(200)
    // As a broker tells that has not heard yet that this one is back.
    const nodes = new Map(client.view.nodes)
    nodes.delete(id)
    client.view = { ...client.view, nodes }
    await client.link(id).open()
    for (const each of cluster.ids) cluster.kill(each)
    const refreshed = client.refresh([], 600_000)
    await cluster.pause(10_000)
    isCut = true
    for (const each of cluster.ids) await cluster.start(each)
    isCut = false
    await refreshed
    while (!client.view.nodes.has(id)) await client.refresh([])
    await client.link(id).open()
    assert.ok(client.link(id).connected)
    client.close()
  }, 3_600_000)
})

test('a consumer goes on with a topic that was deleted and made anew, whose leader epochs begin again', async () => {
  await scene(async ({ cluster, admin, send }) => {
    for (const replicas of [
      [2, 1, 3],
      [1, 2, 3],
    ]) {
      await admin.alterReassignments([{ topic, partition: 0, replicas }])
      await admin.electLeaders('preferred', [{ topic, partition: 0 }])
    }
    await send(5)
    const consumer = new Consumer(cluster.clients, { ...cluster.bootstrap, 'auto.offset.reset': 'earliest', 'metadata.max.age.ms': 2000 })
    consumer.assign([{ topic, partition: 0 }])
    const read = async (count: number): Promise<void> => {
      const endMs = cluster.world.nowMs + 60_000
      let found = 0
      while (found < count && cluster.world.nowMs < endMs) for (const chunk of await consumer.poll(500)) for (const _ of chunk) found++
      assert.equal(found, count)
    }
    await read(5)
    await admin.deleteTopics([topic])
    await cluster.until(() => cluster.brokers.every(({ image }) => image.topic(topic) === undefined), 'it is gone')
    await admin.createTopics([{ name: topic, assignments: [[1, 2, 3]] }])
    await send(3)
    await read(3)
    await consumer.close()
  })
})
