import type { Admin, ConfigChange, ConfigQuery, ItemResult } from '../client/index.ts'
import type { PlannedMove } from './reassignment-plan.ts'

export const leaderRateKey = 'leader.replication.throttled.rate'
export const followerRateKey = 'follower.replication.throttled.rate'
const directoryRateKey = 'replica.alter.log.dirs.io.max.bytes.per.second'
const brokerKeys = [leaderRateKey, followerRateKey, directoryRateKey] as const
const topicKeys = ['leader.replication.throttled.replicas', 'follower.replication.throttled.replicas'] as const

/** A broker that does not answer holds nobody up for longer. */
const patience = { timeoutMs: 5000 }

/** What was done about throttles, and what could not be. */
export interface ThrottleOutcome {
  readonly brokers: readonly number[]
  readonly topics: readonly string[]
  readonly failures: readonly ThrottleFailure[]
}

/** Whose throttles could not be read or changed, and why. */
export interface ThrottleFailure {
  readonly type: 'broker' | 'topic'
  readonly name: string
  readonly message: string
}

export interface FoundThrottles {
  readonly throttles: readonly Throttle[]
  /** They may have throttles too. */
  readonly failures: readonly ThrottleFailure[]
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

export interface PlannedThrottle extends ThrottleRun {
  /** What is there before could not be read, and so not be put back: nothing should be set. */
  readonly failures: readonly ThrottleFailure[]
}

/**
 * What bounds the bytes a second that each broker sends and receives for the moves (KIP-73); nothing is set yet. Replicas of these topics
 * that are throttled already stay so. A broker that is down can be told nothing: it is left out, for it neither sends nor receives.
 */
export async function planThrottle(admin: Admin, moves: readonly PlannedMove[], bytesPerSecond: number): Promise<PlannedThrottle> {
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
  const planned = await withBefore(admin, [...ofTopics, ...ofBrokers])
  const former = new Map(planned.before.map((each) => [idOf(each), each.values]))
  const set = planned.set.map((each): Throttle => {
    if (each.type === 'broker') return each
    const wider = (key: string): [string, string] => [key, bothReplicas(former.get(idOf(each))?.[key] ?? '', each.values[key]!)]
    return { ...each, values: Object.fromEntries(topicKeys.map(wider)) }
  })
  return { ...planned, set }
}

/** Two lists of throttled replicas in one. */
function bothReplicas(there: string, added: string): string {
  if (there.trim() === '*') return there
  const known = there.trim() === 'none' ? [] : there.split(',').map((each) => each.trim())
  return [...new Set([...known, ...added.split(',')])].filter((each) => each !== '').join(',')
}

/** What bounds the bytes a second that each of these brokers copies between its own directories. */
export async function planDirectoryThrottle(admin: Admin, brokers: readonly number[], bytesPerSecond: number): Promise<PlannedThrottle> {
  const { nodes } = await admin.describeCluster()
  const set = nodes
    .filter(({ id }) => brokers.includes(id))
    .map(({ id }): Throttle => ({ type: 'broker', name: String(id), values: { [directoryRateKey]: String(bytesPerSecond) } }))
  return withBefore(admin, set)
}

async function withBefore(admin: Admin, set: readonly Throttle[]): Promise<PlannedThrottle> {
  const { throttles, failures } = await ownValues(admin, set)
  return { set, before: throttles, failures: await ofThose(admin, failures) }
}

/** Without brokers that have gone meanwhile. */
async function ofThose(admin: Admin, failures: readonly ThrottleFailure[]): Promise<readonly ThrottleFailure[]> {
  if (!failures.some(({ type }) => type === 'broker')) return failures
  const there = new Set((await admin.describeCluster()).nodes.map(({ id }) => String(id)))
  return failures.filter(({ type, name }) => type === 'topic' || there.has(name))
}

/** Whether what a run bounds still goes on; `areMoving`: partitions are being moved from broker to broker. */
export async function isInUse(admin: Admin, { set }: Pick<ThrottleRun, 'set'>, areMoving: boolean): Promise<boolean> {
  const bounded = boundingCopies(set)
  return bounded.length === 0 ? areMoving : (await copyingBrokers(admin, bounded)).size > 0
}

/** Without the bounds of copies between directories that are under way. */
export async function unusedThrottles(admin: Admin, throttles: readonly Throttle[]): Promise<Throttle[]> {
  const copying = await copyingBrokers(admin, boundingCopies(throttles))
  return throttles.flatMap((each): Throttle[] => {
    if (each.type === 'topic' || !copying.has(Number(each.name))) return [each]
    const { [directoryRateKey]: _inUse, ...values } = each.values
    return Object.keys(values).length === 0 ? [] : [{ ...each, values }]
  })
}

const boundingCopies = (throttles: readonly Throttle[]): number[] =>
  throttles.filter(({ values }) => directoryRateKey in values).map(({ name }) => Number(name))

/** Those that copy replicas from one of their directories to another. */
async function copyingBrokers(admin: Admin, brokers: readonly number[]): Promise<ReadonlySet<number>> {
  const described = brokers.length === 0 ? [] : await admin.describeLogDirs({ brokers, ...patience })
  const copying = described.filter(({ value }) => value?.some(({ replicas }) => replicas.some(({ future }) => future)) === true)
  return new Set(copying.map(({ item }) => item))
}

/** That a broker has gone is no failure. */
export async function setThrottles(admin: Admin, { set }: Pick<ThrottleRun, 'set'>): Promise<ThrottleOutcome> {
  const outcome = await change(
    admin,
    set.map(({ type, name, values }): ConfigChange => {
      const operations = Object.entries(values).map(([key, value]) => ({ name: key, operation: 'set' as const, value }))
      return { type, name, operations }
    }),
  )
  return { ...outcome, failures: await ofThose(admin, outcome.failures) }
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
  const found = await ownValues(admin, set)
  const now = new Map(found.throttles.map((each) => [idOf(each), each.values]))
  const former = new Map(before.map((each) => [idOf(each), each.values]))
  const silent = new Set(found.failures.map(({ type, name }) => `${type} ${name}`))
  const changes = set.flatMap((each): ConfigChange[] => {
    const id = idOf(each)
    const operations = Object.entries(each.values).flatMap(([name, value]) => {
      const was = former.get(id)?.[name]
      const is = now.get(id)?.[name]
      // A broker tells of a change a moment after it was made: one that tells of what was before may not know of this run yet.
      if (silent.has(id) || (is !== value && is !== was)) return []
      return [{ name, operation: was === undefined ? ('delete' as const) : ('set' as const), value: was ?? null }]
    })
    return operations.length === 0 ? [] : [{ type: each.type, name: each.name, operations }]
  })
  const outcome = await change(admin, changes)
  return { ...outcome, failures: [...found.failures, ...outcome.failures] }
}

/** The throttles of the brokers that are there, and of topics: those given, or all. */
export async function describeThrottles(admin: Admin, topics?: readonly string[]): Promise<FoundThrottles> {
  const { nodes } = await admin.describeCluster()
  const names = topics ?? (await admin.listTopics({ includeInternal: true })).map(({ name }) => name)
  return ownValues(admin, [
    ...nodes.map(({ id }) => ({ type: 'broker' as const, name: String(id) })),
    ...[...new Set(names)].map((name) => ({ type: 'topic' as const, name })),
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

/** Only those that have any. */
async function ownValues(admin: Admin, of: readonly Pick<Throttle, 'type' | 'name'>[]): Promise<FoundThrottles> {
  const queries = of.map(({ type, name }): ConfigQuery => ({ type, name, keys: type === 'broker' ? brokerKeys : topicKeys }))
  const described = queries.length === 0 ? [] : await admin.describeConfigs(queries, patience)
  const throttles = described.flatMap(({ item: { type, name }, value }): Throttle[] => {
    const own = (value ?? []).filter(({ source }) => source === 'DYNAMIC_BROKER_CONFIG' || source === 'DYNAMIC_TOPIC_CONFIG')
    const values = Object.fromEntries(own.map((entry) => [entry.name, entry.value ?? '']))
    return own.length === 0 ? [] : [{ type: type as Throttle['type'], name, values }]
  })
  return { throttles, failures: failuresOf(described) }
}

async function change(admin: Admin, changes: readonly ConfigChange[]): Promise<ThrottleOutcome> {
  const results = changes.length === 0 ? [] : await admin.incrementalAlterConfigs(changes, patience)
  const done = results.filter(({ error }) => error === null).map(({ item }) => item)
  return {
    brokers: done.filter(({ type }) => type === 'broker').map(({ name }) => Number(name)),
    topics: done.filter(({ type }) => type === 'topic').map(({ name }) => name),
    failures: failuresOf(results),
  }
}

/** A topic that is gone has no throttle. */
const failuresOf = (results: readonly ItemResult<Pick<ConfigQuery, 'type' | 'name'>, unknown>[]): ThrottleFailure[] =>
  results.flatMap(({ item: { type, name }, error }) =>
    error === null || error.name === 'UNKNOWN_TOPIC_OR_PARTITION' ? [] : [{ type: type as Throttle['type'], name, message: error.message }],
  )
