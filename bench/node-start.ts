/**
 * From the start of a broker's process to its first acknowledged record, and to one on every partition of a topic. The broker is ended
 * by kill -9, so that the next start is one after a crash.
 *
 *     node bench/node-start.ts [--port 9092] [--topic T --partitions N [--fill MiB]] -- COMMAND …
 *
 * With --fill the partitions are made, and filled to so many MiB each, before it is killed.
 */
import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'
import { type Delivery, openAdmin, Producer } from '../src/client/index.ts'
import { silentJournal } from '../src/host/index.ts'
import { nodeHost } from '../src/host/node/index.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: 'string', default: '9092' },
    topic: { type: 'string', default: 'first-record' },
    partitions: { type: 'string', default: '1' },
    fill: { type: 'string', default: '0' },
  },
})
const [command, ...args] = positionals
if (command === undefined) throw new Error('name the command that starts the broker, after --')
const { topic } = values
const partitions = Number(values.partitions)
const fillMib = Number(values.fill)
const host = nodeHost({ journal: silentJournal })
const connection = { 'bootstrap.servers': `127.0.0.1:${values.port}`, 'reconnect.backoff.ms': 5, 'reconnect.backoff.max.ms': 5 }

const startedMs = performance.now()
const passed = (): string => `${Math.round(performance.now() - startedMs)} ms`
const broker = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], detached: true })
const producer = new Producer(host, { ...connection, 'retry.backoff.ms': 5, 'metadata.max.age.ms': 1000, 'max.block.ms': 600_000 })
const send = (partition: number, value: Buffer): Promise<Delivery> => producer.sendAsync({ topic, partition, value })

if (fillMib > 0) {
  const admin = openAdmin(host, connection)
  await admin.createTopics([{ name: topic, partitionCount: partitions, replicationFactor: 1 }])
  admin.close()
  const record = Buffer.alloc(64 * 1024, 'tkafka ')
  for (let partition = 0; partition < partitions; partition++)
    await Promise.all(Array.from({ length: fillMib * 16 }, () => send(partition, record)))
  console.log(`filled after ${passed()}`)
} else {
  const small = Buffer.from('first')
  await send(0, small)
  console.log(`first record after ${passed()}`)
  await Promise.all(Array.from({ length: partitions }, (_, partition) => send(partition, small)))
  console.log(`all ${partitions} partitions after ${passed()}`)
}
await producer.close()
// The whole group: the command may have been a script around the broker.
process.kill(-(broker.pid as number), 'SIGKILL')
