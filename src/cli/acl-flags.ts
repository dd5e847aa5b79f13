import type { AclBinding, AclFilter, AclOperation, AclPatternType, AclResourceType } from '../client/index.ts'
import { CLUSTER_NAME, operationsOf } from '../ops/index.ts'
import { usageFault } from './fault.ts'
import { Flags } from './flags.ts'

const several = { multiple: true, multipleNonGreedy: true } as const

/** kafka-acls' flags for what rules are about. */
export const aclResourceFlags = {
  topic: Flags.string({ ...several, summary: 'a topic; * is all', helpValue: 'NAME' }),
  group: Flags.string({ ...several, summary: 'a group', helpValue: 'NAME' }),
  cluster: Flags.boolean({ summary: 'the cluster as a whole' }),
  'transactional-id': Flags.string({ ...several, summary: 'a transactional id', helpValue: 'NAME' }),
  'delegation-token': Flags.string({ ...several, summary: 'a delegation token', helpValue: 'ID' }),
  'user-principal': Flags.string({ ...several, summary: 'a user, as the owner of tokens', helpValue: 'PRINCIPAL' }),
}

/** And for whom they concern. */
export const aclRuleFlags = {
  'allow-principal': Flags.string({ ...several, summary: 'who may; a name without a type is a User', helpValue: 'PRINCIPAL' }),
  'deny-principal': Flags.string({ ...several, summary: 'who may not', helpValue: 'PRINCIPAL' }),
  'allow-host': Flags.string({ ...several, summary: 'from where who may; default: anywhere', helpValue: 'IP' }),
  'deny-host': Flags.string({ ...several, summary: 'from where who may not; default: anywhere', helpValue: 'IP' }),
  operation: Flags.string({ ...several, summary: 'what; default: All', helpValue: 'OPERATION' }),
  producer: Flags.boolean({ summary: 'what a producer needs: topics to write, and transactional ids' }),
  consumer: Flags.boolean({ summary: 'what a consumer needs: topics to read, and groups' }),
  idempotent: Flags.boolean({ summary: 'with --producer, of clusters before 3.0: IdempotentWrite' }),
}

export interface AclResourceValues {
  readonly topic?: string[] | undefined
  readonly group?: string[] | undefined
  readonly cluster: boolean
  readonly 'transactional-id'?: string[] | undefined
  readonly 'delegation-token'?: string[] | undefined
  readonly 'user-principal'?: string[] | undefined
}

export interface AclRuleValues {
  readonly 'allow-principal'?: string[] | undefined
  readonly 'deny-principal'?: string[] | undefined
  readonly 'allow-host'?: string[] | undefined
  readonly 'deny-host'?: string[] | undefined
  readonly operation?: string[] | undefined
  readonly producer: boolean
  readonly consumer: boolean
  readonly idempotent: boolean
}

export interface AclResource {
  readonly resourceType: keyof typeof operationsOf
  readonly name: string
}

export function aclResources(flags: AclResourceValues): AclResource[] {
  const of = (resourceType: AclResource['resourceType'], names: readonly string[] | undefined): AclResource[] =>
    (names ?? []).map((name) => ({ resourceType, name: name.trim() }))
  return [
    ...of('TOPIC', flags.topic),
    ...of('GROUP', flags.group),
    ...of('CLUSTER', flags.cluster ? [CLUSTER_NAME] : []),
    ...of('TRANSACTIONAL_ID', flags['transactional-id']),
    ...of('DELEGATION_TOKEN', flags['delegation-token']),
    ...of('USER', flags['user-principal']),
  ]
}

/** `topic:orders`, `cluster`, with the words of rules. @throws Fault (usage) */
export function parseAclResource(text: string): AclResource {
  const at = text.indexOf(':')
  const word = (at < 0 ? text : text.slice(0, at)).toUpperCase().replace(/-/g, '_')
  const types = Object.keys(operationsOf) as AclResource['resourceType'][]
  const resourceType = types.find((each) => each === word)
  if (resourceType === 'CLUSTER') return { resourceType, name: CLUSTER_NAME }
  if (resourceType === undefined || at < 0 || at === text.length - 1)
    throw usageFault(`${text} is no resource`, `Write topic:NAME; kinds: ${types.map(wordOf).join(', ')}.`)
  return { resourceType, name: text.slice(at + 1) }
}

/** `read`, `DescribeConfigs`, `DESCRIBE_CONFIGS`. @throws Fault (usage) */
export function parseAclOperation(text: string, resourceType?: AclResource['resourceType']): AclOperation {
  const plain = (word: string): string => word.replace(/[_-]/g, '').toUpperCase()
  const known: AclOperation[] =
    resourceType === undefined ? [...new Set(Object.values(operationsOf).flat())] : [...operationsOf[resourceType]]
  const operation = [...known, 'ALL' as const].find((each) => plain(each) === plain(text.trim()))
  if (operation !== undefined) return operation
  const whose = resourceType === undefined ? '' : ` of a ${wordOf(resourceType)}`
  throw usageFault(`${text} is no operation${whose}`, `One of all, ${known.map(wordOf).join(', ')}.`)
}

/** @throws Fault (usage) */
export function parsePatternType(text: string, forms: readonly AclPatternType[]): AclPatternType {
  const found = forms.find((each) => each === text.toUpperCase())
  if (found === undefined) throw usageFault(`--resource-pattern-type ${text}`, `One of ${forms.map(wordOf).join(', ')}.`)
  return found
}

/** `guest` is `User:guest`. */
export const principalOf = (text: string): string => (text.includes(':') ? text.trim() : `User:${text.trim()}`)

/** For people: `transactional-id`, `describe-configs`. */
export const wordOf = (name: string): string => name.toLowerCase().replace(/_/g, '-')

/**
 * The rules that flags ask for: every principal with every resource, operation and host. `--producer` and `--consumer` mean the operations that those need.
 * @throws Fault (usage)
 */
export function aclBindings(flags: AclResourceValues & AclRuleValues, patternType: AclPatternType): AclBinding[] {
  const resources = wantedOperations(flags)
  const rules: AclBinding[] = []
  for (const permission of ['ALLOW', 'DENY'] as const) {
    const [principals, hosts] =
      permission === 'ALLOW' ? [flags['allow-principal'], flags['allow-host']] : [flags['deny-principal'], flags['deny-host']]
    if (principals === undefined && hosts !== undefined)
      throw usageFault(`--${permission.toLowerCase()}-host whom?`, `Say --${permission.toLowerCase()}-principal.`)
    for (const principal of principals ?? [])
      for (const host of hosts ?? ['*'])
        for (const { operation, ...resource } of resources)
          rules.push({
            ...resource,
            patternType: resource.resourceType === 'CLUSTER' ? 'LITERAL' : patternType,
            ...{ principal: principalOf(principal), host, operation, permission },
          })
  }
  if (rules.length === 0) throw usageFault('who may, or may not?', 'Say --allow-principal or --deny-principal.')
  return [...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values()]
}

/** @throws Fault (usage) */
function wantedOperations(flags: AclResourceValues & AclRuleValues): (AclResource & { readonly operation: AclOperation })[] {
  const resources = aclResources(flags)
  const isRole = flags.producer || flags.consumer
  if (resources.length === 0) throw usageFault('about what?', 'Say --topic, --group, --cluster, --transactional-id, …')
  if (flags.idempotent && !flags.producer) throw usageFault('--idempotent goes with --producer')
  if (!isRole)
    return resources.flatMap((each) =>
      (flags.operation ?? ['All']).map((text) => ({ ...each, operation: parseAclOperation(text, each.resourceType) })),
    )
  if (flags.operation !== undefined) throw usageFault('--producer and --consumer mean operations of their own', 'Leave out --operation.')
  const names = new Set(resources.map(({ resourceType }) => resourceType))
  if (!names.has('TOPIC')) throw usageFault('which topics?', 'Say --topic.')
  if (flags.consumer && !names.has('GROUP')) throw usageFault('which groups?', 'A consumer needs --group.')
  const needs: readonly (readonly [boolean, AclResourceType, readonly AclOperation[]])[] = [
    [flags.producer, 'TOPIC', ['WRITE', 'DESCRIBE', 'CREATE']],
    [flags.producer, 'TRANSACTIONAL_ID', ['WRITE', 'DESCRIBE']],
    [flags.consumer, 'TOPIC', ['READ', 'DESCRIBE']],
    [flags.consumer, 'GROUP', ['READ']],
  ]
  const found = resources.flatMap((each) =>
    needs.flatMap(([isMeant, type, operations]) =>
      isMeant && type === each.resourceType ? operations.map((operation) => ({ ...each, operation })) : [],
    ),
  )
  const left = resources.find((each) => !found.some(({ resourceType }) => resourceType === each.resourceType))
  if (left !== undefined) throw usageFault(`--${wordOf(left.resourceType)} is nothing that --producer or --consumer needs`)
  const idempotence = { resourceType: 'CLUSTER', name: CLUSTER_NAME, operation: 'IDEMPOTENT_WRITE' } as const
  return flags.idempotent ? [...found, idempotence] : found
}

/** What flags choose among the rules that are there. @throws Fault (usage) */
export function aclFilters(flags: AclResourceValues & Partial<AclRuleValues>, patternType: AclPatternType | undefined): AclFilter[] {
  const resources = aclResources(flags)
  const about: AclFilter[] = (resources.length === 0 ? [{}] : resources).map((each) => ({ ...each, ...(patternType && { patternType }) }))
  const operations = flags.operation?.map((text) => parseAclOperation(text)) ?? [undefined]
  const whom = (
    permission: 'ALLOW' | 'DENY',
    principals: readonly string[] | undefined,
    hosts: readonly string[] | undefined,
  ): AclFilter[] =>
    principals === undefined && hosts === undefined
      ? []
      : (principals ?? [undefined]).flatMap((principal) =>
          (hosts ?? [undefined]).map((host) => ({
            permission,
            ...(principal !== undefined && { principal: principalOf(principal) }),
            ...(host !== undefined && { host }),
          })),
        )
  const rules = [
    ...whom('ALLOW', flags['allow-principal'], flags['allow-host']),
    ...whom('DENY', flags['deny-principal'], flags['deny-host']),
  ]
  return about.flatMap((resource) =>
    (rules.length === 0 ? [{}] : rules).flatMap((rule) =>
      operations.map((operation) => ({ ...resource, ...rule, ...(operation !== undefined && { operation }) })),
    ),
  )
}
