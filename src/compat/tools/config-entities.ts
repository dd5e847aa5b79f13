import type { QuotaEntityType } from '../../client/index.ts'
import { illegalArgument } from '../java/exception.ts'
import type { CommandLine } from '../options/command-line.ts'

export const entityTypes: readonly string[] = ['topics', 'clients', 'users', 'brokers', 'ips', 'client-metrics', 'groups', 'broker-loggers']

/** The options that name an entity by its kind, and those that mean its default. */
export const entityFlags: readonly (readonly [flag: string, type: string, isDefault: boolean])[] = [
  ['topic', 'topics', false],
  ['client', 'clients', false],
  ['user', 'users', false],
  ['broker', 'brokers', false],
  ['broker-logger', 'broker-loggers', false],
  ['ip', 'ips', false],
  ['client-metrics', 'client-metrics', false],
  ['group', 'groups', false],
  ['client-defaults', 'clients', true],
  ['user-defaults', 'users', true],
  ['broker-defaults', 'brokers', true],
  ['ip-defaults', 'ips', true],
]

export interface Entities {
  readonly types: readonly string[]
  /** Empty: the default. */
  readonly names: readonly string[]
}

export function entitiesOf(line: CommandLine): Entities {
  const given = entityFlags.filter(([flag]) => line.has(flag))
  const unused = [...line.all('entity-name')]
  const inOrder = line.order
    .filter((name) => name === 'entity-name' || name === 'entity-default')
    .map((name) => (name === 'entity-name' ? unused.shift()! : ''))
  return {
    types: [...line.all('entity-type'), ...given.map(([, type]) => type)],
    names: [...inOrder, ...given.map(([flag, , isDefault]) => (isDefault ? '' : line.required(flag)))],
  }
}

/** `topics` → `topic`. */
export const singular = (type: string): string => type.slice(0, -1)

const quotaTypes: Readonly<Record<string, QuotaEntityType>> = { users: 'user', clients: 'client-id', ips: 'ip' }

/** @throws JavaException */
export function quotaType(type: string): QuotaEntityType {
  const found = quotaTypes[type]
  if (found === undefined) throw illegalArgument(`Unexpected entity type ${type}`)
  return found
}

const topicName = /^[a-zA-Z0-9._-]+$/

/** What Topic.validate says of a name that is none. @throws JavaException */
export function validateTopicName(name: string): string | undefined {
  if (name === '') return 'Topic name is invalid: the empty string is not allowed'
  if (name === '.' || name === '..') return `Topic name is invalid: '.' or '..' is not allowed`
  if (name.length > 249) return `Topic name is invalid: the length of '${name}' is longer than the max allowed length 249`
  if (!topicName.test(name))
    return `Topic name is invalid: '${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`
  return undefined
}
