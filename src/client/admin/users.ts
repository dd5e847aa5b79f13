import { pbkdf2 } from 'node:crypto'
import { Apis } from '../../protocol/index.ts'
import { AlterClientQuotasRequest, AlterClientQuotasResponse } from '../../protocol/messages/alter-client-quotas.ts'
import {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
} from '../../protocol/messages/alter-user-scram-credentials.ts'
import { DescribeClientQuotasRequest, DescribeClientQuotasResponse } from '../../protocol/messages/describe-client-quotas.ts'
import {
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse,
} from '../../protocol/messages/describe-user-scram-credentials.ts'
import { call } from '../call.ts'
import { type ItemResult, itemResult, throwIfError } from '../client-error.ts'
import { type AdminContext, type AdminOptions, askAny, askController, matchResults, toController } from './routes.ts'

const describeQuotasCall = call(Apis.DescribeClientQuotas, DescribeClientQuotasRequest, DescribeClientQuotasResponse)
const alterQuotasCall = call(Apis.AlterClientQuotas, AlterClientQuotasRequest, AlterClientQuotasResponse)
const describeScramCall = call(Apis.DescribeUserScramCredentials, DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse)
const alterScramCall = call(Apis.AlterUserScramCredentials, AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse)

export type QuotaEntityType = 'user' | 'client-id' | 'ip'
/** Entity types and names of one quota; null: the default of that type. */
export type QuotaEntity = Readonly<Partial<Record<QuotaEntityType, string | null>>>

export interface QuotaFilter {
  readonly entityType: QuotaEntityType
  /** A name, the type's default, or any. */
  readonly match: { readonly name: string } | 'default' | 'any'
}

export interface Quota {
  readonly entity: QuotaEntity
  readonly values: Readonly<Record<string, number>>
}

/** Quotas whose entities match every filter; `strict` leaves out those with further entity types. */
export async function describeClientQuotas(
  admin: AdminContext,
  filters: readonly QuotaFilter[],
  options: AdminOptions & { strict?: boolean } = {},
): Promise<Quota[]> {
  const components = filters.map(({ entityType, match }) => ({
    entityType,
    matchType: typeof match === 'object' ? 0 : match === 'default' ? 1 : 2,
    match: typeof match === 'object' ? match.name : null,
  }))
  const answer = await askAny(admin, describeQuotasCall, { components, strict: options.strict ?? false }, options, (each) =>
    throwIfError(each.errorCode, each.errorMessage, 'DescribeClientQuotas'),
  )
  return (answer.entries ?? []).map((entry) => ({
    entity: entityOf(entry.entity),
    values: Object.fromEntries(entry.values.map((each) => [each.key, each.value])),
  }))
}

export interface QuotaChange {
  readonly entity: QuotaEntity
  /** Null removes the value. */
  readonly values: Readonly<Record<string, number | null>>
}

export function alterClientQuotas(
  admin: AdminContext,
  changes: readonly QuotaChange[],
  options: AdminOptions & { validateOnly?: boolean } = {},
): Promise<ItemResult<QuotaChange>[]> {
  return toController(admin, 'AlterClientQuotas', changes, options, async (nodeId, wanted) => {
    const answer = await admin.cluster.send(nodeId, alterQuotasCall, {
      entries: wanted.map(({ entity, values }) => ({
        entity: Object.entries(entity).map(([entityType, entityName]) => ({ entityType, entityName: entityName ?? null })),
        ops: Object.entries(values).map(([key, value]) => ({ key, value: value ?? 0, remove: value === null })),
      })),
      validateOnly: options.validateOnly ?? false,
    })
    return matchResults(
      wanted,
      (change) => entityKey(change.entity),
      answer.entries,
      (entry) => entityKey(entityOf(entry.entity)),
      (item, entry) => itemResult(item, entry.errorCode, entry.errorMessage, null),
    )
  })
}

function entityOf(parts: readonly { entityType: string; entityName: string | null }[]): QuotaEntity {
  return Object.fromEntries(parts.map((each) => [each.entityType, each.entityName]))
}

function entityKey(entity: QuotaEntity): string {
  return JSON.stringify(Object.entries(entity).sort(([a], [b]) => (a < b ? -1 : 1)))
}

export const ScramMechanism = { 'SCRAM-SHA-256': 1, 'SCRAM-SHA-512': 2 } as const
export type ScramMechanismName = keyof typeof ScramMechanism

export interface ScramUser {
  readonly credentials: readonly { readonly mechanism: ScramMechanismName | 'UNKNOWN'; readonly iterations: number }[]
}

/** SCRAM credentials of the users given, or of all. */
export async function describeScramUsers(
  admin: AdminContext,
  users: readonly string[] | null = null,
  options: AdminOptions = {},
): Promise<ItemResult<string, ScramUser>[]> {
  const body = { users: users?.map((name) => ({ name })) ?? null }
  const answer = await askController(
    admin,
    describeScramCall,
    () => body,
    options,
    (each) => throwIfError(each.errorCode, each.errorMessage, 'DescribeUserScramCredentials'),
  )
  return answer.results.map((entry) =>
    itemResult(entry.user, entry.errorCode, entry.errorMessage, {
      credentials: entry.credentialInfos.map(({ mechanism, iterations }) => ({
        mechanism: mechanism === 1 ? 'SCRAM-SHA-256' : mechanism === 2 ? 'SCRAM-SHA-512' : 'UNKNOWN',
        iterations,
      })),
    }),
  )
}

export type ScramChange =
  | { readonly user: string; readonly mechanism: ScramMechanismName; readonly remove: true }
  | {
      readonly user: string
      readonly mechanism: ScramMechanismName
      readonly password: string
      /** 4096 to 16384; default 4096, as Kafka's tools. */
      readonly iterations?: number
      /** Default: random. */
      readonly salt?: Buffer
    }

const saltBytes = 16

/** The password stays here: what travels is salted and hashed. One result per user. */
export async function alterScramUsers(
  admin: AdminContext,
  changes: readonly ScramChange[],
  options: AdminOptions = {},
): Promise<ItemResult<string>[]> {
  const deletions = changes
    .filter((each) => 'remove' in each)
    .map((each) => ({ name: each.user, mechanism: ScramMechanism[each.mechanism] }))
  const upsertions = await Promise.all(
    changes.flatMap((each) => {
      if ('remove' in each) return []
      const salt = each.salt ?? Buffer.from(admin.cluster.host.random.bytes(saltBytes))
      const iterations = each.iterations ?? 4096
      return [
        saltPassword(each.mechanism, each.password, salt, iterations).then((saltedPassword) => ({
          name: each.user,
          mechanism: ScramMechanism[each.mechanism],
          iterations,
          salt,
          saltedPassword,
        })),
      ]
    }),
  )
  const users = [...new Set(changes.map((each) => each.user))]
  return toController(admin, 'AlterUserScramCredentials', users, options, async (nodeId, wanted) => {
    const of = (each: { name: string }): boolean => wanted.includes(each.name)
    const answer = await admin.cluster.send(nodeId, alterScramCall, { deletions: deletions.filter(of), upsertions: upsertions.filter(of) })
    return matchResults(
      wanted,
      (user) => user,
      answer.results,
      (entry) => entry.user,
      (user, entry) => itemResult(user, entry.errorCode, entry.errorMessage, null),
    )
  })
}

/** Hi() of RFC 5802. */
function saltPassword(mechanism: ScramMechanismName, password: string, salt: Buffer, iterations: number): Promise<Buffer> {
  const [bytes, digest] = mechanism === 'SCRAM-SHA-256' ? [32, 'sha256'] : [64, 'sha512']
  return new Promise((resolve, reject) => {
    pbkdf2(Buffer.from(password, 'utf8'), salt, iterations, bytes as number, digest as string, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}
