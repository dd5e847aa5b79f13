import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Consumer } from '../../src/client/index.ts'
import { RECOVERED, RECOVERING } from '../../src/metadata/index.ts'
import { inAWorld, type Scene, topic } from './replicated-scene.ts'

/** Those out of sync leave after this at the latest, and unclean elections are looked for as often. */
const soon = { 'replica.lag.time.max.ms': '5000', 'unclean.leader.election.interval.ms': '5000' }

/** A quorum that stays whatever happens to brokers. */
const apart = { controllers: [11, 12, 13] }

describe('a leader that dies while no other replica is in sync', () => {
  /** Broker 2 has the first ten of twenty records; broker 1, which has all, is gone. */
  const lost = async ({ cluster, produce, registration }: Scene): Promise<void> => {
    await produce(10)
    await cluster.stop(2)
    await produce(10)
    cluster.crash(1)
    await cluster.until(() => registration().leader === -1, 'nobody leads')
    await cluster.start(2)
    await cluster.pause(30_000)
    assert.deepEqual([registration().leader, registration().isr], [-1, []])
  }

  test('is waited for, and nothing is lost that had reached its disk', async () => {
    await inAWorld({ ...apart, settings: { ...soon, 'log.flush.interval.messages': '1' } }, [[1, 2]], async (scene) => {
      const { cluster, produce, registration, logEnd, areEqual } = scene
      await lost(scene)
      await cluster.start(1)
      await cluster.until(() => cluster.isFullyInSync(topic), 'both are in sync')
      assert.equal(registration().leader, 1)
      await produce(1)
      await areEqual([1, 2])
      assert.equal(logEnd(2), 21)
    })
  })

  for (const [level, type, name] of [
    ['of the topic', 'topic', topic],
    ['of all brokers', 'broker', ''],
  ] as const) {
    test(`is replaced as soon as the settings ${level} allow it; when it comes back it gives up what nobody else has`, async () => {
      await inAWorld({ ...apart, settings: soon }, [[1, 2]], async (scene) => {
        const { cluster, produce, set, registration, logEnd, areEqual } = scene
        await lost(scene)
        await set(type, name, { 'unclean.leader.election.enable': 'true' })
        await cluster.until(() => registration().leader === 2, 'broker 2 leads', 10_000)
        assert.deepEqual([registration().isr, registration().leaderRecoveryState], [[2], RECOVERING])
        await produce(3)
        assert.equal(logEnd(2), 13)
        await cluster.start(1)
        await cluster.until(() => cluster.isFullyInSync(topic), 'both are in sync')
        assert.deepEqual([registration().leader, registration().leaderRecoveryState], [2, RECOVERED])
        await produce(3)
        await areEqual([1, 2])
        assert.equal(logEnd(1), 16)
      })
    })
  }

  test('is replaced by ElectLeaders at once', async () => {
    await inAWorld(apart, [[1, 2]], async (scene) => {
      const { cluster, admin, produce, registration, logEnd } = scene
      await lost(scene)
      await admin.electLeaders('unclean', [{ topic, partition: 0 }])
      await cluster.until(() => registration().leader === 2, 'broker 2 leads', 2000)
      await produce(1)
      assert.equal(logEnd(2), 11)
    })
  })

  test('a consumer that read what was lost goes on behind what both histories have, and reads every record of the new one', async () => {
    await inAWorld({ ...apart, settings: soon }, [[1, 2]], async (scene) => {
      const { cluster, produce, set, registration } = scene
      const consumer = new Consumer(cluster.clients, { ...cluster.bootstrap, 'auto.offset.reset': 'earliest', 'metadata.max.age.ms': 5000 })
      consumer.assign([{ topic, partition: 0 }])
      const offsets: number[] = []
      const readUntil = async (end: number): Promise<void> => {
        while (offsets.at(-1) !== end - 1)
          for (const chunk of await consumer.poll(100)) for (const { offset } of chunk) offsets.push(offset)
      }
      await produce(10)
      await cluster.stop(2)
      await produce(10)
      await readUntil(20)
      cluster.crash(1)
      await set('topic', topic, { 'unclean.leader.election.enable': 'true' })
      await cluster.start(2)
      await cluster.until(() => registration().leader === 2, 'broker 2 leads')
      await produce(15)
      offsets.length = 0
      await readUntil(25)
      assert.deepEqual(
        offsets,
        Array.from({ length: 15 }, (_, n) => 10 + n),
      )
      await consumer.close()
    })
  })
})

describe('a follower', () => {
  test('that ends before its leader begins starts anew where the leader does', async () => {
    await inAWorld({ ...apart, settings: soon }, [[1, 2]], async ({ cluster, admin, produce, log }) => {
      await produce(5)
      await cluster.stop(2)
      await produce(10)
      const [deleted] = await admin.deleteRecords([{ topic, partition: 0, beforeOffset: 12 }])
      assert.equal(deleted!.error, null)
      await produce(5)
      await cluster.start(2)
      await cluster.until(() => cluster.isFullyInSync(topic), 'broker 2 is in sync')
      await produce(1)
      assert.deepEqual([log(2).logStartOffset, log(2).segments[0]!.baseOffset, log(2).logEndOffset], [12, 12, 21])
      await cluster.crash(2)
      await cluster.start(2)
      await cluster.until(() => cluster.isFullyInSync(topic), 'broker 2 is in sync again')
      assert.equal(log(2).logStartOffset, 12)
    })
  })

  test('deletes the records that its leader deletes', async () => {
    await inAWorld({}, [[1, 2, 3]], async ({ cluster, admin, produce, log }) => {
      await produce(10)
      const [deleted] = await admin.deleteRecords([{ topic, partition: 0, beforeOffset: 7 }])
      assert.deepEqual([deleted!.error, deleted!.value], [null, 7])
      assert.deepEqual(
        [1, 2, 3].map((id) => log(id).logStartOffset),
        [7, 7, 7],
        'the answer comes when every replica has',
      )
      await cluster.stop(1)
      assert.equal(log(2).logStartOffset, 7)
    })
  })

  test('that loses power with its leader, again and again, has what was acknowledged', async () => {
    await inAWorld({ settings: { ...soon, 'log.flush.interval.messages': '1' } }, [[1, 2, 3]], async (scene) => {
      const { cluster, produce, logEnd, areEqual } = scene
      for (let round = 1; round <= 3; round++) {
        await produce(5)
        for (const id of cluster.ids) cluster.crash(id)
        await cluster.startAll()
        await cluster.until(() => cluster.isFullyInSync(topic), `all replicas are in sync after round ${round}`)
      }
      await produce(1)
      await areEqual([1, 2, 3])
      assert.equal(logEnd(3), 16)
    })
  })
})
