import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Admin, openAdmin } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { WireClient } from '../wire/wire-client.ts'
import { type RunningBroker, runBroker } from './broker-fixture.ts'
import { until } from './until.ts'

const host = { ...nodeHost(), journal: silentJournal }
const PROTOCOLS = 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,EXTRA:PLAINTEXT,SECURE:SSL'

const listenersOf = (running: RunningBroker, ...more: string[]): string =>
  [`PLAINTEXT://127.0.0.1:${running.port}`, 'CONTROLLER://127.0.0.1:0', ...more].join(',')

/** Sets `listeners`, or with null goes back to those of the file; gives why not. */
const setListeners = async (admin: Admin, listeners: string | null): Promise<string | undefined> => {
  const values = { listeners, 'listener.security.protocol.map': PROTOCOLS }
  const operations = Object.entries(values).map(([name, value]) => ({
    name,
    operation: value === null ? ('delete' as const) : ('set' as const),
    value,
  }))
  const [result] = await admin.incrementalAlterConfigs([{ type: 'broker', name: '1', operations }])
  return result?.error?.message
}

test('a listener that is added serves, is told to its clients, and comes back after a restart', async () => {
  await using running = await runBroker()
  using admin = openAdmin(host, { 'bootstrap.servers': running.bootstrap })
  assert.equal(await setListeners(admin, listenersOf(running, 'EXTRA://127.0.0.1:0')), undefined)
  const served = async (): Promise<void> => {
    await until(() => running.broker.address('EXTRA') !== undefined, 'the listener is there')
    const { port } = running.broker.address('EXTRA')!
    using client = await WireClient.open(port)
    let brokers: { host: string; port: number }[] = []
    await until(
      async () => (brokers = (await client.call('Metadata', 9, { topics: [] })).brokers).length > 0,
      'the broker is registered with it',
    )
    assert.deepEqual(
      brokers.map((each) => [each.host, each.port]),
      [['127.0.0.1', port]],
    )
    const topics = [{ name: `t${port}`, numPartitions: 1, replicationFactor: 1 }]
    assert.equal((await client.call('CreateTopics', 7, { topics })).topics[0].errorCode, 0)
  }
  await served()
  const { epoch } = running.broker.lifecycle
  assert.equal(running.broker.image.brokers.get(1)?.epoch, epoch, 'it is the same registration')
  assert.match(String(await setListeners(admin, null)), /Advertised listener EXTRA must be one of the listeners/)
  await running.restart()
  await served()
})

test('a listener that is removed goes with its connections; it must not be advertised', async () => {
  await using running = await runBroker({ 'advertised.listeners': 'PLAINTEXT://127.0.0.1:0' })
  using admin = openAdmin(host, { 'bootstrap.servers': running.bootstrap })
  assert.equal(await setListeners(admin, listenersOf(running, 'EXTRA://127.0.0.1:0')), undefined)
  await until(() => running.broker.address('EXTRA') !== undefined, 'the listener is there')
  using client = await WireClient.open(running.broker.address('EXTRA')!.port)
  assert.deepEqual((await client.call('Metadata', 9, { topics: [] })).brokers, [], 'nobody is sent to what is not advertised')
  assert.match(
    String(await setListeners(admin, 'CONTROLLER://127.0.0.1:0,EXTRA://127.0.0.1:0')),
    /advertised.listeners listener names must be .*Found PLAINTEXT/,
  )
  assert.equal(await setListeners(admin, null), undefined)
  await client.ended
  assert.equal(running.broker.address('EXTRA'), undefined)
})

test('a listener of a protocol that is not served is refused', async () => {
  await using running = await runBroker()
  using admin = openAdmin(host, { 'bootstrap.servers': running.bootstrap })
  assert.match(
    String(await setListeners(admin, listenersOf(running, 'SECURE://127.0.0.1:0'))),
    /SSL is not supported yet \(listener SECURE\)/,
  )
})

test('a listener whose port is taken does not stand in the way of the others', async () => {
  await using running = await runBroker()
  using admin = openAdmin(host, { 'bootstrap.servers': running.bootstrap })
  const listeners = listenersOf(running, `TAKEN://127.0.0.1:${running.broker.address('CONTROLLER')!.port}`, 'EXTRA://127.0.0.1:0')
  const operations = Object.entries({ listeners, 'listener.security.protocol.map': `${PROTOCOLS},TAKEN:PLAINTEXT` })
  await admin.incrementalAlterConfigs([
    { type: 'broker', name: '1', operations: operations.map(([name, value]) => ({ name, operation: 'set' as const, value })) },
  ])
  await until(() => running.broker.address('EXTRA') !== undefined, 'the other listener is there')
  assert.equal(running.broker.address('TAKEN'), undefined)
})
