import type { Admin, ItemError, ItemResult } from '../client/index.ts'
import { Errors, errorName } from '../protocol/index.ts'
import { type ReplicaMove, replicationPlan } from './replication-plan.ts'

/** Starts the moves that give each partition of the topics so many replicas; the answer holds them, also when they are only looked at. */
export async function changeReplication(
  admin: Admin,
  topics: readonly string[],
  factor: number,
  options: { validateOnly: boolean },
): Promise<ItemResult<string, ReplicaMove[]>[]> {
  const [described, { nodes }, ongoing] = await Promise.all([
    admin.describeTopics(topics),
    admin.describeCluster(),
    admin.listReassignments(),
  ])
  const results: ItemResult<string, ReplicaMove[]>[] = []
  for (const { item, error, value } of described) {
    if (error !== null) {
      results.push({ item, error, value: null })
      continue
    }
    const moving = ongoing.find(({ topic }) => topic === item)
    const moves = replicationPlan(value.partitions, nodes, factor)
    if (moving !== undefined) results.push(failed(item, Errors.REASSIGNMENT_IN_PROGRESS, `partition ${moving.partition} is being moved`))
    else if (moves === undefined) {
      const there = nodes.length === 1 ? 'there is one' : `there are ${nodes.length}`
      results.push(failed(item, Errors.INVALID_REPLICATION_FACTOR, `${factor} replicas need as many brokers, and ${there}`))
    } else
      results.push(options.validateOnly || moves.length === 0 ? { item, error: null, value: moves } : await started(admin, item, moves))
  }
  return results
}

async function started(admin: Admin, topic: string, moves: ReplicaMove[]): Promise<ItemResult<string, ReplicaMove[]>> {
  const answers = await admin.alterReassignments(moves.map(({ partition, to }) => ({ topic, partition, replicas: to })))
  const refused = answers.find(({ error }) => error !== null)
  if (refused === undefined) return { item: topic, error: null, value: moves }
  const { code, message } = refused.error!
  return failed(topic, code, `partition ${refused.item.partition}: ${message}`)
}

const failed = (item: string, code: number, message: string): { item: string; error: ItemError; value: null } => ({
  item,
  error: { code, name: errorName(code), message, retriable: false },
  value: null,
})
