import { Document, type YAMLMap, type YAMLSeq } from 'yaml'
import type { QuotaEntity, QuotaEntityType } from '../../client/index.ts'
import { accessGrants } from '../access.ts'
import {
  byText,
  type ClusterState,
  type DesiredKind,
  desiredKinds,
  quotaEntityKey,
  type Settings,
  sortedSettings,
} from './desired-state.ts'

/** One thing of a cluster as a file has it. */
export interface DesiredEntry {
  readonly kind: DesiredKind
  /** Of a topic its name, of settings `brokers 1`; of rules and quotas whose they are. */
  readonly name: string
  readonly spec: unknown
}

/** A state as files have it, in an order that depends on nothing else. */
export function desiredEntries(state: ClusterState): DesiredEntry[] {
  const topics = [...state.topics].sort((a, b) => byText(a.name, b.name))
  const configs = [...state.configs].sort((a, b) => byText(a.type, b.type) || byNumber(a.name, b.name))
  const quotas = [...state.quotas].sort((a, b) => byText(quotaEntityKey(a.entity), quotaEntityKey(b.entity)))
  return [
    ...topics.map(
      ({ name, partitions, replicationFactor, configs: own }): DesiredEntry => ({
        kind: 'topics',
        name,
        spec: {
          ...(partitions !== null && { partitions }),
          ...(replicationFactor !== null && { replicationFactor }),
          ...(Object.keys(own).length > 0 && { configs: settingsSpec(own) }),
        },
      }),
    ),
    ...configs.map(
      ({ type, name, configs: own }): DesiredEntry => ({
        kind: 'configs',
        name: `${type} ${name === '' ? 'default' : name}`,
        spec: settingsSpec(own),
      }),
    ),
    ...accessGrants(state.acls, 'principal').map(
      ({ principal, permission, operations, resourceType, name, patternType, host }): DesiredEntry => {
        const word = resourceType.toLowerCase().replace(/_/g, '-')
        const spec = {
          principal,
          [permission.toLowerCase()]: operations.map((each) => each.toLowerCase().replace(/_/g, '-')),
          [word]: resourceType === 'CLUSTER' ? true : name,
          ...(patternType === 'PREFIXED' && { pattern: 'prefixed' }),
          ...(host !== '*' && { host }),
        }
        return { kind: 'acls', name: principal, spec }
      },
    ),
    ...quotas.map(
      ({ entity, values }): DesiredEntry => ({
        kind: 'quotas',
        name: entityName(entity),
        spec: { ...entitySpec(entity), values: Object.fromEntries(Object.entries(values).sort(([a], [b]) => byText(a, b))) },
      }),
    ),
  ]
}

/** Ids in the order of their numbers. */
const byNumber = (a: string, b: string): number => Number(a) - Number(b) || byText(a, b)

const settingsSpec = (settings: Settings): Record<string, string | number | boolean> =>
  Object.fromEntries(Object.entries(sortedSettings(settings)).map(([key, value]) => [key, plain(value)]))

/** Texts that are numbers and switches need no quotes, as long as they come back as they are. */
function plain(value: string): string | number | boolean {
  if (value === 'true' || value === 'false') return value === 'true'
  const number = Number(value)
  return /^-?\d+(\.\d+)?$/.test(value) && String(number) === value && Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : value
}

function entitySpec(entity: QuotaEntity): Record<string, unknown> {
  const parts = Object.entries(entity) as [QuotaEntityType, string | null][]
  const defaults = parts.filter(([, name]) => name === null).map(([type]) => type)
  return {
    ...Object.fromEntries(parts.filter(([, name]) => name !== null).sort(([a], [b]) => byText(b, a))),
    ...(defaults.length > 0 && { default: defaults.length === 1 ? defaults[0] : defaults.sort().reverse() }),
  }
}

const entityName = (entity: QuotaEntity): string =>
  Object.entries(entity)
    .map(([type, name]) => `${type}=${name ?? '<default>'}`)
    .join(', ')

/** The end of a document in YAML. */
const END_MARK = '...'

/** Nothing was cut off behind it. */
export const hasEndMark = (text: string): boolean => /(^|\n)\.\.\.\s*$/.test(text)

/** YAML of these kinds; one that has nothing is told to have nothing. What is not all there has no mark at its end. */
export function desiredText(entries: readonly DesiredEntry[], kinds: readonly DesiredKind[], isWhole = true): string {
  const of = (kind: DesiredKind): DesiredEntry[] => entries.filter((each) => each.kind === kind)
  const topics = of('topics').map(({ name, spec }) => [name, spec])
  const types = Map.groupBy(of('configs'), ({ name }) => name.slice(0, name.indexOf(' ')))
  const configs = [...types].map(([type, list]) => [
    type,
    Object.fromEntries(list.map(({ name, spec }) => [`${name.slice(type.length + 1)}`, spec])),
  ])
  const parts: Readonly<Record<DesiredKind, unknown>> = {
    topics: Object.fromEntries(topics),
    configs: Object.fromEntries(configs),
    acls: of('acls').map(({ spec }) => spec),
    quotas: of('quotas').map(({ spec }) => spec),
  }
  // Readers of YAML 1.1 take `on` and `12:30` for something else: such texts get quotes.
  const document = new Document(
    {
      apiVersion: 'tkafka/v1',
      kind: 'Cluster',
      ...Object.fromEntries(desiredKinds.filter((kind) => kinds.includes(kind)).map((kind) => [kind, parts[kind]])),
    },
    { compat: 'yaml-1.1' },
  )
  document.commentBefore = ' What tkafka apply -f makes of a cluster, and tkafka diff -f compares it with.'
  for (const rule of (document.get('acls') as YAMLSeq<YAMLMap> | undefined)?.items ?? [])
    for (const verb of ['allow', 'deny']) {
      const operations = rule.get(verb, true) as unknown as YAMLSeq | undefined
      if (operations !== undefined) operations.flow = true
    }
  return `${document.toString({ lineWidth: 0, flowCollectionPadding: false })}${isWhole ? `${END_MARK}\n` : ''}`
}
