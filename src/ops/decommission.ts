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

async function allPartitions(admin: Admin) {
  const names = (await admin.listTopics({ includeInternal: true })).map(({ name }) => name)
  const described = await admin.describeTopics(names)
  return described.flatMap(({ item: topic, value }) => (value?.partitions ?? []).map((each) => ({ topic, ...each })))
}
