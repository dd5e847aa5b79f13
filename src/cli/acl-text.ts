import type { AclBinding } from '../client/index.ts'
import type { AccessGrant } from '../ops/index.ts'
import { wordOf } from './acl-flags.ts'
import type { Column } from './render/view.ts'

type Resource = Pick<AclBinding, 'resourceType' | 'name' | 'patternType'>

/** `topic orders*  (prefixed)` */
export const resourceText = ({ resourceType, name, patternType }: Resource): string =>
  resourceType === 'CLUSTER' ? 'cluster' : `${wordOf(resourceType)} ${name}${patternType === 'PREFIXED' ? '* (prefixed)' : ''}`

/** `deny User:guest write topic:*` */
export const ruleText = ({ permission, principal, operation, resourceType, name, patternType, host }: AclBinding): string => {
  const resource =
    resourceType === 'CLUSTER' ? 'cluster' : `${wordOf(resourceType)}:${name}${patternType === 'PREFIXED' ? '* (prefixed)' : ''}`
  return `${wordOf(permission)} ${principal} ${wordOf(operation)} ${resource}${host === '*' ? '' : ` from ${host}`}`
}

const mayText = ({ permission, operations }: AccessGrant): string =>
  `${permission === 'DENY' ? 'NOT ' : ''}${operations.map(wordOf).join(', ')}`
const viaText = ({ permission, overrules }: AccessGrant): string =>
  permission === 'DENY' && overrules > 0 ? `deny (wins over ${overrules} allow)` : wordOf(permission)

export const grantColumns = (by: 'principal' | 'resource'): readonly Column<AccessGrant>[] => {
  const principal: Column<AccessGrant> = { name: 'PRINCIPAL', value: (each) => each.principal }
  const may: Column<AccessGrant> = { name: 'MAY', value: mayText, narrow: 'shorten' }
  const on: Column<AccessGrant> = { name: 'ON', value: resourceText }
  const rest: Column<AccessGrant>[] = [
    { name: 'FROM', value: ({ host }) => host, text: ({ host }) => (host === '*' ? 'any host' : host) },
    { name: 'VIA', value: ({ permission }) => wordOf(permission), text: viaText },
  ]
  return by === 'principal' ? [principal, may, on, ...rest] : [on, principal, may, ...rest]
}

/** Each rule for itself, as programs, and other tools, take it. */
export const bindingColumns: readonly Column<AclBinding>[] = [
  { name: 'PRINCIPAL', value: (each) => each.principal },
  { name: 'RESOURCE-TYPE', value: (each) => each.resourceType },
  { name: 'PATTERN-TYPE', value: (each) => each.patternType },
  { name: 'RESOURCE-NAME', value: (each) => each.name },
  { name: 'OPERATION', value: (each) => each.operation },
  { name: 'PERMISSION', value: (each) => each.permission },
  { name: 'HOST', value: (each) => each.host },
]

const flagOf: Readonly<Record<string, string>> = { USER: '--user-principal' }

/** The command line that adds these rules. */
export function addLine({ principal, permission, operations, resourceType, name, patternType, host }: AccessGrant): string {
  const who = wordOf(permission)
  const words = ['tkafka', 'acls', 'add', `--${who}-principal`, quoted(principal)]
  if (host !== '*') words.push(`--${who}-host`, quoted(host))
  for (const operation of operations) words.push('--operation', wordOf(operation))
  words.push(flagOf[resourceType] ?? `--${wordOf(resourceType)}`)
  if (resourceType !== 'CLUSTER') words.push(quoted(name))
  if (patternType === 'PREFIXED') words.push('--resource-pattern-type', 'prefixed')
  return words.join(' ')
}

const quoted = (text: string): string => (/^[\w.:@%+=/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)
