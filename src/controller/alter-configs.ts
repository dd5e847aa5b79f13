import {
  type ConfigResource,
  ConfigResourceTypes,
  configRecord,
  invalidTopicName,
  type MetadataRecord,
  metadataRecord,
  supportsCordonedLogDirs,
} from '../metadata/index.ts'
import { Errors } from '../protocol/index.ts'
import type { AlterConfigsRequest, AlterConfigsResponse } from '../protocol/messages/alter-configs.ts'
import type { IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse } from '../protocol/messages/incremental-alter-configs.ts'
import type { ControllerState } from './state.ts'
import {
  type ApiError,
  answerOnly,
  apiError,
  CLUSTER_NAME,
  type Decision,
  errorFields,
  generalError,
  type RequestContext,
  tooManyRecords,
} from './types.ts'

export const SET = 0
export const DELETE = 1
export const APPEND = 2
export const SUBTRACT = 3

export type ConfigOperations = ReadonlyMap<string, { readonly operation: number; readonly value: string | null }>
interface ChangeOptions {
  /** It is being created, so it need not exist. */
  readonly isNewResource: boolean
  readonly isForwarded: boolean
}

const MIN_ISR = 'min.insync.replicas'
const CORDONED_LOG_DIRS = 'cordoned.log.dirs'
const VALUE_LENGTH_MAX = 32767

/** IncrementalAlterConfigs. All changes of a resource are made, or none. BROKER_LOGGER never comes here: it is the broker's own. */
export const incrementalAlterConfigs = (
  state: ControllerState,
  request: IncrementalAlterConfigsRequest,
  context: RequestContext,
): Decision<IncrementalAlterConfigsResponse> =>
  alterResources(state, request, context, (resource) =>
    configChangeRecords(
      state,
      { type: resource.resourceType, name: resource.resourceName },
      new Map(resource.configs.map(({ name, configOperation, value }) => [name, { operation: configOperation, value }])),
      { isNewResource: false, isForwarded: context.isForwarded },
    ),
  )

/** AlterConfigs: what a resource has and the request does not name is removed. */
export const legacyAlterConfigs = (
  state: ControllerState,
  request: AlterConfigsRequest,
  context: RequestContext,
): Decision<AlterConfigsResponse> =>
  alterResources(state, request, context, (resource) =>
    configReplacementRecords(
      state,
      { type: resource.resourceType, name: resource.resourceName },
      new Map(resource.configs.map(({ name, value }) => [name, value])),
      context.isForwarded,
    ),
  )

interface ResourceChanges {
  readonly resourceType: number
  readonly resourceName: string
}
const knownTypes: ReadonlySet<number> = new Set(Object.values(ConfigResourceTypes).filter((type) => type !== ConfigResourceTypes.UNKNOWN))

const alterResources = <R extends ResourceChanges>(
  state: ControllerState,
  request: { readonly resources: readonly R[]; readonly validateOnly: boolean },
  context: RequestContext,
  change: (resource: R) => readonly MetadataRecord[] | ApiError,
): Decision<AlterConfigsResponse> => {
  const counts = new Map<string, number>()
  const keyOf = ({ resourceType, resourceName }: R): string => `${resourceType}:${resourceName}`
  for (const resource of request.resources) counts.set(keyOf(resource), (counts.get(keyOf(resource)) ?? 0) + 1)
  const records: MetadataRecord[] = []
  const responses: AlterConfigsResponse['responses'] = []
  const answered = new Set<string>()
  for (const resource of request.resources) {
    const isDuplicate = counts.get(keyOf(resource))! > 1
    if (isDuplicate && answered.has(keyOf(resource)) && knownTypes.has(resource.resourceType)) continue
    answered.add(keyOf(resource))
    const changed = permissionProblem(resource, isDuplicate, context) ?? change(resource)
    const error = 'code' in changed ? changed : undefined
    if (!('code' in changed)) records.push(...changed)
    responses.push({ ...errorFields(error), resourceType: resource.resourceType, resourceName: resource.resourceName })
  }
  records.push(...clearElrRecords(state, records))
  const limit = tooManyRecords(records)
  if (limit !== undefined)
    return answerOnly({
      throttleTimeMs: 0,
      responses: request.resources.map(({ resourceType, resourceName }) => ({ ...errorFields(limit), resourceType, resourceName })),
    })
  return { records: request.validateOnly ? [] : records, answer: { throttleTimeMs: 0, responses } }
}

const permissionProblem = (
  { resourceType, resourceName }: ResourceChanges,
  isDuplicate: boolean,
  context: RequestContext,
): ApiError | undefined => {
  if (!knownTypes.has(resourceType)) return apiError(Errors.UNSUPPORTED_VERSION, `Unknown resource type ${resourceType}.`)
  if (isDuplicate) return apiError(Errors.INVALID_REQUEST, 'Duplicate resource.')
  switch (resourceType) {
    case ConfigResourceTypes.BROKER:
    case ConfigResourceTypes.CLIENT_METRICS:
      return context.allows('ALTER_CONFIGS', 'CLUSTER', CLUSTER_NAME) ? undefined : generalError(Errors.CLUSTER_AUTHORIZATION_FAILED)
    case ConfigResourceTypes.TOPIC:
      return context.allows('ALTER_CONFIGS', 'TOPIC', resourceName) ? undefined : generalError(Errors.TOPIC_AUTHORIZATION_FAILED)
    case ConfigResourceTypes.GROUP:
      return context.allows('ALTER_CONFIGS', 'GROUP', resourceName) ? undefined : generalError(Errors.GROUP_AUTHORIZATION_FAILED)
    default:
      return apiError(Errors.INVALID_REQUEST, 'Unexpected resource type BROKER_LOGGER.')
  }
}

/** The records that change a resource's settings, without the ClearElrRecords that may belong to them. */
export const configChangeRecords = (
  state: ControllerState,
  resource: ConfigResource,
  operations: ConfigOperations,
  options: ChangeOptions,
): readonly MetadataRecord[] | ApiError => {
  const existing = state.image.configs.of(resource.type, resource.name)
  const altered = new Map<string, string | null>()
  for (const [key, { operation, value }] of operations) {
    const current = existing.get(key) ?? null
    const next = operate(state, resource, key, current, operation, value)
    if (typeof next === 'object' && next !== null) return next
    // A broker reloads what a setting points to (a keystore, say) even when the setting is the same.
    if (next !== current || resource.type === ConfigResourceTypes.BROKER) altered.set(key, next)
  }
  const problem = alterationProblem(state, resource, altered, new Set(), options)
  return problem ?? recordsOf(resource, altered)
}

const configReplacementRecords = (
  state: ControllerState,
  resource: ConfigResource,
  configs: ReadonlyMap<string, string | null>,
  isForwarded: boolean,
): readonly MetadataRecord[] | ApiError => {
  const existing = state.image.configs.of(resource.type, resource.name)
  const altered = new Map<string, string | null>()
  for (const [key, value] of configs)
    if ((existing.get(key) ?? null) !== value || resource.type === ConfigResourceTypes.BROKER) altered.set(key, value)
  const dropped = new Set([...existing.keys()].filter((key) => !configs.has(key)))
  const problem = alterationProblem(state, resource, altered, dropped, { isNewResource: false, isForwarded })
  return problem ?? [...recordsOf(resource, altered), ...[...dropped].map((key) => configRecord(resource.type, resource.name, key, null))]
}

const recordsOf = ({ type, name }: ConfigResource, altered: ReadonlyMap<string, string | null>): MetadataRecord[] =>
  [...altered].map(([key, value]) => configRecord(type, name, key, value))

const operate = (
  state: ControllerState,
  resource: ConfigResource,
  key: string,
  current: string | null,
  operation: number,
  value: string | null,
): string | null | ApiError => {
  if (operation === SET) return value
  if (operation === DELETE) return null
  if (operation !== APPEND && operation !== SUBTRACT) return apiError(Errors.INVALID_REQUEST, `Unknown operation ${operation} on ${key}.`)
  const { configRules } = state.settings
  const name = operation === APPEND ? 'APPEND' : 'SUBTRACT'
  if (!configRules.isList(resource.type, key))
    return apiError(Errors.INVALID_CONFIG, `Can't ${name} to key ${key} because its type is not LIST.`)
  if (value === null) return apiError(Errors.INVALID_REQUEST, `${name} to ${key} needs a value.`)
  const parts = (current ?? configRules.defaultValue(resource.type, key) ?? '').split(',').filter((part) => part !== '')
  for (const part of value.split(',')) {
    const index = parts.indexOf(part)
    if (operation === APPEND && index < 0) parts.push(part)
    if (operation === SUBTRACT && index >= 0) parts.splice(index, 1)
  }
  return parts.join(',')
}

/** `dropped` goes without having been named. */
const alterationProblem = (
  state: ControllerState,
  resource: ConfigResource,
  altered: ReadonlyMap<string, string | null>,
  dropped: ReadonlySet<string>,
  options: ChangeOptions,
): ApiError | undefined => {
  const existing = state.image.configs.of(resource.type, resource.name)
  const proposed = new Map(existing)
  for (const [key, value] of [...altered, ...[...dropped].map((key) => [key, null] as const)]) {
    const problem = brokerConfigProblem(state, resource, key, value, options)
    if (problem !== undefined) return problem
    if (value === null) proposed.delete(key)
    else if (value.length > VALUE_LENGTH_MAX)
      return apiError(
        Errors.INVALID_CONFIG,
        `The configuration value cannot be added because it exceeds the maximum value size of ${VALUE_LENGTH_MAX} bytes.`,
      )
    else proposed.set(key, value)
  }
  return (
    resourceNameProblem(resource) ??
    (resource.type === ConfigResourceTypes.BROKER
      ? undefined
      : state.settings.configRules.validate(resource.type, resource.name, proposed, existing)) ??
    (options.isNewResource ? undefined : existenceProblem(state, resource)) ??
    state.settings.configAlterationPolicy?.check(resource.type, resource.name, altered)
  )
}

/** Settings of brokers that the whole cluster depends on. */
const brokerConfigProblem = (
  state: ControllerState,
  resource: ConfigResource,
  key: string,
  value: string | null,
  { isForwarded }: ChangeOptions,
): ApiError | undefined => {
  if (resource.type !== ConfigResourceTypes.BROKER) return undefined
  if (key === MIN_ISR && state.image.isElrEnabled) {
    // Eligible replicas are eligible by the minimum that was in force, so it has to be one for all (KIP-966).
    if (resource.name !== '') return apiError(Errors.INVALID_CONFIG, `Broker-level ${MIN_ISR} cannot be altered while ELR is enabled.`)
    if (value === null) return apiError(Errors.INVALID_CONFIG, `Cluster-level ${MIN_ISR} cannot be removed while ELR is enabled.`)
  }
  if (key !== CORDONED_LOG_DIRS) return undefined
  if (!supportsCordonedLogDirs(state.metadataVersion))
    return apiError(
      Errors.INVALID_CONFIG,
      `The ${CORDONED_LOG_DIRS} configuration value cannot be set because it requires metadata.version >= 4.3-IV0`,
    )
  if (isForwarded || value === null || value.trim() === '') return undefined
  const split = (text: string): string[] => text.trim().split(/\s*,\s*/)
  const known = split(state.image.configs.of(resource.type, resource.name).get(key) ?? '')
  if (split(value).every((directory) => known.includes(directory))) return undefined
  return apiError(
    Errors.INVALID_CONFIG,
    `When updating ${CORDONED_LOG_DIRS} via controllers,  the new value must be a subset of the current configuration value.`,
  )
}

const resourceNameProblem = ({ type, name }: ConfigResource): ApiError | undefined => {
  switch (type) {
    case ConfigResourceTypes.TOPIC: {
      if (name === '') return apiError(Errors.INVALID_REQUEST, 'Default topic resources are not allowed.')
      const invalid = invalidTopicName(name)
      return invalid === undefined ? undefined : apiError(Errors.INVALID_TOPIC_EXCEPTION, invalid)
    }
    case ConfigResourceTypes.BROKER:
      if (name === '') return undefined
      if (!/^[+-]?\d+$/.test(name) || Math.abs(Number(name)) > 0x7fffffff)
        return apiError(Errors.INVALID_REQUEST, 'Unable to parse broker name as a base 10 number.')
      return Number(name) < 0 ? apiError(Errors.INVALID_REQUEST, 'Invalid negative broker ID.') : undefined
    case ConfigResourceTypes.GROUP:
      return name === '' ? apiError(Errors.INVALID_REQUEST, 'Default group resources are not allowed.') : undefined
    default:
      return undefined
  }
}

/** A topic, or a broker that is not the default of all, has to be there. */
const existenceProblem = (state: ControllerState, { type, name }: ConfigResource): ApiError | undefined => {
  const { brokers, controllers, topicsByName } = state.image
  if (type === ConfigResourceTypes.TOPIC && !topicsByName.has(name))
    return apiError(Errors.UNKNOWN_TOPIC_OR_PARTITION, `The topic '${name}' does not exist.`)
  if (type !== ConfigResourceTypes.BROKER || name === '') return undefined
  const id = Number(name)
  if (brokers.has(id) || controllers.has(id) || state.settings.voterIds.includes(id)) return undefined
  return apiError(Errors.BROKER_ID_NOT_REGISTERED, `No node with id ${id} found.`)
}

/** Another minimum of in-sync replicas makes what was eligible by the old one doubtful (KIP-966). */
export const clearElrRecords = (state: ControllerState, records: readonly MetadataRecord[]): MetadataRecord[] => {
  if (!state.image.isElrEnabled) return []
  return records.flatMap((record) => {
    if (record.name !== 'ConfigRecord' || record.message.name !== MIN_ISR) return []
    const topicName = record.message.resourceType === ConfigResourceTypes.TOPIC ? record.message.resourceName : ''
    return [metadataRecord('ClearElrRecord', 0, { topicName })]
  })
}
