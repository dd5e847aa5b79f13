import assert from 'node:assert/strict'
import { createConnection } from 'node:net'
import { test } from 'node:test'
import { openAdmin } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { Apis, requestFrame } from '../../src/protocol/index.ts'
import { ProduceRequest } from '../../src/protocol/messages/produce.ts'
import { plainBatch } from '../log/sample-batches.ts'
import { frameBytes } from '../wire/wire-client.ts'
import { runBroker } from './broker-fixture.ts'
import { until } from './until.ts'

const MIB = 1024 * 1024

test('a producer that asks for no answers waits for a disk that lags behind, and loses nothing', async () => {
  await using running = await runBroker()
  using admin = openAdmin({ ...nodeHost(), journal: silentJournal }, { 'bootstrap.servers': running.bootstrap })
  await admin.createTopics([{ name: 'flood', partitionCount: 1, replicationFactor: 1 }])
  const { broker } = running
  const { id } = broker.image.topic('flood')!
  await until(() => broker.partitions.find(id, 0) !== undefined, 'the partition is there')
  const { log } = broker.partitions.find(id, 0)!
  const gate = Promise.withResolvers<void>()
  // Writes follow a task of the log: as long as this one runs, none begins.
  log.queue.task(() => gate.promise)

  const records = plainBatch(1, MIB / 2)
  const request = { acks: 0, timeoutMs: 1000, topicData: [{ name: 'flood', partitionData: [{ index: 0, records }] }] }
  const frame = frameBytes(requestFrame(Apis.Produce, 9, 1, 'flood', ProduceRequest, request))
  const socket = createConnection(running.port, '127.0.0.1')
  const count = 200
  for (let n = 0; n < count; n++) socket.write(frame)

  await until(() => log.unwrittenBytes > 16 * MIB, 'the log holds what may wait')
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
  assert.ok(log.unwrittenBytes < 18 * MIB, `${log.unwrittenBytes} bytes wait`)
  gate.resolve()
  await until(() => log.writtenOffset === count, 'all that was sent is written')
  socket.destroy()
})
