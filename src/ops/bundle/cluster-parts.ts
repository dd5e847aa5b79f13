import type { Admin, AdminOptions } from '../../client/index.ts'
import { Errors, KafkaError } from '../../protocol/index.ts'
import { partitionBounds } from '../partition-places.ts'

/** More are counted, and not asked about. */
const TOPICS_MAX = 2000
const GROUPS_MAX = 1000

/** One file of a bundle: how its contents are found out. */
export interface Part {
  readonly path: string
  readonly ask: () => Promise<unknown>
}

/** What a cluster tells, a file each. Whatever is asked for twice is asked once. */
export function clusterParts(admin: Admin, options: AdminOptions): Part[] {
  const topicNames = once(async () => (await admin.listTopics({ ...options, includeInternal: true })).map(({ name }) => name))
  const described = once(async () => admin.describeTopics((await topicNames()).slice(0, TOPICS_MAX), options))
  const groups = once(() => admin.listGroups(options))
  const groupIds = async (): Promise<string[]> => (await groups()).groups.slice(0, GROUPS_MAX).map(({ groupId }) => groupId)
  const transactions = once(() => admin.listTransactions({}, options))
  return [
    { path: 'cluster/cluster.json', ask: () => describedCluster(admin, options) },
    { path: 'cluster/features.json', ask: () => admin.describeFeatures(options) },
    { path: 'cluster/api-versions.json', ask: () => admin.describeApiVersions(options) },
    { path: 'cluster/log-dirs.json', ask: () => admin.describeLogDirs(options) },
    { path: 'cluster/reassignments.json', ask: () => admin.listReassignments(options) },
    { path: 'cluster/broker-configs.json', ask: () => brokerConfigs(admin, options) },
    { path: 'topics/topics.json', ask: described },
    {
      path: 'topics/configs.json',
      ask: async () => {
        const names = (await topicNames()).slice(0, TOPICS_MAX)
        const results = await admin.describeConfigs(
          names.map((name) => ({ type: 'topic', name })),
          options,
        )
        return results.map(({ item, error, value }) => ({
          topic: item.name,
          error,
          own:
            value?.filter(({ source }) => source === 'DYNAMIC_TOPIC_CONFIG').map(({ name, value: set }) => ({ name, value: set })) ?? null,
        }))
      },
    },
    {
      path: 'topics/offsets.json',
      ask: async () => {
        const led = (await described()).flatMap(({ item: topic, value }) =>
          (value?.partitions ?? []).filter(({ leader }) => leader >= 0).map(({ partition }) => ({ topic, partition })),
        )
        return partitionBounds(admin, led, 'read_uncommitted', { ...options, tellUnreachable: true })
      },
    },
    { path: 'groups/groups.json', ask: groups },
    { path: 'groups/descriptions.json', ask: async () => admin.describeGroups(await groupIds(), options) },
    { path: 'groups/offsets.json', ask: async () => admin.listGroupOffsets(await groupIds(), options) },
    { path: 'transactions/transactions.json', ask: transactions },
    {
      path: 'transactions/descriptions.json',
      ask: async () => {
        const ids = (await transactions()).transactions
          .filter(({ state }) => state === 'Ongoing')
          .map(({ transactionalId }) => transactionalId)
        return ids.length === 0 ? [] : admin.describeTransactions(ids.slice(0, GROUPS_MAX), options)
      },
    },
    { path: 'security/acls.json', ask: () => noneWhereDisabled(admin.describeAcls({}, options)) },
    { path: 'security/quotas.json', ask: () => admin.describeClientQuotas([], options) },
    // Who has a password, not the password.
    { path: 'security/scram-users.json', ask: () => admin.describeScramUsers(null, options) },
  ]
}

/** The last: while nobody leads it there is no answer, and what comes after it on the connection waits as long. */
export const quorumPart = (admin: Admin, options: AdminOptions): Part => ({
  path: 'cluster/quorum.json',
  ask: () => admin.describeQuorum(options),
})

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined
  return () => (asked ??= ask())
}

async function describedCluster(admin: Admin, options: AdminOptions): Promise<unknown> {
  try {
    return await admin.describeCluster({ ...options, includeFenced: true })
  } catch (error) {
    if (!(error instanceof KafkaError) || error.code !== Errors.UNSUPPORTED_VERSION) throw error
    return admin.describeCluster(options)
  }
}

async function brokerConfigs(admin: Admin, options: AdminOptions): Promise<unknown> {
  const { nodes } = await admin.describeCluster(options)
  const names = ['', ...nodes.map(({ id }) => String(id))]
  const results = await admin.describeConfigs(
    names.map((name) => ({ type: 'broker', name })),
    options,
  )
  return results.map(({ item, error, value }) => ({
    broker: item.name === '' ? 'default' : item.name,
    error,
    configs: value?.map(({ name, value: set, source, sensitive }) => ({ name, value: set, source, sensitive })) ?? null,
  }))
}

const noneWhereDisabled = async (asked: Promise<unknown>): Promise<unknown> => {
  try {
    return await asked
  } catch (error) {
    if (error instanceof KafkaError && error.code === Errors.SECURITY_DISABLED) return []
    throw error
  }
}
