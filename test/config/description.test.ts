import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  BrokerConfig,
  ConfigSources,
  describeBroker,
  describeBrokerDefaults,
  describeClientMetrics,
  describeGroup,
  topicFault,
} from '../../src/config/index.ts'

const texts = (properties: Record<string, string>): Map<string, string> => new Map(Object.entries(properties))
const file = { 'process.roles': 'broker,controller', 'node.id': '1', 'controller.listener.names': 'CONTROLLER' }
const node = (more: Record<string, string> = {}, dynamicDefault: Record<string, string> = {}): BrokerConfig =>
  BrokerConfig.read(texts({ ...file, ...more }), { dynamicDefault: texts(dynamicDefault) }) as BrokerConfig

describe('a description', () => {
  test('of a group names its own value, then the broker’s', () => {
    const entries = describeGroup(node(), texts({ 'consumer.session.timeout.ms': '50000', 'share.isolation.level': 'read_committed' }))
    const entry = entries.find(({ name }) => name === 'consumer.session.timeout.ms')
    assert.deepEqual(entry?.synonyms, [
      { name: 'consumer.session.timeout.ms', value: '50000', source: ConfigSources.GROUP_CONFIG },
      { name: 'group.consumer.session.timeout.ms', value: '45000', source: ConfigSources.DEFAULT_CONFIG },
    ])
    assert.equal(entries.find(({ name }) => name === 'share.isolation.level')?.synonyms[1]?.value, 'read_uncommitted')
  })

  test('of the defaults of all brokers holds only what is set', () => {
    const entries = describeBrokerDefaults(node({ 'num.io.threads': '5' }, { 'num.io.threads': '6' }))
    assert.deepEqual(
      entries.map(({ name, value, configSource, synonyms }) => [name, value, configSource, synonyms.length]),
      [['num.io.threads', '6', ConfigSources.DYNAMIC_DEFAULT_BROKER_CONFIG, 1]],
    )
  })

  test('of a subscription to client metrics', () => {
    const entries = describeClientMetrics(texts({ 'interval.ms': '100' }))
    assert.deepEqual(entries.map(({ name, value, configSource }) => [name, value, configSource]).sort(), [
      ['interval.ms', '100', ConfigSources.CLIENT_METRICS_CONFIG],
      ['match', '', ConfigSources.DEFAULT_CONFIG],
      ['metrics', '', ConfigSources.DEFAULT_CONFIG],
    ])
  })

  test('never shows a password, nor a key that nobody declared', () => {
    const shown = JSON.stringify(describeBroker(node({ 'ssl.key.password': 'hush', 'my.plugin.token': 'hush' })))
    assert.ok(shown.includes('my.plugin.token'))
    assert.doesNotMatch(shown, /hush/)
  })
})

test('a tiered topic keeps no more locally than it keeps at all, and is not compacted', () => {
  const tiered = node({ 'remote.log.storage.system.enable': 'true' })
  const reason = (own: Record<string, string>): string | undefined =>
    topicFault(tiered, texts({ 'remote.storage.enable': 'true', ...own }))?.message
  assert.equal(reason({}), undefined)
  assert.match(reason({ 'cleanup.policy': 'compact' }) ?? '', /only supports topics with cleanup\.policy=delete/)
  assert.match(
    reason({ 'retention.ms': '10', 'local.retention.ms': '11' }) ?? '',
    /Invalid value 11 for configuration local\.retention\.ms/,
  )
  assert.match(reason({ 'remote.log.copy.disable': 'true', 'retention.ms': '10', 'local.retention.ms': '9' }) ?? '', /must be identical/)
})
