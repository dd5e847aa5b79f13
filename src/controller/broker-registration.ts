import {
  isReservedDirectory,
  KRAFT_VERSION,
  METADATA_VERSION,
  type MetadataRecord,
  metadataRecord,
  registerBrokerRecordVersion,
  supportsControllerRegistration,
  supportsDirectoryAssignment,
} from '../metadata/index.ts'
import { Errors } from '../protocol/index.ts'
import type { BrokerRegistrationRequest, BrokerRegistrationResponse } from '../protocol/messages/broker-registration.ts'
import type { ControllerRegistrationRequest, ControllerRegistrationResponse } from '../protocol/messages/controller-registration.ts'
import type { UnregisterBrokerRequest, UnregisterBrokerResponse } from '../protocol/messages/unregister-broker.ts'
import { brokerShutdownRecords, unregisterBrokerRecords } from './leader-updates.ts'
import type { ControllerState } from './state.ts'
import { type ApiError, answerOnly, apiError, type Decision, errorFields, type RequestContext } from './types.ts'

/**
 * BrokerRegistration. A broker starts fenced; its epoch is the offset at which its registration goes into the log. The same incarnation
 * registering again keeps its epoch and its state; a new one takes over when the session of the old one has ended.
 */
export const registerBroker = (
  state: ControllerState,
  request: BrokerRegistrationRequest,
  context: RequestContext,
): Decision<BrokerRegistrationResponse> => {
  const problem = identityProblem(state, request, context.nowMs) ?? directoriesProblem(state, request) ?? featuresProblem(state, request)
  if (problem !== undefined) return answerOnly({ throttleTimeMs: 0, errorCode: problem.code, brokerEpoch: -1 })
  const { brokerId, incarnationId } = request
  const existing = state.image.brokers.get(brokerId)
  const isNewIncarnation = existing?.incarnationId !== incarnationId
  // Only requests from version 3 on tell which epoch the broker ended cleanly with (KIP-966).
  const isClean = context.apiVersion >= 3 && (existing?.epoch ?? -2) === request.previousBrokerEpoch
  const brokerEpoch = isNewIncarnation ? state.nextOffset : existing!.epoch
  const records: MetadataRecord[] = isNewIncarnation ? brokerShutdownRecords(state, brokerId, isClean) : []
  const level = state.metadataVersion
  records.push(
    metadataRecord('RegisterBrokerRecord', registerBrokerRecordVersion(level), {
      brokerId,
      incarnationId,
      brokerEpoch,
      endPoints: request.listeners,
      features: request.features,
      rack: request.rack,
      fenced: isNewIncarnation || existing!.fenced,
      inControlledShutdown: !isNewIncarnation && existing!.inControlledShutdown,
      logDirs: supportsDirectoryAssignment(level) ? request.logDirs : [],
    }),
  )
  return { records, answer: { throttleTimeMs: 0, errorCode: Errors.NONE, brokerEpoch }, divisible: true }
}

const identityProblem = (state: ControllerState, request: BrokerRegistrationRequest, nowMs: number): ApiError | undefined => {
  const { clusterId } = state.settings
  if (request.clusterId !== clusterId)
    return apiError(Errors.INCONSISTENT_CLUSTER_ID, `Expected cluster ID ${clusterId}, but got cluster ID ${request.clusterId}`)
  const existing = state.image.brokers.get(request.brokerId)
  if (
    existing !== undefined &&
    existing.incarnationId !== request.incarnationId &&
    state.heartbeats.hasValidSession(existing.id, existing.epoch, nowMs)
  )
    return apiError(Errors.DUPLICATE_BROKER_REGISTRATION, `Another broker with id ${existing.id} is registered and alive.`)
  if (request.isMigratingZkBroker) return apiError(Errors.BROKER_ID_NOT_REGISTERED, 'Controller does not support registering ZK brokers.')
  return undefined
}

const directoriesProblem = (state: ControllerState, { brokerId, logDirs }: BrokerRegistrationRequest): ApiError | undefined => {
  if (!supportsDirectoryAssignment(state.metadataVersion)) return undefined
  const problem = (message: string): ApiError => apiError(Errors.INVALID_REGISTRATION, message)
  if (logDirs.length === 0) return problem('No directories specified in request')
  if (logDirs.some(isReservedDirectory)) return problem('Reserved directory ID in request')
  if (new Set(logDirs).size !== logDirs.length) return problem('Duplicate directory ID in request')
  for (const directory of logDirs) {
    const owner = state.index.directoryOwner(directory)
    if (owner !== undefined && owner !== brokerId) return problem(`Broker ${owner} is already registered with directory ${directory}`)
  }
  return undefined
}

/** The broker must be able to run at every level that the cluster has finalized. */
const featuresProblem = (state: ControllerState, { features }: BrokerRegistrationRequest): ApiError | undefined => {
  const finalized = new Map(state.image.features).set(KRAFT_VERSION, state.settings.kraftVersion.level)
  const unsupported = (name: string, min: number, max: number): ApiError | undefined => {
    const level = finalized.get(name) ?? 0
    if (level >= min && level <= max) return undefined
    return apiError(
      Errors.UNSUPPORTED_VERSION,
      `Unable to register because the broker does not support finalized version ${level} of ${name}. The broker wants a version between ${min} and ${max}, inclusive.`,
    )
  }
  for (const { name, minSupportedVersion, maxSupportedVersion } of features) {
    const problem = unsupported(name, minSupportedVersion, maxSupportedVersion)
    if (problem !== undefined) return problem
  }
  const named = new Set(features.map(({ name }) => name))
  if (!named.has(METADATA_VERSION)) return apiError(Errors.INVALID_REGISTRATION, `Request features do not contain '${METADATA_VERSION}'`)
  for (const [name, level] of finalized) {
    const problem = level === 0 || named.has(name) ? undefined : unsupported(name, 0, 0)
    if (problem !== undefined) return problem
  }
  return undefined
}

export const unregisterBroker = (state: ControllerState, { brokerId }: UnregisterBrokerRequest): Decision<UnregisterBrokerResponse> => {
  const problem = state.image.brokers.has(brokerId)
    ? undefined
    : apiError(Errors.BROKER_ID_NOT_REGISTERED, `Broker ID ${brokerId} is not currently registered`)
  const records = problem === undefined ? unregisterBrokerRecords(state, brokerId) : []
  return {
    records,
    answer: { throttleTimeMs: 0, ...errorFields(problem), ...(problem === undefined && { errorMessage: '' }) },
    divisible: true,
  }
}

export const registerController = (
  state: ControllerState,
  request: ControllerRegistrationRequest,
): Decision<ControllerRegistrationResponse> => {
  if (!supportsControllerRegistration(state.metadataVersion)) {
    const error = apiError(Errors.UNSUPPORTED_VERSION, 'The current MetadataVersion is too old to support controller registrations.')
    return answerOnly({ throttleTimeMs: 0, ...errorFields(error) })
  }
  const record = metadataRecord('RegisterControllerRecord', 0, {
    controllerId: request.controllerId,
    incarnationId: request.incarnationId,
    zkMigrationReady: false,
    endPoints: request.listeners,
    features: request.features,
  })
  return { records: [record], answer: { throttleTimeMs: 0, errorCode: Errors.NONE, errorMessage: '' } }
}
