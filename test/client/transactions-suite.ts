import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Admin, ClientError, Consumer, openAdmin, Producer, type SettingsInput } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { type BrokerAt, eventually, freshName } from './broker-at.ts'

const host = nodeHost({ journal: silentJournal })

/** Transactions of a cluster that has them, of both versions: it ends with the second. */
export const transactionsSuite = (broker: BrokerAt): Promise<void> =>
  describe('transactions', () => {
    let admin: Admin
    let servers: SettingsInput
    before(() => {
      servers = { 'bootstrap.servers': broker.bootstrap }
      admin = openAdmin(host, servers)
    })
    after(() => admin.close())

    const newTopic = async (configs: Record<string, string> = {}): Promise<string> => {
      const name = freshName('transactional')
      const [created] = await admin.createTopics([{ name, partitionCount: 2, replicationFactor: 1, configs }])
      assert.equal(created?.error, null)
      return name
    }
    const newProducer = (transactionalId: string, config: SettingsInput = {}): Producer =>
      new Producer(host, { ...servers, 'transactional.id': transactionalId, ...config })
    const send = (producer: Producer, topic: string, values: readonly string[]): Promise<unknown> =>
      Promise.all(values.map((value, index) => producer.sendAsync({ topic, partition: index % 2, value: Buffer.from(value) })))
    const values = (prefix: string, count = 10): string[] => Array.from({ length: count }, (_, index) => `${prefix}${index}`)

    /** What is read from the start to where both partitions end for this level. */
    const read = async (topic: string, isolationLevel: 'read_committed' | 'read_uncommitted'): Promise<string[]> => {
      const partitions = [0, 1].map((partition) => ({ topic, partition }))
      await using consumer = new Consumer(host, {
        ...{ ...servers, 'isolation.level': isolationLevel, 'auto.offset.reset': 'earliest', 'max.poll.records': 3 },
      })
      consumer.assign(partitions)
      const ends = await admin.listOffsets(
        partitions.map((each) => ({ ...each, at: 'latest' as const })),
        { isolationLevel },
      )
      const found: string[] = []
      await eventually('the end of both partitions', async () => {
        for (const chunk of await consumer.poll(50)) for (const { value } of chunk) found.push(String(value))
        const positions = await Promise.all(ends.map(({ item }) => consumer.position(item)))
        return positions.every((position, index) => position >= ends[index]!.value!.offset)
      })
      return found.sort()
    }

    /** The coordinator answers a commit when it is decided: its marks come to the partitions a moment later. */
    const allMarked = (topic: string): Promise<void> =>
      eventually('no open transaction', async () => {
        const partitions = [0, 1].map((partition) => ({ topic, partition, at: 'latest' as const }))
        const stable = await admin.listOffsets(partitions, { isolationLevel: 'read_committed' })
        const ends = await admin.listOffsets(partitions, { isolationLevel: 'read_uncommitted' })
        return stable.every(({ value }, index) => value!.offset === ends[index]!.value!.offset)
      })

    const setVersion = async (level: number): Promise<void> => {
      const [result] = await admin.updateFeatures([
        { feature: 'transaction.version', maxVersionLevel: level, upgradeType: level < 2 ? 'safeDowngrade' : 'upgrade' },
      ])
      // It is there already.
      if (level < 2) assert.equal(result?.error, null)
      await eventually('brokers know of it', async () => {
        using look = openAdmin(host, servers)
        const { finalizedFeatures } = await look.describeFeatures()
        return finalizedFeatures.some(({ name, maxVersion }) => name === 'transaction.version' && maxVersion === level)
      })
    }

    for (const version of [1, 2])
      describe(`of version ${version}`, () => {
        before(() => setVersion(version))

        it('are read whole when they are committed, and never when they are aborted', async () => {
          const topic = await newTopic()
          await using producer = newProducer(freshName('id'), { 'batch.size': 100 })
          const { transactions } = producer
          await transactions.init()
          const epochs = new Set<string>()
          for (const [index, name] of ['a', 'b', 'c', 'd', 'e'].entries()) {
            transactions.begin()
            void send(producer, topic, values(name)).catch(() => {})
            if (index % 2 === 0) await transactions.commit()
            else {
              await producer.flush()
              await transactions.abort()
            }
            epochs.add(`${transactions.producerId} ${transactions.producerEpoch}`)
          }
          transactions.begin()
          await send(producer, topic, values('open'))
          const committed = [...values('a'), ...values('c'), ...values('e')]
          assert.deepEqual(await read(topic, 'read_committed'), committed)
          const all = [...values('a'), ...values('b'), ...values('c'), ...values('d'), ...values('e'), ...values('open')]
          assert.deepEqual(await read(topic, 'read_uncommitted'), all)
          // With the second version each end brings an epoch.
          assert.equal(epochs.size, version === 2 ? 5 : 1)
          await producer.close()
          assert.deepEqual(await read(topic, 'read_committed'), committed)
        })

        it('carry offsets of a group, of a member and of nobody, and drop them when they are aborted', async () => {
          const [source, topic, groupId] = [await newTopic(), await newTopic(), freshName('group')]
          await using producer = newProducer(freshName('id'))
          const { transactions } = producer
          await transactions.init()
          transactions.begin()
          await send(producer, source, values('s', 4))
          await transactions.commit()
          const committedOffset = async (): Promise<number | undefined> => {
            const [group] = await admin.listGroupOffsets([groupId])
            return group?.value?.find(({ item }) => item.topic === source && item.partition === 0)?.value?.offset as number | undefined
          }
          await using consumer = new Consumer(host, { ...servers, 'group.id': groupId, 'enable.auto.commit': false })
          consumer.subscribe([source])
          await eventually('it is a member', async () => {
            await consumer.poll(50)
            return consumer.assignment().length === 2
          })
          for (const [offset, isCommitted] of [
            [1, true],
            [2, false],
          ] as const) {
            transactions.begin()
            await send(producer, topic, values(`o${offset}`))
            await transactions.sendOffsets([{ topic: source, partition: 0, offset }], { groupId, ...consumer.membership! })
            await (isCommitted ? transactions.commit() : transactions.abort())
            await eventually('the offset that holds', async () => (await committedOffset()) === 1)
          }
          transactions.begin()
          const stale = transactions.sendOffsets([{ topic: source, partition: 0, offset: 9 }], {
            ...{ groupId, ...consumer.membership! },
            generationId: 77,
          })
          await assert.rejects(stale, { errorName: 'ILLEGAL_GENERATION' })
          assert.equal(transactions.phase, 'abortable error')
          await transactions.abort()
          await consumer.close()
          transactions.begin()
          await transactions.sendOffsets([{ topic: source, partition: 0, offset: 3 }], { groupId })
          await transactions.commit()
          await eventually('the offset without a member', async () => (await committedOffset()) === 3)
        })

        it('go on after a record that brokers do not take', async () => {
          const topic = await newTopic({ 'max.message.bytes': '500' })
          await using producer = newProducer(freshName('id'))
          const { transactions } = producer
          await transactions.init()
          transactions.begin()
          await assert.rejects(send(producer, topic, ['x', 'x'.repeat(1000)]), { errorName: 'MESSAGE_TOO_LARGE' })
          await assert.rejects(transactions.commit(), { errorName: 'MESSAGE_TOO_LARGE' })
          await transactions.abort()
          transactions.begin()
          await send(producer, topic, values('a'))
          await transactions.commit()
          await allMarked(topic)
          assert.deepEqual(await read(topic, 'read_committed'), values('a'))
        })

        it('end for who was fenced, and what it had begun with them', async () => {
          const [topic, id] = [await newTopic(), freshName('id')]
          await using first = newProducer(id)
          await first.transactions.init()
          first.transactions.begin()
          await send(first, topic, values('a'))
          await using second = newProducer(id)
          await second.transactions.init()
          const failure = await first.transactions.commit().catch((error: unknown) => error)
          assert.ok(failure instanceof ClientError && failure.errorName === 'PRODUCER_FENCED', String(failure))
          assert.equal(first.transactions.phase, 'fatal error')
          second.transactions.begin()
          await send(second, topic, values('b'))
          await second.transactions.commit()
          await allMarked(topic)
          assert.deepEqual(await read(topic, 'read_committed'), values('b'))
        })
      })
  })
