import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AutoTopics } from '../../src/broker/auto-topics.ts'
import { BrokerConfig } from '../../src/config/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { until } from './until.ts'

const FILE = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.listener.names': 'CONTROLLER',
  listeners: 'PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093',
  'controller.quorum.voters': '1@localhost:9093',
}

interface Wanted {
  readonly name: string
  readonly numPartitions: number
  readonly replicationFactor: number
  readonly configs: readonly { readonly name: string; readonly value: string | null }[]
}

/** Answers every creation when the test says so. */
const world = (file: Record<string, string> = {}) => {
  const asked: Wanted[] = []
  const answers: ((errorCode: number | Error) => void)[] = []
  const controller = {
    activeId: () => 1,
    decide: (_name: string, request: { topics: Wanted[] }) => {
      asked.push(...request.topics)
      return new Promise((resolve, reject) => {
        answers.push((result) =>
          typeof result === 'number' ? resolve({ topics: [{ errorCode: result, errorMessage: null }] }) : reject(result),
        )
      })
    },
  }
  const config = BrokerConfig.read(new Map(Object.entries({ ...FILE, ...file }))) as BrokerConfig
  return { asked, answers, topics: new AutoTopics(() => config, controller as never, silentJournal) }
}

test('a topic that many ask for is made once, and again after that failed', async () => {
  const { asked, answers, topics } = world()
  for (let times = 0; times < 5; times++) topics.create('events')
  assert.equal(asked.length, 1)
  answers[0]!(new Error('no controller'))
  await until(() => {
    topics.create('events')
    return asked.length === 2
  }, 'it is asked for again')
})

test('numbers that the file does not name are left to the controller', () => {
  const plain = world()
  plain.topics.create('events')
  assert.deepEqual([plain.asked[0]!.numPartitions, plain.asked[0]!.replicationFactor], [-1, -1])
  const named = world({ 'num.partitions': '6', 'default.replication.factor': '2' })
  named.topics.create('events')
  assert.deepEqual([named.asked[0]!.numPartitions, named.asked[0]!.replicationFactor], [6, 2])
})

test('internal topics are made as their coordinators need them, whoever asks first', () => {
  const { asked, topics } = world({ 'transaction.state.log.num.partitions': '7' })
  for (const name of ['__consumer_offsets', '__transaction_state', '__share_group_state']) topics.create(name)
  assert.deepEqual(
    asked.map(({ name, numPartitions, replicationFactor, configs }) => ({
      ...{ name, numPartitions, replicationFactor },
      configs: Object.fromEntries(configs.map(({ name, value }) => [name, value])),
    })),
    [
      {
        ...{ name: '__consumer_offsets', numPartitions: 50, replicationFactor: 3 },
        configs: { 'cleanup.policy': 'compact', 'compression.type': 'producer', 'segment.bytes': '104857600' },
      },
      {
        ...{ name: '__transaction_state', numPartitions: 7, replicationFactor: 3 },
        configs: {
          ...{ 'unclean.leader.election.enable': 'false', 'compression.type': 'uncompressed', 'cleanup.policy': 'compact' },
          ...{ 'min.insync.replicas': '2', 'segment.bytes': '104857600' },
        },
      },
      {
        ...{ name: '__share_group_state', numPartitions: 50, replicationFactor: 3 },
        configs: {
          ...{ 'cleanup.policy': 'delete', 'compression.type': 'producer', 'segment.bytes': '104857600' },
          ...{ 'min.insync.replicas': '2', 'retention.ms': '-1' },
        },
      },
    ],
  )
})

test('names asked for in vain do not pile up without end', () => {
  const { asked, topics } = world()
  for (let n = 0; n < 20_000; n++) topics.create(`t${n}`)
  assert.equal(asked.length, 10_000)
})
