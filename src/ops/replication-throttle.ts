import type { Admin, ConfigChange, ConfigQuery } from '../client/index.ts'
import type { PlannedMove } from './reassignment-plan.ts'

const brokerKeys = ['leader.replication.throttled.rate', 'follower.replication.throttled.rate'] as const
const topicKeys = ['leader.replication.throttled.replicas', 'follower.replication.throttled.replicas'] as const

/** A broker that does not answer holds nobody up for longer. */
const patience = { timeoutMs: 5000 }

/** What was done about throttles, and what could not be, with the reason. */
export interface ThrottleOutcome {
  readonly brokers: readonly number[]
  readonly topics: readonly string[]
  readonly failures: readonly string[]
}

/**
 * Bounds the bytes a second that each broker sends and receives for the moves (KIP-73). A broker that is down can be told nothing: it is
 * left out, for it neither sends nor receives.
 */
export async function setThrottle(admin: Admin, moves: readonly PlannedMove[], bytesPerSecond: number): Promise<ThrottleOutcome> {
  const { nodes } = await admin.describeCluster()
  const taking = new Set(moves.flatMap(({ from, adding }) => [...from, ...adding]))
  const value = String(bytesPerSecond)
  const ofBrokers = nodes
    .filter(({ id }) => taking.has(id))
    .map(
      ({ id }): ConfigChange => ({
        type: 'broker',
        name: String(id),
        operations: brokerKeys.map((name) => ({ name, operation: 'set', value })),
      }),
    )
  const ofTopics = [...Map.groupBy(moves, ({ topic }) => topic)].map(([name, list]): ConfigChange => {
    const replicas = (of: 'from' | 'adding'): string => list.flatMap((each) => each[of].map((id) => `${each.partition}:${id}`)).join(',')
    const operations = [
      { name: topicKeys[0], operation: 'set' as const, value: replicas('from') },
      { name: topicKeys[1], operation: 'set' as const, value: replicas('adding') },
    ]
    return { type: 'topic', name, operations }
  })
  return outcomeOf(await admin.incrementalAlterConfigs([...ofTopics, ...ofBrokers], patience))
}

/** Takes the throttles away from the brokers that are there and from the topics, as far as there are any. */
export async function clearThrottles(admin: Admin, topics: readonly string[]): Promise<ThrottleOutcome> {
  const { nodes } = await admin.describeCluster()
  const queries: ConfigQuery[] = [
    ...nodes.map(({ id }) => ({ type: 'broker' as const, name: String(id), keys: brokerKeys })),
    ...[...new Set(topics)].map((name) => ({ type: 'topic' as const, name, keys: topicKeys })),
  ]
  const described = await admin.describeConfigs(queries, patience)
  const changes = described.flatMap(({ item: { type, name }, value }): ConfigChange[] => {
    const own = (value ?? []).filter(({ source }) => source === 'DYNAMIC_BROKER_CONFIG' || source === 'DYNAMIC_TOPIC_CONFIG')
    return own.length === 0
      ? []
      : [{ type, name, operations: own.map((entry) => ({ name: entry.name, operation: 'delete', value: null })) }]
  })
  return outcomeOf(changes.length === 0 ? [] : await admin.incrementalAlterConfigs(changes, patience))
}

function outcomeOf(results: Awaited<ReturnType<Admin['incrementalAlterConfigs']>>): ThrottleOutcome {
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
