import assert from 'node:assert/strict'
import { readdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { embeddedProperties, startNode } from '../../src/broker/index.ts'
import { openAdmin } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { directoryOf } from '../../src/metadata/index.ts'
import { plainBatch } from '../log/sample-batches.ts'
import { appendTo } from '../replica/replica-fixture.ts'
import { runBroker } from './broker-fixture.ts'
import { until } from './until.ts'

const host = { ...nodeHost(), journal: silentJournal }

test('a node registers itself as controller, with its listeners and features', async () => {
  await using running = await runBroker()
  const { broker } = running
  await until(() => broker.image.controllers.has(1), 'the controller is registered')
  const { endpoints, features } = broker.image.controllers.get(1)!
  assert.deepEqual(
    endpoints.map(({ name }) => name),
    ['CONTROLLER'],
  )
  assert.ok(features.has('metadata.version'))
})

test('replicas spread over several log directories, and the controller knows where each one lies', async () => {
  await using running = await runBroker((directory) => ({ 'log.dirs': `${directory}/one,${directory}/two` }))
  const { broker } = running
  using admin = openAdmin(host, { 'bootstrap.servers': running.bootstrap })
  await admin.createTopics([{ name: 'spread', partitionCount: 6, replicationFactor: 1 }])
  await until(() => {
    const partitions = [...(broker.image.topic('spread')?.partitions.values() ?? [])]
    const directories = new Map<string, number>()
    for (const partition of partitions) {
      const id = directoryOf(partition, 1)
      directories.set(id, (directories.get(id) ?? 0) + 1)
    }
    return partitions.length === 6 && directories.size === 2 && [...directories.values()].every((count) => count === 3)
  }, 'six replicas are known in two directories, three each')
})

test('a controller that has a replica in another directory than it lies in is told again', async () => {
  await using running = await runBroker((directory) => ({ 'log.dirs': `${directory}/one,${directory}/two` }))
  const { broker } = running
  using admin = openAdmin(host, { 'bootstrap.servers': running.bootstrap })
  await admin.createTopics([{ name: 'placed', partitionCount: 1, replicationFactor: 1 }])
  const registration = () => broker.image.topic('placed')?.partitions.get(0)
  const { directories } = broker.image.brokers.get(1)!
  const isKnown = (): boolean => directories.includes(registration() === undefined ? '' : directoryOf(registration()!, 1))
  await until(isKnown, 'the controller knows where it lies')
  const right = directoryOf(registration()!, 1)
  const { partitionEpoch } = registration()!
  const wrong = directories.find((id) => id !== right)!
  await broker.controller.decide(
    'AssignReplicasToDirs',
    {
      brokerId: 1,
      brokerEpoch: broker.lifecycle.epoch,
      directories: [{ id: wrong, topics: [{ topicId: broker.image.topic('placed')!.id, partitions: [{ partitionIndex: 0 }] }] }],
    },
    0,
  )
  await until(() => registration()!.partitionEpoch >= partitionEpoch + 2, 'the metadata has changed twice')
  assert.equal(directoryOf(registration()!, 1), right)
})

test('a node that stops cleanly and starts again has its topics, and its broker epoch of before', async () => {
  await using running = await runBroker()
  using admin = openAdmin(host, { 'bootstrap.servers': running.bootstrap })
  await admin.createTopics([{ name: 'kept', partitionCount: 2, replicationFactor: 1 }])
  const id = running.broker.image.topic('kept')!.id
  const epoch = running.broker.lifecycle.epoch
  await running.restart()
  assert.equal(running.broker.image.topic('kept')!.id, id)
  assert.ok(running.broker.lifecycle.epoch > epoch)
  assert.deepEqual(
    running.broker.logs.directories.map(({ cleanShutdown }) => cleanShutdown?.brokerEpoch),
    [epoch],
  )
})

test('a log that says of no topic whose it is is set aside when it is empty; one with records takes its directory offline, and keeps them', async () => {
  await using running = await runBroker((directory) => ({ 'log.dirs': `${directory}/one,${directory}/two` }))
  using admin = openAdmin(host, { 'bootstrap.servers': running.bootstrap })
  await admin.createTopics([{ name: 'orders', partitionCount: 4, replicationFactor: 1 }])
  const all = [0, 1, 2, 3]
  const partition = (index: number) => running.broker.partitions.findByName('orders', index)
  await until(() => all.every((index) => partition(index) !== undefined), 'the partitions are here')
  const homeOf = (index: number) => partition(index)!.log.home.path
  const [one, two] = ['one', 'two'].map((name) => all.filter((index) => dirname(homeOf(index)).endsWith(name)))
  const [full, other] = one as [number, number]
  const [empty, whole] = two as [number, number]
  for (const index of [full, other, whole]) appendTo(partition(index)!, plainBatch(3))
  const homes = all.map(homeOf)
  await running.restart({
    async meanwhile() {
      for (const index of [full, empty]) await rm(join(homes[index]!, 'partition.metadata'))
    },
  })
  await until(() => running.broker.logs.directories.some(({ online }) => !online), 'one directory is refused')
  assert.deepEqual(
    running.broker.logs.directories.map(({ online }) => online),
    [false, true],
  )
  assert.deepEqual(await readdir(homes[full]!).then((names) => names.some((name) => name.endsWith('.log'))), true)
  assert.deepEqual([partition(empty)!.log.logEndOffset, partition(whole)!.log.logEndOffset], [0, 3])
  const names = await readdir(dirname(homes[empty]!))
  assert.equal(names.filter((name) => new RegExp(`^orders-${empty}\\.[0-9a-f]{32}-stray$`).test(name)).length, 1)
})

test('a second node on the same directory is refused before it touches anything', async () => {
  await using running = await runBroker()
  const { raft } = running.broker
  const epoch = raft.leaderAndEpoch.epoch
  const directory = join(running.directory, 'data')
  const properties = new Map([...embeddedProperties(directory, 0), ['listeners', 'PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0']])
  await assert.rejects(startNode({ host, properties, hostName: 'localhost', formatWhenNew: true }), /in use by another process/)
  const election = await readFile(join(directory, '__cluster_metadata-0/quorum-state'), 'utf8')
  assert.equal(JSON.parse(election).leaderEpoch, epoch)
  // The one that has it goes on, and the next one may have it.
  await running.restart()
  assert.equal(running.broker.raft.leaderAndEpoch.epoch, epoch + 1)
})
