import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Broker, startNode } from '../../src/broker/index.ts'
import { openAdmin } from '../../src/client/index.ts'
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
