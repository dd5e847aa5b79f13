import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, test } from 'node:test'
import { LeaderOffsets } from '../../src/broker/leader-offsets.ts'
import { openAdmin, Producer } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { runBroker } from './broker-fixture.ts'

const host = nodeHost({ journal: silentJournal })
const SILENT = 7
const UNKNOWN = 8

describe('high watermarks of partitions that others lead', () => {
  test('come from those who answer; those of others are missing, and nobody waits long for them', async () => {
    await using running = await runBroker()
    const client = { 'bootstrap.servers': running.bootstrap }
    using admin = openAdmin(host, client)
    await admin.createTopics([{ name: 'orders', partitionCount: 2, replicationFactor: 1 }])
    {
      await using producer = new Producer(host, client)
      for (let index = 0; index < 3; index++) await producer.sendAsync({ topic: 'orders', partition: 1, value: Buffer.from('record') })
    }
    const silent = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const ports = new Map([
      [running.broker.nodeId, running.port],
      [SILENT, (silent.address() as { port: number }).port],
    ])
    const offsets = new LeaderOffsets({
      ...{ host, nodeId: 99, limitMs: 2000 },
      addressOf: (id) => (ports.has(id) ? { host: '127.0.0.1', port: ports.get(id)! } : undefined),
    })
    const wanted = new Map([['orders', new Set([0, 1, 5])]])
    const startMs = performance.now()
    const found = await offsets.ask(new Map([running.broker.nodeId, SILENT, UNKNOWN].map((id) => [id, wanted])))
    assert.ok(performance.now() - startMs < 15_000)
    assert.deepEqual(Object.fromEntries(found.get('orders')!), { 0: 0, 1: 3 })
    offsets.close()
    assert.equal((await offsets.ask(new Map([[running.broker.nodeId, wanted]]))).size, 0)
    silent.close()
  })
})
