import { openAdmin, Producer } from '../../src/client/index.ts'
import { eventually } from '../client/broker-at.ts'
import type { MixedCluster } from './mixed-cluster.ts'

/** Longer than any failover may take on a machine that is busy. */
const LIMIT_MS = 120_000
const EVERY_MS = 10

/**
 * The longest time within which no record was acknowledged (acks=all) on partition 0 of the topic, from before `happens` until what is sent
 * after it is acknowledged.
 */
export const pauseOfProduce = async ({ host, bootstrap }: MixedCluster, topic: string, happens: () => Promise<void>): Promise<number> => {
  const limits = { 'delivery.timeout.ms': 600_000, 'request.timeout.ms': 5000 }
  const producer = new Producer(host, { ...bootstrap, ...limits, acks: 'all' })
  let sent = 0
  let last = 0
  let lastMs = performance.now()
  let longestMs = 0
  let isOver = false
  const load = (async () => {
    while (!isOver) {
      const value = ++sent
      const acknowledged = (): void => {
        const nowMs = performance.now()
        longestMs = Math.max(longestMs, nowMs - lastMs)
        lastMs = nowMs
        last = Math.max(last, value)
      }
      void producer.sendAsync({ topic, partition: 0, value: Buffer.from(String(value)) }).then(acknowledged, () => {})
      await new Promise<void>((resolve) => void host.clock.after(EVERY_MS, resolve))
    }
  })()
  try {
    await eventually('records are acknowledged', () => last > 50, LIMIT_MS)
    longestMs = 0
    await happens()
    const before = sent
    await eventually('records are acknowledged again', () => last > before, LIMIT_MS)
  } finally {
    isOver = true
    await load
    await producer.close()
  }
  return longestMs
}

/** How long it takes after `happens` until a topic is there that is asked for again and again. */
export const pauseOfCreation = async ({ host, bootstrap }: MixedCluster, topic: string, happens: () => Promise<void>): Promise<number> => {
  await happens()
  const startedMs = performance.now()
  using admin = openAdmin(host, bootstrap)
  await eventually(
    'a topic can be created',
    async () => {
      const [created] = await admin
        .createTopics([{ name: topic, partitionCount: 1, replicationFactor: 2 }], { timeoutMs: 1000 })
        .catch(() => [])
      return created?.error === null || created?.error.name === 'TOPIC_ALREADY_EXISTS'
    },
    LIMIT_MS,
  )
  return performance.now() - startedMs
}

/** Makes `id` the leader of the only partition of a new topic, all replicas in sync. */
export const ledBy = async (cluster: MixedCluster, topic: string, id: number): Promise<void> => {
  const replicas = [id, ...cluster.ids.filter((each) => each !== id)]
  const [created] = await cluster.admin.createTopics([{ name: topic, assignments: [replicas], configs: { 'min.insync.replicas': '2' } }])
  if (created!.error !== null) throw new Error(created!.error.message)
  await cluster.inSync(topic)
}

export const activeController = async ({ admin }: MixedCluster): Promise<number> => (await admin.describeQuorum()).leaderId
