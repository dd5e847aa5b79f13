import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { DynamicListeners } from '../../src/broker/dynamic-listeners.ts'
import { type Broker, startNode } from '../../src/broker/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { LogDirectories } from '../../src/log/index.ts'
import { directoryOf, formatStorage } from '../../src/metadata/index.ts'
import { runBroker } from './broker-fixture.ts'
import { RecordingJournal } from './recording-journal.ts'
import { until } from './until.ts'

/** metadata.version 3.6-IV2. */
const WITHOUT_DIRECTORIES = 14
const LATEST = 30

const assignments = [0, 1].map((partitionIndex) => ({ partitionIndex, brokerIds: [1] }))

const createTopic = (broker: Broker, name: string) =>
  broker.controller.decide(
    'CreateTopics',
    { topics: [{ name, numPartitions: -1, replicationFactor: -1, assignments, configs: [] }], timeoutMs: 5000, validateOnly: false },
    7,
  )

test('a metadata.version that knows log directories has the broker name them, and what lies where, so that leaders leave one that fails', async () => {
  const root = await mkdtemp(join(tmpdir(), 'tkafka-registration-'))
  const journal = new RecordingJournal()
  const host = nodeHost({ journal })
  const logDirs = [join(root, 'one'), join(root, 'two')]
  const metadataLogDir = join(root, 'metadata')
  const properties = new Map([
    ['process.roles', 'broker,controller'],
    ['node.id', '1'],
    ['log.dirs', logDirs.join(',')],
    ['metadata.log.dir', metadataLogDir],
    ['listeners', 'PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0'],
    ['controller.listener.names', 'CONTROLLER'],
    ['controller.quorum.voters', '1@127.0.0.1:9093'],
  ])
  await formatStorage(host, {
    ...{ clusterId: 'MkU3OEVBNTcwNTJENDM2Qg', nodeId: 1, directories: [...logDirs, metadataLogDir], metadataLogDir },
    ...{ quorum: { kind: 'static' }, controllerListenerName: 'CONTROLLER', metadataVersion: WITHOUT_DIRECTORIES },
  })
  const broker = (await startNode({ host, properties, hostName: '127.0.0.1' })).broker!
  try {
    const complaints = () => journal.entries.filter(({ message }) => message.startsWith('several log directories are not supported'))
    assert.deepEqual(
      complaints().map(({ level, fields }) => [level, fields.metadataVersion]),
      [['error', '3.6-IV2']],
    )
    await createTopic(broker, 'old')
    const { epoch } = broker.lifecycle
    assert.deepEqual(broker.image.brokers.get(1)!.directories, [])
    const feature = { feature: 'metadata.version', maxVersionLevel: LATEST, upgradeType: 1, allowDowngrade: false }
    await broker.controller.decide('UpdateFeatures', { timeoutMs: 5000, validateOnly: false, featureUpdates: [feature] }, 2)
    await createTopic(broker, 'new')
    await until(() => broker.image.brokers.get(1)!.directories.length === 2, 'the registration names both directories')
    assert.equal(broker.lifecycle.epoch, epoch, 'it is the same life')
    const registered = (topic: string, partition: number) => broker.image.topic(topic)!.partitions.get(partition)!
    const all = [0, 1].flatMap((partition) => ['old', 'new'].map((topic) => ({ topic, partition })))
    await until(() => {
      const known = new Set(all.map(({ topic, partition }) => directoryOf(registered(topic, partition), 1)))
      return known.size === 2 && broker.image.brokers.get(1)!.directories.every((id) => known.has(id))
    }, 'the controller knows where each replica lies')
    assert.equal(complaints().length, 1)

    const lost = broker.logs.directories[1]!
    const gone = all.filter(({ topic, partition }) => broker.logs.get(topic, partition)!.home.path.startsWith(lost.path))
    assert.equal(gone.length, 2)
    broker.logs.get(gone[0]!.topic, gone[0]!.partition)!.fail(new Error('no disk'))
    await until(() => gone.every(({ topic, partition }) => registered(topic, partition).leader === -1), 'what lay there has no leader')
    assert.equal(broker.image.brokers.get(1)!.directories.length, 1)
  } finally {
    await broker.kill()
    await rm(root, { recursive: true, force: true })
  }
})

test('a directory that fails after the logs were opened and before the broker is registered is reported', async (t) => {
  await using running = await runBroker((directory) => ({
    'log.dirs': `${directory}/one,${directory}/two`,
    'metadata.log.dir': `${directory}/metadata`,
  }))
  await createTopic(running.broker, 'orders')
  const paths = running.broker.logs.directories.map(({ path }) => path)
  await until(() => {
    const { directories } = running.broker.image.brokers.get(1)!
    const known = [...(running.broker.image.topic('orders')?.partitions.values() ?? [])].map((each) => directoryOf(each, 1))
    return directories.every((id) => known.includes(id))
  }, 'the controller knows of one replica in each directory')
  await running.restart({
    meanwhile: async () => {
      const { open } = LogDirectories
      let logs: LogDirectories | undefined
      const opening = t.mock.method(LogDirectories, 'open', async (...given: Parameters<typeof open>) => {
        opening.mock.restore()
        logs = await open.apply(LogDirectories, given)
        return logs
      })
      const settling = t.mock.method(DynamicListeners.prototype, 'settled', async () => {
        settling.mock.restore()
        const lost = [...logs!.logs].find(({ home }) => home.path.startsWith(`${paths[1]}/`))
        lost!.fail(new Error('no disk'))
      })
    },
  })
  const { broker } = running
  await until(() => broker.image.brokers.get(1)!.directories.length === 1, 'the controller knows that it is gone')
  await until(
    () => [...broker.image.topic('orders')!.partitions.values()].filter(({ leader }) => leader === -1).length === 1,
    'nobody leads there',
  )
})
