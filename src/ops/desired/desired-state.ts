import type { AclBinding, Quota, QuotaEntity } from '../../client/index.ts'

/** What files may speak of. What they do not speak of is left alone. */
export const desiredKinds = ['topics', 'configs', 'acls', 'quotas'] as const
export type DesiredKind = (typeof desiredKinds)[number]

export type Settings = Readonly<Record<string, string>>

export interface TopicState {
  readonly name: string
  /** Null: not said. */
  readonly partitions: number | null
  readonly replicationFactor: number | null
  /** Those of its own. */
  readonly configs: Settings
}

export const resourceKinds = ['brokers', 'groups', 'client-metrics'] as const
export type ResourceKind = (typeof resourceKinds)[number]

/** Settings of what is no topic. */
export interface ResourceState {
  readonly type: ResourceKind
  /** Empty: the default of all brokers. */
  readonly name: string
  readonly configs: Settings
}

export interface ClusterState {
  readonly topics: readonly TopicState[]
  readonly configs: readonly ResourceState[]
  readonly acls: readonly AclBinding[]
  readonly quotas: readonly Quota[]
}

/** What files say that a cluster shall be. */
export interface DesiredState extends ClusterState {
  /** What they speak of at all: a list that is there and empty counts. */
  readonly kinds: ReadonlySet<DesiredKind>
  /** `FILE:LINE` by `placeKey`. */
  readonly places: ReadonlyMap<string, string>
}

export const placeKey = (type: 'topics' | ResourceKind, name: string): string => `${type} ${name}`

/** By code units: the same everywhere. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export const sortedSettings = (settings: Settings): Settings =>
  Object.fromEntries(Object.entries(settings).sort(([a], [b]) => byText(a, b)))

/** One text for each rule, whatever the order of its fields. */
export const ruleKey = ({ principal, permission, operation, resourceType, patternType, name, host }: AclBinding): string =>
  JSON.stringify([principal, resourceType, name, patternType, permission, operation, host])

export const quotaEntityKey = (entity: QuotaEntity): string => JSON.stringify(Object.entries(entity).sort(([a], [b]) => byText(a, b)))

/** Brokers tell a value as they read it: with numbers in their shortest form, lists without blanks. */
export function isSameValue(one: string, other: string): boolean {
  return one === other || plainValue(one) === plainValue(other)
}

function plainValue(text: string): string {
  const parts = text.split(',').map((part) => part.trim())
  return parts.map((part) => (/^[+-]?\d+$/.test(part) ? String(BigInt(part)) : plainWord(part))).join(',')
}

function plainWord(text: string): string {
  if (/^(true|false)$/i.test(text)) return text.toLowerCase()
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? String(Number(text)) : text
}

/** They come and go with moves of replicas, and say nothing of what a cluster shall be. */
export const isPassing = (key: string): boolean =>
  /^(leader|follower)\.replication\.throttled\.(rate|replicas)$/.test(key) || key === 'replica.alter.log.dirs.io.max.bytes.per.second'

/** Controllers set it themselves as soon as leaders are elected among eligible replicas (KIP-966), and do not let it go. */
export const isKept = (type: 'topics' | ResourceKind, key: string): boolean => type === 'brokers' && key === 'min.insync.replicas'

/** A file is no place for it, and brokers do not tell it: it can be neither compared nor kept. */
export const isSecret = (key: string): boolean => /(password|jaas\.config|keystore\.key|secret|credentials?)$/i.test(key)
