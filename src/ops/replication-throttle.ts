import type { Admin, ConfigChange, ConfigQuery } from '../client/index.ts'
import type { PlannedMove } from './reassignment-plan.ts'

export const leaderRateKey = 'leader.replication.throttled.rate'
export const followerRateKey = 'follower.replication.throttled.rate'
const directoryRateKey = 'replica.alter.log.dirs.io.max.bytes.per.second'
const brokerKeys = [leaderRateKey, followerRateKey, directoryRateKey] as const
const topicKeys = ['leader.replication.throttled.replicas', 'follower.replication.throttled.replicas'] as const

/** A broker that does not answer holds nobody up for longer. */
const patience = { timeoutMs: 5000 }

/** What was done about throttles, and what could not be, with the reason. */
export interface ThrottleOutcome {
  readonly brokers: readonly number[]
  readonly topics: readonly string[]
  readonly failures: readonly string[]
}

/** Throttles that a broker or a topic has of its own, by their settings. */
export interface Throttle {
  readonly type: 'broker' | 'topic'
  readonly name: string
  readonly values: Readonly<Record<string, string>>
}

/** Throttles to be set, and those that they take the place of: what is needed to take them away again. */
export interface ThrottleRun {
  readonly set: readonly Throttle[]
  readonly before: readonly Throttle[]
}

/**
 * What bounds the bytes a second that each broker sends and receives for the moves (KIP-73); nothing is set yet. A broker that is down can
 * be told nothing: it is left out, for it neither sends nor receives.
 */
export async function planThrottle(admin: Admin, moves: readonly PlannedMove[], bytesPerSecond: number): Promise<ThrottleRun> {
  const { nodes } = await admin.describeCluster()
  const taking = new Set(moves.flatMap(({ from, adding }) => [...from, ...adding]))
  const rate = String(bytesPerSecond)
  const ofBrokers = nodes
    .filter(({ id }) => taking.has(id))
    .map(({ id }): Throttle => ({ type: 'broker', name: String(id), values: { [leaderRateKey]: rate, [followerRateKey]: rate } }))
  const ofTopics = [...Map.groupBy(moves, ({ topic }) => topic)].map(([name, list]): Throttle => {
    const replicas = (of: 'from' | 'adding'): string => list.flatMap((each) => each[of].map((id) => `${each.partition}:${id}`)).join(',')
    return { type: 'topic', name, values: { [topicKeys[0]]: replicas('from'), [topicKeys[1]]: replicas('adding') } }
  })
  const set = [...ofTopics, ...ofBrokers]
  return {
    set,
    before: await ownValues(
      admin,
      set.map(({ type, name }) => queryOf(type, name)),
    ),
  }
}

/** What bounds the bytes a second that each of these brokers copies between its own directories. */
export async function planDirectoryThrottle(admin: Admin, brokers: readonly number[], bytesPerSecond: number): Promise<ThrottleRun> {
  const { nodes } = await admin.describeCluster()
  const set = nodes
    .filter(({ id }) => brokers.includes(id))
    .map(({ id }): Throttle => ({ type: 'broker', name: String(id), values: { [directoryRateKey]: String(bytesPerSecond) } }))
  return {
    set,
    before: await ownValues(
      admin,
      set.map(({ type, name }) => queryOf(type, name)),
    ),
  }
}

/** Whether what a run bounds still goes on; `areMoving`: partitions are being moved from broker to broker. */
export async function isInUse(admin: Admin, { set }: Pick<ThrottleRun, 'set'>, areMoving: boolean): Promise<boolean> {
  const copying = set.filter(({ values }) => directoryRateKey in values).map(({ name }) => Number(name))
  if (copying.length === 0) return areMoving
  const described = await admin.describeLogDirs({ brokers: copying, ...patience })
  return described.some(({ value }) => value?.some(({ replicas }) => replicas.some(({ future }) => future)) === true)
}

export async function setThrottles(admin: Admin, { set }: Pick<ThrottleRun, 'set'>): Promise<ThrottleOutcome> {
  return change(
    admin,
    set.map(({ type, name, values }): ConfigChange => {
      const operations = Object.entries(values).map(([key, value]) => ({ name: key, operation: 'set' as const, value }))
      return { type, name, operations }
    }),
  )
}

/** The same run at another rate. */
export const atRate = ({ set, before }: ThrottleRun, bytesPerSecond: number): ThrottleRun => ({
  before,
  set: set.map((each) =>
    each.type === 'topic'
      ? each
      : { ...each, values: { [leaderRateKey]: String(bytesPerSecond), [followerRateKey]: String(bytesPerSecond) } },
  ),
})

/** Puts back what was there before a run. What somebody has changed since is not this run's any more, and stays. */
export async function restoreThrottles(admin: Admin, { set, before }: ThrottleRun): Promise<ThrottleOutcome> {
  const now = new Map(
    (
      await ownValues(
        admin,
        set.map(({ type, name }) => queryOf(type, name)),
      )
    ).map((each) => [idOf(each), each.values]),
  )
  const former = new Map(before.map((each) => [idOf(each), each.values]))
  const changes = set.flatMap((each): ConfigChange[] => {
    const operations = Object.entries(each.values)
      .filter(([key, value]) => now.get(idOf(each))?.[key] === value)
      .map(([name]) => {
        const value = former.get(idOf(each))?.[name] ?? null
        return { name, operation: value === null ? ('delete' as const) : ('set' as const), value }
      })
    return operations.length === 0 ? [] : [{ type: each.type, name: each.name, operations }]
  })
  return change(admin, changes)
}

/** The throttles of the brokers that are there, and of topics: those given, or all. */
export async function describeThrottles(admin: Admin, topics?: readonly string[]): Promise<Throttle[]> {
  const { nodes } = await admin.describeCluster()
  const names = topics ?? (await admin.listTopics({ includeInternal: true })).map(({ name }) => name)
  return ownValues(admin, [
    ...nodes.map(({ id }) => queryOf('broker', String(id))),
    ...[...new Set(names)].map((name) => queryOf('topic', name)),
  ])
}

/** Takes throttles away, whoever has set them. */
export async function clearThrottles(admin: Admin, throttles: readonly Throttle[]): Promise<ThrottleOutcome> {
  return change(
    admin,
    throttles.map(({ type, name, values }) => ({
      type,
      name,
      operations: Object.keys(values).map((key) => ({ name: key, operation: 'delete', value: null })),
    })),
  )
}

const idOf = ({ type, name }: Pick<Throttle, 'type' | 'name'>): string => `${type} ${name}`
const queryOf = (type: Throttle['type'], name: string): ConfigQuery => ({ type, name, keys: type === 'broker' ? brokerKeys : topicKeys })

/** Only those that have any. Who does not answer is passed over. */
async function ownValues(admin: Admin, queries: readonly ConfigQuery[]): Promise<Throttle[]> {
  const described = queries.length === 0 ? [] : await admin.describeConfigs(queries, patience)
  return described.flatMap(({ item: { type, name }, value }): Throttle[] => {
    const own = (value ?? []).filter(({ source }) => source === 'DYNAMIC_BROKER_CONFIG' || source === 'DYNAMIC_TOPIC_CONFIG')
    const values = Object.fromEntries(own.map((entry) => [entry.name, entry.value ?? '']))
    return own.length === 0 ? [] : [{ type: type as Throttle['type'], name, values }]
  })
}

async function change(admin: Admin, changes: readonly ConfigChange[]): Promise<ThrottleOutcome> {
  const results = changes.length === 0 ? [] : await admin.incrementalAlterConfigs(changes, patience)
  const done = results.filter(({ error }) => error === null).map(({ item }) => item)
  return {
    brokers: done.filter(({ type }) => type === 'broker').map(({ name }) => Number(name)),
    topics: done.filter(({ type }) => type === 'topic').map(({ name }) => name),
    // A topic that is gone has no throttle.
    failures: results.flatMap(({ item: { type, name }, error }) =>
      error === null || error.name === 'UNKNOWN_TOPIC_OR_PARTITION' ? [] : [`${type} ${name}: ${error.message}`],
    ),
  }
}
