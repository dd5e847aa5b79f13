import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Broker, embeddedProperties, startNode } from '../../src/broker/index.ts'
import { Consumer, openAdmin, Producer } from '../../src/client/index.ts'
import { type SimHost, World } from '../../src/sim/index.ts'

// The production code unchanged, with a memory disk, a virtual clock and an in-process network: clock, randomness, disk and network come
// from outside, so a node with its clients lives in one process and one seed decides everything.

const start = async (host: SimHost, settings: Readonly<Record<string, string>> = {}): Promise<Broker> => {
  const properties = embeddedProperties('/data', 9092)
  properties.set('listeners', 'PLAINTEXT://node:9092,CONTROLLER://node:9093')
  properties.set('log.flush.interval.messages', '1') // acknowledged means synced, so that a power loss loses nothing
  properties.set('offsets.topic.num.partitions', '3')
  for (const [key, value] of Object.entries(settings)) properties.set(key, value)
  return (await startNode({ host, properties, hostName: 'node', formatWhenNew: true })).broker!
}
const bootstrap = { 'bootstrap.servers': 'node:9092' }

const consumeAll = async (host: SimHost, topic: string, count: number): Promise<string[]> => {
  const consumer = new Consumer(host, { ...bootstrap, 'group.id': 'readers', 'auto.offset.reset': 'earliest' })
  consumer.subscribe([topic])
  const values: string[] = []
  while (values.length < count) {
    for (const chunk of await consumer.poll(1000)) for (const record of chunk) values.push(String(record.value))
  }
  await consumer.commitSync()
  await consumer.close()
  return values
}

const produceAll = async (host: SimHost, topic: string, values: readonly string[]): Promise<void> => {
  const producer = new Producer(host, { ...bootstrap, acks: 'all', 'linger.ms': 5 })
  await Promise.all(values.map((value) => producer.sendAsync({ topic, value: Buffer.from(value) })))
  await producer.close()
}

const numbers = (from: number, until: number): string[] => Array.from({ length: until - from }, (_, i) => String(from + i))

/** A life: create, produce, consume in a group, lose power, start again, go on. Gives the trace of the world. */
const live = async (seed: number): Promise<{ trace: string[]; spentMs: number }> => {
  const trace: string[] = []
  const world = new World({ seed, chop: true, trace: (line) => trace.push(line) })
  const node = world.host('node')
  const clients = world.host('clients')
  await world.run(async () => {
    await start(node)
    const admin = openAdmin(clients, bootstrap)
    await admin.createTopics([{ name: 'events', partitionCount: 2, replicationFactor: 1 }])
    admin.close()
    await produceAll(clients, 'events', numbers(0, 200))
    const values = await consumeAll(clients, 'events', 200)
    assert.deepEqual(
      values.map(Number).sort((a, b) => a - b),
      numbers(0, 200).map(Number),
    )
  })
  world.crash('node')
  await world.run(async () => {
    const broker = await start(world.host('node'))
    await produceAll(clients, 'events', numbers(200, 300))
    // The group had committed 200 records before the power went: only the new ones are left.
    const values = await consumeAll(clients, 'events', 100)
    assert.deepEqual(
      values.map(Number).sort((a, b) => a - b),
      numbers(200, 300).map(Number),
    )
    await broker.close()
  })
  return { trace, spentMs: world.nowMs }
}

test('a node serves its clients in a simulated world, and loses nothing acknowledged when the power goes', async () => {
  await live(7)
})

test('the same seed gives the same life, event for event', async () => {
  const [one, two] = [await live(42), await live(42)]
  assert.equal(one.trace.length, two.trace.length)
  assert.deepEqual(one.trace, two.trace)
})

test('another seed gives another life', async () => {
  const [one, two] = [await live(1), await live(2)]
  assert.notDeepEqual(one.trace, two.trace)
})

test('high watermarks are written down as often as replica.high.watermark.checkpoint.interval.ms says', async () => {
  for (const [interval, written] of [
    ['500', '0\n1\nevents 0 3\n'],
    ['60000', undefined],
    ['0', undefined],
  ] as const) {
    const world = new World({ seed: 1 })
    const node = world.host('node')
    const clients = world.host('clients')
    await world.run(async () => {
      const broker = await start(node, { 'replica.high.watermark.checkpoint.interval.ms': interval })
      const admin = openAdmin(clients, bootstrap)
      await admin.createTopics([{ name: 'events', partitionCount: 1, replicationFactor: 1 }])
      admin.close()
      await produceAll(clients, 'events', numbers(0, 3))
      await new Promise<void>((resolve) => void node.clock.after(10_000, resolve))
      const path = '/data/replication-offset-checkpoint'
      const text = (await node.disk.stat(path)) === undefined ? undefined : Buffer.from(await node.disk.readFile(path)).toString()
      assert.equal(text, written, `every ${interval} ms`)
      await broker.close()
    })
  }
})
