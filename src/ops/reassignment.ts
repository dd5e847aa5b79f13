import type { Admin, ItemResult, OngoingReassignment, TopicPartition } from '../client/index.ts'
import { unknownPartition } from './item-failure.ts'
import { destinationOf, keyOf, moveOf, originOf, type PlannedMove } from './reassignment-plan.ts'
import { replicaSizes } from './topic-report.ts'

/** One entry of a reassignment file. */
export interface Target extends TopicPartition {
  readonly replicas: readonly number[]
  /** A log directory for each replica; null: any. */
  readonly logDirs: readonly (string | null)[]
}

export interface Applicable {
  readonly moves: readonly PlannedMove[]
  /** On their way already, by a run that ended before they did, or by another tool. */
  readonly moving: readonly PlannedMove[]
  /** As planned already. */
  readonly unchanged: readonly Target[]
  /** Replicas as they are, or were before they began to move: to go back to. */
  readonly before: readonly Target[]
  readonly failures: readonly ItemResult<TopicPartition, never>[]
  /** Brokers that shall get replicas and are not there. */
  readonly unknownBrokers: readonly number[]
  /** Moves of other partitions. */
  readonly others: readonly OngoingReassignment[]
  /** Moves of these partitions that go elsewhere. */
  readonly diverted: readonly OngoingReassignment[]
}

/** What a file would change in the cluster as it is now. */
export async function judgeTargets(admin: Admin, targets: readonly Target[]): Promise<Applicable> {
  const [{ nodes }, current, ongoing, sizes] = await Promise.all([
    admin.describeCluster(),
    currentReplicas(admin, targets),
    activeMoves(admin),
    replicaSizes(admin),
  ])
  const there = new Set(nodes.map(({ id }) => id))
  const others = new Map(ongoing.map((each) => [keyOf(each), each]))
  const moves: PlannedMove[] = []
  const moving: PlannedMove[] = []
  const diverted: OngoingReassignment[] = []
  const unchanged: Target[] = []
  const before: Target[] = []
  const failures: ItemResult<TopicPartition, never>[] = []
  for (const target of targets) {
    const key = keyOf(target)
    const known = current.get(key)!
    if (known.error !== null) {
      failures.push({ item: target, error: known.error, value: null })
      continue
    }
    const active = others.get(key)
    const from = active === undefined ? known.value : originOf(active)
    before.push({ ...target, replicas: from, logDirs: from.map(() => null) })
    const move = moveOf({ ...target, replicas: from }, target.replicas, sizes.get(key))
    if (active === undefined) {
      if (move === undefined) unchanged.push(target)
      else moves.push(move)
      continue
    }
    // Back to where it came from there is nothing to copy, but something to stop.
    const whole = move ?? { ...target, from, to: target.replicas, adding: [], removing: active.adding, bytes: 0 }
    others.delete(key)
    if (String(destinationOf(active)) === String(target.replicas)) moving.push(whole)
    else {
      moves.push(whole)
      diverted.push(active)
    }
  }
  const unknownBrokers = [...new Set(moves.flatMap(({ adding }) => adding))].filter((id) => !there.has(id))
  return { moves, moving, unchanged, before, failures, unknownBrokers, others: [...others.values()], diverted }
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
      return [keyOf(item), { item, error: unknownPartition(item), value: null }]
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
  /** Why it does not get on; null: nothing is known. */
  readonly stuck: string | null
}

export async function moveProgress(admin: Admin, partitions?: readonly TopicPartition[]): Promise<MoveProgress[]> {
  const active = await activeMoves(admin, partitions)
  if (active.length === 0) return []
  const [sizes, { nodes }] = await Promise.all([replicaSizes(admin), admin.describeCluster()])
  const there = new Set(nodes.map(({ id }) => id))
  return active.map((each) => {
    const missing = each.adding.filter((id) => !there.has(id))
    const sources = originOf(each)
    const stuck =
      missing.length > 0
        ? `broker ${missing.join(', ')} is not there`
        : sources.some((id) => there.has(id))
          ? null
          : `none of ${sources.join(', ')} is there to copy from`
    const bytes = sizes.get(keyOf(each))
    if (bytes === undefined) return { ...each, bytesTotal: null, bytesMoved: null, stuck }
    const source = Math.max(0, ...sources.map((id) => bytes.get(id) ?? 0))
    const moved = each.adding.reduce((sum, id) => sum + Math.min(source, bytes.get(id) ?? 0), 0)
    return { ...each, bytesTotal: source * each.adding.length, bytesMoved: moved, stuck }
  })
}

export interface Verdict extends TopicPartition {
  readonly planned: readonly number[]
  readonly replicas: readonly number[]
  /** `elsewhere`: nothing is under way, and the replicas, or where they lie, are others than planned. */
  readonly state: 'complete' | 'in-progress' | 'elsewhere'
}

/** How far the targets are reached: the replicas, and the directories where targets name them. */
export async function verifyTargets(admin: Admin, targets: readonly Target[]): Promise<ItemResult<TopicPartition, Verdict>[]> {
  // Replicas that are on their way are listed as if they were there.
  const moving = new Set((await activeMoves(admin, targets)).map(keyOf))
  const [current, placeOf] = await Promise.all([currentReplicas(admin, targets), directoriesOf(admin, targets)])
  return targets.map((target): ItemResult<TopicPartition, Verdict> => {
    const { topic, partition, replicas: planned } = target
    const item = { topic, partition }
    const { error, value } = current.get(keyOf(item))!
    if (error !== null) return { item, error, value: null }
    const reached = planned.length === value.length && planned.every((id, place) => id === value[place])
    const state = moving.has(keyOf(item)) ? 'in-progress' : reached ? placeOf(target) : 'elsewhere'
    return { item, error: null, value: { ...item, planned, replicas: value, state } }
  })
}

/** Whether replicas lie where targets want them. */
async function directoriesOf(admin: Admin, targets: readonly Target[]): Promise<(target: Target) => Verdict['state']> {
  const brokers = [...new Set(targets.flatMap(({ replicas, logDirs }) => replicas.filter((_id, place) => logDirs[place] !== null)))]
  if (brokers.length === 0) return () => 'complete'
  const paths = new Map<string, string>()
  const copied = new Set<string>()
  for (const { item: broker, value } of await admin.describeLogDirs({ brokers })) {
    for (const { path, replicas } of value ?? []) {
      for (const each of replicas) {
        if (each.future) copied.add(`${broker} ${keyOf(each)} ${path}`)
        else paths.set(`${broker} ${keyOf(each)}`, path)
      }
    }
  }
  return (target) => {
    const astray = target.replicas.flatMap((broker, place) => {
      const wanted = target.logDirs[place] ?? null
      const replica = `${broker} ${keyOf(target)}`
      return wanted === null || paths.get(replica) === wanted ? [] : [`${replica} ${wanted}`]
    })
    return astray.length === 0 ? 'complete' : astray.some((each) => copied.has(each)) ? 'in-progress' : 'elsewhere'
  }
}

/** Back to the replicas from before, though not to their order: which of them leads by preference may be another. */
export async function cancelMoves(admin: Admin, partitions: readonly TopicPartition[]): Promise<ItemResult<TopicPartition>[]> {
  if (partitions.length === 0) return []
  return admin.alterReassignments(partitions.map(({ topic, partition }) => ({ topic, partition, replicas: null })))
}

/** Partitions that lack a replica in sync though nobody moves them. */
export async function sufferingPartitions(admin: Admin): Promise<number> {
  const moving = new Set((await activeMoves(admin)).map(keyOf))
  const names = (await admin.listTopics({ includeInternal: true })).map(({ name }) => name)
  return (await admin.describeTopics(names))
    .flatMap(({ item: topic, value }) => value?.partitions.map((each) => ({ topic, ...each })) ?? [])
    .filter((each) => each.isr.length < each.replicas.length && !moving.has(keyOf(each))).length
}
