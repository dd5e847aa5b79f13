import type { AclBinding, AclOperation, AclPatternType, AclResourceType } from '../client/index.ts'

/** Every resource of a kind, every host. */
const ANY_NAME = '*'
/** Whatever their type: there is no other wildcard of principals (StandardAuthorizerData.matchingPrincipals). */
const EVERYBODY = 'User:*'

/** Who wants to do what. */
export interface Access {
  readonly principal: string
  /** Empty: from nowhere in particular, so that only rules for any host hold. */
  readonly host: string
  readonly operation: AclOperation
  readonly resourceType: AclResourceType
  readonly name: string
}

export interface AccessVerdict {
  readonly allowed: boolean
  /** Null: no rule says anything, which means no. */
  readonly by: AclBinding | null
}

/** Who may do the one may do the others (StandardAuthorizer). It holds for what is allowed, not for what is denied. */
const implied: Readonly<Partial<Record<AclOperation, readonly AclOperation[]>>> = {
  DESCRIBE: ['READ', 'WRITE', 'DELETE', 'ALTER'],
  DESCRIBE_CONFIGS: ['ALTER_CONFIGS'],
}

/**
 * What StandardAuthorizer makes of rules: one that denies wins over all that allow, and without one that allows the answer is no. Of super.users, and of
 * allow.everyone.if.no.acl.found, which holds where no rule is about the resource, brokers do not tell.
 */
export function judgeAccess(rules: readonly AclBinding[], access: Access): AccessVerdict {
  const concerned = rules.filter((rule) => isAbout(rule, access))
  const isOf = (rule: AclBinding): boolean => rule.operation === access.operation || rule.operation === 'ALL'
  const denial = concerned.find((rule) => rule.permission === 'DENY' && isOf(rule))
  if (denial !== undefined) return { allowed: false, by: denial }
  const allowance = concerned.find(
    (rule) => rule.permission === 'ALLOW' && (isOf(rule) || implied[access.operation]?.includes(rule.operation) === true),
  )
  return { allowed: allowance !== undefined, by: allowance ?? null }
}

const isAbout = (rule: AclBinding, { principal, host, resourceType, name }: Access): boolean =>
  rule.resourceType === resourceType &&
  (rule.principal === principal || rule.principal === EVERYBODY) &&
  (rule.host === ANY_NAME || rule.host === host) &&
  isMatch(rule, name)

const isMatch = (rule: Pick<AclBinding, 'patternType' | 'name'>, name: string): boolean =>
  rule.patternType === 'PREFIXED' ? name.startsWith(rule.name) : rule.name === ANY_NAME || rule.name === name

/** Rules that differ in their operation alone, as one. */
export interface AccessGrant {
  readonly principal: string
  readonly permission: AclBinding['permission']
  readonly operations: readonly AclOperation[]
  readonly resourceType: AclResourceType
  readonly name: string
  readonly patternType: AclPatternType
  readonly host: string
  /** Of one that denies: how many that allow are concerned, and count for nothing where both hold. */
  readonly overrules: number
}

export function accessGrants(rules: readonly AclBinding[], by: 'principal' | 'resource'): AccessGrant[] {
  const alike = Map.groupBy(rules, ({ operation: _, ...rest }) => JSON.stringify(Object.entries(rest).sort()))
  const grants = [...alike.values()].map((list): AccessGrant => {
    const { operation: _, ...rest } = list[0]!
    return { ...rest, operations: list.map(({ operation }) => operation).sort(), overrules: 0 }
  })
  const allowing = grants.filter(({ permission }) => permission === 'ALLOW')
  const keyOf = (each: AccessGrant): string[] => {
    const resource = [each.resourceType, each.name, each.patternType]
    const who = [each.principal]
    return [...(by === 'principal' ? [...who, ...resource] : [...resource, ...who]), each.permission, each.host]
  }
  return grants
    .map((each) => (each.permission === 'DENY' ? { ...each, overrules: allowing.filter((other) => meet(each, other)).length } : each))
    .sort((a, b) => (String(keyOf(a)) < String(keyOf(b)) ? -1 : 1))
}

/** There is an access that both are about. */
function meet(a: AccessGrant, b: AccessGrant): boolean {
  const overlap = (one: string, other: string, any: string): boolean => one === other || one === any || other === any
  if (a.resourceType !== b.resourceType || !overlap(a.host, b.host, ANY_NAME)) return false
  if (!overlap(a.principal, b.principal, EVERYBODY)) return false
  if (!a.operations.some((each) => b.operations.some((other) => overlap(each, other, 'ALL')))) return false
  if (a.patternType !== 'PREFIXED') return a.name === ANY_NAME || b.name === ANY_NAME || isMatch(b, a.name)
  return b.name === ANY_NAME || isMatch(a, b.name) || (b.patternType === 'PREFIXED' && a.name.startsWith(b.name))
}
