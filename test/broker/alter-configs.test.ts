import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { alterConfigs } from '../../src/broker/apis/alter-configs.ts'
import { incrementalAlterConfigs } from '../../src/broker/apis/incremental-alter-configs.ts'
import { ConfigResourceTypes } from '../../src/metadata/index.ts'
import { errorName } from '../../src/protocol/index.ts'
import { ask, asked, type FakeParts, fakeParts } from './fake-parts.ts'

const { TOPIC, BROKER, BROKER_LOGGER, GROUP, CLIENT_METRICS } = ConfigResourceTypes
const SET = 0
const DELETE = 1
const APPEND = 2
const SUBTRACT = 3

type Change = readonly [name: string, operation: number, value: string | null]
type Resource = readonly [type: number, name: string, ...changes: Change[]]

const resourcesOf = (resources: readonly Resource[]) =>
  resources.map(([resourceType, resourceName, ...changes]) => ({
    ...{ resourceType, resourceName },
    configs: changes.map(([name, configOperation, value]) => ({ name, configOperation, value })),
  }))

/** One line a resource: its name, and its error with what is said about it. */
const alter = async ({ parts }: FakeParts, resources: readonly Resource[], validateOnly = false, isController = false) => {
  const request = { resources: resourcesOf(resources), validateOnly }
  const { responses = [] } = await ask(incrementalAlterConfigs, request, parts, asked(1, { isController }))
  return responses.map(({ resourceName, errorCode, errorMessage }) =>
    errorCode === 0 ? `${resourceName} ok` : `${resourceName} ${errorName(errorCode!)}: ${errorMessage}`,
  )
}

describe('settings that are altered one by one', () => {
  test('go to the controller, and the answers come in the order of the request', async () => {
    const fake = fakeParts()
    const answers = await alter(fake, [
      [TOPIC, 't', ['retention.ms', SET, '1']],
      [GROUP, 'g', ['consumer.session.timeout.ms', SET, '50000']],
      [99, 'what'],
      [CLIENT_METRICS, 's', ['metrics', SET, '*']],
    ])
    assert.deepEqual(answers, ['t ok', 'g ok', 'what INVALID_REQUEST: Unknown resource type 99', 's ok'])
    assert.deepEqual(
      fake.forwarded.map(({ name, request }) => [name, (request as { resources: unknown[] }).resources.length]),
      [['IncrementalAlterConfigs', 3]],
    )
  })

  test('nothing goes to the controller when nothing is left', async () => {
    const fake = fakeParts()
    await alter(fake, [[99, 'what']])
    assert.deepEqual(fake.forwarded, [])
  })

  test('a resource or a key twice, and a value that is missing, are refused', async () => {
    assert.deepEqual(
      await alter(fakeParts(), [
        [TOPIC, 't', ['a', SET, '1']],
        [TOPIC, 'keys', ['a', SET, '1'], ['a', DELETE, null]],
        [TOPIC, 't', ['a', SET, '2']],
        [TOPIC, 'null', ['a', SET, null], ['b', DELETE, null], ['c', APPEND, null]],
      ]),
      [
        't INVALID_REQUEST: Each resource must appear at most once.',
        'keys INVALID_REQUEST: Error due to duplicate config keys',
        't INVALID_REQUEST: Each resource must appear at most once.',
        'null INVALID_REQUEST: Null value not supported for : a, c',
      ],
    )
  })
})

describe('settings of brokers', () => {
  const refusal = async (name: string, ...changes: Change[]) => (await alter(fakeParts(), [[BROKER, name, ...changes]]))[0]

  test('are changed through the broker itself, or for all', async () => {
    assert.equal(await refusal('1', ['num.io.threads', SET, '9']), '1 ok')
    assert.equal(await refusal('', ['num.io.threads', SET, '9']), ' ok')
    assert.equal(await refusal('2', ['num.io.threads', SET, '9']), '2 INVALID_REQUEST: Unexpected broker id, expected 1, but received 2')
    assert.equal(await refusal('x', ['num.io.threads', SET, '9']), 'x INVALID_REQUEST: Node id must be an integer, but it is: x')
  })

  test('that a broker reads once cannot be changed', async () => {
    assert.equal(await refusal('1', ['broker.id', SET, '7']), '1 INVALID_REQUEST: Cannot update these configs dynamically: [broker.id]')
  })

  test('of one broker cannot be set for all', async () => {
    const message = 'Cannot update these configs at default cluster level, broker id must be specified'
    const key = 'listener.name.plaintext.ssl.keystore.location'
    assert.equal(await refusal('', [key, SET, '/x']), ` INVALID_REQUEST: ${message}: [${key}]`)
    assert.equal(await refusal('1', [key, SET, '/x']), '1 ok')
  })

  test('must be of their type; unknown ones are for plugins and stay', async () => {
    assert.equal(
      await refusal('1', ['num.io.threads', SET, 'x']),
      '1 INVALID_REQUEST: Invalid value x for configuration num.io.threads: Not a number of type INT',
    )
    assert.equal(await refusal('1', ['foo.bar', SET, '1']), '1 ok')
  })

  test('are lists, or nothing is added to them', async () => {
    assert.equal(await refusal('1', ['log.cleanup.policy', APPEND, 'compact']), '1 ok')
    assert.equal(
      await refusal('1', ['num.io.threads', APPEND, '1']),
      '1 INVALID_CONFIG: Config value append is not allowed for config key: num.io.threads',
    )
    assert.equal(await refusal('1', ['foo', SUBTRACT, '1']), '1 INVALID_CONFIG: Unknown config name: foo')
    assert.equal(await refusal('1', ['num.io.threads', 9, '1']), '1 INVALID_REQUEST: Unknown operations type 9')
  })

  test('are checked together with what is set already', async () => {
    const fake = fakeParts()
    fake.set(BROKER, '1', 'log.cleanup.policy', 'compact')
    const [refused] = await alter(fake, [[BROKER, '1', ['log.cleanup.policy', APPEND, 'never']]])
    assert.match(refused!, /INVALID_REQUEST: Invalid value/)
    assert.deepEqual(await alter(fake, [[BROKER, '1', ['log.cleanup.policy', SUBTRACT, 'compact']]]), ['1 ok'])
  })

  test('that are set and cannot be in force do not stand in the way', async () => {
    const fake = fakeParts()
    fake.set(BROKER, '1', 'num.io.threads', 'many')
    assert.deepEqual(await alter(fake, [[BROKER, '1', ['num.network.threads', SET, '4']]]), ['1 ok'])
  })

  test('must keep the settings of the node consistent', async () => {
    assert.match((await refusal('1', ['log.retention.ms', SET, '0']))!, /INVALID_REQUEST: .*log\.retention\.ms must be unlimited/)
    assert.match((await refusal('1', ['max.connections.per.ip', SET, '0']))!, /INVALID_REQUEST: .*max\.connections\.per\.ip/)
  })
})

describe('levels of loggers', () => {
  const speaking = () => {
    const fake = fakeParts()
    fake.loggers.journal.child('log')
    fake.loggers.journal.child('net')
    return fake
  }

  test('are changed here and at once', async () => {
    const fake = speaking()
    assert.deepEqual(await alter(fake, [[BROKER_LOGGER, '1', ['log', SET, 'DEBUG'], ['root', SET, 'ERROR']]]), ['1 ok'])
    assert.deepEqual(
      [...fake.loggers.levels()],
      [
        ['log', 'DEBUG'],
        ['net', 'ERROR'],
        ['root', 'ERROR'],
      ],
    )
    await alter(fake, [[BROKER_LOGGER, '1', ['log', DELETE, null]]])
    assert.equal(fake.loggers.levelOf('log'), 'error')
    assert.deepEqual(fake.forwarded, [])
  })

  test('are changed on a controller listener too', async () => {
    const fake = speaking()
    assert.deepEqual(await alter(fake, [[BROKER_LOGGER, '1', ['log', SET, 'TRACE']]], false, true), ['1 ok'])
    assert.equal(fake.loggers.levelOf('log'), 'trace')
  })

  test('stay when one of the changes is refused, or when only a check is asked for', async () => {
    const fake = speaking()
    await alter(fake, [[BROKER_LOGGER, '1', ['log', SET, 'DEBUG'], ['net', SET, 'LOUD']]])
    await alter(fake, [[BROKER_LOGGER, '1', ['log', SET, 'DEBUG']]], true)
    assert.equal(fake.loggers.levelOf('log'), 'info')
  })

  test('are refused in Kafka’s words', async () => {
    const refusal = async (name: string, ...changes: Change[]) => (await alter(speaking(), [[BROKER_LOGGER, name, ...changes]]))[0]
    assert.equal(await refusal('2'), '2 INVALID_REQUEST: Unexpected node id. Expected 1, but received 2')
    assert.equal(await refusal('x'), 'x INVALID_REQUEST: Node id must be an integer, but it is: x')
    assert.equal(await refusal('1', ['no', SET, 'INFO']), '1 INVALID_CONFIG: Logger no does not exist!')
    assert.equal(
      await refusal('1', ['log', SET, 'LOUD']),
      '1 INVALID_CONFIG: Cannot set the log level of log to LOUD as it is not a supported log level. Valid log levels are DEBUG, ERROR, FATAL, INFO, TRACE, WARN',
    )
    assert.equal(await refusal('1', ['root', DELETE, null]), '1 INVALID_REQUEST: Removing the log level of the root logger is not allowed')
    assert.equal(
      await refusal('1', ['log', APPEND, 'INFO']),
      '1 INVALID_REQUEST: APPEND operation is not allowed for the BROKER_LOGGER resource',
    )
  })
})

test('settings that are altered as a whole know no loggers', async () => {
  const { parts, forwarded } = fakeParts()
  const resource = (resourceType: number, resourceName: string, configs: { name: string; value: string | null }[] = []) => ({
    ...{ resourceType, resourceName, configs },
  })
  const { responses = [] } = await ask(
    alterConfigs,
    {
      resources: [
        resource(BROKER_LOGGER, '1'),
        resource(TOPIC, 't', [{ name: 'retention.ms', value: '1' }]),
        resource(BROKER, '1', [{ name: 'log.dirs', value: '/x' }]),
        resource(TOPIC, 'null', [{ name: 'retention.ms', value: null }]),
      ],
      validateOnly: true,
    },
    parts,
  )
  assert.deepEqual(
    responses.map(({ errorMessage }) => errorMessage),
    ['Unknown resource type 8', null, 'Cannot update these configs dynamically: [log.dirs]', 'Null value not supported for : retention.ms'],
  )
  assert.equal((forwarded[0]!.request as { validateOnly: boolean }).validateOnly, true)
})
