import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  type Admin,
  Consumer,
  type OutgoingRecord,
  openAdmin,
  Producer,
  type RecordChunk,
  type SettingsInput,
} from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { type BrokerAt, eventually, freshName } from './broker-at.ts'

const host = nodeHost()
let servers: SettingsInput = {}

async function topicOf(admin: Admin, partitionCount: number): Promise<string> {
  const name = freshName('records')
  const [created] = await admin.createTopics([{ name, partitionCount, replicationFactor: 1 }])
  assert.equal(created?.error, null)
  return name
}

async function produce(config: SettingsInput, records: readonly OutgoingRecord[]): Promise<Producer['metrics']> {
  const producer = new Producer(host, { ...servers, ...config })
  const failures: Error[] = []
  for (const record of records) {
    while (!producer.send(record, (error) => error && failures.push(error))) await producer.ready(record.topic, record.partition)
  }
  await producer.flush()
  await producer.close()
  assert.deepEqual(failures, [])
  return producer.metrics
}

async function drain(consumer: Consumer, count: number, use: (chunk: RecordChunk) => void): Promise<void> {
  let seen = 0
  await eventually(`${count} records`, async () => {
    for (const chunk of await consumer.poll(200)) {
      while (chunk.next()) {
        seen++
        use(chunk)
      }
    }
    return seen >= count
  })
  assert.equal(seen, count)
}

/** Recent: what is older than `retention.ms` is deleted, sometimes before it is read. */
const FIRST_MS = Date.now() - 3_600_000

const numbered = (topic: string, count: number, partition?: number): OutgoingRecord[] =>
  Array.from({ length: count }, (_, index) => ({
    topic,
    key: Buffer.from(`key-${index % 17}`),
    value: Buffer.from(`value-${index}`),
    timestamp: FIRST_MS + index,
    headers: [{ key: 'n', value: Buffer.from(String(index)) }],
    ...(partition === undefined ? {} : { partition }),
  }))

export const produceConsumeSuite = (broker: BrokerAt): Promise<void> =>
  describe('producer and consumer', () => {
    let admin: Admin
    before(() => {
      servers = { 'bootstrap.servers': broker.bootstrap }
      admin = openAdmin(host, servers)
    })
    after(() => admin.close())

    for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
      it(`carry every record once and in order, compressed with ${codec}`, async () => {
        const topic = await topicOf(admin, 1)
        const metrics = await produce({ 'compression.type': codec, 'batch.size': 2000 }, numbered(topic, 1000))
        assert.ok(metrics.batches > 1 && metrics.acknowledged === 1000)
        await using consumer = new Consumer(host, { ...servers, 'auto.offset.reset': 'earliest', 'max.poll.records': 70 })
        consumer.assign([{ topic, partition: 0 }])
        let next = 0
        await drain(consumer, 1000, ({ cursor }) => {
          assert.equal(cursor.offset, next)
          assert.equal(cursor.value()?.toString(), `value-${next}`)
          assert.equal(cursor.key()?.toString(), `key-${next % 17}`)
          assert.equal(cursor.timestamp, FIRST_MS + next)
          assert.equal(cursor.headers()[0]?.value?.toString(), String(next))
          next++
        })
        assert.equal(await consumer.position({ topic, partition: 0 }), 1000)
        assert.equal(consumer.lag({ topic, partition: 0 }), 0)
      })
    }

    it('give at most max.poll.records per poll, also from the middle of a batch', async () => {
      const topic = await topicOf(admin, 1)
      await produce({ 'linger.ms': 50 }, numbered(topic, 100))
      await using consumer = new Consumer(host, { ...servers, 'max.poll.records': 7 })
      consumer.assign([{ topic, partition: 0 }])
      consumer.seek({ topic, partition: 0 }, 13)
      const offsets: number[] = []
      await eventually('the end', async () => {
        const before = offsets.length
        for (const chunk of await consumer.poll(200)) for (const record of chunk) offsets.push(record.offset)
        assert.ok(offsets.length - before <= 7)
        return offsets.length >= 87
      })
      assert.deepEqual(
        offsets,
        Array.from({ length: 87 }, (_, index) => index + 13),
      )
    })

    it('keep the same key in the same partition, where Java puts it', async () => {
      const topic = await topicOf(admin, 8)
      await using producer = new Producer(host, servers)
      // murmur2 of "21" is -973932308, without its sign 1173551340: partition 4 of 8.
      const deliveries = await Promise.all(
        [1, 2, 3].map(() => producer.sendAsync({ topic, key: Buffer.from('21'), value: Buffer.from('x') })),
      )
      assert.deepEqual(
        deliveries.map((each) => [each.partition, each.offset]),
        [
          [4, 0],
          [4, 1],
          [4, 2],
        ],
      )
    })

    it('spread records without a key over partitions batch by batch', async () => {
      const topic = await topicOf(admin, 4)
      const metrics = await produce(
        { 'batch.size': 1000 },
        Array.from({ length: 2000 }, () => ({ topic, value: Buffer.alloc(50) })),
      )
      const ends = await admin.listOffsets([0, 1, 2, 3].map((partition) => ({ topic, partition, at: 'latest' as const })))
      assert.ok(ends.every((each) => (each.value?.offset ?? 0) > 100))
      assert.ok(metrics.batches < 300)
    })

    it('deliver without idempotence, and without acknowledgement', async () => {
      // Of a topic whose leader is at work: one that is not yet takes nothing, and without acknowledgement nobody is told.
      const topic = await topicOf(admin, 1)
      for (const [acks, end] of [
        ['1', 500],
        ['0', 1000],
      ] as const) {
        await produce({ acks }, numbered(topic, 500))
        await eventually(
          'all records',
          async () => (await admin.listOffsets([{ topic, partition: 0, at: 'latest' }]))[0]?.value?.offset === end,
        )
      }
    })

    it('split a batch that the topic finds too large', async () => {
      const topic = await topicOf(admin, 1)
      await admin.incrementalAlterConfigs([
        { type: 'topic', name: topic, operations: [{ name: 'max.message.bytes', operation: 'set', value: '3000' }] },
      ])
      await eventually(
        'the limit',
        async () =>
          (await admin.describeConfigs([{ type: 'topic', name: topic, keys: ['max.message.bytes'] }]))[0]?.value?.[0]?.value === '3000',
      )
      const metrics = await produce({ 'batch.size': 20_000, 'linger.ms': 20 }, numbered(topic, 300))
      assert.ok(metrics.splits > 0)
      await using consumer = new Consumer(host, { ...servers, 'auto.offset.reset': 'earliest' })
      consumer.assign([{ topic, partition: 0 }])
      let next = 0
      await drain(consumer, 300, ({ cursor }) => assert.equal(cursor.value()?.toString(), `value-${next++}`))
    })

    it('tell every record of a batch, whatever a callback throws', async () => {
      const topic = await topicOf(admin, 1)
      await using producer = new Producer({ ...host, journal: silentJournal }, servers)
      await producer.ready(topic)
      const offsets: (number | undefined)[] = []
      for (let index = 0; index < 3; index++) {
        producer.send({ topic, value: null }, (_, delivery) => {
          offsets.push(delivery?.offset)
          if (index === 0) throw new Error('a mistake of the caller')
        })
      }
      await producer.flush()
      assert.deepEqual(offsets, [0, 1, 2])
      assert.equal(producer.metrics.failed, 0)
    })

    it('hold back when buffer.memory is full', async () => {
      const topic = await topicOf(admin, 1)
      const producer = new Producer(host, { ...servers, 'buffer.memory': 50_000 })
      await producer.ready(topic)
      let taken = 0
      while (producer.send({ topic, value: Buffer.alloc(1000) })) taken++
      assert.ok(taken >= 40 && taken < 50)
      await producer.ready(topic)
      assert.ok(producer.send({ topic, value: Buffer.alloc(1000) }))
      await producer.close()
      assert.equal(producer.bufferedBytes, 0)
    })

    it('say what is wrong with a record or topic', async () => {
      await using producer = new Producer(host, { ...servers, 'max.block.ms': 500 })
      await assert.rejects(producer.sendAsync({ topic: 'a/b', value: null }), /INVALID_TOPIC_EXCEPTION/)
      await assert.rejects(producer.sendAsync({ topic: 'any', value: Buffer.alloc(2_000_000) }), /max\.request\.size/)
      const topic = await topicOf(admin, 1)
      await assert.rejects(producer.sendAsync({ topic, partition: 5, value: null }), /no partition 5 of topic/)
    })

    it('seek, pause, resume and find offsets by time', async () => {
      const topic = await topicOf(admin, 2)
      await produce({}, [...numbered(topic, 50, 0), ...numbered(topic, 50, 1)])
      await using consumer = new Consumer(host, { ...servers, 'auto.offset.reset': 'earliest' })
      const [first, second] = [0, 1].map((partition) => ({ topic, partition }))
      consumer.assign([first, second])
      consumer.pause([second])
      consumer.seek(first, 40)
      await drain(consumer, 10, (chunk) => assert.equal(chunk.partition, 0))
      consumer.resume([second])
      await drain(consumer, 50, (chunk) => assert.equal(chunk.partition, 1))
      const found = await consumer.offsetsForTimes([
        { ...first, at: FIRST_MS + 20 },
        { ...second, at: FIRST_MS + 86_400_000 },
      ])
      assert.deepEqual(
        found.map((each) => each.value?.offset),
        [20, -1],
      )
      consumer.seekTo('latest', [first])
      assert.equal(await consumer.position(first), 50)
      consumer.seekTo('earliest', [first])
      assert.equal(await consumer.position(first), 0)
      assert.deepEqual(
        (await consumer.endOffsets([first, second])).map((each) => each.value?.offset),
        [50, 50],
      )
    })

    it('start at the end, at a duration, or refuse, as auto.offset.reset says', async () => {
      const topic = await topicOf(admin, 1)
      await produce({}, numbered(topic, 10))
      const at = async (reset: string): Promise<number> => {
        await using consumer = new Consumer(host, { ...servers, 'auto.offset.reset': reset })
        consumer.assign([{ topic, partition: 0 }])
        return await consumer.position({ topic, partition: 0 })
      }
      assert.equal(await at('latest'), 10)
      assert.equal(await at('by_duration:P3650D'), 0)
      assert.equal(await at('by_duration:PT1S'), 10)
      await assert.rejects(at('none'), /auto\.offset\.reset is none/)
      assert.throws(() => new Consumer(host, { ...servers, 'auto.offset.reset': 'by_duration:P' }), /auto\.offset\.reset/)
    })

    it('go on from the start of the log when the position is out of range', async () => {
      const topic = await topicOf(admin, 1)
      await produce({}, numbered(topic, 30))
      await admin.deleteRecords([{ topic, partition: 0, beforeOffset: 20 }])
      await using consumer = new Consumer(host, { ...servers, 'auto.offset.reset': 'earliest' })
      consumer.assign([{ topic, partition: 0 }])
      consumer.seek({ topic, partition: 0 }, 3)
      let next = 20
      await drain(consumer, 10, ({ cursor }) => assert.equal(cursor.offset, next++))
    })
  })
