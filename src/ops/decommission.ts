import type { Admin, ConfigResource, OngoingReassignment } from '../client/index.ts'
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
  if (!(await knowsCordons(admin)))
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

async function knowsCordons(admin: Admin): Promise<boolean> {
  const { finalizedFeatures } = await admin.describeFeatures()
  return (finalizedFeatures.find(({ name }) => name === 'metadata.version')?.maxVersion ?? 0) >= CORDON_LEVEL
}

export interface Uncordon {
  readonly broker: number
  /** The directories that the cluster had been told to cordon; none: it had not. Null: not known. */
  readonly directories: readonly string[] | null
  /** Why they still are; null: they are not, unless the broker's own properties say so. */
  readonly reason: string | null
}

/** Takes back what `cordonBrokers` has set. Of a broker that is down that takes an administrator of controllers. */
export async function uncordonBrokers(admin: Admin, brokers: readonly number[]): Promise<Uncordon[]> {
  return Promise.all(
    brokers.map(async (broker): Promise<Uncordon> => {
      const resource = { type: 'broker' as const, name: String(broker) }
      const directories = admin.cluster.ofControllers ? null : await cordonedOf(admin, resource)
      if (typeof directories === 'string') return { broker, directories: null, reason: directories }
      if (directories?.length === 0) return { broker, directories, reason: null }
      const operations = [{ name: cordonKey, operation: 'delete' as const }]
      const [deleted] = await admin.incrementalAlterConfigs([{ ...resource, operations }], patience)
      return { broker, directories, reason: deleted?.error?.message ?? null }
    }),
  )
}

/**
 * Has the cluster forget a broker, and what keeps new replicas away from its id: a new broker with it is another one. That takes the
 * controllers, for the broker is down; and it comes first, for they alter nothing of an id that they do not know. Gives why a cordon may
 * outlive it; null: none does.
 */
export async function forgetBroker(admin: Admin, id: number, openControllers: (servers: string) => Promise<Admin>): Promise<string | null> {
  const cordoned = await uncordonAtControllers(admin, id, openControllers).catch((error: unknown) => (error as Error).message)
  await admin.unregisterBroker(id)
  return cordoned
}

async function uncordonAtControllers(
  admin: Admin,
  id: number,
  openControllers: (servers: string) => Promise<Admin>,
): Promise<string | null> {
  if (!(await knowsCordons(admin))) return null
  const { nodes, leaderId } = await admin.describeQuorum(patience)
  // The leader first: it is sure to be there.
  const known = nodes.flatMap((node) => (node.id === leaderId ? node.listeners : []))
  if (!admin.cluster.ofControllers && known.length === 0) return 'the cluster does not tell where its controllers are'
  const servers = known.map(({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)).join(',')
  const [outcome] = await uncordonBrokers(admin.cluster.ofControllers ? admin : await openControllers(servers), [id])
  return outcome?.reason ?? null
}

/** As the cluster has it, or why that is not known. */
async function cordonedOf(admin: Admin, resource: ConfigResource): Promise<string[] | string> {
  const [described] = await admin.describeConfigs([{ ...resource, keys: [cordonKey] }], patience)
  if (described?.error !== null) return described?.error.message ?? 'no answer'
  const set = described.value.find(({ name, source }) => name === cordonKey && source === 'DYNAMIC_BROKER_CONFIG')
  return (set?.value ?? '').split(',').filter((path) => path !== '')
}

/** What is on its way from these brokers. */
export async function movesAway(admin: Admin, ids: readonly number[]): Promise<OngoingReassignment[]> {
  return (await activeMoves(admin)).filter(({ removing }) => removing.some((id) => ids.includes(id)))
}

async function allPartitions(admin: Admin) {
  const names = (await admin.listTopics({ includeInternal: true })).map(({ name }) => name)
  const described = await admin.describeTopics(names)
  return described.flatMap(({ item: topic, value }) => (value?.partitions ?? []).map((each) => ({ topic, ...each })))
}
