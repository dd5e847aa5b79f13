import assert from 'node:assert/strict'
import { test } from 'node:test'
import { embeddedProperties, NodeSettingsError, readSettings } from '../../src/broker/index.ts'

const refusal = (settings: Record<string, string>): string => {
  const properties = new Map([...embeddedProperties('/data'), ...Object.entries(settings)])
  try {
    readSettings(properties, 'here')
  } catch (error) {
    assert.ok(error instanceof NodeSettingsError)
    return error.message
  }
  return ''
}

test('settings that ask for protection which this version cannot give are refused, never left out', () => {
  assert.equal(refusal({}), '')
  assert.match(refusal({ 'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer' }), /^authorizer\.class\.name=/)
  const ssl = { listeners: 'SSL://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093', 'security.inter.broker.protocol': 'SSL' }
  assert.match(refusal({ ...ssl, 'listener.security.protocol.map': 'SSL:SSL,CONTROLLER:PLAINTEXT' }), /SSL/)
})

test('listeners with SSL or SASL are refused for what they are, whatever else would have to be set with them', () => {
  const controller = 'CONTROLLER://127.0.0.1:9093'
  assert.match(refusal({ listeners: `SSL://:9092,${controller}` }), /^SSL is not supported yet \(listener SSL\); use PLAINTEXT listeners/)
  const sasl = { listeners: `SASL_SSL://:9092,${controller}`, 'security.inter.broker.protocol': 'SASL_SSL' }
  assert.match(refusal(sasl), /^SASL_SSL is not supported yet/)
  const named = {
    listeners: `OUTSIDE://:9092,${controller}`,
    'listener.security.protocol.map': 'OUTSIDE:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
  }
  assert.match(refusal(named), /^SASL_PLAINTEXT is not supported yet \(listener OUTSIDE\); .*map=OUTSIDE:PLAINTEXT/)
  assert.match(refusal({ 'security.inter.broker.protocol': 'SSL' }), /^SSL is not supported yet \(security\.inter\.broker\.protocol\)/)
})

test('a wrong value is told with its place, what is legal, and the default', () => {
  const properties = new Map([...embeddedProperties('/data'), ['num.partitions', '0'], ['log.retention.ms', 'soon']])
  const placeOf = (key: string): string => `server.properties:${key.length}`
  assert.throws(() => readSettings(properties, 'here', placeOf), {
    message: [
      'server.properties:14: Invalid value 0 for configuration num.partitions: Value must be at least 1 (a whole number from 1 to 2147483647; by default 1)',
      'server.properties:16: Invalid value soon for configuration log.retention.ms: Not a number of type LONG (a whole number)',
    ].join('\n'),
  })
})
