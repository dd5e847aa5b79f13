import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Broker, startNode } from '../../src/broker/index.ts'
import { BrokerLink, call, connectionSettings, openAdmin, resolveSettings } from '../../src/client/index.ts'
import { formatStorage, type QuorumKind } from '../../src/metadata/index.ts'
import { ChannelGround } from '../../src/net/index.ts'
import { Apis, Errors } from '../../src/protocol/index.ts'
import { AddRaftVoterRequest, AddRaftVoterResponse } from '../../src/protocol/messages/add-raft-voter.ts'
import { RemoveRaftVoterRequest, RemoveRaftVoterResponse } from '../../src/protocol/messages/remove-raft-voter.ts'
import { type SimHost, World } from '../../src/sim/index.ts'

// Whole nodes whose voters come and go (KIP-853), every message over the simulated network.

const clusterId = 'c1uster-in-a-w0rld-000'
const nameOf = (id: number): string => `node-${id}`
const add = call(Apis.AddRaftVoter, AddRaftVoterRequest, AddRaftVoterResponse)
const remove = call(Apis.RemoveRaftVoter, RemoveRaftVoterRequest, RemoveRaftVoterResponse)

const propertiesOf = (id: number, more: Iterable<readonly [string, string]>): Map<string, string> =>
  new Map([
    ['process.roles', 'broker,controller'],
    ['node.id', String(id)],
    ['controller.quorum.bootstrap.servers', `${nameOf(1)}:9093`],
    ['listeners', `PLAINTEXT://${nameOf(id)}:9092,CONTROLLER://${nameOf(id)}:9093`],
    ['controller.listener.names', 'CONTROLLER'],
    ['log.dirs', '/data'],
    ...more,
  ])

class Cluster {
  readonly world: World
  readonly clients: SimHost
  readonly brokers = new Map<number, Broker>()

  constructor(seed: number) {
    this.world = new World({ seed })
    this.clients = this.world.host('clients')
  }

  async start(id: number, more: Iterable<readonly [string, string]> = []): Promise<void> {
    const host = this.world.host(nameOf(id))
    const isStatic = new Map(more).has('controller.quorum.voters')
    const quorum: QuorumKind = isStatic
      ? { kind: 'static' }
      : id === 1
        ? { kind: 'standalone', host: nameOf(1), port: 9093 }
        : { kind: 'no-initial-controllers' }
    if ((await host.disk.stat('/data')) === undefined) {
      const directories = { directories: ['/data'], metadataLogDir: '/data', controllerListenerName: 'CONTROLLER' }
      await formatStorage(host, { ...directories, clusterId, nodeId: id, quorum })
    }
    const { broker } = await startNode({ host, properties: propertiesOf(id, more), hostName: nameOf(id) })
    this.brokers.set(id, broker!)
  }

  async described() {
    const admin = openAdmin(this.clients, { 'bootstrap.servers': `${nameOf(this.brokers.keys().next().value!)}:9092` })
    try {
      return await admin.describeQuorum()
    } finally {
      admin.close()
    }
  }

  /** Until the quorum is described so. */
  async settled(isSo: (described: Awaited<ReturnType<Cluster['described']>>) => boolean): Promise<void> {
    while (!isSo(await this.described())) await new Promise<void>((resolve) => this.clients.clock.after(200, () => resolve()))
  }

  /** A connection to the broker listener of a node. */
  link(id: number): BrokerLink {
    const settings = resolveSettings(connectionSettings, {}).settings
    return new BrokerLink(
      { id, host: nameOf(id), port: 9092, rack: null },
      {
        host: this.clients,
        settings,
        ground: new ChannelGround(this.clients),
        transport: undefined,
        authenticate: undefined,
        onDown: () => {},
      },
    )
  }
}

const ids = (replicas: readonly { readonly replicaId: number }[]): number[] => replicas.map(({ replicaId }) => replicaId).toSorted()

test('a controller that follows is added through any broker, takes over when the first leaves, and is the last voter then', async () => {
  const cluster = new Cluster(1)
  await cluster.world.run(async () => {
    await cluster.start(1)
    await cluster.start(2)
    await cluster.settled(({ voters, observers }) => ids(voters).join() === '1' && ids(observers).join() === '2')
    const { voters, observers } = await cluster.described()
    const listeners = [{ name: 'CONTROLLER', host: nameOf(2), port: 9093 }]
    const second = { clusterId, voterId: 2, voterDirectoryId: observers[0]!.directoryId! }
    // Node 2 does not lead: its broker passes the request on.
    const link = cluster.link(2)
    const added = await link.request(add, { ...second, listeners, timeoutMs: 1000 })
    assert.deepEqual([added.errorCode, added.errorMessage], [Errors.NONE, null])
    await cluster.settled((described) => ids(described.voters).join() === '1,2' && described.observers.length === 0)
    assert.equal((await link.request(add, { ...second, listeners, timeoutMs: 1000 })).errorCode, Errors.DUPLICATE_VOTER)

    const first = { clusterId, voterId: 1, voterDirectoryId: voters[0]!.directoryId! }
    assert.equal((await link.request(remove, first)).errorCode, Errors.NONE)
    await cluster.settled((described) => described.leaderId === 2 && ids(described.voters).join() === '2')
    assert.equal((await link.request(remove, second)).errorCode, Errors.VOTER_NOT_FOUND)
    link.close()
  })
})

test('a controller joins by itself where it is told to, and a voter that moved says where it is', async () => {
  const cluster = new Cluster(2)
  await cluster.world.run(async () => {
    await cluster.start(1)
    await cluster.start(2, [['controller.quorum.auto.join.enable', 'true']])
    await cluster.settled(({ voters }) => ids(voters).join() === '1,2')
  })
  cluster.brokers.delete(2)
  cluster.world.crash(nameOf(2))
  await cluster.world.run(async () => {
    await cluster.start(2, [['listeners', `PLAINTEXT://${nameOf(2)}:9092,CONTROLLER://${nameOf(2)}:9193`]])
    await cluster.settled(({ nodes }) => nodes.find(({ id }) => id === 2)?.listeners[0]?.port === 9193)
  })
})

test('a static quorum is raised to kraft.version 1, and its voters can change from then on', async () => {
  const cluster = new Cluster(3)
  await cluster.world.run(async () => {
    const voters = [1, 2, 3].map((id) => `${id}@${nameOf(id)}:9093`).join(',')
    await Promise.all([1, 2, 3].map((id) => cluster.start(id, [['controller.quorum.voters', voters]])))
    const admin = openAdmin(cluster.clients, { 'bootstrap.servers': `${nameOf(1)}:9092` })
    const upgrade = async () => (await admin.updateFeatures([{ feature: 'kraft.version', maxVersionLevel: 1 }]))[0]!
    // Each follower tells the leader about itself a little after it follows it; until then the upgrade is refused.
    assert.equal((await upgrade()).error?.code, Errors.INVALID_UPDATE_VERSION)
    while ((await upgrade()).error !== null) await new Promise<void>((resolve) => cluster.clients.clock.after(200, () => resolve()))
    const { finalizedFeatures } = await admin.describeFeatures()
    assert.equal(finalizedFeatures.find(({ name }) => name === 'kraft.version')?.maxVersion, 1)
    const described = await cluster.described()
    const leaver = described.voters.find(({ replicaId }) => replicaId !== described.leaderId)!
    const link = cluster.link(1)
    const request = { clusterId, voterId: leaver.replicaId, voterDirectoryId: leaver.directoryId! }
    assert.equal((await link.request(remove, request)).errorCode, Errors.NONE)
    await cluster.settled((now) => now.voters.length === 2 && now.observers.some(({ replicaId }) => replicaId === leaver.replicaId))
    assert.equal((await cluster.described()).leaderEpoch, described.leaderEpoch)
    const [created] = await admin.createTopics([{ name: 'orders', partitionCount: 1, replicationFactor: 3 }])
    assert.equal(created!.error, null)
    link.close()
    admin.close()
  })
})

test('a broker without a vote finds the controllers through the bootstrap servers, and stays while they change', async () => {
  const cluster = new Cluster(4)
  await cluster.world.run(async () => {
    await cluster.start(1)
    await cluster.start(2, [['controller.quorum.auto.join.enable', 'true']])
    await cluster.start(5, [
      ['process.roles', 'broker'],
      ['listeners', `PLAINTEXT://${nameOf(5)}:9092`],
    ])
    await cluster.settled(({ voters, observers }) => ids(voters).join() === '1,2' && ids(observers).join() === '5')
    const { voters } = await cluster.described()
    const link = cluster.link(5)
    const first = { clusterId, voterId: 1, voterDirectoryId: voters.find(({ replicaId }) => replicaId === 1)!.directoryId! }
    assert.equal((await link.request(remove, first)).errorCode, Errors.NONE)
    await cluster.settled(({ leaderId, observers }) => leaderId === 2 && ids(observers).join() === '1,5')
    link.close()
    const admin = openAdmin(cluster.clients, { 'bootstrap.servers': `${nameOf(5)}:9092` })
    const [created] = await admin.createTopics([{ name: 'orders', partitionCount: 1, replicationFactor: 3 }])
    assert.equal(created!.error, null)
    admin.close()
  })
})
