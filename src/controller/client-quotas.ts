import {
  clientQuotaRecord,
  type MetadataImage,
  type MetadataRecord,
  QUOTA_CLIENT_ID,
  QUOTA_IP,
  QUOTA_USER,
  type QuotaEntity,
  quotaEntityKey,
} from '../metadata/index.ts'
import { Errors } from '../protocol/index.ts'
import type { AlterClientQuotasRequest, AlterClientQuotasResponse } from '../protocol/messages/alter-client-quotas.ts'
import type { DescribeClientQuotasRequest, DescribeClientQuotasResponse } from '../protocol/messages/describe-client-quotas.ts'
import type { ControllerState } from './state.ts'
import { type ApiError, apiError, type Decision, errorFields, tooManyRecords } from './types.ts'

type QuotaKind = 'double' | 'int' | 'long'
const userQuotas: ReadonlyMap<string, QuotaKind> = new Map([
  ['producer_byte_rate', 'long'],
  ['consumer_byte_rate', 'long'],
  ['request_percentage', 'double'],
  ['controller_mutation_rate', 'double'],
])
const ipQuotas: ReadonlyMap<string, QuotaKind> = new Map([['connection_creation_rate', 'int']])
const INT_MAX = 2 ** 31 - 1
const LONG_MAX = 2 ** 63

const invalid = (message: string): ApiError => apiError(Errors.INVALID_REQUEST, message)

/** As Kafka prints an entity in its messages. */
const entityText = (entity: QuotaEntity): string =>
  `ClientQuotaEntity(entries={${[...entity].map(([type, name]) => `${type}=${name}`).join(', ')}})`

/** AlterClientQuotas (KIP-546). An entity that the request names twice fails, the others are altered. */
export const alterClientQuotas = (state: ControllerState, request: AlterClientQuotasRequest): Decision<AlterClientQuotasResponse> => {
  const records: MetadataRecord[] = []
  const results = new Map<string, { entity: QuotaEntity; error: ApiError | undefined }>()
  for (const { entity: parts, ops } of request.entries) {
    const entity: QuotaEntity = new Map(parts.map((part) => [part.entityType, part.entityName]))
    const key = quotaEntityKey(entity)
    if (results.has(key)) {
      results.set(key, { entity, error: invalid(`Ignoring duplicate entity ${entityText(entity)}`) })
      continue
    }
    const twice = ops.find((op, index) => ops.findIndex((other) => other.key === op.key) < index)
    const altered =
      twice === undefined
        ? alterEntity(state, entity, new Map(ops.map((op) => [op.key, op.remove ? null : op.value])))
        : invalid(`Ignoring duplicate entity ${entityText(entity)}`)
    if ('code' in altered) results.set(key, { entity, error: altered })
    else {
      records.push(...altered)
      results.set(key, { entity, error: undefined })
    }
  }
  const limit = tooManyRecords(records)
  const entries = [...results.values()].map(({ entity, error }) => ({
    ...errorFields(limit ?? error),
    entity: [...entity].map(([entityType, entityName]) => ({ entityType, entityName })),
  }))
  return { records: request.validateOnly || limit !== undefined ? [] : records, answer: { throttleTimeMs: 0, entries } }
}

const alterEntity = (
  state: ControllerState,
  entity: QuotaEntity,
  quotas: ReadonlyMap<string, number | null>,
): readonly MetadataRecord[] | ApiError => {
  const kinds = quotaKinds(entity)
  if ('code' in kinds) return kinds
  const current = state.image.clientQuotas.of(entity)
  const records: MetadataRecord[] = []
  for (const [key, value] of quotas) {
    const problem = value === null ? undefined : valueProblem(kinds, key, value)
    if (problem !== undefined) return problem
    if ((current.get(key) ?? null) !== value) records.push(clientQuotaRecord(entity, key, value))
  }
  return records
}

const quotaKinds = (entity: QuotaEntity): ReadonlyMap<string, QuotaKind> | ApiError => {
  if (entity.size === 0) return invalid('Invalid empty client quota entity')
  for (const [type, name] of entity) {
    if (type !== QUOTA_USER && type !== QUOTA_CLIENT_ID && type !== QUOTA_IP) return invalid(`Unhandled client quota entity type: ${type}`)
    if (name === '') return invalid(`Empty ${type} not supported`)
  }
  if (!entity.has(QUOTA_IP)) return userQuotas
  if (entity.size > 1) return invalid('Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId')
  const ip = entity.get(QUOTA_IP) ?? null
  return ip === null || isAddress(ip) ? ipQuotas : invalid(`${ip} is not a valid IP or resolvable host.`)
}

/** Whether it may name a host. Whether it resolves is for a resolver to say; a decider has none. */
const isAddress = (text: string): boolean =>
  /^\d{1,3}(\.\d{1,3}){3}$/.test(text)
    ? text.split('.').every((part) => Number(part) <= 255)
    : /^\[?[0-9a-fA-F:]*:[0-9a-fA-F:.]*\]?$/.test(text) || (text.length <= 253 && /^[a-zA-Z0-9]([a-zA-Z0-9_-]{0,62}\.?)*$/.test(text))

const valueProblem = (kinds: ReadonlyMap<string, QuotaKind>, key: string, value: number): ApiError | undefined => {
  const kind = kinds.get(key)
  if (kind === undefined) return invalid(`Invalid configuration key ${key}`)
  if (value <= 0) return invalid(`Quota ${key} must be greater than 0`)
  if (kind === 'double') return undefined
  if (kind === 'int' && value > INT_MAX) return invalid(`Proposed value for ${key} is too large for an INT.`)
  if (kind === 'long' && value > LONG_MAX) return invalid(`Proposed value for ${key} is too large for a LONG.`)
  return Math.abs(value % 1) > 1e-6 ? invalid(`${key} cannot be a fractional value.`) : undefined
}

const EXACT = 0
const DEFAULT = 1
const SPECIFIED = 2

interface Filter {
  readonly exact: Map<string, string | null>
  readonly specified: Set<string>
}

/** DescribeClientQuotas, from any image. `strict`: entities have no other parts than those asked for. */
export const describeClientQuotas = (image: MetadataImage, request: DescribeClientQuotasRequest): DescribeClientQuotasResponse => {
  const filter = quotaFilter(request)
  if ('code' in filter) return { throttleTimeMs: 0, ...errorFields(filter), entries: null }
  const entries: NonNullable<DescribeClientQuotasResponse['entries']> = []
  for (const { entity, quotas } of image.clientQuotas.values())
    if (matches(entity, filter, request.strict))
      entries.push({
        entity: [...entity].map(([entityType, entityName]) => ({ entityType, entityName })),
        values: [...quotas].map(([key, value]) => ({ key, value })),
      })
  return { throttleTimeMs: 0, errorCode: Errors.NONE, errorMessage: '', entries }
}

const quotaFilter = ({ components }: DescribeClientQuotasRequest): Filter | ApiError => {
  const exact = new Map<string, string | null>()
  const specified = new Set<string>()
  const isNamed = (type: string): boolean => exact.has(type) || specified.has(type)
  for (const { entityType, matchType, match } of components) {
    if (entityType === '') return invalid('Invalid empty entity type.')
    if (isNamed(entityType)) return invalid(`Entity type ${entityType} cannot appear more than once in the filter.`)
    if (entityType !== QUOTA_IP && entityType !== QUOTA_USER && entityType !== QUOTA_CLIENT_ID)
      return apiError(Errors.UNSUPPORTED_VERSION, `Unsupported entity type ${entityType}`)
    if (matchType === EXACT) {
      if (match === null) return invalid('Request specified MATCH_TYPE_EXACT, but set match string to null.')
      exact.set(entityType, match)
    } else if (matchType === DEFAULT || matchType === SPECIFIED) {
      const name = matchType === DEFAULT ? 'MATCH_TYPE_DEFAULT' : 'MATCH_TYPE_SPECIFIED'
      if (match !== null) return invalid(`Request specified ${name}, but also specified a match string.`)
      if (matchType === DEFAULT) exact.set(entityType, null)
      else specified.add(entityType)
    } else return invalid(`Unknown match type ${matchType}`)
  }
  if (isNamed(QUOTA_IP) && (isNamed(QUOTA_USER) || isNamed(QUOTA_CLIENT_ID)))
    return invalid(
      'Invalid entity filter component combination. IP filter component should not be used with user or clientId filter component.',
    )
  return { exact, specified }
}

const matches = (entity: QuotaEntity, { exact, specified }: Filter, strict: boolean): boolean => {
  if (strict && entity.size !== exact.size + specified.size) return false
  for (const [type, name] of exact) if (!entity.has(type) || entity.get(type) !== name) return false
  for (const type of specified) if (!entity.has(type)) return false
  return true
}
