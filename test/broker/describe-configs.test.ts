import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { describeConfigs } from '../../src/broker/apis/describe-configs.ts'
import { listConfigResources } from '../../src/broker/apis/list-config-resources.ts'
import { ConfigResourceTypes, metadataRecord } from '../../src/metadata/index.ts'
import { Errors, errorName, errorText } from '../../src/protocol/index.ts'
import { ask, asked, type FakeParts, fakeParts } from './fake-parts.ts'

const { TOPIC, BROKER, BROKER_LOGGER, GROUP, CLIENT_METRICS } = ConfigResourceTypes

const withTopic = (file: Record<string, string> = {}): FakeParts => {
  const fake = fakeParts(file)
  fake.image.replay(metadataRecord('TopicRecord', 0, { name: 't', topicId: 'AAAAAAAAAAAAAAAAAAAAZA' }), 0)
  return fake
}

const query = async (
  { parts }: FakeParts,
  resources: readonly (readonly [type: number, name: string, keys?: string[]])[],
  { includeSynonyms = false, includeDocumentation = false } = {},
) => {
  const wanted = resources.map(([resourceType, resourceName, configurationKeys = null]) => ({
    ...{ resourceType, resourceName, configurationKeys },
  }))
  const { results = [] } = await ask(describeConfigs, { resources: wanted, includeSynonyms, includeDocumentation }, parts)
  return results
}

const one = async (fake: FakeParts, type: number, name: string, key: string, options = {}) => {
  const [result] = await query(fake, [[type, name, [key]]], options)
  assert.equal(result!.errorCode ?? 0, 0, result!.errorMessage ?? '')
  assert.equal(result!.configs!.length, 1)
  return result!.configs![0]!
}

describe('a topic', () => {
  test('has all its settings, whoever set them', async () => {
    const fake = withTopic({ 'log.retention.ms': '5000' })
    fake.set(TOPIC, 't', 'cleanup.policy', 'compact')
    const [result] = await query(fake, [[TOPIC, 't']])
    const values = new Map(result!.configs!.map(({ name, value, configSource }) => [name, [value, configSource]]))
    assert.deepEqual(values.get('cleanup.policy'), ['compact', 1])
    assert.deepEqual(values.get('retention.ms'), ['5000', 4])
    assert.deepEqual(values.get('segment.bytes'), ['1073741824', 5])
  })

  test('tells synonyms and meanings only when asked', async () => {
    const fake = withTopic({ 'log.retention.hours': '2' })
    const plain = await one(fake, TOPIC, 't', 'retention.ms')
    assert.deepEqual([plain.synonyms, plain.documentation], [[], null])
    const full = await one(fake, TOPIC, 't', 'retention.ms', { includeSynonyms: true, includeDocumentation: true })
    // Synonyms begin at log.retention.ms, which is set nowhere: Kafka then tells none, and calls the value a default.
    assert.deepEqual([full.value, full.synonyms, full.configSource, full.configType], ['7200000', [], 5, 5])
    assert.ok(full.documentation!.length > 10)
  })

  test('that is not there, or cannot be', async () => {
    const results = await query(fakeParts(), [
      [TOPIC, 'gone'],
      [TOPIC, 'a/b'],
    ])
    assert.deepEqual(
      results.map(({ errorCode, errorMessage }) => [errorName(errorCode!), errorMessage?.slice(0, 30) ?? null]),
      [
        ['UNKNOWN_TOPIC_OR_PARTITION', ''],
        ['INVALID_TOPIC_EXCEPTION', "Topic name is invalid: 'a/b' c".slice(0, 30)],
      ],
    )
  })
})

describe('a broker', () => {
  test('tells its own settings and hides passwords', async () => {
    const fake = fakeParts({ 'ssl.keystore.password': 'secret', 'my.plugin.key': 'x' })
    fake.set(BROKER, '', 'num.io.threads', '6')
    fake.set(BROKER, '1', 'num.io.threads', '7')
    const threads = await one(fake, BROKER, '1', 'num.io.threads', { includeSynonyms: true })
    assert.deepEqual(
      [threads.value, threads.readOnly, threads.synonyms!.map(({ value, source }) => [value, source])],
      [
        '7',
        false,
        [
          ['7', 2],
          ['6', 3],
          ['8', 5],
        ],
      ],
    )
    const password = await one(fake, BROKER, '1', 'ssl.keystore.password', { includeSynonyms: true })
    assert.deepEqual([password.value, password.isSensitive, password.synonyms![0]!.value], [null, true, null])
    assert.equal((await one(fake, BROKER, '1', 'my.plugin.key')).isSensitive, true)
    assert.equal((await one(fake, BROKER, '1', 'node.id')).readOnly, true)
  })

  test('of no name: what is set for all', async () => {
    const fake = fakeParts()
    fake.set(BROKER, '', 'num.io.threads', '6')
    const [result] = await query(fake, [[BROKER, '']])
    assert.deepEqual(
      result!.configs!.map(({ name, value, configSource }) => [name, value, configSource]),
      [['num.io.threads', '6', 3]],
    )
  })

  test('answers for itself only', async () => {
    const results = await query(fakeParts(), [
      [BROKER, '2'],
      [BROKER, 'x'],
      [BROKER_LOGGER, ''],
      [BROKER_LOGGER, '2'],
      [CLIENT_METRICS, ''],
      [GROUP, ''],
    ])
    assert.ok(results.every(({ errorCode }) => errorCode === Errors.INVALID_REQUEST))
    assert.deepEqual(
      results.map(({ errorMessage }) => errorMessage),
      [
        'Unexpected broker id, expected 1 or empty string, but received 2',
        'Broker id must be an integer, but it is: x',
        'Broker id must not be empty',
        'Unexpected broker id, expected 1 but received 2',
        'Client metrics subscription name must not be empty',
        'Group name must not be empty',
      ],
    )
  })

  test('names its loggers with their levels', async () => {
    const fake = fakeParts()
    fake.loggers.journal.child('log').level = 'debug'
    const [result] = await query(fake, [[BROKER_LOGGER, '1']])
    assert.deepEqual(
      result!.configs!.map(({ name, value, configSource }) => [name, value, configSource]),
      [
        ['log', 'DEBUG', 6],
        ['root', 'INFO', 6],
      ],
    )
  })
})

test('groups and subscriptions are described whether anything is set on them or not', async () => {
  const fake = fakeParts()
  fake.set(GROUP, 'g', 'consumer.session.timeout.ms', '50000')
  const own = await one(fake, GROUP, 'g', 'consumer.session.timeout.ms', { includeSynonyms: true })
  assert.deepEqual(
    own.synonyms!.map(({ name, source }) => [name, source]),
    [
      ['consumer.session.timeout.ms', 8],
      ['group.consumer.session.timeout.ms', 5],
    ],
  )
  assert.equal((await one(fake, GROUP, 'other', 'consumer.session.timeout.ms')).value, '45000')
  assert.equal((await one(fake, CLIENT_METRICS, 's', 'interval.ms')).value, '300000')
})

test('a type that nobody knows fails the whole request', async () => {
  const results = await query(withTopic(), [
    [TOPIC, 't'],
    [3, 'x'],
  ])
  assert.deepEqual(
    results.map(({ errorCode, errorMessage }) => [errorCode, errorMessage]),
    Array(2).fill([Errors.INVALID_REQUEST, errorText(Errors.INVALID_REQUEST)]),
  )
})

describe('resources that can be described', () => {
  const list = async (fake: FakeParts, resourceTypes: number[], version = 1) => {
    const { errorCode = 0, configResources = [] } = await ask(listConfigResources, { resourceTypes }, fake.parts, asked(version))
    return errorCode === 0
      ? configResources.map(({ resourceType, resourceName }) => `${resourceType} ${resourceName}`)
      : errorName(errorCode)
  }
  const full = (): FakeParts => {
    const fake = withTopic()
    fake.set(GROUP, 'g', 'consumer.session.timeout.ms', '50000')
    fake.set(CLIENT_METRICS, 's', 'metrics', '*')
    const endPoints = [{ name: 'PLAINTEXT', host: 'localhost', port: 9092, securityProtocol: 0 }]
    const broker = { brokerId: 1, incarnationId: 'AAAAAAAAAAAAAAAAAAAAZQ', brokerEpoch: 5, endPoints, fenced: false }
    fake.image.replay(metadataRecord('RegisterBrokerRecord', 3, broker), 5)
    return fake
  }

  test('are all listed when no type is named', async () => {
    assert.deepEqual(await list(full(), []), ['32 g', '16 s', '8 1', '4 1', '2 t'])
  })

  test('are listed by type', async () => {
    assert.deepEqual(await list(full(), [2, 16]), ['16 s', '2 t'])
  })

  test('are subscriptions to client metrics in version 0', async () => {
    assert.deepEqual(await list(full(), [], 0), ['16 s'])
  })

  test('have types that are known, or nothing is listed', async () => {
    assert.equal(await list(full(), [2, 3]), 'UNSUPPORTED_VERSION')
  })
})
