import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Admin, openAdmin, Producer, type SettingsInput, ShareConsumer } from '../../src/client/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { type BrokerAt, eventually, freshName } from './broker-at.ts'

/** What brokers need for members to have their partitions at once, and for locks that end while a test waits. */
export const shareProperties = {
  'group.share.min.heartbeat.interval.ms': 100,
  'group.share.heartbeat.interval.ms': 200,
  'group.share.assignment.interval.ms': 100,
  'group.share.min.record.lock.duration.ms': 1000,
}

/** Against a broker that has share groups. */
export const shareSuite = (broker: BrokerAt): Promise<void> =>
  describe('a share group', () => {
    const host = nodeHost()
    let admin: Admin
    let servers: SettingsInput
    before(() => {
      servers = { 'bootstrap.servers': broker.bootstrap }
      admin = openAdmin(host, servers)
    })
    after(() => admin.close())

    /** A topic with `count` numbered records, and a group that begins at its beginning. */
    const stage = async (count: number, partitionCount = 1, configs: Readonly<Record<string, string>> = {}) => {
      const [topic, group] = [freshName('share-topic'), freshName('share-group')]
      await admin.createTopics([{ name: topic, partitionCount, replicationFactor: 1 }])
      const settings = { 'share.auto.offset.reset': 'earliest', ...configs }
      const operations = Object.entries(settings).map(([name, value]) => ({ name, operation: 'set' as const, value }))
      const [set] = await admin.incrementalAlterConfigs([{ type: 'group', name: group, operations }])
      assert.equal(set?.error, null)
      const produce = async (from: number, to: number): Promise<void> => {
        await using producer = new Producer(host, { ...servers, 'linger.ms': 0, 'batch.size': 200 })
        const numbers = Array.from({ length: to - from }, (_, index) => from + index)
        await Promise.all(
          numbers.map((each) => producer.sendAsync({ topic, partition: each % partitionCount, value: Buffer.from(String(each)) })),
        )
      }
      await produce(0, count)
      const open = (config: SettingsInput = {}): ShareConsumer => {
        const consumer = new ShareConsumer(host, { ...servers, 'group.id': group, ...config })
        consumer.subscribe([topic])
        return consumer
      }
      return { topic, group, produce, open }
    }

    /** The values of the next poll that gives some. */
    const next = async (consumer: ShareConsumer, each: (value: string, deliveryCount: number) => void = () => {}): Promise<string[]> => {
      const values: string[] = []
      await eventually('records', async () => {
        for (const chunk of await consumer.poll(500))
          for (const record of chunk) {
            values.push(String(record.value))
            each(String(record.value), record.deliveryCount)
          }
        return values.length > 0
      })
      return values
    }

    it('gives each record to one of its members, though they share the partition', async () => {
      const { topic, group, open, produce } = await stage(60)
      const acknowledged: number[] = []
      await using one = open()
      await using two = open({ 'max.poll.records': 5 })
      const seen: string[] = []
      const read = async (consumer: ShareConsumer): Promise<void> => {
        for (const chunk of await consumer.poll(200)) for (const { value } of chunk) seen.push(String(value))
      }
      await eventually('both members to have the partition', async () => {
        await Promise.all([read(one), read(two)])
        return one.assignment().length === 1 && two.assignment().length === 1
      })
      await produce(60, 90)
      await eventually('all records', async () => {
        await Promise.all([read(one), read(two)])
        return seen.length >= 90
      })
      assert.deepEqual(
        seen.map(Number).sort((a, b) => a - b),
        Array.from({ length: 90 }, (_, index) => index),
      )
      for (const consumer of [one, two])
        for (const { count, error } of await consumer.commitSync()) acknowledged.push(error === null ? count : -1)
      assert.ok(acknowledged.every((count) => count > 0))
      const [described] = await admin.describeShareGroups([group])
      assert.deepEqual(
        described?.value?.members.map(({ topics }) => topics),
        [[topic], [topic]],
      )
      await eventually('nothing to be left', async () => {
        const [offsets] = await admin.listShareGroupOffsets([group])
        return offsets?.value?.[0]?.value?.lag === 0
      })
    })

    it('gives what is released again and counts it, and what is accepted or rejected to nobody', async () => {
      const { topic, group, open } = await stage(3)
      const results: string[] = []
      const config = { ...servers, 'group.id': group, 'share.acknowledgement.mode': 'explicit' }
      await using consumer = new ShareConsumer(host, config, {
        onAcknowledged: ({ topic, partition, count, error }) => results.push(`${topic}-${partition} ${count} ${error}`),
      })
      consumer.subscribe([topic])
      const kinds = { 0: 'accept', 1: 'release', 2: 'reject' } as const
      let count = 0
      await eventually('all three', async () => {
        for (const chunk of await consumer.poll(500))
          while (chunk.next()) {
            assert.equal(chunk.deliveryCount, 1)
            chunk.acknowledge(kinds[Number(chunk.cursor.value()) as 0 | 1 | 2])
            count++
          }
        return count === 3
      })
      for (const chunk of await consumer.poll(5000))
        for (const record of chunk) {
          assert.deepEqual([String(record.value), record.deliveryCount], ['1', 2])
          consumer.acknowledge(record)
          assert.throws(() => consumer.acknowledge({ ...record, offset: 0 }), /offset 0 of .* cannot be acknowledged/)
        }
      assert.deepEqual(await consumer.commitSync(), [{ topic, partition: 0, count: 1, error: null }])
      assert.equal(results.at(-1), `${topic}-0 1 null`)
      await consumer.close()
      await using other = open()
      await eventually('its partition', async () => {
        assert.deepEqual(await other.poll(200), [])
        return other.assignment().length === 1
      })
      assert.deepEqual(await other.poll(600), [])
    })

    it('keeps a record that is renewed for who has it, and gives it again', async () => {
      const { open } = await stage(2, 1, { 'share.record.lock.duration.ms': '1500' })
      await using consumer = open({ 'share.acknowledgement.mode': 'explicit' })
      await using other = open()
      const first: string[] = []
      await eventually('the first records', async () => {
        for (const chunk of await consumer.poll(500))
          while (chunk.next()) {
            first.push(String(chunk.cursor.value()))
            chunk.acknowledge(chunk.cursor.offset === 0 ? 'renew' : 'accept')
          }
        return first.length === 2
      })
      assert.equal(consumer.acquisitionLockTimeoutMs, 1500)
      for (let times = 0; times < 3; times++) {
        const [chunk, ...more] = await consumer.poll(5000)
        assert.ok(chunk?.next() && more.length === 0)
        assert.deepEqual([chunk.count, chunk.deliveryCount], [1, 1])
        assert.deepEqual(await other.poll(900), [])
        chunk.acknowledge(times < 2 ? 'renew' : 'accept')
      }
      assert.deepEqual(
        (await consumer.commitSync()).map(({ error }) => error),
        [null],
      )
    })

    it('gives others at once what a consumer that closes has not acknowledged', async () => {
      const { open } = await stage(4)
      const one = open({ 'share.acknowledgement.mode': 'explicit' })
      await eventually('records', async () => {
        const [chunk] = await one.poll(500)
        if (chunk?.next()) chunk.acknowledge()
        return chunk !== undefined
      })
      await assert.rejects(one.poll(0), /all records must be acknowledged in explicit acknowledgement mode/)
      await one.close()
      await using two = open()
      const counts: number[] = []
      assert.deepEqual(await next(two, (_, count) => counts.push(count)), ['1', '2', '3'])
      assert.deepEqual(counts, [2, 2, 2])
    })

    it('gives no more than asked for with share.acquire.mode=record_limit', async () => {
      const { open } = await stage(30, 2)
      await using consumer = open({ 'share.acquire.mode': 'record_limit', 'max.poll.records': 4 })
      const seen: string[] = []
      await eventually('all of them', async () => {
        const values = (await consumer.poll(500)).flatMap((chunk) => [...chunk]).map(({ value }) => String(value))
        assert.ok(values.length <= 4)
        seen.push(...values)
        return seen.length >= 30
      })
      assert.equal(new Set(seen).size, 30)
    })

    it('refuses what makes no sense', async () => {
      const { group } = await stage(1)
      assert.throws(
        () =>
          new ShareConsumer(host, { ...servers, 'group.id': group, 'auto.offset.reset': 'earliest', 'isolation.level': 'read_committed' }),
        /auto\.offset\.reset, isolation\.level cannot be set when using a share group/,
      )
      await using loner = new ShareConsumer(host, servers)
      assert.throws(() => loner.subscribe(['t']), /a share group needs group\.id/)
      await assert.rejects(loner.poll(0), /not subscribed to any topics/)
      await using implicit = new ShareConsumer(host, { ...servers, 'group.id': group })
      assert.throws(() => implicit.acknowledge({ topic: 't', partition: 0, offset: 0 }), /acknowledged implicitly/)
    })
  })
