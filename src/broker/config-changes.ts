import {
  type BrokerConfig,
  brokerChangeFault,
  brokerSetting,
  type ConfigTexts,
  defaultOf,
  type Setting,
  type SettingValue,
} from '../config/index.ts'
import { type ApiError, apiError } from '../controller/index.ts'
import { ConfigResourceTypes } from '../metadata/index.ts'
import { Errors } from '../protocol/index.ts'
import { nodeListenersOf } from './node-settings.ts'

/** What AlterConfigs and IncrementalAlterConfigs say of one resource. */
export interface ResourceChange {
  readonly resourceType: number
  readonly resourceName: string
}

export interface ResourceAnswer extends ResourceChange {
  readonly errorCode: number
  readonly errorMessage: string | null
}

/** Done: there is nothing left for the controller to do. */
export const DONE = Symbol('done')

/**
 * Splits a request that changes settings: what a broker can refuse or do by itself (`check` gives the error or DONE) is answered here, the
 * rest by the controller; the answers come in the order of the request. Source: ConfigAdminManager.
 */
export const alterConfigsWith = async <R extends ResourceChange>(
  resources: readonly R[],
  check: (resource: R) => ApiError | typeof DONE | undefined,
  forward: (remaining: R[]) => Promise<readonly ResourceAnswer[]>,
): Promise<ResourceAnswer[]> => {
  const keyOf = ({ resourceType, resourceName }: ResourceChange): string => `${resourceType}:${resourceName}`
  const counts = new Map<string, number>()
  for (const resource of resources) counts.set(keyOf(resource), (counts.get(keyOf(resource)) ?? 0) + 1)
  const checked = new Map<R, ApiError | typeof DONE>()
  for (const resource of resources) {
    const result =
      counts.get(keyOf(resource))! > 1 ? apiError(Errors.INVALID_REQUEST, 'Each resource must appear at most once.') : check(resource)
    if (result !== undefined) checked.set(resource, result)
  }
  const remaining = resources.filter((resource) => !checked.has(resource))
  const answers = new Map<string, ResourceAnswer>()
  if (remaining.length > 0) for (const answer of await forward(remaining)) answers.set(keyOf(answer), answer)
  return resources.map((resource) => {
    const { resourceType, resourceName } = resource
    const own = checked.get(resource)
    const forwarded = answers.get(keyOf(resource))
    if (own === DONE) return { resourceType, resourceName, errorCode: Errors.NONE, errorMessage: null }
    if (own !== undefined) return { resourceType, resourceName, errorCode: own.code, errorMessage: own.message }
    if (forwarded !== undefined) return forwarded
    return { resourceType, resourceName, errorCode: Errors.UNKNOWN_SERVER_ERROR, errorMessage: 'the controller did not answer for it' }
  })
}

const FORWARDED_TYPES: readonly number[] = [ConfigResourceTypes.TOPIC, ConfigResourceTypes.CLIENT_METRICS, ConfigResourceTypes.GROUP]

export const unknownResourceType = ({ resourceType }: ResourceChange): ApiError | undefined =>
  FORWARDED_TYPES.includes(resourceType) || resourceType === ConfigResourceTypes.BROKER
    ? undefined
    : apiError(Errors.INVALID_REQUEST, `Unknown resource type ${resourceType}`)

interface KeyChange {
  readonly name: string
  readonly value: string | null
}

/** Keys that are there twice, and values that are not there although they must be (`needsValue`). */
export const keysProblem = <K extends KeyChange>(configs: readonly K[], needsValue: (change: K) => boolean): ApiError | undefined => {
  if (new Set(configs.map(({ name }) => name)).size < configs.length)
    return apiError(Errors.INVALID_REQUEST, 'Error due to duplicate config keys')
  const missing = configs.filter((change) => change.value === null && needsValue(change)).map(({ name }) => name)
  return missing.length === 0 ? undefined : apiError(Errors.INVALID_REQUEST, `Null value not supported for : ${missing.join(', ')}`)
}

/** Java's Integer.parseInt; undefined: it is none. */
export const javaInt = (text: string): number | undefined => {
  if (!/^[+-]?\d{1,20}$/.test(text)) return undefined
  const value = Number(text)
  return value >= -0x80000000 && value <= 0x7fffffff ? value : undefined
}

/** A broker is changed through itself, because only it can tell whether it can do what is asked; the empty name means all brokers. */
export const brokerNameProblem = ({ resourceName }: ResourceChange, nodeId: number): ApiError | undefined => {
  if (resourceName === '') return undefined
  const id = javaInt(resourceName)
  if (id === undefined) return apiError(Errors.INVALID_REQUEST, `Node id must be an integer, but it is: ${resourceName}`)
  return id === nodeId
    ? undefined
    : apiError(Errors.INVALID_REQUEST, `Unexpected broker id, expected ${nodeId}, but received ${resourceName}`)
}

/** Whether this broker can work with `texts` as its own dynamic settings, or as those of all brokers. */
export const brokerTextsProblem = (config: BrokerConfig, texts: ConfigTexts, resourceName: string): ApiError | undefined => {
  const fault = brokerChangeFault(config, texts, resourceName !== '')
  if (fault !== undefined) return apiError(Errors[fault.fault], fault.message)
  return resourceName !== '' && texts.has('listeners') ? listenersProblem(config, texts) : undefined
}

/** Listeners of protocols that this version does not serve. */
const listenersProblem = (config: BrokerConfig, texts: ConfigTexts): ApiError | undefined => {
  try {
    nodeListenersOf(config.withDynamic({ ...config.layers, dynamicBroker: texts }), '')
    return undefined
  } catch (error) {
    return apiError(Errors.INVALID_REQUEST, (error as Error).message)
  }
}

export const Operations = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 } as const

export interface KeyOperation extends KeyChange {
  readonly configOperation: number
}

/**
 * The dynamic settings of a broker after some operations. What is stored and cannot be in force (a key of an older release, a value that
 * this one refuses) does not stand in the way: it counts as not there.
 */
export const alteredBrokerTexts = (
  config: BrokerConfig,
  stored: ConfigTexts,
  operations: readonly KeyOperation[],
  resourceName: string,
): Map<string, string> | ApiError => {
  const texts = new Map([...stored].filter((entry) => brokerTextsProblem(config, new Map([entry]), resourceName) === undefined))
  const unknown = operations.find(({ configOperation }) => configOperation < Operations.SET || configOperation > Operations.SUBTRACT)
  if (unknown !== undefined) return apiError(Errors.INVALID_REQUEST, `Unknown operations type ${unknown.configOperation}`)
  for (const { name, value, configOperation } of operations) {
    if (configOperation === Operations.DELETE) texts.delete(name)
    else if (configOperation === Operations.SET) texts.set(name, value!)
    else {
      const setting = brokerSetting(name)
      if (setting === undefined) return apiError(Errors.INVALID_CONFIG, `Unknown config name: ${name}`)
      const word = configOperation === Operations.APPEND ? 'append' : 'subtract'
      if (setting.type !== 'list') return apiError(Errors.INVALID_CONFIG, `Config value ${word} is not allowed for config key: ${name}`)
      texts.set(name, changedList(texts.get(name) ?? defaultText(setting), configOperation, value!))
    }
  }
  return texts
}

const defaultText = (setting: Setting): string => {
  const value: SettingValue | undefined = setting.default
  return value === undefined || value === null ? '' : (defaultOf(setting).text ?? '')
}

const changedList = (text: string, operation: number, changes: string): string => {
  const entries = text === '' ? [] : text.split(',')
  for (const change of changes.split(',')) {
    const index = entries.indexOf(change)
    if (operation === Operations.APPEND && index < 0) entries.push(change)
    if (operation === Operations.SUBTRACT && index >= 0) entries.splice(index, 1)
  }
  return entries.join(',')
}
