import { javaStringHash } from '../../base/index.ts'
import type { Admin, ConfigEntry, ConfigQuery, Quota, QuotaFilter } from '../../client/index.ts'
import { allAnswered, answered, itemException } from '../java/client-failure.ts'
import { illegalArgument, JavaException } from '../java/exception.ts'
import { hashOrder, textOrder } from '../java/hash-order.ts'
import { doubleText } from '../java/number-text.ts'
import type { CommandLine } from '../options/command-line.ts'
import { type Entities, quotaType, singular, validateTopicName } from './config-entities.ts'
import { listGroupsOf } from './group-listings.ts'

export async function describeConfig(line: CommandLine, admin: Admin, { types, names }: Entities): Promise<void> {
  const [type = ''] = types
  if (type === 'ips') await describeQuotas(line, admin, { types, names })
  else if (type === 'users' || type === 'clients') {
    await describeQuotas(line, admin, { types, names })
    if (!types.includes('clients') && !names.includes('')) await describeScram(line, admin, names)
  } else await describeResources(line, admin, type, names[0])
}

async function describeResources(line: CommandLine, admin: Admin, type: string, name: string | undefined): Promise<void> {
  const all = line.has('all')
  if (!all && name !== undefined && !(await exists(admin, type, name))) {
    line.io.out(`The ${singular(type)} '${name}' doesn't exist and doesn't have dynamic config.\n`)
    return
  }
  for (const entity of name === undefined ? await entitiesWithConfigs(admin, type) : [name]) {
    line.io.out(
      entity === ''
        ? `Default configs for ${type} in the cluster are:\n`
        : `${all ? 'All' : 'Dynamic'} configs for ${singular(type)} ${entity} are:\n`,
    )
    for (const entry of await resourceConfig(admin, type, entity, all, true)) {
      const synonyms = entry.synonyms.map((each) => `${each.source}:${each.name}=${each.value}`).join(', ')
      line.io.out(`  ${entry.name}=${entry.value} sensitive=${entry.sensitive} synonyms={${synonyms}}\n`)
    }
  }
}

function validTopic(name: string): void {
  const fault = validateTopicName(name)
  if (fault !== undefined) throw new JavaException('org.apache.kafka.common.errors.InvalidTopicException', fault)
}

const topicNames = async (admin: Admin): Promise<string[]> =>
  (await answered('listTopics', admin.listTopics({ includeInternal: true }))).map(({ name }) => name)
const brokerIds = async (admin: Admin): Promise<string[]> =>
  (await answered('listNodes', admin.describeCluster())).nodes.map(({ id }) => String(id))
const groupIds = async (admin: Admin): Promise<string[]> => (await listGroupsOf(admin, {})).map(({ groupId }) => groupId)

/** Names of resources that have configs of their own; undefined where the cluster does not tell. */
async function withConfigs(admin: Admin, type: 'clientMetrics' | 'group'): Promise<string[] | undefined> {
  try {
    return (await answered('listConfigResources', admin.listConfigResources([type]))).map(({ name }) => name)
  } catch (error) {
    const cause = error instanceof JavaException ? error.causedBy : undefined
    const isOld = cause?.is('UnsupportedVersionException') || cause?.is('ClusterAuthorizationException')
    if (type === 'group' && isOld) return undefined
    throw error
  }
}

async function exists(admin: Admin, type: string, name: string): Promise<boolean> {
  switch (type) {
    case 'topics':
      validTopic(name)
      return (await topicNames(admin)).includes(name)
    case 'brokers':
    case 'broker-loggers':
      return name === '' || (await brokerIds(admin)).includes(name)
    case 'client-metrics':
      return (await withConfigs(admin, 'clientMetrics'))?.includes(name) === true
    default:
      return (await groupIds(admin)).includes(name) || (await withConfigs(admin, 'group'))?.includes(name) !== false
  }
}

async function entitiesWithConfigs(admin: Admin, type: string): Promise<string[]> {
  if (type === 'topics') return textOrder(await topicNames(admin))
  if (type === 'brokers' || type === 'broker-loggers') return [...(await brokerIds(admin)), '']
  if (type === 'client-metrics') return (await withConfigs(admin, 'clientMetrics')) ?? []
  return [...new Set([...(await groupIds(admin)), ...((await withConfigs(admin, 'group')) ?? [])])]
}

/** @throws JavaException */
export function resourceOf(type: string, name: string): ConfigQuery {
  if (type === 'topics') {
    if (name !== '') validTopic(name)
    return { type: 'topic', name }
  }
  if ((type === 'brokers' || type === 'broker-loggers') && name !== '' && !/^[+-]?\d+$/.test(name))
    throw illegalArgument(`The entity name for ${type} must be a valid integer broker id, found: ${name}`)
  if (type === 'brokers') return { type: 'broker', name }
  if (type === 'broker-loggers') return { type: 'brokerLogger', name }
  if (type === 'client-metrics') return { type: 'clientMetrics', name }
  if (type === 'groups') return { type: 'group', name }
  throw illegalArgument(`Invalid entity type: ${type}`)
}

const dynamicSources: Readonly<Record<string, string>> = {
  topics: 'DYNAMIC_TOPIC_CONFIG',
  brokers: 'DYNAMIC_BROKER_CONFIG',
  'client-metrics': 'DYNAMIC_CLIENT_METRICS_CONFIG',
  groups: 'DYNAMIC_GROUP_CONFIG',
}

/** Sorted by name; without `all` what was set for this very entity. */
export async function resourceConfig(
  admin: Admin,
  type: string,
  name: string,
  all: boolean,
  includeSynonyms: boolean,
): Promise<ConfigEntry[]> {
  const [entries = []] = await allAnswered('describeConfigs', admin.describeConfigs([resourceOf(type, name)], { includeSynonyms }))
  const source = type === 'brokers' && name === '' ? 'DYNAMIC_DEFAULT_BROKER_CONFIG' : dynamicSources[type]
  return entries
    .filter((entry) => all || source === undefined || entry.source === source)
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

/** @throws JavaException */
export async function clientQuotas(admin: Admin, { types, names }: Entities): Promise<Quota[]> {
  if (names.length > types.length) throw illegalArgument('More entity names specified than entity types')
  const filters = types.map((type, index): QuotaFilter => {
    const name = names[index]
    return { entityType: quotaType(type), match: name === undefined ? 'any' : name === '' ? 'default' : { name } }
  })
  const quotas = await answered('describeClientQuotas', admin.describeClientQuotas(filters, { strict: true }))
  return hashOrder(quotas, quotaHash, quotas.length)
}

/** ClientQuotaEntity.hashCode(): that of a list of one map. */
function quotaHash({ entity }: Quota): number {
  let hash = 0
  for (const [type, name] of Object.entries(entity)) hash += javaStringHash(type) ^ (name === null ? 0 : javaStringHash(name))
  return (31 + hash) | 0
}

const entityWords = [
  ['user', 'user-principal'],
  ['client-id', 'client-id'],
  ['ip', 'ip'],
] as const

async function describeQuotas(line: CommandLine, admin: Admin, entities: Entities): Promise<void> {
  for (const { entity, values } of await clientQuotas(admin, entities)) {
    const who = entityWords
      .filter(([type]) => type in entity)
      .map(([type, word]) => (entity[type] === null ? `the default ${word}` : `${word} '${entity[type]}'`))
    const what = textOrder(Object.keys(values), Object.keys(values).length).map((key) => `${key}=${doubleText(values[key]!)}`)
    line.io.out(`Quota configs for ${who.join(', ')} are ${what.join(', ')}\n`)
  }
}

async function describeScram(line: CommandLine, admin: Admin, names: readonly string[]): Promise<void> {
  const results = await answered('describeUserScramCredentials', admin.describeScramUsers(names.length === 0 ? null : names))
  for (const { item: user, error, value } of results) {
    // Users without credentials are not among those that the answer is about.
    if (error?.name === 'RESOURCE_NOT_FOUND') continue
    if (error !== null) {
      const exception = itemException(error)
      line.io.out(`Error retrieving SCRAM credential configs for user-principal '${user}': ExecutionException: ${exception}\n`)
      continue
    }
    const credentials = value.credentials.map(({ mechanism, iterations }) => `${mechanism}=iterations=${iterations}`)
    line.io.out(`SCRAM credential configs for user-principal '${user}' are ${credentials.join(', ')}\n`)
  }
}
