import type { AclBinding, Quota, QuotaEntity } from '../../client/index.ts'
import {
  byText,
  type ClusterState,
  type DesiredKind,
  type DesiredState,
  isKept,
  isSameValue,
  quotaEntityKey,
  type ResourceKind,
  ruleKey,
  type Settings,
  type TopicState,
} from './desired-state.ts'
import type { ObservedState, Scope } from './observed-state.ts'

/** One step from what a cluster is to what it shall be. */
export type Change =
  | { readonly what: 'create-topic'; readonly topic: TopicState }
  | { readonly what: 'replication'; readonly topic: string; readonly from: number; readonly to: number }
  | { readonly what: 'partitions'; readonly topic: string; readonly from: number; readonly to: number }
  | {
      readonly what: 'setting'
      readonly type: 'topics' | ResourceKind
      /** Empty: the default of all brokers. */
      readonly name: string
      readonly key: string
      /** Null: not set. */
      readonly from: string | null
      readonly to: string | null
    }
  | { readonly what: 'add-rule'; readonly rule: AclBinding }
  | {
      readonly what: 'quota'
      readonly entity: QuotaEntity
      readonly quota: string
      readonly from: number | null
      readonly to: number | null
    }
  | { readonly what: 'remove-rule'; readonly rule: AclBinding }
  | { readonly what: 'delete-topic'; readonly topic: string; readonly id: string | null; readonly partitions: number }

/** What may go because no file names it. */
export interface Pruning {
  /** Settings of topics and the like that files name. */
  readonly configs: boolean
  readonly kinds: ReadonlySet<Exclude<DesiredKind, 'configs'>>
  /** Of topics, of what rules are about, of users and clients. */
  readonly prefix: string
}

export const keepAll: Pruning = { configs: false, kinds: new Set(), prefix: '' }

/** What has to be looked at to compare. */
export function scopeOf(desired: DesiredState, pruning: Pruning): Scope {
  const named = new Set(desired.topics.map(({ name }) => name))
  const mayGo = (name: string): boolean => pruning.kinds.has('topics') && name.startsWith(pruning.prefix)
  return {
    topics: (name) => desired.kinds.has('topics') && (named.has(name) || mayGo(name)),
    resources: desired.configs,
    acls: desired.kinds.has('acls'),
    quotas: desired.kinds.has('quotas'),
  }
}

/** In the order in which they are made: nobody loses anything before what replaces it is there. */
export function changesBetween(desired: DesiredState, observed: ObservedState, pruning: Pruning): Change[] {
  const topics = new Map(observed.topics.map((topic) => [topic.name, topic]))
  const known = sorted(desired.topics).flatMap((topic) => {
    const now = topics.get(topic.name)
    return now === undefined ? [] : [{ topic, now }]
  })
  const resources = new Map(observed.configs.map((each) => [`${each.type} ${each.name}`, each.configs]))
  return [
    ...sorted(desired.topics)
      .filter(({ name }) => !topics.has(name))
      .map((topic): Change => ({ what: 'create-topic', topic })),
    ...known.flatMap(({ topic, now }) => settingChanges('topics', topic.name, topic.configs, now.configs, pruning)),
    ...known.flatMap(({ topic: { name, replicationFactor: to }, now: { replicationFactor: from } }): Change[] =>
      to === null || to === from ? [] : [{ what: 'replication', topic: name, from, to }],
    ),
    ...known.flatMap(({ topic: { name, partitions: to }, now: { partitions: from } }): Change[] =>
      to === null || to === from ? [] : [{ what: 'partitions', topic: name, from, to }],
    ),
    ...[...desired.configs]
      .sort((a, b) => byText(a.type, b.type) || byText(a.name, b.name))
      .flatMap(({ type, name, configs }) => settingChanges(type, name, configs, resources.get(`${type} ${name}`) ?? {}, pruning)),
    ...rulesWithout(desired.acls, observed.acls).map((rule): Change => ({ what: 'add-rule', rule })),
    ...quotaChanges(desired, observed, pruning),
    ...(pruning.kinds.has('acls') && desired.kinds.has('acls')
      ? rulesWithout(observed.acls, desired.acls)
          .filter(({ resourceType, name }) => pruning.prefix === '' || (resourceType !== 'CLUSTER' && name.startsWith(pruning.prefix)))
          .map((rule): Change => ({ what: 'remove-rule', rule }))
      : []),
    ...deletions(desired, observed, pruning),
  ]
}

const sorted = <T extends { readonly name: string }>(items: readonly T[]): T[] => [...items].sort((a, b) => byText(a.name, b.name))

function settingChanges(type: 'topics' | ResourceKind, name: string, wanted: Settings, own: Settings, pruning: Pruning): Change[] {
  const keys = new Set([...Object.keys(wanted), ...(pruning.configs ? Object.keys(own).filter((key) => !isKept(type, key)) : [])])
  return [...keys].sort(byText).flatMap((key): Change[] => {
    const from = own[key] ?? null
    const to = wanted[key] ?? null
    const isSame = from === to || (from !== null && to !== null && isSameValue(from, to))
    return isSame ? [] : [{ what: 'setting', type, name, key, from, to }]
  })
}

function rulesWithout(rules: readonly AclBinding[], others: readonly AclBinding[]): AclBinding[] {
  const known = new Set(others.map(ruleKey))
  return rules.filter((rule) => !known.has(ruleKey(rule))).sort((a, b) => byText(ruleKey(a), ruleKey(b)))
}

function quotaChanges(desired: DesiredState, { quotas }: ClusterState, { kinds, prefix }: Pruning): Change[] {
  const mayGo = (entity: QuotaEntity): boolean =>
    desired.kinds.has('quotas') && kinds.has('quotas') && Object.values(entity).every((name) => prefix === '' || name?.startsWith(prefix))
  const now = new Map(quotas.map((quota) => [quotaEntityKey(quota.entity), quota]))
  const wanted = new Map(desired.quotas.map((quota) => [quotaEntityKey(quota.entity), quota]))
  const keys = [...new Set([...wanted.keys(), ...now.keys()])].sort(byText)
  return keys.flatMap((key) => {
    const { entity } = (wanted.get(key) ?? now.get(key)) as Quota
    const [before, after] = [now.get(key)?.values ?? {}, wanted.get(key)?.values ?? {}]
    const names = Object.keys({ ...after, ...(mayGo(entity) ? before : {}) }).sort(byText)
    return names.flatMap((quota): Change[] => {
      const [from, to] = [before[quota] ?? null, after[quota] ?? null]
      return from === to ? [] : [{ what: 'quota', entity, quota, from, to }]
    })
  })
}

/** Topics in which registries, stores of old records and Connect keep their state: a prefix has to say that they are meant. */
const isOfOthers = (name: string, prefix: string): boolean =>
  ['_', 'connect-'].some((each) => name.startsWith(each) && !prefix.startsWith(each))

function deletions(desired: DesiredState, observed: ObservedState, { kinds, prefix }: Pruning): Change[] {
  if (!kinds.has('topics') || !desired.kinds.has('topics')) return []
  const named = new Set(desired.topics.map(({ name }) => name))
  return sorted(observed.topics)
    .filter(({ name, internal }) => !internal && !named.has(name) && name.startsWith(prefix) && !isOfOthers(name, prefix))
    .map(({ name, id, partitions }): Change => ({ what: 'delete-topic', topic: name, id, partitions }))
}

/** What cannot come about whatever the cluster says; undefined: nothing stands in the way. */
export function obstacleTo(change: Change): string | undefined {
  if (change.what !== 'partitions' || change.to > change.from) return undefined
  return `topic ${change.topic} has ${change.from} partitions, and they never become fewer: ${change.to} is asked for`
}

/** Something is lost that no file brings back. */
export const isDestructive = (change: Change): boolean =>
  change.what === 'delete-topic' || change.what === 'remove-rule' || (change.what === 'replication' && change.to < change.from)

/** The cluster tells that it is so. Of replicas it tells at once how many there will be. */
export function isMade(change: Change, observed: ObservedState): boolean {
  const topic = (name: string) => observed.topics.find((each) => each.name === name)
  switch (change.what) {
    case 'create-topic':
      return topic(change.topic.name) !== undefined
    case 'delete-topic': {
      const now = topic(change.topic)
      return now === undefined || (change.id !== null && now.id !== change.id)
    }
    case 'replication':
      return topic(change.topic)?.replicationFactor === change.to
    case 'partitions':
      return topic(change.topic)?.partitions === change.to
    case 'setting': {
      const { type, name, key, to } = change
      const configs =
        type === 'topics' ? topic(name)?.configs : observed.configs.find((each) => each.type === type && each.name === name)?.configs
      const now = configs?.[key] ?? null
      return now === to || (now !== null && to !== null && isSameValue(now, to))
    }
    case 'add-rule':
    case 'remove-rule':
      return observed.acls.some((rule) => ruleKey(rule) === ruleKey(change.rule)) === (change.what === 'add-rule')
    case 'quota': {
      const quota = observed.quotas.find(({ entity }) => quotaEntityKey(entity) === quotaEntityKey(change.entity))
      return (quota?.values[change.quota] ?? null) === change.to
    }
  }
}

/** What has to be looked at to tell whether changes were made. */
export function scopeOfChanges(changes: readonly Change[]): Scope {
  const topics = new Set(
    changes.flatMap((each) => ('topic' in each ? [typeof each.topic === 'string' ? each.topic : each.topic.name] : [])),
  )
  const settings = changes.filter((each) => each.what === 'setting')
  for (const { type, name } of settings) if (type === 'topics') topics.add(name)
  return {
    topics: (name) => topics.has(name),
    resources: settings.flatMap(({ type, name }) => (type === 'topics' ? [] : [{ type, name }])),
    acls: changes.some((each) => 'rule' in each),
    quotas: changes.some((each) => each.what === 'quota'),
  }
}
