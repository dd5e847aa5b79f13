import { Apis, Errors } from '../../protocol/index.ts'
import { CreateAclsRequest, CreateAclsResponse } from '../../protocol/messages/create-acls.ts'
import { DeleteAclsRequest, DeleteAclsResponse } from '../../protocol/messages/delete-acls.ts'
import { DescribeAclsRequest, DescribeAclsResponse } from '../../protocol/messages/describe-acls.ts'
import { call } from '../call.ts'
import { type ItemError, type ItemResult, itemError, itemResult, throwIfError } from '../client-error.ts'
import { type AdminContext, type AdminOptions, askAny, toController } from './routes.ts'

const describeAclsCall = call(Apis.DescribeAcls, DescribeAclsRequest, DescribeAclsResponse)
const createAclsCall = call(Apis.CreateAcls, CreateAclsRequest, CreateAclsResponse)
const deleteAclsCall = call(Apis.DeleteAcls, DeleteAclsRequest, DeleteAclsResponse)

// Kafka's enumerations; the place of a name is its code.
// biome-ignore format: a table
const resourceTypes = ['UNKNOWN', 'ANY', 'TOPIC', 'GROUP', 'CLUSTER', 'TRANSACTIONAL_ID', 'DELEGATION_TOKEN', 'USER'] as const
const patternTypes = ['UNKNOWN', 'ANY', 'MATCH', 'LITERAL', 'PREFIXED'] as const
// biome-ignore format: a table
const operations = ['UNKNOWN', 'ANY', 'ALL', 'READ', 'WRITE', 'CREATE', 'DELETE', 'ALTER', 'DESCRIBE', 'CLUSTER_ACTION', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS', 'IDEMPOTENT_WRITE', 'CREATE_TOKENS', 'DESCRIBE_TOKENS', 'TWO_PHASE_COMMIT'] as const
const permissions = ['UNKNOWN', 'ANY', 'DENY', 'ALLOW'] as const

export type AclResourceType = (typeof resourceTypes)[number]
export type AclPatternType = (typeof patternTypes)[number]
export type AclOperation = (typeof operations)[number]
export type AclPermission = (typeof permissions)[number]

/** One rule: a principal may, or may not, do something with what a pattern matches, from a host. */
export interface AclBinding {
  readonly resourceType: AclResourceType
  readonly name: string
  readonly patternType: AclPatternType
  /** `User:NAME`; `User:*` is everybody. */
  readonly principal: string
  /** `*`: any. */
  readonly host: string
  readonly operation: AclOperation
  readonly permission: AclPermission
}

/** What is left out may be anything. */
export interface AclFilter {
  readonly resourceType?: AclResourceType
  readonly name?: string
  /** Default LITERAL with a name, else ANY; MATCH: every pattern that matches the name. */
  readonly patternType?: AclPatternType
  readonly principal?: string
  readonly host?: string
  readonly operation?: AclOperation
  readonly permission?: AclPermission
}

const filterBody = (filter: AclFilter) => ({
  resourceTypeFilter: resourceTypes.indexOf(filter.resourceType ?? 'ANY'),
  resourceNameFilter: filter.name ?? null,
  patternTypeFilter: patternTypes.indexOf(filter.patternType ?? (filter.name === undefined ? 'ANY' : 'LITERAL')),
  principalFilter: filter.principal ?? null,
  hostFilter: filter.host ?? null,
  operation: operations.indexOf(filter.operation ?? 'ANY'),
  permissionType: permissions.indexOf(filter.permission ?? 'ANY'),
})

type Rule = { readonly principal: string; readonly host: string; readonly operation: number; readonly permissionType: number }
type Pattern = { readonly resourceType: number; readonly resourceName: string; readonly patternType: number }

const bindingOf = ({ resourceType, resourceName, patternType }: Pattern, rule: Rule): AclBinding => ({
  resourceType: resourceTypes[resourceType] ?? 'UNKNOWN',
  name: resourceName,
  patternType: patternTypes[patternType] ?? 'UNKNOWN',
  principal: rule.principal,
  host: rule.host,
  operation: operations[rule.operation] ?? 'UNKNOWN',
  permission: permissions[rule.permissionType] ?? 'UNKNOWN',
})

export async function describeAcls(admin: AdminContext, filter: AclFilter = {}, options: AdminOptions = {}): Promise<AclBinding[]> {
  const answer = await askAny(admin, describeAclsCall, filterBody(filter), options, (each) =>
    throwIfError(each.errorCode, each.errorMessage, 'DescribeAcls'),
  )
  return answer.resources.flatMap((resource) => resource.acls.map((rule) => bindingOf(resource, rule)))
}

/** A rule that is there already is no failure. */
export function createAcls(
  admin: AdminContext,
  bindings: readonly AclBinding[],
  options: AdminOptions = {},
): Promise<ItemResult<AclBinding>[]> {
  return toController(admin, 'CreateAcls', bindings, options, async (nodeId, wanted) => {
    const creations = wanted.map((each) => ({
      resourceType: resourceTypes.indexOf(each.resourceType),
      resourceName: each.name,
      resourcePatternType: patternTypes.indexOf(each.patternType),
      principal: each.principal,
      host: each.host,
      operation: operations.indexOf(each.operation),
      permissionType: permissions.indexOf(each.permission),
    }))
    const answer = await admin.cluster.send(nodeId, createAclsCall, { creations })
    // Answers have no names: they come in the order of the questions.
    return wanted.map((item, place) => {
      const entry = answer.results[place]
      return entry === undefined ? unanswered(item) : itemResult(item, entry.errorCode, entry.errorMessage, null)
    })
  })
}

const unanswered = <I>(item: I): ItemResult<I, never> => ({
  item,
  error: itemError(Errors.UNKNOWN_SERVER_ERROR, 'the answer has fewer entries than the request'),
  value: null,
})

/** Removes every rule that a filter matches. The value: what it matched, each with why it is still there. */
export function deleteAcls(
  admin: AdminContext,
  filters: readonly AclFilter[],
  options: AdminOptions = {},
): Promise<ItemResult<AclFilter, { readonly binding: AclBinding; readonly error: ItemError | null }[]>[]> {
  return toController(admin, 'DeleteAcls', filters, options, async (nodeId, wanted) => {
    const answer = await admin.cluster.send(nodeId, deleteAclsCall, { filters: wanted.map(filterBody) })
    return wanted.map((item, place) => {
      const entry = answer.filterResults[place]
      if (entry === undefined) return unanswered(item)
      const matching = entry.matchingAcls.map((each) => ({
        binding: bindingOf(each, each),
        error: each.errorCode === Errors.NONE ? null : itemError(each.errorCode, each.errorMessage),
      }))
      return itemResult(item, entry.errorCode, entry.errorMessage, matching)
    })
  })
}
