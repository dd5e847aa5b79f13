import type { Admin, AdminOptions, ItemResult, PartitionDescription } from '../client/index.ts'
import { Errors, KafkaError } from '../protocol/index.ts'
import { quorumReport, voterFaults } from './quorum-report.ts'

/** One condition of a healthy cluster. */
export interface HealthCheck {
  readonly check: 'quorum' | 'brokers' | 'offline' | 'under-min-isr' | 'under-replicated'
  readonly healthy: boolean
  readonly detail: string
  /** Voters, brokers or partitions that are not as they should be. */
  readonly concerned: readonly string[]
}

export interface HealthOptions extends AdminOptions {
  readonly lagMsMax: number
  /** Brokers that are known not to answer; undefined: each is asked. */
  readonly silent?: readonly number[] | undefined
}

/** Whoever is there answers at once. */
const ANSWER_MS_MAX = 2000

/**
 * The quorum is led and its voters have caught up, every registered broker is unfenced and answers, every partition has a leader, as many replicas in
 * sync as it needs for acks=all, and all of its replicas in sync. What cannot be found out is not healthy.
 */
export async function clusterHealth(admin: Admin, options: HealthOptions): Promise<HealthCheck[]> {
  const others = await Promise.all([
    orUnknown(['brokers'], () => brokerHealth(admin, options)),
    orUnknown(['offline', 'under-min-isr', 'under-replicated'], () => partitionHealth(admin, options)),
  ])
  // The last: while nobody leads it there is no answer, and what comes after it on the connection waits as long.
  const quorum = await orUnknown(['quorum'], () => quorumHealth(admin, options))
  return [...quorum, ...others.flat()]
}

async function orUnknown(checks: readonly HealthCheck['check'][], look: () => Promise<HealthCheck[]>): Promise<HealthCheck[]> {
  try {
    return await look()
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error
    return checks.map((check) => ({ check, healthy: false, detail: error.message, concerned: [] }))
  }
}

async function quorumHealth(admin: Admin, options: HealthOptions): Promise<HealthCheck[]> {
  const report = await quorumReport(admin, options)
  const faults = voterFaults(report)
  const voters = report.replicas.filter(({ status }) => status !== 'Observer').length
  const led = `led by ${report.leaderId} in epoch ${report.leaderEpoch}`
  const detail = faults.length === 0 ? `${led}, ${voters} voting, caught up` : `${led}, ${faults.length} of ${voters} voters not caught up`
  const concerned = faults.map(({ nodeId, fault }) => `${nodeId} (${fault})`)
  return [{ check: 'quorum', healthy: faults.length === 0, detail, concerned }]
}

/** Brokers that cannot reach the active controller tell of others as they were: who answers is asked, not believed. */
async function brokerHealth(admin: Admin, options: HealthOptions): Promise<HealthCheck[]> {
  const { nodes } = await admin.describeCluster({ ...options, includeFenced: true })
  const fenced = nodes.filter((node) => node.fenced).map(({ id }) => id)
  const others = nodes.map(({ id }) => id).filter((id) => !fenced.includes(id))
  const silent = others.filter((id) => options.silent?.includes(id))
  if (options.silent === undefined) silent.push(...(await silentBrokers(admin, others, options)))
  const faults = [
    ...(fenced.length > 0 ? [`${fenced.length} of ${nodes.length} fenced`] : []),
    ...(silent.length > 0 ? [`${silent.length} of ${nodes.length} without an answer`] : []),
  ]
  const concerned = [...fenced, ...silent].sort((a, b) => a - b).map(String)
  const detail = faults.length === 0 ? `${nodes.length} unfenced` : faults.join(', ')
  return [{ check: 'brokers', healthy: concerned.length === 0, detail, concerned }]
}

/** All are asked together, and none of them for long. */
async function silentBrokers(admin: Admin, brokers: readonly number[], { timeoutMs = ANSWER_MS_MAX }: AdminOptions): Promise<number[]> {
  const limitMs = Math.min(timeoutMs, ANSWER_MS_MAX)
  // One that has come since this client looked last has no address here yet.
  if (brokers.some((id) => !admin.cluster.nodes.has(id))) await admin.cluster.refresh([], timeoutMs)
  const answers = await Promise.all(
    brokers.map(async (id) => {
      const { promise, resolve } = Promise.withResolvers<boolean>()
      const timer = admin.cluster.host.clock.after(limitMs, () => resolve(false))
      const asked = admin.describeApiVersions({ brokers: [id], timeoutMs: limitMs }).then(
        ([answer]) => answer?.error === null,
        () => false,
      )
      try {
        return await Promise.race([asked, promise])
      } finally {
        timer.cancel()
      }
    }),
  )
  return brokers.filter((_id, place) => !answers[place])
}

async function partitionHealth(admin: Admin, options: AdminOptions): Promise<HealthCheck[]> {
  const names = (await admin.listTopics({ ...options, includeInternal: true })).map(({ name }) => name)
  const queries = names.map((name) => ({ type: 'topic' as const, name, keys: ['min.insync.replicas'] }))
  const [topics, configs] = await Promise.all([admin.describeTopics(names, options), admin.describeConfigs(queries, options)])
  // What was deleted meanwhile concerns nobody.
  const isUnknown = ({ error }: ItemResult<unknown, unknown>): boolean => error !== null && error.code !== Errors.UNKNOWN_TOPIC_OR_PARTITION
  const undescribed = topics.filter(isUnknown).map(({ item, error }) => ({ topic: item, reason: error!.message }))
  const unset = configs
    .filter((each) => isUnknown(each) || each.value?.length === 0)
    .map(({ item, error }) => ({ topic: item.name, reason: error?.message ?? 'min.insync.replicas is not told' }))
  const minimums = new Map(configs.flatMap(({ item, value }) => (value?.[0] === undefined ? [] : [[item.name, Number(value[0].value)]])))
  const partitions = topics.flatMap(({ value }) => value?.partitions.map((each) => ({ topic: value.name, ...each })) ?? [])
  const check = (
    name: HealthCheck['check'],
    isIll: (each: PartitionDescription & { topic: string }) => boolean,
    unknown: readonly { readonly topic: string; readonly reason: string }[] = undescribed,
  ): HealthCheck => {
    const ill = partitions.filter(isIll).map(({ topic, partition }) => `${topic}-${partition}`)
    const concerned = [...ill, ...unknown.map(({ topic, reason }) => `${topic} (${reason})`)]
    const more = unknown.length === 0 ? '' : `, not known of ${unknown.length} topic${unknown.length === 1 ? '' : 's'}`
    return { check: name, healthy: concerned.length === 0, detail: `${ill.length} of ${partitions.length} partitions${more}`, concerned }
  }
  const missing = new Set(undescribed.map(({ topic }) => topic))
  return [
    check('offline', ({ leader }) => leader < 0),
    // A topic with fewer replicas than the setting asks for needs all that it has.
    check('under-min-isr', ({ topic, isr, replicas }) => isr.length < Math.min(minimums.get(topic) ?? 1, replicas.length), [
      ...undescribed,
      ...unset.filter(({ topic }) => !missing.has(topic)),
    ]),
    check('under-replicated', ({ isr, replicas }) => isr.length < replicas.length),
  ]
}
