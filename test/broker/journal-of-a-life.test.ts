import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openAdmin } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { runBroker } from './broker-fixture.ts'
import { RecordingJournal } from './recording-journal.ts'
import { until } from './until.ts'

const host = { ...nodeHost(), journal: silentJournal }

test('what becomes of a topic is told in one line each time', async () => {
  const journal = new RecordingJournal()
  await using running = await runBroker({}, { journal })
  using admin = openAdmin(host, { 'bootstrap.servers': running.bootstrap })
  const told = (): string[] =>
    journal.entries.filter(({ fields }) => fields.topic === 'orders').map(({ level, message }) => `${level} ${message}`)
  const last = (): object => journal.entries.findLast(({ fields }) => fields.topic === 'orders')!.fields

  await admin.createTopics([{ name: 'orders', partitionCount: 3, replicationFactor: 1, configs: { 'retention.ms': '5000' } }])
  await until(() => told().length === 1, 'the creation is told')
  const { id } = running.broker.image.topic('orders')!
  assert.deepEqual(last(), { topic: 'orders', id, partitions: 3, replicationFactor: 1, settings: { 'retention.ms': '5000' } })
  await admin.createPartitions([{ topic: 'orders', totalCount: 5 }])
  await until(() => told().length === 2, 'the growth is told')
  assert.deepEqual(last(), { topic: 'orders', id, partitions: 5, added: 2 })
  await admin.incrementalAlterConfigs([
    { type: 'topic', name: 'orders', operations: [{ name: 'retention.ms', operation: 'set', value: '7000' }] },
  ])
  await until(() => told().length === 3, 'the change is told')
  assert.deepEqual(last(), { topic: 'orders', id, settings: { 'retention.ms': '7000' } })
  await admin.deleteTopics(['orders'])
  await until(() => told().length === 4, 'the deletion is told')
  assert.deepEqual(last(), { topic: 'orders', id, partitions: 5, replicationFactor: 1 })
  assert.deepEqual(told(), [
    'info a topic is created',
    'info a topic has more partitions',
    'info the settings of a topic are changed',
    'info a topic is deleted',
  ])
  // What the log says already is no news at the next start.
  await running.restart()
  assert.equal(told().length, 4)
})

test('the life of a broker is told in words, up to its clean end', async () => {
  const journal = new RecordingJournal()
  const running = await runBroker({}, { journal })
  await running[Symbol.asyncDispose]()
  const told = journal.entries.map(({ message }) => message)
  const end = journal.entries.at(-1)!
  assert.deepEqual([end.level, end.message, typeof end.fields.tookMs], ['info', 'stopped cleanly', 'number'])
  assert.deepEqual(
    told.filter((message) => /recovery|pending/.test(message)),
    [],
  )
  // A directory that holds nothing was not left behind uncleanly.
  const opened = journal.entries.find(({ message }) => message === 'log directory opened')!
  assert.ok(!('clean' in opened.fields))
})
