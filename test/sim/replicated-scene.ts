import assert from 'node:assert/strict'
import type { Broker } from '../../src/broker/index.ts'
import { type Admin, openAdmin, Producer } from '../../src/client/index.ts'
import type { PartitionLog } from '../../src/log/index.ts'
import type { PartitionRegistration } from '../../src/metadata/index.ts'
import type { WorldOptions } from '../../src/sim/index.ts'
import { Cluster, type ClusterShape } from './cluster.ts'

export const topic = 'orders'
export const RECORD_BYTES = 10_000

/** Three nodes, one topic, and who works with them. */
export interface Scene {
  readonly cluster: Cluster
  readonly admin: Admin
  /** Acknowledged by all in-sync replicas. */
  produce(count: number, partition?: number): Promise<void>
  /** Of a topic or a broker; '' names all brokers. Resolves when every broker knows. */
  set(type: 'topic' | 'broker', name: string, settings: Record<string, string>): Promise<void>
  broker(id: number): Broker
  log(broker: number, partition?: number): PartitionLog
  logEnd(broker: number, partition?: number): number
  /** As the node with the latest metadata has it. */
  registration(partition?: number): PartitionRegistration
  /** Resolves when the logs of these brokers are equal, byte for byte. */
  areEqual(brokers: readonly number[], partition?: number): Promise<void>
}

/** Plays on a cluster whose topic has these replicas; no node may end of itself. */
export const inAWorld = async (
  { faults, ...shape }: Partial<ClusterShape> & Pick<WorldOptions, 'faults'>,
  partitions: readonly (readonly number[])[],
  play: (scene: Scene) => Promise<void>,
) => {
  const cluster = new Cluster({ seed: 7, ...(faults && { faults }) }, { brokers: [1, 2, 3], controllers: [1, 2, 3], ...shape })
  await cluster.world.run(async () => {
    await cluster.startAll()
    const admin = openAdmin(cluster.clients, cluster.bootstrap)
    const [created] = await admin.createTopics([{ name: topic, assignments: partitions.map((replicas) => [...replicas]) }])
    assert.equal(created!.error, null)
    const isPlaced = ({ nodeId, partitions: here }: Broker): boolean =>
      partitions.every((replicas, index) => !replicas.includes(nodeId) || here.findByName(topic, index) !== undefined)
    await cluster.until(
      () => cluster.brokers.every((each) => each.image.topic(topic) !== undefined && isPlaced(each)),
      'the topic is there',
    )
    let produced = 0
    const broker = (id: number): Broker => cluster.brokers.find(({ nodeId }) => nodeId === id)!
    const log = (id: number, partition = 0): PartitionLog => broker(id).partitions.findByName(topic, partition)!.log
    await play({
      ...{ broker, log },
      ...{ cluster, admin },
      async produce(count, partition = 0) {
        const producer = new Producer(cluster.clients, { ...cluster.bootstrap, acks: 'all' })
        const values = Array.from({ length: count }, () => Buffer.alloc(RECORD_BYTES, `${produced++} `))
        await Promise.all(values.map((value) => producer.sendAsync({ topic, partition, value })))
        await producer.close()
      },
      async set(type, name, settings) {
        const operations = Object.entries(settings).map(([key, value]) => ({ name: key, operation: 'set' as const, value }))
        for (;;) {
          const [changed] = await admin.incrementalAlterConfigs([{ type, name, operations }])
          await cluster.pause(1000)
          if (changed!.error?.retriable !== true) return assert.equal(changed!.error, null)
        }
      },
      logEnd: (id, partition) => log(id, partition).logEndOffset,
      registration(partition = 0) {
        const latest = cluster.brokers.toSorted((a, b) => b.image.provenance.offset - a.image.provenance.offset)[0]!
        return latest.image.topic(topic)!.partitions.get(partition)!
      },
      async areEqual(ids, partition = 0) {
        const logs = ids.map((id) => log(id, partition))
        const ends = (): Set<number> => new Set(logs.flatMap(({ highWatermark, logEndOffset }) => [highWatermark, logEndOffset]))
        await cluster.until(() => ends().size === 1, `the logs of ${ids} end at one offset, and all of it is replicated`)
        const [first, ...others] = await Promise.all(logs.map(contentsOf))
        for (const other of others) assert.ok(other.equals(first!), 'the same bytes')
        for (const { epochs } of logs) assert.deepEqual(epochs.entries, logs[0]!.epochs.entries)
      },
    })
    admin.close()
    assert.deepEqual(cluster.fatal, [])
  }, 36_000_000)
}

const contentsOf = async (log: PartitionLog): Promise<Buffer> => {
  await log.written()
  return Buffer.concat(await Promise.all(log.segments.map(({ log: { path } }) => log.context.disk.readFile(path))))
}
