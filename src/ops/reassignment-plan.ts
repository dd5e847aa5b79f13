import type { Admin, ClusterDescription, Node, OngoingReassignment, TopicPartition } from '../client/index.ts'
import { Errors, KafkaError } from '../protocol/index.ts'
import { itemFailure } from './item-failure.ts'
import { replicationPlan } from './replication-plan.ts'
import { type Balance, type ReplicaSet, spreadPlan } from './spread-plan.ts'
import { replicaSizes } from './topic-report.ts'

export type ReassignmentGoal =
  /** Nothing on these brokers, everything else stays, also what is on brokers that are down. */
  | { readonly kind: 'drain'; readonly brokers: readonly number[] }
  /** Everything on these brokers, and evenly; undefined: on all, of which those that are down keep what they have. */
  | { readonly kind: 'brokers'; readonly brokers: readonly number[] | undefined; readonly balance: Balance }
  /** No two replicas of a partition in one rack, as far as there are racks. */
  | { readonly kind: 'racks' }
  | { readonly kind: 'factor'; readonly factor: number }

export interface PlanOptions {
  /** Brokers are taken for equals, wherever they stand. */
  readonly disableRackAware?: boolean
  /** Partitions that are being moved count as if they were where they go to; else they are a reason not to plan. */
  readonly reckonWithMoves?: boolean
}

/** A partition whose replicas shall be others, or in another order. */
export interface PlannedMove extends TopicPartition {
  readonly from: readonly number[]
  readonly to: readonly number[]
  readonly adding: readonly number[]
  readonly removing: readonly number[]
  /** To be copied: the partition, once for each replica that is added. Null: not known. */
  readonly bytes: number | null
}

/** What a broker has before and afterwards, of the topics of the plan. */
export interface BrokerShare {
  readonly broker: number
  readonly replicas: readonly [before: number, after: number]
  readonly bytes: readonly [before: number, after: number]
  readonly leaders: readonly [before: number, after: number]
}

export interface ReassignmentPlan {
  readonly moves: readonly PlannedMove[]
  readonly shares: readonly BrokerShare[]
}

/** A plan cannot be made; the message is for the operator. */
export class PlanError extends Error {
  override name = 'PlanError'
}

/** @throws PlanError, KafkaError when a topic is not there */
export async function planReassignment(
  admin: Admin,
  topics: readonly string[],
  goal: ReassignmentGoal,
  options: PlanOptions = {},
): Promise<ReassignmentPlan> {
  const [nodes, described, ongoing, sizes] = await Promise.all([
    nodesOf(admin),
    replicaSetsOf(admin, topics),
    admin.listReassignments(),
    replicaSizes(admin),
  ])
  const moving = new Map(ongoing.map((each) => [keyOf(each), each]))
  const stuck = options.reckonWithMoves === true ? [] : described.map(keyOf).filter((key) => moving.has(key))
  if (stuck.length > 0) throw new PlanError(`${stuck.slice(0, 5).join(', ')}${stuck.length > 5 ? ' and others are' : ' is'} being moved`)
  const partitions = described.map((each): ReplicaSet => {
    const move = moving.get(keyOf(each))
    return { ...each, ...(move !== undefined && { replicas: destinationOf(move) }), bytes: largest(sizes.get(keyOf(each)) ?? new Map()) }
  })
  const brokers = options.disableRackAware === true ? nodes.map((node) => ({ ...node, rack: null })) : nodes
  const targets = targetsOf(partitions, brokers, goal)
  const moves = partitions.flatMap((each, index) => {
    const move = moveOf(each, targets[index]!, sizes.get(keyOf(each)))
    return move === undefined ? [] : [move]
  })
  return { moves, shares: sharesOf(partitions, targets, sizes) }
}

export const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`

/** Where the replicas of a partition are when its move is done. */
export const destinationOf = ({ replicas, removing }: Pick<OngoingReassignment, 'replicas' | 'removing'>): number[] =>
  replicas.filter((id) => !removing.includes(id))

/** Where they were when it began; their order may have been another. */
export const originOf = ({ replicas, adding }: Pick<OngoingReassignment, 'replicas' | 'adding'>): number[] =>
  replicas.filter((id) => !adding.includes(id))

/** A move under way as if it were to be made. */
export const underWay = ({ topic, partition, ...each }: OngoingReassignment): PlannedMove => ({
  ...{ topic, partition, from: originOf(each), to: destinationOf(each) },
  ...{ adding: each.adding, removing: each.removing, bytes: null },
})

async function replicaSetsOf(admin: Admin, topics: readonly string[]): Promise<ReplicaSet[]> {
  return (await admin.describeTopics(topics)).flatMap(({ item, error, value }) => {
    if (error !== null) throw itemFailure(`topic ${item}`, error)
    return value.partitions.map(({ partition, replicas, isr }) => ({ topic: item, partition, replicas, isr }))
  })
}

/** Brokers that are down too, where the cluster tells of them. */
async function nodesOf(admin: Admin): Promise<ClusterDescription['nodes']> {
  try {
    return (await admin.describeCluster({ includeFenced: true })).nodes
  } catch (error) {
    if (!(error instanceof KafkaError) || error.code !== Errors.UNSUPPORTED_VERSION) throw error
    return (await admin.describeCluster()).nodes
  }
}

function targetsOf(partitions: readonly ReplicaSet[], known: ClusterDescription['nodes'], goal: ReassignmentGoal) {
  const nodes = known.filter(({ fenced }) => !fenced)
  const down = known.filter(({ fenced }) => fenced)
  switch (goal.kind) {
    case 'factor':
      return factorTargets(partitions, nodes, goal.factor)
    case 'racks':
      return placed(partitions, nodes, spreadPlan(partitions, nodes, { separateRacks: true, keepers: down }))
    case 'drain': {
      const brokers = nodes.filter(({ id }) => !goal.brokers.includes(id))
      const racks = new Map(down.map(({ id, rack }) => [id, rack]))
      const others = new Set(partitions.flatMap(({ replicas }) => replicas)).difference(
        new Set([...goal.brokers, ...brokers.map(({ id }) => id)]),
      )
      const keepers = [...others].map((id) => ({ id, rack: racks.get(id) ?? null }))
      return placed(partitions, brokers, spreadPlan(partitions, brokers, { keepers }))
    }
    case 'brokers': {
      const missing = (goal.brokers ?? []).filter((id) => !nodes.some((node) => node.id === id))
      if (missing.length > 0) throw new PlanError(`there is no broker ${missing.join(', ')} that could take replicas`)
      const brokers = goal.brokers === undefined ? nodes : nodes.filter(({ id }) => goal.brokers!.includes(id))
      const keepers = goal.brokers === undefined ? down : []
      return placed(partitions, brokers, spreadPlan(partitions, brokers, { balance: goal.balance, keepers }))
    }
  }
}

/** @throws PlanError when a partition has no place */
function placed(
  partitions: readonly ReplicaSet[],
  brokers: readonly unknown[],
  targets: readonly (readonly number[] | undefined)[],
): (readonly number[])[] {
  const stuck = targets.indexOf(undefined)
  if (stuck < 0) return targets as (readonly number[])[]
  const { topic, partition, replicas } = partitions[stuck]!
  const needed = `${replicas.length} broker${replicas.length === 1 ? '' : 's'}`
  throw new PlanError(`the replicas of ${topic}-${partition} need ${needed}, and ${brokers.length} can take them`)
}

function factorTargets(
  partitions: readonly ReplicaSet[],
  nodes: readonly Pick<Node, 'id' | 'rack'>[],
  factor: number,
): (readonly number[])[] {
  const targets = new Map<string, readonly number[]>()
  for (const [topic, list] of Map.groupBy(partitions, (each) => each.topic)) {
    const moves = replicationPlan(list, nodes, factor)
    if (moves === undefined) throw new PlanError(`${factor} replicas need as many brokers, and ${nodes.length} can take them`)
    for (const { partition, to } of moves) targets.set(`${topic}-${partition}`, to)
  }
  return partitions.map((each) => targets.get(`${each.topic}-${each.partition}`) ?? each.replicas)
}

/** Undefined: nothing to do. */
export function moveOf(
  { topic, partition, replicas: from }: Pick<ReplicaSet, 'topic' | 'partition' | 'replicas'>,
  to: readonly number[],
  sizes: ReadonlyMap<number, number> | undefined,
): PlannedMove | undefined {
  if (from.length === to.length && from.every((id, place) => id === to[place])) return undefined
  const adding = to.filter((id) => !from.includes(id))
  const bytes = adding.length === 0 ? 0 : sizes === undefined ? null : adding.length * largest(sizes)
  return { topic, partition, from, to, adding, removing: from.filter((id) => !to.includes(id)), bytes }
}

const largest = (sizes: ReadonlyMap<number, number>): number => Math.max(0, ...sizes.values())

function sharesOf(
  partitions: readonly ReplicaSet[],
  targets: readonly (readonly number[])[],
  sizes: ReadonlyMap<string, ReadonlyMap<number, number>>,
): BrokerShare[] {
  const shares = new Map<number, Record<'replicas' | 'bytes' | 'leaders', [number, number]>>()
  for (const [index, { topic, partition, replicas }] of partitions.entries()) {
    const bytes = largest(sizes.get(`${topic}-${partition}`) ?? new Map())
    for (const [when, list] of [replicas, targets[index]!].entries()) {
      for (const [place, id] of list.entries()) {
        const share = shares.get(id) ?? { replicas: [0, 0], bytes: [0, 0], leaders: [0, 0] }
        shares.set(id, share)
        share.replicas[when]!++
        share.bytes[when]! += bytes
        if (place === 0) share.leaders[when]!++
      }
    }
  }
  return [...shares].map(([broker, share]) => ({ broker, ...share })).sort((a, b) => a.broker - b.broker)
}
