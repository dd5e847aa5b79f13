import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type Alteration,
  alteredTexts,
  BrokerConfig,
  brokerChangeFault,
  clientMetricsFault,
  groupFault,
  topicFault,
} from '../../src/config/index.ts'

const texts = (properties: Record<string, string>): Map<string, string> => new Map(Object.entries(properties))
const config = BrokerConfig.read(
  texts({
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': '1@localhost:9093',
  }),
) as BrokerConfig

describe('incremental changes', () => {
  const change = (current: Record<string, string>, key: string, operation: Alteration['operation'], value: string | null) => {
    const result = alteredTexts('topic', texts(current), [{ key, operation, value }])
    return result instanceof Map ? Object.fromEntries(result) : result.message
  }

  test('SET and DELETE', () => {
    assert.deepEqual(change({}, 'retention.ms', 'SET', '1'), { 'retention.ms': '1' })
    assert.deepEqual(change({ 'retention.ms': '1' }, 'retention.ms', 'DELETE', null), {})
  })

  test('APPEND and SUBTRACT change lists, starting from the default', () => {
    assert.deepEqual(change({}, 'cleanup.policy', 'APPEND', 'compact'), { 'cleanup.policy': 'delete,compact' })
    assert.deepEqual(change({ 'cleanup.policy': 'compact' }, 'cleanup.policy', 'APPEND', 'compact,delete'), {
      'cleanup.policy': 'compact,delete',
    })
    assert.deepEqual(change({ 'cleanup.policy': 'compact,delete' }, 'cleanup.policy', 'SUBTRACT', 'compact'), {
      'cleanup.policy': 'delete',
    })
    assert.equal(change({}, 'retention.ms', 'APPEND', '1'), "Can't APPEND to key retention.ms because its type is not LIST.")
  })
})

describe('a topic refuses', () => {
  const reason = (own: Record<string, string>, before: Record<string, string> = {}): string | undefined =>
    topicFault(config, texts(own), texts(before))?.message

  test('unknown keys and bad values, in Apache Kafka’s words', () => {
    assert.equal(reason({ foo: 'bar' }), 'Unknown topic config name: foo')
    assert.equal(reason({ 'retention.ms': 'abc' }), 'Invalid value abc for configuration retention.ms: Not a number of type LONG')
    assert.equal(reason({ 'retention.ms': '1' }), undefined)
  })

  test('settings that contradict each other', () => {
    assert.match(reason({ 'min.compaction.lag.ms': '2', 'max.compaction.lag.ms': '1' }) ?? '', /conflict topic config setting/)
    assert.match(reason({ 'remote.storage.enable': 'true' }) ?? '', /Tiered Storage functionality is disabled/)
    assert.match(reason({}, { 'remote.storage.enable': 'true' }) ?? '', /without deleting the remote data/)
  })
})

describe('a group refuses', () => {
  const reason = (own: Record<string, string>): string | undefined => groupFault(config, texts(own))?.message

  test('unknown keys, and values beyond what the broker allows', () => {
    assert.equal(reason({ foo: '1' }), 'Unknown group config name: foo')
    const tooShort = 'consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms'
    assert.equal(reason({ 'consumer.session.timeout.ms': '1' }), tooShort)
    assert.match(reason({ 'streams.num.standby.replicas': '100' }) ?? '', /less than or equal to group\.streams\.max\.standby\.replicas/)
    assert.equal(reason({ 'share.record.lock.duration.ms': '20000' }), undefined)
  })
})

describe('a broker refuses to change while it runs', () => {
  const reason = (own: Record<string, string>, perBroker = true): string | undefined =>
    brokerChangeFault(config, texts(own), perBroker)?.message

  test('what is fixed at its start', () => {
    assert.equal(reason({ 'log.dirs': '/x' }), 'Cannot update these configs dynamically: [log.dirs]')
  })

  test('what belongs to one broker, for all of them', () => {
    const keystore = { 'listener.name.plaintext.ssl.keystore.location': '/x' }
    assert.match(
      reason(keystore, false) ?? '',
      /^Cannot update these configs at default cluster level, broker id must be specified: \[listener\.name/,
    )
    assert.equal(reason(keystore), undefined)
    assert.match(reason({ 'ssl.keystore.location': '/x' }) ?? '', /only per-listener/)
  })

  test('bad values, and pools that jump', () => {
    const fault = brokerChangeFault(config, texts({ 'num.io.threads': 'x' }), true)
    assert.deepEqual(
      [fault?.fault, fault?.message],
      ['INVALID_REQUEST', 'Invalid value x for configuration num.io.threads: Not a number of type INT'],
    )
    assert.match(reason({ 'num.io.threads': '17' }) ?? '', /value should not be greater than double the current value 8/)
    assert.match(reason({ 'num.io.threads': '3' }) ?? '', /value should be at least half the current value 8/)
    assert.equal(reason({ 'num.io.threads': '16', 'foo.bar': '1' }), undefined)
  })

  test('settings that contradict each other in the end', () => {
    assert.match(reason({ 'log.retention.ms': '0' }) ?? '', /log\.retention\.ms must be unlimited/)
    assert.match(reason({ 'log.local.retention.ms': '5', 'log.retention.ms': '4' }) ?? '', /must not be more than log\.retention\.ms/)
    assert.match(reason({ 'log.local.retention.bytes': '-1', 'log.retention.bytes': '4' }) ?? '', /must not be -1/)
    assert.match(reason({ 'cordoned.log.dirs': '/nowhere' }) ?? '', /must be entries of log\.dirs/)
    assert.equal(reason({ 'log.retention.ms': '4' }), undefined)
  })
})

test('a subscription to client metrics has an interval between 100 ms and an hour', () => {
  assert.equal(
    clientMetricsFault(texts({ 'interval.ms': '5' }))?.message,
    'Invalid value 5 for interval.ms, interval must be between 100 and 3600000 (1 hour)',
  )
  assert.equal(clientMetricsFault(texts({ 'interval.ms': '100', match: 'client_id=a.*', metrics: '' })), undefined)
  for (const match of ['colour=red', 'client_id', 'client_id=', 'client_id=a=b', 'client_id=['])
    assert.equal(clientMetricsFault(texts({ match }))?.message, `Illegal client matching pattern: ${match}`)
  assert.equal(clientMetricsFault(texts({ match: 'client_id=(?i)app,client_software_name=a.*' })), undefined)
})
