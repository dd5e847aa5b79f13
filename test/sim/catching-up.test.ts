import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ControllerNode } from '../../src/broker/controller-node.ts'
import { openAdmin, Producer } from '../../src/client/index.ts'
import { RecordingJournal } from '../broker/recording-journal.ts'
import { Cluster, nameOf } from './cluster.ts'

const controllers = [11, 12, 13]

test('who waits while nobody leads is there when somebody does, though nothing happens to the metadata', async () => {
  const cut = new Set<string>()
  const link = (from: string, to: string) => (cut.has(from) || cut.has(to) ? { down: true } : undefined)
  const shape = { brokers: [], controllers, settings: { 'metadata.max.idle.interval.ms': '0' } }
  const cluster = new Cluster({ seed: 1, faults: { link } }, shape)
  await cluster.world.run(async () => {
    await cluster.startAll()
    await cluster.pause(10_000)
    const leader = cluster.activeController!
    cut.add(nameOf(leader))
    const nodes = cluster.all.flatMap((id) => (id === leader ? [] : [(cluster.running.get(id) as ControllerNode).node]))
    // An election that nothing disturbs is over within milliseconds.
    await cluster.until(() => nodes.every(({ raft }) => raft.leaderAndEpoch.leaderId === undefined), 'nobody leads', 10_000, 1)
    let thereCount = 0
    for (const node of nodes) void node.caughtUp().then(() => thereCount++)
    await cluster.until(() => thereCount === nodes.length, 'all are there', 30_000)
  }, 3_600_000)
})

test('a broker that waits for a quorum says so, and for whom, until it is there', async () => {
  const journal = new RecordingJournal()
  const cluster = new Cluster({ seed: 1, journal: () => journal }, { brokers: [1], controllers })
  await cluster.world.run(async () => {
    const started = cluster.start(1)
    await cluster.pause(35_000)
    const waits = () => journal.entries.filter(({ message }) => message.startsWith('waiting for the metadata'))
    assert.deepEqual(
      waits().map(({ fields }) => [fields.voters, fields.leader]),
      Array.from({ length: 3 }, () => ['11,12,13', 'none']),
    )
    await Promise.all([11, 12].map((id) => cluster.start(id)))
    await started
    const before = waits().length
    await cluster.pause(60_000)
    assert.equal(waits().length, before)
  }, 3_600_000)
})

test('who waits for metadata when the node stops is told', async () => {
  const cluster = new Cluster({ seed: 1 }, { brokers: [], controllers })
  await cluster.world.run(async () => {
    await cluster.start(11)
    const { node } = cluster.running.get(11) as ControllerNode
    const waiting = assert.rejects(node.caughtUp(), /the node stops/)
    await cluster.pause(1000)
    await cluster.stop(11)
    await waiting
  }, 3_600_000)
})

for (const isLost of [false, true]) {
  const what = isLost ? 'that lost its copy of the metadata' : 'that has much metadata to read'
  test(`a broker ${what} takes nothing of what it holds for a stray before it has read it all`, async () => {
    const disk = ({ path, operation }: { path: string; operation: string }) =>
      path.includes('__cluster_metadata') && operation.includes('read') ? { delayMs: 50 } : undefined
    const shape = { brokers: [1], controllers: [11], settings: { 'metadata.log.dir': '/metadata' } }
    const cluster = new Cluster({ seed: 1, faults: { disk } }, shape)
    await cluster.world.run(async () => {
      await cluster.startAll()
      const admin = openAdmin(cluster.clients, cluster.bootstrap)
      await admin.createTopics([{ name: 'early', partitionCount: 1, replicationFactor: 1 }])
      // Megabytes of them.
      const name = 'leader.replication.throttled.replicas'
      const value = Array.from({ length: 4000 }, (_, index) => `${index}:1`).join(',')
      for (let count = 0; count < 60; count++) {
        const operations = [{ name, operation: 'set' as const, value: `${value},${count}:2` }]
        const [changed] = await admin.incrementalAlterConfigs([{ type: 'topic', name: 'early', operations }])
        assert.equal(changed!.error, null)
      }
      await admin.createTopics([{ name: 'late', partitionCount: 1, replicationFactor: 1 }])
      admin.close()
      const producer = new Producer(cluster.clients, { ...cluster.bootstrap, acks: 'all' })
      await producer.sendAsync({ topic: 'late', value: Buffer.from('a record') })
      await producer.close()
      await cluster.stop(1)
      if (isLost) {
        await cluster.world.host(nameOf(1)).disk.removeTree('/metadata/__cluster_metadata-0')
        cluster.world.crash(nameOf(1))
      }
      await cluster.start(1)
      assert.equal(cluster.brokers[0]!.partitions.findByName('late', 0)!.log.logEndOffset, 1)
    }, 3_600_000)
  })
}
