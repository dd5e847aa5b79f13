import assert from 'node:assert/strict'
import { openAdmin } from '../../src/client/index.ts'
import type { Journal } from '../../src/host/index.ts'
import type { PartitionLog } from '../../src/log/index.ts'
import { SteadyLoad } from '../client/steady-load.ts'
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
    await checkReplicas(cluster)
    acknowledgedCount = load.acknowledged.length
  }, 36_000_000)
  return acknowledgedCount
}
