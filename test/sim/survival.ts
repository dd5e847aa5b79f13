import assert from 'node:assert/strict'
import { Consumer, openAdmin, Producer } from '../../src/client/index.ts'
import type { Journal } from '../../src/host/index.ts'
import { Cluster, type ClusterShape, nameOf } from './cluster.ts'

const topic = 'orders'
const PARTITIONS = 3

const createTopic = async (cluster: Cluster): Promise<void> => {
  const admin = openAdmin(cluster.clients, cluster.bootstrap)
  await admin.createTopics([
    { name: topic, partitionCount: PARTITIONS, replicationFactor: cluster.ids.length, configs: { 'min.insync.replicas': '2' } },
  ])
  admin.close()
}

/** Everything that is committed, by partition. */
const readAll = async (cluster: Cluster): Promise<string[][]> => {
  const consumer = new Consumer(cluster.clients, { ...cluster.bootstrap, 'auto.offset.reset': 'earliest' })
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition }))
  consumer.assign(partitions)
  const ends = await consumer.endOffsets(partitions)
  const end = ends.reduce((sum, { value }) => sum + (value?.offset ?? 0), 0)
  const values: string[][] = partitions.map(() => [])
  for (let count = 0; count < end; ) {
    for (const chunk of await consumer.poll(500)) {
      for (const record of chunk) {
        values[record.partition]!.push(String(record.value))
        count++
      }
    }
  }
  await consumer.close()
  return values
}

/** A producer that goes on whatever happens, and what was acknowledged to it. */
class Load {
  readonly acknowledged: string[] = []
  readonly failed: string[] = []
  readonly #cluster: Cluster
  readonly #producer: Producer
  #stopped = false
  #running: Promise<void> | undefined

  constructor(cluster: Cluster) {
    this.#cluster = cluster
    this.#producer = new Producer(cluster.clients, { ...cluster.bootstrap, acks: 'all', 'delivery.timeout.ms': 600_000 })
  }

  start(): void {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
    await this.#producer.close()
  }

  async #run(): Promise<void> {
    for (let next = 0; !this.#stopped; next++) {
      const value = String(next)
      const sent = this.#producer.sendAsync({ topic, partition: next % PARTITIONS, value: Buffer.from(value) })
      void sent.then(
        () => this.acknowledged.push(value),
        (error) => this.failed.push(`${value}: ${error.message}`),
      )
      await this.#cluster.pause(20)
    }
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
    const load = new Load(cluster)
    load.start()
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
    assert.deepEqual(load.failed, [])
    assert.deepEqual(cluster.fatal, [])
    const read = await readAll(cluster)
    for (const [partition, values] of read.entries()) {
      const acknowledged = load.acknowledged.map(Number).filter((value) => value % PARTITIONS === partition)
      assert.deepEqual(
        values.map(Number),
        acknowledged.toSorted((a, b) => a - b),
        `partition ${partition}`,
      )
    }
    acknowledgedCount = load.acknowledged.length
  }, 36_000_000)
  return acknowledgedCount
}
