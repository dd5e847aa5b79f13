import {
  ConfigResourceTypes,
  configRecord,
  DISABLED,
  ELIGIBLE_LEADER_REPLICAS_VERSION,
  featureDependencyProblem,
  featureRecord,
  KRAFT_VERSION,
  type LevelRange,
  METADATA_VERSION,
  METADATA_VERSION_LATEST_TESTING,
  METADATA_VERSION_MIN,
  type MetadataRecord,
  metadataChangedBetween,
  metadataRecord,
  metadataVersionLevel,
  supportsControllerRegistration,
} from '../metadata/index.ts'
import { Errors } from '../protocol/index.ts'
import type { UpdateFeaturesRequest, UpdateFeaturesResponse } from '../protocol/messages/update-features.ts'
import type { ControllerState } from './state.ts'
import { type ApiError, answerOnly, apiError, type Decision, errorFields, type RequestContext } from './types.ts'

const UPGRADE = 1
const SAFE_DOWNGRADE = 2
const UNSAFE_DOWNGRADE = 3
const MIN_ISR = 'min.insync.replicas'

interface Update {
  readonly name: string
  readonly level: number
  readonly upgradeType: number
}

/** UpdateFeatures (KIP-584, KIP-1022): all of the updates, or none. */
export const updateFeatures = (
  state: ControllerState,
  request: UpdateFeaturesRequest,
  { apiVersion }: RequestContext,
): Decision<UpdateFeaturesResponse> => {
  const updates = request.featureUpdates.map((one) => ({ name: one.feature, level: one.maxVersionLevel, upgradeType: one.upgradeType }))
  const proposed = new Map(state.image.features)
  for (const { name, level } of updates) proposed.set(name, level)
  const records: MetadataRecord[] = []
  for (const update of updates) {
    const changed = updateFeature(state, update, proposed)
    if ('code' in changed) return refused(changed)
    records.push(...changed)
  }
  // Its level lives in the log of the quorum itself: written last, when nothing can refuse the others any more.
  const kraft = updates.find(({ name }) => name === KRAFT_VERSION)
  if (kraft !== undefined && !request.validateOnly && kraft.upgradeType === UPGRADE) {
    const error = state.settings.kraftVersion.upgrade(kraft.level, false)
    if (error !== undefined) return refused(error)
  }
  const enablesElr = updates.some(({ name, level }) => name === ELIGIBLE_LEADER_REPLICAS_VERSION && level > 0)
  const safety = enablesElr ? elrSafetyRecords(state) : []
  const results = apiVersion > 1 ? [] : updates.map(({ name }) => ({ feature: name, errorCode: Errors.NONE, errorMessage: 'NONE' }))
  return {
    records: request.validateOnly ? [] : [...safety, ...records],
    answer: { throttleTimeMs: 0, ...errorFields(undefined), results },
  }
}

const refused = ({ code, message }: ApiError): Decision<UpdateFeaturesResponse> => {
  const errorMessage = `The update failed for all features since the following feature had an error: ${message}`
  return answerOnly({ throttleTimeMs: 0, errorCode: code, errorMessage, results: [] })
}

const updateFeature = (
  state: ControllerState,
  update: Update,
  proposed: ReadonlyMap<string, number>,
): readonly MetadataRecord[] | ApiError => {
  const { name, level, upgradeType } = update
  const invalid = (message: string): ApiError =>
    apiError(Errors.INVALID_UPDATE_VERSION, `Invalid update version ${level} for feature ${name}. ${message}`)
  const current = name === KRAFT_VERSION ? state.settings.kraftVersion.level : (state.image.features.get(name) ?? 0)
  if (upgradeType !== UPGRADE && upgradeType !== SAFE_DOWNGRADE && upgradeType !== UNSAFE_DOWNGRADE)
    return invalid('The controller does not support the given upgrade type.')
  if (level < 0) return invalid('A feature version cannot be less than 0.')
  const unsupported = unsupportedReason(state, name, level)
  if (unsupported !== undefined) return invalid(unsupported)
  if (level < current && upgradeType === UPGRADE)
    return invalid("Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade.")
  if (level > current && upgradeType !== UPGRADE) return invalid("Can't downgrade to a newer version.")
  if (name === METADATA_VERSION) return updateMetadataVersion(current, level, upgradeType === UNSAFE_DOWNGRADE)
  if (name === KRAFT_VERSION) {
    if (upgradeType !== UPGRADE) return level === current ? [] : invalid("Can't downgrade the version of this feature.")
    return state.settings.kraftVersion.upgrade(level, true) ?? [metadataRecord('NoOpRecord', 0, {})]
  }
  const problem = featureDependencyProblem(name, level, proposed)
  return problem === undefined ? [featureRecord(name, level)] : invalid(problem)
}

const updateMetadataVersion = (current: number, level: number, isUnsafe: boolean): readonly MetadataRecord[] | ApiError => {
  if (metadataVersionLevel(level) === undefined)
    return apiError(
      Errors.INVALID_UPDATE_VERSION,
      `Invalid metadata.version ${level}. Valid versions are from ${METADATA_VERSION_MIN} to ${METADATA_VERSION_LATEST_TESTING}.`,
    )
  if (level < current && metadataChangedBetween(level, current)) {
    const why = isUnsafe
      ? 'Unsafe metadata downgrade is not supported in this version.'
      : 'Refusing to perform the requested downgrade because it might delete metadata information.'
    return apiError(Errors.INVALID_UPDATE_VERSION, `Unsupported metadata.version downgrade from ${current} to ${level}. ${why}`)
  }
  return [featureRecord(METADATA_VERSION, level)]
}

/** Every broker and every controller has to be able to run at the level. */
const unsupportedReason = (state: ControllerState, name: string, level: number): string | undefined => {
  const reason = (who: string, range: LevelRange = DISABLED): string | undefined => {
    if (level >= range.min && level <= range.max) return undefined
    return range.max === 0
      ? `${who} does not support this feature.`
      : `${who} only supports versions ${range.min === range.max ? range.min : `${range.min}-${range.max}`}`
  }
  const { settings, image } = state
  const local = reason(`Local controller ${settings.nodeId}`, settings.supportedFeatures.get(name))
  if (local !== undefined) return local
  for (const broker of image.brokers.values()) {
    const why = reason(`Broker ${broker.id}`, broker.features.get(name))
    if (why !== undefined) return why
  }
  if (!supportsControllerRegistration(state.metadataVersion)) return undefined
  for (const controller of image.controllers.values()) {
    const why = controller.id === settings.nodeId ? undefined : reason(`Controller ${controller.id}`, controller.features.get(name))
    if (why !== undefined) return why
  }
  const missing = settings.voterIds.find((id) => id !== settings.nodeId && !image.controllers.has(id))
  return missing === undefined ? undefined : `controller ${missing} has not registered, and may not support this feature`
}

/** Eligible replicas need one minimum of in-sync replicas for the whole cluster: it is pinned, and that of single brokers goes. */
const elrSafetyRecords = (state: ControllerState): MetadataRecord[] => {
  const { configs } = state.image
  const { BROKER } = ConfigResourceTypes
  const records = configs.of(BROKER, '').has(MIN_ISR) ? [] : [configRecord(BROKER, '', MIN_ISR, String(state.staticMinIsr()))]
  for (const name of configs.names(BROKER))
    if (name !== '' && configs.of(BROKER, name).has(MIN_ISR)) records.push(configRecord(BROKER, name, MIN_ISR, null))
  return records
}
