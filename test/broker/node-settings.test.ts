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

test('a broker without a controller is refused with what to set', () => {
  const alone = { 'process.roles': 'broker', listeners: 'PLAINTEXT://127.0.0.1:9092', 'controller.quorum.bootstrap.servers': 'other:9093' }
  assert.match(refusal(alone), /process\.roles=broker,controller/)
})
