import type { AclBinding, AclFilter, AclOperation, AclPatternType, AclPermission, AclResourceType } from '../../client/index.ts'
import { illegalArgument, JavaException } from '../java/exception.ts'
import type { CommandLine } from '../options/command-line.ts'

/** What rules are about. */
export interface AclResource {
  readonly resourceType: AclResourceType
  readonly name: string
  readonly patternType: AclPatternType
}
/** Who may do what with it. */
export interface AclEntry {
  readonly principal: string
  readonly host: string
  readonly operation: AclOperation
  readonly permission: AclPermission
}
export interface ResourceRules {
  readonly resource: AclResource
  readonly entries: readonly AclEntry[]
}

const operations: readonly AclOperation[] = [
  ...(['ANY', 'ALL', 'READ', 'WRITE', 'CREATE', 'DELETE', 'ALTER', 'DESCRIBE', 'CLUSTER_ACTION', 'DESCRIBE_CONFIGS'] as const),
  ...(['ALTER_CONFIGS', 'IDEMPOTENT_WRITE', 'CREATE_TOKENS', 'DESCRIBE_TOKENS', 'TWO_PHASE_COMMIT'] as const),
]

// biome-ignore format: a table
const supported: Partial<Record<AclResourceType, readonly AclOperation[]>> = {
  TOPIC: ['READ', 'WRITE', 'CREATE', 'DELETE', 'ALTER', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  GROUP: ['READ', 'DELETE', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  CLUSTER: ['CREATE', 'ALTER', 'DESCRIBE', 'CLUSTER_ACTION', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS', 'IDEMPOTENT_WRITE'],
  TRANSACTIONAL_ID: ['WRITE', 'DESCRIBE', 'TWO_PHASE_COMMIT'],
  DELEGATION_TOKEN: ['DESCRIBE'],
  USER: ['CREATE_TOKENS', 'DESCRIBE_TOKENS'],
}

const cluster: AclResource = { resourceType: 'CLUSTER', name: 'kafka-cluster', patternType: 'LITERAL' }

export const resourceText = ({ resourceType, name, patternType }: AclResource): string =>
  `ResourcePattern(resourceType=${resourceType}, name=${name}, patternType=${patternType})`

export const entryText = ({ principal, host, operation, permission }: AclEntry): string =>
  `(principal=${principal}, host=${host}, operation=${operation}, permissionType=${permission})`

const unique = (texts: readonly string[]): string[] => [...new Set(texts)]
const trimmed = (line: CommandLine, option: string): string[] => unique(line.all(option).map((each) => each.trim()))

/** By the words of its name, in any case: `DescribeConfigs`. */
const operationOf = (text: string): AclOperation =>
  operations.find((each) => each.replaceAll('_', '') === text.toUpperCase() && !text.includes('_')) ?? 'UNKNOWN'

/** @throws JavaException */
export function principalsOf(line: CommandLine, option: string): string[] {
  return trimmed(line, option).map((text) => {
    const colon = text.indexOf(':')
    if (colon === -1) throw illegalArgument(`expected a string in format principalType:principalName but got ${text}`)
    return text
  })
}

const hostsOf = (line: CommandLine, hosts: string, principals: string): string[] =>
  line.has(hosts) ? trimmed(line, hosts) : line.has(principals) ? ['*'] : []

/** @throws JavaException */
function entriesOf(line: CommandLine, wanted: readonly AclOperation[]): AclEntry[] {
  const allowed = { permission: 'ALLOW', principals: principalsOf(line, 'allow-principal') } as const
  const denied = { permission: 'DENY', principals: principalsOf(line, 'deny-principal') } as const
  const hosts = {
    ALLOW: hostsOf(line, 'allow-host', 'allow-principal'),
    DENY: hostsOf(line, 'deny-host', 'deny-principal'),
  }
  return [allowed, denied].flatMap(({ permission, principals }) =>
    principals.flatMap((principal) =>
      [...new Set(wanted)].flatMap((operation) => hosts[permission].map((host) => ({ principal, host, operation, permission }))),
    ),
  )
}

const patternTypes: readonly AclPatternType[] = ['ANY', 'MATCH', 'LITERAL', 'PREFIXED']

/** @throws JavaException */
export function patternTypeOf(line: CommandLine): AclPatternType {
  const text = line.required('resource-pattern-type')
  const found = patternTypes.find((each) => each === text.toUpperCase())
  if (found !== undefined) return found
  const reason =
    text.toUpperCase() === 'UNKNOWN'
      ? `Unknown resource-pattern-type: ${text}`
      : `Value [${text}] is not one of [${patternTypes.join('|')}]`
  const causedBy = new JavaException('joptsimple.ValueConversionException', reason)
  const message = `Cannot parse argument '${text}' of option resource-pattern-type`
  throw new JavaException('joptsimple.OptionArgumentConversionException', message, { causedBy })
}

/** What options name. `isNeeded`: nothing is too little. */
export function resourcesOf(line: CommandLine, isNeeded: boolean): AclResource[] {
  const patternType = patternTypeOf(line)
  const named = (option: string, resourceType: AclResourceType): AclResource[] =>
    trimmed(line, option).map((name) => ({ resourceType, name, patternType }))
  const isCluster = patternType === 'LITERAL' && line.count('cluster', 'idempotent') > 0
  const found = [
    ...named('topic', 'TOPIC'),
    ...(isCluster ? [cluster] : []),
    ...named('group', 'GROUP'),
    ...named('transactional-id', 'TRANSACTIONAL_ID'),
    ...named('delegation-token', 'DELEGATION_TOKEN'),
    ...named('user-principal', 'USER'),
  ]
  if (found.length === 0 && isNeeded)
    line.usage(
      'You must provide at least one resource: --topic <topic> or --cluster or --group <group> or --delegation-token <Delegation Token ID>',
    )
  return found
}

/** The rules that a command line adds or removes. @throws JavaException and ToolExit */
export function rulesOf(line: CommandLine): ResourceRules[] {
  const rules = new Map<string, { resource: AclResource; entries: AclEntry[] }>()
  const put = (resource: AclResource, entries: readonly AclEntry[]): void => {
    const known = rules.get(resourceText(resource))
    const added =
      known === undefined ? entries : entries.filter((each) => !known.entries.some((other) => entryText(other) === entryText(each)))
    rules.set(resourceText(resource), { resource, entries: [...(known?.entries ?? []), ...added] })
  }
  const convenience = line.count('producer', 'consumer') > 0
  if (!convenience) {
    const entries = entriesOf(
      line,
      line.all('operation').map((each) => operationOf(each.trim())),
    )
    for (const resource of resourcesOf(line, true)) put(resource, entries)
  }
  const ofType = (type: AclResourceType): AclResource[] => resourcesOf(line, true).filter(({ resourceType }) => resourceType === type)
  if (line.has('producer')) {
    for (const topic of ofType('TOPIC')) put(topic, entriesOf(line, ['WRITE', 'DESCRIBE', 'CREATE']))
    for (const id of ofType('TRANSACTIONAL_ID')) put(id, entriesOf(line, ['WRITE', 'DESCRIBE']))
    if (line.has('idempotent')) put(cluster, entriesOf(line, ['IDEMPOTENT_WRITE']))
  }
  if (line.has('consumer')) {
    for (const topic of ofType('TOPIC')) put(topic, entriesOf(line, ['READ', 'DESCRIBE']))
    for (const group of ofType('GROUP')) put(group, entriesOf(line, ['READ']))
  }
  for (const { resource, entries } of rules.values()) {
    const valid = [...(supported[resource.resourceType] ?? []), 'ALL']
    if (entries.some(({ operation }) => !valid.includes(operation)))
      line.usage(`ResourceType ${resource.resourceType} only supports operations [${valid.join(', ')}]`)
  }
  return [...rules.values()]
}

export const bindingText = (binding: AclBinding): string => `(pattern=${resourceText(binding)}, entry=${entryText(binding)})`

export const filterOf = ({ resource, entry }: { resource: AclResource; entry?: AclEntry }): AclFilter => ({ ...resource, ...entry })
