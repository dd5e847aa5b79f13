import type { Admin, OngoingReassignment } from '../client/index.ts'
import { activeMoves } from './reassignment.ts'
import { keyOf, type PlannedMove, planReassignment, type ReassignmentPlan, underWay } from './reassignment-plan.ts'
import { replicaSizes } from './topic-report.ts'

/** What a broker has that is to go. */
export interface BrokerHolding {
  readonly broker: number
  /** `gone`: the cluster does not know it, though replicas may still be assigned to it. */
  readonly state: 'up' | 'fenced' | 'gone'
  readonly replicas: number
  readonly leaders: number
  readonly bytes: number
  /** It votes in the metadata quorum: of its replicas it can be relieved, of that not by this. Null: not known. */
  readonly votes: boolean | null
}

export async function brokerHoldings(admin: Admin, ids: readonly number[]): Promise<BrokerHolding[]> {
  const [{ nodes }, partitions, sizes, voters] = await Promise.all([
    admin.describeCluster({ includeFenced: true }),
    allPartitions(admin),
    replicaSizes(admin),
    admin.describeQuorum({ timeoutMs: 5000 }).then(
      ({ voters }) => voters.map(({ replicaId }) => replicaId),
      () => undefined,
    ),
  ])
  return ids.map((broker): BrokerHolding => {
    const node = nodes.find(({ id }) => id === broker)
    const held = partitions.filter(({ replicas }) => replicas.includes(broker))
    return {
      broker,
      state: node === undefined ? 'gone' : node.fenced ? 'fenced' : 'up',
      replicas: held.length,
      leaders: held.filter(({ leader }) => leader === broker).length,
      bytes: held.reduce((sum, each) => sum + (sizes.get(keyOf(each))?.get(broker) ?? 0), 0),
      votes: voters?.includes(broker) ?? null,
    }
  })
}

export interface Drain extends ReassignmentPlan {
  /** On their way from these brokers already, whoever has begun it. */
  readonly moving: readonly PlannedMove[]
  /** Moves of these partitions that go elsewhere. */
  readonly diverted: readonly OngoingReassignment[]
  /** Partitions that nobody leads: what they hold cannot be copied. */
  readonly leaderless: readonly string[]
}

/** What takes everything from these brokers, as the cluster is now; nothing is started. @throws PlanError */
export async function planDrain(admin: Admin, ids: readonly number[]): Promise<Drain> {
  const partitions = await allPartitions(admin)
  const topics = [...new Set(partitions.map(({ topic }) => topic))]
  const plan = await planReassignment(admin, topics, { kind: 'drain', brokers: ids }, { reckonWithMoves: true })
  const planned = new Set(plan.moves.map(keyOf))
  const active = await activeMoves(admin)
  const moving = active.filter((each) => !planned.has(keyOf(each)) && each.replicas.some((id) => ids.includes(id)))
  return {
    ...plan,
    moving: moving.map(underWay),
    diverted: active.filter((each) => planned.has(keyOf(each))),
    leaderless: partitions.filter((each) => each.leader < 0 && each.replicas.some((id) => ids.includes(id))).map(keyOf),
  }
}

/** 4.3-IV0: from this metadata.version on log directories can be cordoned (KIP-1066). */
const CORDON_LEVEL = 30
const cordonKey = 'cordoned.log.dirs'
/** A broker that does not answer holds nobody up for longer. */
const patience = { timeoutMs: 5000 }

export interface Cordon {
  readonly broker: number
  /** Why new replicas may still come to it; null: none do, from the broker's next heartbeat on. */
  readonly reason: string | null
  /** It was so before. */
  readonly unchanged: boolean
}

/** Has brokers take no new replicas, in none of their directories. */
export async function cordonBrokers(admin: Admin, brokers: readonly number[]): Promise<Cordon[]> {
  const { finalizedFeatures } = await admin.describeFeatures()
  const level = finalizedFeatures.find(({ name }) => name === 'metadata.version')?.maxVersion ?? 0
  if (level < CORDON_LEVEL)
    return brokers.map((broker) => ({
      broker,
      reason: 'the cluster knows no cordoned.log.dirs before metadata.version 4.3',
      unchanged: true,
    }))
  const directories = await admin.describeLogDirs({ brokers, ...patience })
  return Promise.all(
    directories.map(async ({ item: broker, error, value }): Promise<Cordon> => {
      if (error !== null) return { broker, reason: error.message, unchanged: true }
      if (value.every(({ cordoned }) => cordoned)) return { broker, reason: null, unchanged: true }
      const operation = { name: cordonKey, operation: 'set' as const, value: value.map(({ path }) => path).join(',') }
      const [set] = await admin.incrementalAlterConfigs([{ type: 'broker', name: String(broker), operations: [operation] }], patience)
      return { broker, reason: set?.error?.message ?? null, unchanged: false }
    }),
  )
}

async function allPartitions(admin: Admin) {
  const names = (await admin.listTopics({ includeInternal: true })).map(({ name }) => name)
  const described = await admin.describeTopics(names)
  return described.flatMap(({ item: topic, value }) => (value?.partitions ?? []).map((each) => ({ topic, ...each })))
}
