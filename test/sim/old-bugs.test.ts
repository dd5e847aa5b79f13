import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openAdmin, Producer } from '../../src/client/index.ts'
import { Apis } from '../../src/protocol/index.ts'
import { nameOf } from './cluster.ts'
import { checkReplicas } from './replica-equality.ts'
import { inAWorld, type Scene, topic } from './replicated-scene.ts'

// Bugs that Apache Kafka and others have had, each as the shortest way into it. Where a planted bug of test/sim/mutants stands for what was
// missing then, its name is given: with it the scenario fails.

const settings = { 'broker.session.timeout.ms': '4000', 'default.replication.factor': '3' }
const apart = { controllers: [11, 12, 13], settings }

/** Links that are down, and such that take their time. */
class Links {
  readonly #down = new Set<string>()
  readonly #delayMs = new Map<string, number>()
  readonly faults = {
    link: (from: string, to: string) => {
      const delayMs = this.#delayMs.get(`${from}>${to}`)
      if (this.#down.has(`${from}>${to}`)) return { down: true }
      return delayMs === undefined ? undefined : { delayMs }
    },
  }
  slow(from: number, to: number, delayMs: number): void {
    this.#delayMs.set(`${nameOf(from)}>${nameOf(to)}`, delayMs)
  }
  cut(one: number, other: number): void {
    this.#down.add(`${nameOf(one)}>${nameOf(other)}`).add(`${nameOf(other)}>${nameOf(one)}`)
  }
  cutClients(id: number): void {
    this.#down.add(`clients>${nameOf(id)}`).add(`${nameOf(id)}>clients`)
  }
  /** Nodes alone: clients still reach it. */
  isolate(id: number, ...others: number[]): void {
    for (const other of others) this.cut(id, other)
  }
  mend(): void {
    this.#down.clear()
    this.#delayMs.clear()
  }
}

const leads = ({ cluster, registration }: Scene, id: number): Promise<void> =>
  cluster.until(() => registration().leader === id, `node ${id} leads`)

const inSync = ({ cluster, registration }: Scene, ...ids: number[]): Promise<void> =>
  cluster.until(() => registration().isr.toSorted().join() === ids.join(), `${ids} are in sync`)

const prefer = async (scene: Scene, replicas: readonly number[]): Promise<void> => {
  await scene.admin.alterReassignments([{ topic, partition: 0, replicas }])
  await scene.admin.electLeaders('preferred', [{ topic, partition: 0 }])
  await leads(scene, replicas[0]!)
}

/** Not replicated: the leader alone says that it has them. */
const produceToLeader = async ({ cluster }: Scene, count: number): Promise<void> => {
  const producer = new Producer(cluster.clients, { ...cluster.bootstrap, acks: '1', 'enable.idempotence': false })
  for (let sent = 0; sent < count; sent++) await producer.sendAsync({ topic, partition: 0, value: Buffer.from(`leader alone ${sent}`) })
  await producer.close()
}

describe('replication', () => {
  test('KIP-101: followers that have not heard what is replicated keep all of it when their leader dies, and the next one', async () => {
    const links = new Links()
    await inAWorld({ ...apart, faults: links.faults }, [[1, 2, 3]], async (scene) => {
      const { cluster, produce, logEnd, log } = scene
      await produce(5)
      await cluster.pause(2000)
      // That they hold the last record they tell with their next fetch; that it is replicated its answer would tell, which is on the way.
      links.slow(1, 2, 400)
      links.slow(1, 3, 400)
      await produce(5)
      for (const id of [2, 3]) assert.ok(logEnd(id) === 10 && log(id).highWatermark < 10, `node ${id} has heard it`)
      cluster.kill(1)
      links.cut(2, 3)
      await leads(scene, 2)
      cluster.kill(2)
      await leads(scene, 3)
      assert.equal(logEnd(3), 10)
      links.mend()
      await cluster.start(1)
      await cluster.start(2)
      await inSync(scene, 1, 2, 3)
      await produce(1)
      await cluster.pause(2000)
      await checkReplicas(cluster, topic)
      assert.equal(logEnd(1), 11)
    })
  })

  test('KIP-279: after two failovers in a row each log is cut back to where the histories part', async () => {
    // Planted: a follower that parted from its leader goes on; a truncated log keeps its epochs.
    const links = new Links()
    await inAWorld({ ...apart, faults: links.faults }, [[1, 2, 3]], async (scene) => {
      const { cluster, produce } = scene
      await produce(5)
      links.isolate(1, 2, 3)
      links.cut(2, 3)
      await produceToLeader(scene, 3)
      cluster.kill(1)
      await leads(scene, 2)
      await produceToLeader(scene, 2)
      cluster.kill(2)
      await leads(scene, 3)
      await produceToLeader(scene, 4)
      links.mend()
      await cluster.start(1)
      await cluster.start(2)
      await inSync(scene, 1, 2, 3)
      await produce(1)
      await cluster.pause(2000)
      await checkReplicas(cluster, topic)
      assert.equal(scene.logEnd(1), 10)
    })
  })

  test('KIP-320: a leader that was replaced and does not know it acknowledges nothing', async () => {
    const links = new Links()
    await inAWorld({ ...apart, faults: links.faults }, [[1, 2, 3]], async (scene) => {
      const { cluster, produce, logEnd } = scene
      await produce(5)
      links.isolate(1, 2, 3, 11, 12, 13)
      const stale = new Producer(cluster.clients, {
        ...{ 'bootstrap.servers': `${nameOf(1)}:9092`, acks: 'all', 'enable.idempotence': false },
        ...{ 'request.timeout.ms': 3000, 'delivery.timeout.ms': 20_000, 'metadata.recovery.strategy': 'none' },
      })
      const acknowledged = stale.sendAsync({ topic, partition: 0, value: Buffer.from('to the old leader') }).then(
        () => true,
        () => false,
      )
      await cluster.until(
        () => cluster.brokers.some(({ nodeId, image }) => nodeId === 2 && image.partition(topic, 0)!.leader !== 1),
        'another leads',
      )
      assert.ok(logEnd(1) > 5, 'it was appended')
      links.cutClients(1)
      await produce(5)
      await cluster.pause(5000)
      links.mend()
      const isThere = await acknowledged
      await stale.close()
      await inSync(scene, 1, 2, 3)
      await cluster.pause(2000)
      await checkReplicas(cluster, topic)
      // What was tried again later is there once; what was not is nowhere.
      assert.equal(logEnd(1), isThere ? 11 : 10)
    })
  })

  test('KIP-966: of the last that was in sync and lost everything nobody reads, while another stopped with all records', async () => {
    // Planted: who left the ISR with too few is not eligible as one who died; a broker that died is eligible as one that stopped.
    await inAWorld({ ...apart, settings: { ...settings, 'min.insync.replicas': '2' } }, [[1, 2, 3]], async (scene) => {
      const { cluster, produce, registration, logEnd } = scene
      await produce(5)
      await cluster.stop(3)
      await inSync(scene, 1, 2)
      await cluster.stop(2)
      await inSync(scene, 1)
      cluster.crash(1, () => false)
      await cluster.start(1)
      await cluster.pause(10_000)
      assert.equal(registration().leader, -1)
      await cluster.start(2)
      await leads(scene, 2)
      assert.equal(logEnd(2), 5)
      await cluster.start(3)
      await inSync(scene, 1, 2, 3)
      await checkReplicas(cluster, topic)
    })
  })

  for (const [bug, fate] of [
    ['KIP-903: a follower that forgot and is proposed as what it was before', 'restarts'],
    ['KAFKA-13916: a follower that is fenced while its proposal is on the way', 'is fenced'],
  ] as const) {
    test(`${bug} does not join`, async () => {
      // Planted: nobody looks at whose life a fetch or a proposal speaks of.
      let holdMs = 0
      const message = (_from: string, _to: string, bytes: Buffer) =>
        bytes.length > 6 && bytes.readInt16BE(4) === Apis.AlterPartition.key && holdMs > 0 ? { holdMs } : undefined
      await inAWorld({ ...apart, faults: { message } }, [[1, 2, 3]], async (scene) => {
        const { cluster, produce, logEnd, registration } = scene
        await produce(5)
        cluster.kill(3)
        await inSync(scene, 1, 2)
        await produce(5)
        holdMs = 8000
        await cluster.start(3)
        await cluster.until(() => logEnd(3) === 10, 'it has caught up')
        await cluster.pause(200)
        cluster.crash(3, () => false)
        if (fate === 'restarts') await cluster.start(3)
        const endMs = cluster.world.nowMs + 12_000
        while (cluster.world.nowMs < endMs) {
          await cluster.pause(5)
          if (!registration().isr.includes(3)) continue
          const { image } = cluster.latest!
          assert.equal(image.brokers.get(3)!.fenced, false)
          assert.ok(logEnd(3) >= 10, `it is in sync with ${logEnd(3)} of 10 records`)
        }
        holdMs = 0
        if (fate === 'is fenced') await cluster.start(3)
        await inSync(scene, 1, 2, 3)
        await checkReplicas(cluster, topic)
      })
    })
  }

  test('KAFKA-10706, 13141, 15510: epochs in which nothing was written do not keep logs apart', async () => {
    // Planted: a truncated log keeps its epochs.
    const links = new Links()
    await inAWorld({ ...apart, faults: links.faults }, [[1, 2, 3]], async (scene) => {
      const { cluster, produce } = scene
      await produce(5)
      await prefer(scene, [2, 3, 1])
      await prefer(scene, [1, 2, 3])
      links.isolate(1, 2, 3)
      await produceToLeader(scene, 3)
      cluster.kill(1)
      await leads(scene, 2)
      links.mend()
      await cluster.start(1)
      await inSync(scene, 1, 2, 3)
      for (const first of [3, 1, 2, 1]) await prefer(scene, [first, ...[1, 2, 3].filter((id) => id !== first)])
      await produce(1)
      await prefer(scene, [3, 1, 2])
      await produce(1)
      await cluster.pause(2000)
      for (const id of [1, 2, 3]) {
        const { entries } = scene.log(id).epochs
        assert.ok(
          entries.every(
            ({ epoch, startOffset }, at) => at === 0 || (epoch > entries[at - 1]!.epoch && startOffset > entries[at - 1]!.startOffset),
          ),
        )
      }
      await checkReplicas(cluster, topic)
      assert.equal(scene.logEnd(1), 7)
    })
  })

  for (const [bug, damage] of [
    ['KAFKA-7897: a follower that has lost its leader epochs is not cut back further than histories part', undefined],
    ['KAFKA-16541: leader epochs that were renamed into place and never written are read from the log', Buffer.alloc(0)],
  ] as const) {
    test(bug, async () => {
      await inAWorld(apart, [[1, 2, 3]], async (scene) => {
        const { cluster, produce, logEnd } = scene
        await produce(5)
        await prefer(scene, [2, 1, 3])
        await produce(5)
        await prefer(scene, [1, 2, 3])
        await produce(5)
        await cluster.pause(2000)
        cluster.kill(3)
        await inSync(scene, 1, 2)
        const { disk } = cluster.world.host(nameOf(3))
        const path = `/data/${topic}-0/leader-epoch-checkpoint`
        await disk.remove(path)
        if (damage !== undefined) await (await disk.open(path, 'create')).write([damage], 0)
        cluster.world.kill(nameOf(3))
        await cluster.start(3)
        await inSync(scene, 1, 2, 3)
        assert.equal(logEnd(3), 15)
        await prefer(scene, [3, 1, 2])
        await produce(1)
        await cluster.pause(2000)
        await checkReplicas(cluster, topic)
      })
    })
  }
})

describe('the controller', () => {
  test('KAFKA-17608: takes back what it had decided and not committed when it loses and leads again', async () => {
    const links = new Links()
    await inAWorld({ ...apart, faults: links.faults }, [[1, 2, 3]], async ({ cluster }) => {
      const first = cluster.activeController!
      const others = [11, 12, 13].filter((id) => id !== first)
      const admin = openAdmin(cluster.clients, {
        ...cluster.bootstrap,
        'request.timeout.ms': 1000,
        'default.api.timeout.ms': 1000,
        retries: 0,
      })
      links.isolate(first, ...others)
      const lost = await admin.createTopics([{ name: 'lost', partitionCount: 1, replicationFactor: 3 }]).then(
        ([created]) => created!.error,
        (error) => error,
      )
      assert.ok(lost !== null, 'nobody could commit it in time')
      await cluster.until(() => cluster.brokers.every(({ raft }) => others.includes(raft.leaderAndEpoch.leaderId ?? -1)), 'another leads')
      links.mend()
      await cluster.until(() => cluster.activeController !== undefined, 'all agree')
      for (let turn = 0; cluster.activeController !== first && turn < 20; turn++) {
        const leader = cluster.activeController
        if (leader === undefined) await cluster.pause(500)
        else {
          cluster.kill(leader)
          await cluster.until(() => cluster.activeController !== undefined && cluster.activeController !== leader, 'the next leads')
          await cluster.start(leader)
        }
      }
      assert.equal(cluster.activeController, first)
      const [created] = await admin.createTopics([{ name: 'kept', partitionCount: 1, replicationFactor: 3 }])
      assert.equal(created!.error, null)
      await cluster.pause(2000)
      // Whether the first was tried again by the broker that passed it on is open; that all have the same is not.
      const known = new Set(cluster.brokers.map(({ image }) => `${image.topic('lost')?.id} ${image.topic('kept')?.id}`))
      assert.equal(known.size, 1)
      assert.ok(cluster.latest!.image.topic('kept') !== undefined)
      admin.close()
    })
  })
})
