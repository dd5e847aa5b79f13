import assert from 'node:assert/strict'
import { Consumer, openAdmin } from '../../src/client/index.ts'
import type { Journal } from '../../src/host/index.ts'
import type { PartitionLog } from '../../src/log/index.ts'
import { SteadyLoad } from '../client/steady-load.ts'
import { Cluster, type ClusterShape, nameOf } from './cluster.ts'

const topic = 'orders'
const PARTITIONS = 3
const GROUP = 'readers'

const createTopic = async (cluster: Cluster): Promise<void> => {
  const admin = openAdmin(cluster.clients, cluster.bootstrap)
  await admin.createTopics([
    { name: topic, partitionCount: PARTITIONS, replicationFactor: cluster.ids.length, configs: { 'min.insync.replicas': '2' } },
  ])
  admin.close()
}

/** Replicas are equal, byte for byte: batches travel as they are. */
const checkReplicas = async (cluster: Cluster): Promise<void> => {
  for (let index = 0; index < PARTITIONS; index++) {
    const replicas = cluster.brokers.map((broker) => broker.partitions.findByName(topic, index)!)
    const ends = (): number[] => replicas.map(({ log }) => log.highWatermark)
    await cluster.until(() => new Set(ends()).size === 1, 'all replicas know the same high watermark')
    const [first, ...others] = replicas.map(({ log }) => log)
    const recordsOf = async (log: PartitionLog): Promise<Buffer> => {
      await log.written()
      const file = await log.context.disk.readFile(`${log.home.path}/00000000000000000000.log`)
      return Buffer.from(file)
    }
    const expected = await recordsOf(first!)
    for (const log of others) {
      assert.deepEqual(log.epochs.entries, first!.epochs.entries, `leader epochs of partition ${index}`)
      assert.ok(expected.equals(await recordsOf(log)), `records of partition ${index}`)
    }
  }
}

/** A group of one that reads all the time, and goes on from what it committed whatever happens to the coordinator. */
class GroupReader {
  readonly seen = new Set<number>()
  readonly #cluster: Cluster
  #stopped = false
  #running: Promise<void> | undefined

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  start(): void {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #run(): Promise<void> {
    const { clients, bootstrap } = this.#cluster
    while (!this.#stopped) {
      // Each member reads a little, commits and leaves: the next one begins where it ended.
      const consumer = new Consumer(clients, {
        ...bootstrap,
        'group.id': GROUP,
        'auto.offset.reset': 'earliest',
        'enable.auto.commit': 'false',
      })
      consumer.subscribe([topic])
      for (let batches = 0; batches < 20 && !this.#stopped; ) {
        const chunks = await consumer.poll(500)
        for (const chunk of chunks) for (const record of chunk) this.seen.add(Number(record.value))
        if (chunks.length === 0) continue
        batches++
        await consumer.commitSync()
      }
      await consumer.close()
    }
  }

  /** Nothing was passed over: whoever went on began no further than what had been read and committed. */
  async check(acknowledged: readonly number[]): Promise<void> {
    this.#stopped = false
    this.start()
    await this.#cluster.until(() => acknowledged.every((value) => this.seen.has(value)), 'the group has read all that was acknowledged')
    await this.stop()
  }
}

/** What befalls one node after the other, all replicas being in sync again in between. */
export const rounds = ['lose power', 'are cut off', 'stop', 'lose power while another is slow']

/** A cluster under load through all rounds: what was acknowledged is there, once and in order. Gives how many records that was. */
export const survive = async (seed: number, shape?: ClusterShape, journal?: (host: string) => Journal): Promise<number> => {
  const cut = new Set<string>()
  const slow = new Set<string>()
  const link = (from: string, to: string) => {
    if (cut.has(from) || cut.has(to)) return { down: true }
    return slow.has(from) || slow.has(to) ? { delayMs: 40 } : undefined
  }
  const cluster = new Cluster({ seed, ...(journal && { journal }), faults: { link } }, shape)
  const { world } = cluster
  let acknowledgedCount = 0
  await world.run(async () => {
    await cluster.startAll()
    await createTopic(cluster)
    const load = new SteadyLoad({ host: cluster.clients, bootstrap: cluster.bootstrap, topic, partitionCount: PARTITIONS })
    load.start()
    const reader = new GroupReader(cluster)
    reader.start()
    for (const fault of rounds) {
      await cluster.until(() => cluster.isFullyInSync(topic), `all replicas in sync before nodes ${fault}`)
      await cluster.pause(1000 + world.random.below(5000))
      const { all } = cluster
      const victim = all[world.random.below(all.length)]!
      if (fault === 'are cut off') {
        cut.add(nameOf(victim))
        await cluster.pause(1000 + world.random.below(60_000))
        cut.clear()
      } else {
        if (fault.includes('slow')) slow.add(nameOf(all[(all.indexOf(victim) + 1) % all.length]!))
        if (fault === 'stop') await cluster.stop(victim)
        else cluster.crash(victim)
        await cluster.pause(world.random.below(30_000))
        await cluster.start(victim)
        slow.clear()
      }
    }
    await cluster.until(() => cluster.isFullyInSync(topic), 'all replicas in sync at the end')
    await load.stop()
    assert.deepEqual(cluster.fatal, [])
    await load.check()
    await reader.stop()
    await reader.check(load.acknowledged)
    await checkReplicas(cluster)
    acknowledgedCount = load.acknowledged.length
  }, 36_000_000)
  return acknowledgedCount
}
