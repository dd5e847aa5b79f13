import type { Admin, ItemError, ItemResult, TopicPartition } from '../client/index.ts'
import { Errors, errorName } from '../protocol/index.ts'
import { type ReplicaMove, replicationPlan } from './replication-plan.ts'

/** The moves that give each partition of a topic so many replicas. */
export interface TopicMoves {
  readonly moves: readonly ReplicaMove[]
  /** What the topic asks for; null where it was not looked at, because no replica goes, or may not be known. */
  readonly minInsyncReplicas: number | null
}

/** The moves that give each partition of the topics so many replicas. Nothing is started. */
export async function planReplicationChange(
  admin: Admin,
  topics: readonly string[],
  factor: number,
): Promise<ItemResult<string, TopicMoves>[]> {
  const [described, { nodes }, ongoing] = await Promise.all([
    admin.describeTopics(topics),
    admin.describeCluster(),
    admin.listReassignments(),
  ])
  const plans = described.map(({ item, error, value }): ItemResult<string, readonly ReplicaMove[]> => {
    if (error !== null) return { item, error, value: null }
    const moving = ongoing.find(({ topic }) => topic === item)
    if (moving !== undefined) return failed(item, Errors.REASSIGNMENT_IN_PROGRESS, `partition ${moving.partition} is being moved`)
    const moves = replicationPlan(value.partitions, nodes, factor)
    if (moves !== undefined) return { item, error: null, value: moves }
    const there = nodes.length === 1 ? 'there is one' : `there are ${nodes.length}`
    return failed(item, Errors.INVALID_REPLICATION_FACTOR, `${factor} replicas need as many brokers, and ${there}`)
  })
  const minimums = await minInsyncReplicas(
    admin,
    plans.filter(({ value }) => value?.some(shrinks)).map(({ item }) => item),
  )
  return plans.map((plan) =>
    plan.error !== null ? plan : { ...plan, value: { moves: plan.value, minInsyncReplicas: minimums.get(plan.item) ?? null } },
  )
}

/** Starts the moves of topics; the answers are those of the partitions. */
export async function startReplicationChange(
  admin: Admin,
  plans: readonly { readonly topic: string; readonly moves: readonly ReplicaMove[] }[],
): Promise<ItemResult<TopicPartition, ReplicaMove>[]> {
  const all = plans.flatMap(({ topic, moves }) => moves.map((move) => ({ topic, move })))
  if (all.length === 0) return []
  const moves = new Map(all.map(({ topic, move }) => [`${topic}-${move.partition}`, move]))
  const answers = await admin.alterReassignments(
    all.map(({ topic, move }) => ({ topic, partition: move.partition, replicas: [...move.to] })),
  )
  return answers.map(({ item: { topic, partition }, error }): ItemResult<TopicPartition, ReplicaMove> => {
    if (error !== null) return { item: { topic, partition }, error, value: null }
    return { item: { topic, partition }, error: null, value: moves.get(`${topic}-${partition}`)! }
  })
}

/** A copy is destroyed. */
export const shrinks = ({ from, to }: ReplicaMove): boolean => to.length < from.length

/** Settings may be withheld by ACLs: then there is nothing to compare with. */
async function minInsyncReplicas(admin: Admin, topics: readonly string[]): Promise<Map<string, number>> {
  if (topics.length === 0) return new Map()
  const described = await admin
    .describeConfigs(topics.map((name) => ({ type: 'topic' as const, name, keys: ['min.insync.replicas'] })))
    .catch(() => [])
  return new Map(
    described.flatMap(({ item, value }) => {
      const text = value?.find(({ name }) => name === 'min.insync.replicas')?.value
      return text === undefined || text === null ? [] : [[item.name, Number(text)] as const]
    }),
  )
}

const failed = (item: string, code: number, message: string): { item: string; error: ItemError; value: null } => ({
  item,
  error: { code, name: errorName(code), message, retriable: false },
  value: null,
})
