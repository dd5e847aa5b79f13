import type { Admin, ItemResult, OngoingReassignment, TopicPartition } from '../client/index.ts'
import { moveOf, type PlannedMove } from './reassignment-plan.ts'
import { replicaSizes } from './topic-report.ts'

/** One entry of a reassignment file. */
export interface Target extends TopicPartition {
  readonly replicas: readonly number[]
  /** A log directory for each replica; null: any. */
  readonly logDirs: readonly (string | null)[]
}

export const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`

export interface Applicable {
  readonly moves: readonly PlannedMove[]
  /** As planned already. */
  readonly unchanged: readonly Target[]
  /** Replicas as they are, to go back to. */
  readonly before: readonly Target[]
  readonly failures: readonly ItemResult<TopicPartition, never>[]
  /** Brokers that targets name and the cluster does not have. */
  readonly unknownBrokers: readonly number[]
  readonly ongoing: readonly OngoingReassignment[]
}

/** What a file would change in the cluster as it is now. */
export async function judgeTargets(admin: Admin, targets: readonly Target[]): Promise<Applicable> {
  const [{ nodes }, current, ongoing, sizes] = await Promise.all([
    admin.describeCluster(),
    currentReplicas(admin, targets),
    admin.listReassignments(),
    replicaSizes(admin),
  ])
  const there = new Set(nodes.map(({ id }) => id))
  const moves: PlannedMove[] = []
  const unchanged: Target[] = []
  const before: Target[] = []
  const failures: ItemResult<TopicPartition, never>[] = []
  for (const target of targets) {
    const known = current.get(keyOf(target))!
    if (known.error !== null) {
      failures.push({ item: target, error: known.error, value: null })
      continue
    }
    before.push({ ...target, replicas: known.value, logDirs: known.value.map(() => null) })
    const move = moveOf({ ...target, replicas: known.value }, target.replicas, sizes.get(keyOf(target)))
    if (move === undefined) unchanged.push(target)
    else moves.push(move)
  }
  const unknownBrokers = [...new Set(targets.flatMap(({ replicas }) => replicas))].filter((id) => !there.has(id))
  return { moves, unchanged, before, failures, unknownBrokers, ongoing }
}

async function currentReplicas(
  admin: Admin,
  partitions: readonly TopicPartition[],
): Promise<Map<string, ItemResult<TopicPartition, readonly number[]>>> {
  const described = new Map(
    (await admin.describeTopics([...new Set(partitions.map(({ topic }) => topic))])).map((each) => [each.item, each]),
  )
  return new Map(
    partitions.map(({ topic, partition }): [string, ItemResult<TopicPartition, readonly number[]>] => {
      const item = { topic, partition }
      const { error, value } = described.get(topic)!
      if (error !== null) return [keyOf(item), { item, error, value: null }]
      const found = value.partitions.find((each) => each.partition === partition)
      if (found !== undefined) return [keyOf(item), { item, error: null, value: found.replicas }]
      const unknown = { code: 3, name: 'UNKNOWN_TOPIC_OR_PARTITION', message: `${topic} has no partition ${partition}`, retriable: false }
      return [keyOf(item), { item, error: unknown, value: null }]
    }),
  )
}

/** Starts the moves. The answers are those of the partitions. */
export async function startMoves(admin: Admin, moves: readonly PlannedMove[]): Promise<ItemResult<TopicPartition, PlannedMove>[]> {
  if (moves.length === 0) return []
  const known = new Map(moves.map((move) => [keyOf(move), move]))
  const answers = await admin.alterReassignments(moves.map(({ topic, partition, to }) => ({ topic, partition, replicas: [...to] })))
  return answers.map(({ item: { topic, partition }, error }): ItemResult<TopicPartition, PlannedMove> => {
    const item = { topic, partition }
    return error === null ? { item, error, value: known.get(keyOf(item))! } : { item, error, value: null }
  })
}

/** Moves replicas into the directories that targets name; a replica that is being made is waited for. */
export async function chooseDirectories(admin: Admin, targets: readonly Target[]): Promise<ItemResult<TopicPartition>[]> {
  const wishes = targets.flatMap(({ topic, partition, replicas, logDirs }) =>
    replicas.flatMap((broker, place) => {
      const path = logDirs[place] ?? null
      return path === null ? [] : [{ topic, partition, broker, path }]
    }),
  )
  return wishes.length === 0 ? [] : admin.alterReplicaLogDirs(wishes)
}

/** The partitions that have replicas to come or to go; of those given, or of all. */
export async function activeMoves(admin: Admin, partitions?: readonly TopicPartition[]): Promise<OngoingReassignment[]> {
  const ongoing = await admin.listReassignments(partitions === undefined ? {} : { partitions })
  return ongoing.filter(({ adding, removing }) => adding.length + removing.length > 0)
}

/** A partition on its way, by what the brokers that get it have of it. */
export interface MoveProgress extends OngoingReassignment {
  readonly bytesTotal: number | null
  readonly bytesMoved: number | null
}

export async function moveProgress(admin: Admin, partitions?: readonly TopicPartition[]): Promise<MoveProgress[]> {
  const active = await activeMoves(admin, partitions)
  if (active.length === 0) return []
  const sizes = await replicaSizes(admin)
  return active.map((each) => {
    const bytes = sizes.get(keyOf(each))
    if (bytes === undefined) return { ...each, bytesTotal: null, bytesMoved: null }
    const source = Math.max(0, ...each.replicas.filter((id) => !each.adding.includes(id)).map((id) => bytes.get(id) ?? 0))
    const moved = each.adding.reduce((sum, id) => sum + Math.min(source, bytes.get(id) ?? 0), 0)
    return { ...each, bytesTotal: source * each.adding.length, bytesMoved: moved }
  })
}

export interface Verdict extends TopicPartition {
  readonly planned: readonly number[]
  readonly replicas: readonly number[]
  /** `elsewhere`: nothing is under way, and the replicas are others than planned. */
  readonly state: 'complete' | 'in-progress' | 'elsewhere'
}

/** How far the targets are reached. */
export async function verifyTargets(admin: Admin, targets: readonly Target[]): Promise<ItemResult<TopicPartition, Verdict>[]> {
  // Replicas that are on their way are listed as if they were there.
  const moving = new Set((await activeMoves(admin, targets)).map(keyOf))
  const current = await currentReplicas(admin, targets)
  return targets.map(({ topic, partition, replicas: planned }): ItemResult<TopicPartition, Verdict> => {
    const item = { topic, partition }
    const { error, value } = current.get(keyOf(item))!
    if (error !== null) return { item, error, value: null }
    const reached = planned.length === value.length && planned.every((id, place) => id === value[place])
    const state = moving.has(keyOf(item)) ? 'in-progress' : reached ? 'complete' : 'elsewhere'
    return { item, error: null, value: { ...item, planned, replicas: value, state } }
  })
}

/** Back to the replicas from before. */
export async function cancelMoves(admin: Admin, partitions: readonly TopicPartition[]): Promise<ItemResult<TopicPartition>[]> {
  if (partitions.length === 0) return []
  return admin.alterReassignments(partitions.map(({ topic, partition }) => ({ topic, partition, replicas: null })))
}
