import type {
  Admin,
  AdminOptions,
  ConfigEntry,
  ItemError,
  ItemResult,
  NewTopic,
  PartitionDescription,
  TopicListing,
} from '../client/index.ts'
import { Errors } from '../protocol/index.ts'
import { itemFailure } from './item-failure.ts'
import { partitionBounds } from './partition-places.ts'

export interface TopicOverview extends TopicListing {
  /** Bytes of one replica of each partition, the largest; null: not known. */
  readonly sizeBytes: number | null
}

/** All topics; sizes cost a request to every broker. */
export async function topicOverviews(admin: Admin, options: { internal: boolean; sizes: boolean }): Promise<TopicOverview[]> {
  const [topics, sizes] = await Promise.all([
    admin.listTopics({ includeInternal: options.internal }),
    options.sizes ? partitionSizes(admin) : undefined,
  ])
  return topics.map((topic) => ({ ...topic, sizeBytes: sizes === undefined ? null : topicSize(sizes, topic.name, topic.partitionCount) }))
}

/** Bytes on disk by `topic-partition`: of the largest replica. */
export async function partitionSizes(admin: Admin, options: AdminOptions = {}): Promise<Map<string, number>> {
  return new Map([...(await replicaSizes(admin, options))].map(([key, sizes]) => [key, Math.max(...sizes.values())]))
}

/** Bytes on disk by `topic-partition` and broker, as far as brokers answer. */
export const replicaSizes = async (admin: Admin, options: AdminOptions = {}): Promise<Map<string, Map<number, number>>> =>
  sizesIn(await admin.describeLogDirs(options))

export function sizesIn(described: Awaited<ReturnType<Admin['describeLogDirs']>>): Map<string, Map<number, number>> {
  const sizes = new Map<string, Map<number, number>>()
  for (const { item: broker, value } of described) {
    for (const dir of value ?? []) {
      for (const { topic, partition, bytes, future } of dir.replicas) {
        if (future) continue
        const key = `${topic}-${partition}`
        const known = sizes.get(key) ?? new Map<number, number>()
        sizes.set(key, known.set(broker, bytes))
      }
    }
  }
  return sizes
}

function topicSize(sizes: ReadonlyMap<string, number>, topic: string, partitionCount: number): number {
  let sum = 0
  for (let partition = 0; partition < partitionCount; partition++) sum += sizes.get(`${topic}-${partition}`) ?? 0
  return sum
}

export interface PartitionReport extends PartitionDescription {
  readonly topic: string
  /** Null: could not be asked. */
  readonly startOffset: number | null
  readonly endOffset: number | null
  readonly sizeBytes: number | null
  readonly underReplicated: boolean
  readonly unavailable: boolean
  /** The cluster names a leader, and nobody answers there: it may not have been missed yet. */
  readonly leaderSilent: boolean
  readonly underMinIsr: boolean
  readonly atMinIsr: boolean
  /** The first replica, which leads when all is well. */
  readonly preferredLeader: number
}

export interface TopicReport {
  readonly name: string
  readonly topicId: string
  readonly internal: boolean
  readonly partitionCount: number
  readonly replicationFactor: number
  readonly minInsyncReplicas: number
  readonly sizeBytes: number | null
  /** Every setting of the topic with where it comes from. */
  readonly configs: readonly ConfigEntry[]
  readonly partitions: readonly PartitionReport[]
}

/** A leader that is gone is not waited for: what the others say is worth showing at once. */
const look = { timeoutMs: 5000, tellUnreachable: true }
const isSilence = (error: ItemError | null): boolean =>
  error !== null && (error.code === Errors.NETWORK_EXCEPTION || error.code === Errors.REQUEST_TIMED_OUT)

/** Everything about topics that one look should show. */
export async function topicReports(admin: Admin, names: readonly string[]): Promise<ItemResult<string, TopicReport>[]> {
  const [described, configs, sizes] = await Promise.all([
    admin.describeTopics(names),
    admin.describeConfigs(names.map((name) => ({ type: 'topic', name }))),
    // Sizes and settings may be withheld by ACLs: the rest is still worth showing.
    partitionSizes(admin, look).catch(() => undefined),
  ])
  const led = described.flatMap(({ value }) =>
    (value?.partitions ?? []).filter(({ leader }) => leader >= 0).map(({ partition }) => ({ topic: value!.name, partition })),
  )
  const found = await partitionBounds(admin, led, 'read_uncommitted', look)
  const bounds = new Map(found.map(({ item, value }) => [`${item.topic}-${item.partition}`, value]))
  const silent = new Set(found.flatMap(({ item, error }) => (isSilence(error) ? [`${item.topic}-${item.partition}`] : [])))
  return described.map(({ item, error, value }, index): ItemResult<string, TopicReport> => {
    if (error !== null) return { item, error, value: null }
    const entries = configs[index]?.value ?? []
    const minInsyncReplicas = Number(entries.find((entry) => entry.name === 'min.insync.replicas')?.value ?? 1)
    const partitions = value.partitions.map((each): PartitionReport => {
      const key = `${value.name}-${each.partition}`
      const bound = bounds.get(key)
      return {
        topic: value.name,
        ...each,
        startOffset: bound?.startOffset ?? null,
        endOffset: bound?.endOffset ?? null,
        sizeBytes: sizes?.get(key) ?? null,
        underReplicated: each.isr.length < each.replicas.length,
        unavailable: each.leader < 0,
        leaderSilent: silent.has(key),
        underMinIsr: each.isr.length < minInsyncReplicas,
        atMinIsr: each.isr.length === minInsyncReplicas,
        preferredLeader: each.replicas[0] ?? -1,
      }
    })
    const { name, topicId, internal } = value
    return {
      item,
      error: null,
      value: {
        name,
        topicId,
        internal,
        partitionCount: partitions.length,
        replicationFactor: partitions[0]?.replicas.length ?? 0,
        minInsyncReplicas,
        sizeBytes: sizes === undefined ? null : topicSize(sizes, name, partitions.length),
        configs: entries,
        partitions,
      },
    }
  })
}

/** What it takes to create a topic like this one. @throws ClientError when it is not there */
export async function topicModel(admin: Admin, name: string): Promise<Omit<NewTopic, 'name'>> {
  const [[topic], [configs]] = await Promise.all([admin.describeTopics([name]), admin.describeConfigs([{ type: 'topic', name }])])
  const error = topic!.error ?? configs!.error
  if (error !== null) throw itemFailure(`topic ${name}`, error)
  const own = configs!.value!.filter(({ source }) => source === 'DYNAMIC_TOPIC_CONFIG')
  return {
    partitionCount: topic!.value!.partitions.length,
    replicationFactor: topic!.value!.partitions[0]?.replicas.length ?? -1,
    configs: Object.fromEntries(own.map((entry) => [entry.name, entry.value])),
  }
}
