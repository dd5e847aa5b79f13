import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Admin, openAdmin, Producer } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import type { ConnectionCounts, Server } from '../../src/net/index.ts'
import { WireClient } from '../wire/wire-client.ts'
import { type RunningBroker, runBroker } from './broker-fixture.ts'
import { until } from './until.ts'

const host = { ...nodeHost(), journal: silentJournal }

/** Sets (or, with null, deletes) settings of one broker, or without `name` of all of them. */
const alter = async (admin: Admin, values: Record<string, string | null>, name = ''): Promise<string | undefined> => {
  const operations = Object.entries(values).map(([key, value]) => ({
    name: key,
    operation: value === null ? ('delete' as const) : ('set' as const),
    value,
  }))
  const [result] = await admin.incrementalAlterConfigs([{ type: 'broker', name, operations }])
  return result?.error?.name
}

const set = async (admin: Admin, values: Record<string, string | null>, name?: string): Promise<void> =>
  assert.equal(await alter(admin, values, name), undefined)

const adminOf = (running: RunningBroker): Admin => openAdmin(host, { 'bootstrap.servers': running.bootstrap })

const createTopic = async (running: RunningBroker, admin: Admin, name: string, configs: Record<string, string> = {}) => {
  await admin.createTopics([{ name, partitionCount: 1, replicationFactor: 1, configs }])
  await until(() => running.broker.logs.get(name, 0) !== undefined, `${name} has a log`)
  return () => running.broker.logs.get(name, 0)!.config
}

test('defaults of topics reach the logs there are and those made later, but not what a topic says itself', async () => {
  await using running = await runBroker()
  using admin = adminOf(running)
  const early = await createTopic(running, admin, 'early')
  const own = await createTopic(running, admin, 'own', { 'retention.ms': '1234' })
  await set(admin, {
    'log.retention.ms': '60000',
    'log.segment.bytes': '2097152',
    'log.cleanup.policy': 'compact',
    'log.message.timestamp.type': 'LogAppendTime',
    'log.flush.interval.messages': '7',
    'log.cleaner.min.cleanable.ratio': '0.2',
    'compression.type': 'gzip',
    'unclean.leader.election.enable': 'true',
  })
  await until(() => early().retentionMs === 60_000, 'the log follows')
  const late = await createTopic(running, admin, 'late')
  for (const config of [early(), late()]) {
    const { retentionMs, segmentBytes, cleanupPolicy, messageTimestampType, flushMessages, minCleanableDirtyRatio, compressionType } =
      config
    assert.deepEqual(
      { retentionMs, segmentBytes, cleanupPolicy, messageTimestampType, flushMessages, minCleanableDirtyRatio, compressionType },
      {
        retentionMs: 60_000,
        segmentBytes: 2_097_152,
        cleanupPolicy: ['compact'],
        messageTimestampType: 'LogAppendTime',
        flushMessages: 7,
        minCleanableDirtyRatio: 0.2,
        compressionType: 'gzip',
      },
    )
    assert.equal(config.uncleanLeaderElectionEnable, true)
  }
  assert.equal(own().retentionMs, 1234)
  assert.equal(own().segmentBytes, 2_097_152)
})

test('what is set for one broker wins over what is set for all, and a deletion falls back', async () => {
  await using running = await runBroker({ 'message.max.bytes': '3000' })
  using admin = adminOf(running)
  const config = await createTopic(running, admin, 'sized')
  const becomes = (bytes: number) => until(() => config().maxMessageBytes === bytes, `max.message.bytes is ${bytes}`)
  await becomes(3000)
  await set(admin, { 'message.max.bytes': '4000' })
  await becomes(4000)
  await set(admin, { 'message.max.bytes': '5000' }, '1')
  await becomes(5000)
  await running.restart()
  await becomes(5000)
  await set(admin, { 'message.max.bytes': null }, '1')
  await becomes(4000)
  await set(admin, { 'message.max.bytes': null })
  await becomes(3000)
})

test('message.max.bytes refuses larger batches from then on', async () => {
  await using running = await runBroker()
  using admin = adminOf(running)
  const config = await createTopic(running, admin, 'bounded')
  await using producer = new Producer(host, { 'bootstrap.servers': running.bootstrap })
  const value = Buffer.alloc(2000, 'x')
  await producer.sendAsync({ topic: 'bounded', partition: 0, value })
  await set(admin, { 'message.max.bytes': '1000' })
  await until(() => config().maxMessageBytes === 1000, 'the log follows')
  await assert.rejects(producer.sendAsync({ topic: 'bounded', partition: 0, value }), /which takes 1000/)
})

test('the clockwork of the logs runs by new periods and limits', async () => {
  await using running = await runBroker()
  using admin = adminOf(running)
  await set(admin, {
    'log.cleaner.backoff.ms': '321',
    'log.cleaner.dedupe.buffer.size': '2097152',
    'log.cleaner.io.buffer.load.factor': '0.5',
    'log.cleaner.io.max.bytes.per.second': '1000000',
    'producer.id.expiration.ms': '5000',
    'transaction.partition.verification.enable': 'false',
    'num.recovery.threads.per.data.dir': '3',
  })
  const { logs } = running.broker
  await until(() => logs.room.producerIdExpirationMs === 5000, 'the logs follow')
  assert.equal(logs.room.cleanerBackoffMs, 321)
  assert.equal(logs.room.cleanerDedupeBufferBytes, 2_097_152)
  assert.equal(logs.room.cleanerLoadFactor, 0.5)
  assert.equal(logs.room.cleanerIoMaxBytesPerSecond, 1_000_000)
  assert.equal(logs.room.transactionPartitionVerificationEnable, false)
  assert.equal(logs.room.recoveriesPerDirectory, 3)
})

test('limits of connections hold for the next one that comes', async () => {
  await using running = await runBroker()
  using admin = adminOf(running)
  await admin.describeCluster()
  const { broker } = running
  const { server } = broker as unknown as { server: Server }
  /** What becomes of a new connection. */
  const fate = async (): Promise<'in' | 'refused' | 'waits'> => {
    const before = broker.connectionCount
    const connection = await host.network.connect({ host: '127.0.0.1', port: running.port })
    let closed = false
    connection.onClose(() => {
      closed = true
    })
    await until(() => closed || broker.connectionCount > before || server.waiting > 0, 'the broker has decided')
    const found = closed ? 'refused' : server.waiting > 0 ? 'waits' : 'in'
    // One that waits is not read from: its end shows when it has its place.
    if (found === 'waits') await set(admin, { 'max.connections': null, 'listener.name.plaintext.max.connections': null })
    connection.destroy()
    await until(() => broker.connectionCount === before && server.waiting === 0, 'the connection is gone')
    return found
  }
  const becomes = (wanted: string): Promise<void> => until(async () => (await fate()) === wanted, wanted)
  assert.equal(await fate(), 'in')
  await set(admin, { 'max.connections.per.ip': '0', 'max.connections.per.ip.overrides': '127.0.0.2:5' })
  await becomes('refused')
  await set(admin, { 'max.connections.per.ip.overrides': '127.0.0.1:50' })
  await becomes('in')
  await set(admin, { 'max.connections.per.ip': null, 'max.connections.per.ip.overrides': null })
  const full = String(broker.connectionCount)
  await set(admin, { 'max.connections': full })
  await becomes('waits')
  await set(admin, { 'listener.name.plaintext.max.connections': full })
  await becomes('waits')
  assert.equal(await fate(), 'in')
})

test('a setting that takes a restart is refused, and thread counts are taken without effect', async () => {
  await using running = await runBroker()
  using admin = adminOf(running)
  assert.equal(await alter(admin, { 'log.retention.check.interval.ms': '1000' }), 'INVALID_REQUEST')
  assert.equal(await alter(admin, { 'tkafka.metrics.detail': 'broker' }), 'INVALID_REQUEST')
  await set(admin, { 'num.io.threads': '9', 'num.network.threads': '4', 'background.threads': '12' })
  await until(() => running.broker.config.get('num.io.threads') === 9, 'it is told as set')
})

test('a cordoned log directory takes no new replicas, and the controller knows', async () => {
  await using running = await runBroker((directory) => ({ 'log.dirs': `${directory}/one,${directory}/two` }))
  using admin = adminOf(running)
  const [, two] = running.broker.logs.directories
  await set(admin, { 'cordoned.log.dirs': two!.path }, '1')
  await until(() => running.broker.image.brokers.get(1)?.cordonedDirectories?.length === 1, 'the controller knows')
  await admin.createTopics([{ name: 'kept-out', partitionCount: 3, replicationFactor: 1 }])
  await until(() => [...running.broker.partitions.all()].length === 3, 'the partitions are there')
  assert.equal(two!.logs.size, 0)
  await set(admin, { 'cordoned.log.dirs': null }, '1')
  await until(() => running.broker.image.brokers.get(1)?.cordonedDirectories?.length === 0, 'it may be used again')
})

test('limits and rates of connections follow, those of addresses too', async () => {
  await using running = await runBroker()
  using admin = adminOf(running)
  const { counts } = (running.broker as unknown as { server: { counts: ConnectionCounts } }).server
  await set(admin, { 'max.connections': '50', 'max.connection.creation.rate': '40' })
  await set(admin, { 'listener.name.plaintext.max.connection.creation.rate': '30' }, '1')
  await until(() => counts.limits.perListenerRateMax?.get('PLAINTEXT') === 30, 'the rate of the listener')
  assert.deepEqual([counts.limits.connectionsMax, counts.limits.rateMax, counts.limits.perListenerRateMax?.get('CONTROLLER')], [50, 40, 40])
  using client = await WireClient.open(running.port)
  const quota = (entityName: string | null, value: number) => ({
    entity: [{ entityType: 'ip', entityName }],
    ops: [{ key: 'connection_creation_rate', value, remove: false }],
  })
  const answer = await client.call('AlterClientQuotas', 1, { entries: [quota(null, 7), quota('10.0.0.1', 5)] })
  assert.deepEqual(
    answer.entries.map(({ errorCode }: { errorCode: number }) => errorCode),
    [0, 0],
  )
  await until(() => counts.limits.ipRateMax?.('10.0.0.1') === 5, 'the quota of an address')
  assert.equal(counts.limits.ipRateMax?.('127.0.0.1'), 7)
})
