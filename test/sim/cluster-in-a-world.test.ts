import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Broker, startNode } from '../../src/broker/index.ts'
import { Consumer, openAdmin, Producer } from '../../src/client/index.ts'
import { formatStorage } from '../../src/metadata/index.ts'
import { type SimHost, World } from '../../src/sim/index.ts'

// Several nodes in one process: the production code unchanged, every message over the simulated network.

const ids = [1, 2, 3]
const clusterId = 'c1uster-in-a-w0rld-000'
const nameOf = (id: number): string => `node-${id}`

/** What server.properties of Apache Kafka says for three combined nodes with static voters. */
const propertiesOf = (id: number): Map<string, string> =>
  new Map([
    ['process.roles', 'broker,controller'],
    ['node.id', String(id)],
    ['controller.quorum.voters', ids.map((each) => `${each}@${nameOf(each)}:9093`).join(',')],
    ['listeners', `PLAINTEXT://${nameOf(id)}:9092,CONTROLLER://${nameOf(id)}:9093`],
    ['controller.listener.names', 'CONTROLLER'],
    ['log.dirs', '/data'],
    ['offsets.topic.num.partitions', '3'],
  ])

class Cluster {
  readonly world: World
  readonly brokers = new Map<number, Broker>()
  readonly clients: SimHost

  constructor(seed: number) {
    this.world = new World({ seed })
    this.clients = this.world.host('clients')
  }

  /** The first start of a node formats its directory. */
  async start(id: number): Promise<void> {
    const host = this.world.host(nameOf(id))
    if ((await host.disk.stat('/data')) === undefined) {
      await formatStorage(host, {
        ...{ clusterId, nodeId: id, directories: ['/data'], metadataLogDir: '/data' },
        ...{ quorum: { kind: 'static' }, controllerListenerName: 'CONTROLLER' },
      })
    }
    const { broker } = await startNode({ host, properties: propertiesOf(id), hostName: nameOf(id) })
    this.brokers.set(id, broker)
  }

  crash(id: number): void {
    this.brokers.delete(id)
    this.world.crash(nameOf(id))
  }
}

test('three nodes elect a controller, and each registers with it as a broker', async () => {
  const cluster = new Cluster(1)
  await cluster.world.run(async () => {
    await Promise.all(ids.map((id) => cluster.start(id)))
    const admin = openAdmin(cluster.clients, { 'bootstrap.servers': 'node-1:9092' })
    const described = await admin.describeCluster()
    assert.deepEqual(described.nodes.map(({ id }) => id).toSorted(), ids)
    admin.close()
  })
})

test('records that all replicas have acknowledged survive the loss of their leader', async () => {
  const cluster = new Cluster(2)
  const bootstrap = { 'bootstrap.servers': ids.map((id) => `${nameOf(id)}:9092`).join(',') }
  const send = async (from: number, until: number): Promise<void> => {
    const producer = new Producer(cluster.clients, { ...bootstrap, acks: 'all' })
    const values = Array.from({ length: until - from }, (_, i) => String(from + i))
    await Promise.all(values.map((value) => producer.sendAsync({ topic: 'orders', value: Buffer.from(value) })))
    await producer.close()
  }
  let leader = -1
  await cluster.world.run(async () => {
    await Promise.all(ids.map((id) => cluster.start(id)))
    const admin = openAdmin(cluster.clients, bootstrap)
    await admin.createTopics([{ name: 'orders', partitionCount: 1, replicationFactor: 3, configs: { 'min.insync.replicas': '2' } }])
    await send(0, 100)
    leader = cluster.brokers.get(1)!.image.topic('orders')!.partitions.get(0)!.leader
    admin.close()
  })
  cluster.crash(leader)
  await cluster.world.run(async () => {
    await send(100, 200)
    const consumer = new Consumer(cluster.clients, { ...bootstrap, 'auto.offset.reset': 'earliest' })
    consumer.assign([{ topic: 'orders', partition: 0 }])
    const values: number[] = []
    while (values.length < 200) {
      for (const chunk of await consumer.poll(1000)) for (const record of chunk) values.push(Number(record.value))
    }
    await consumer.close()
    assert.deepEqual(
      values.toSorted((a, b) => a - b),
      Array.from({ length: 200 }, (_, i) => i),
    )
  })
})
