import { type BrokerConfig, brokerSetting, type ConfigTexts, type DynamicKeyProblem, dynamicKeyProblem } from './broker-config.ts'
import { clientPatterns } from './client-match.ts'
import { dynamicFault } from './dynamic-rules.ts'
import { clientMetricsSettings } from './keys/client-metrics.ts'
import { type GroupKey, groupSetting, groupValue, type TopicKey, topicSetting, topicValue } from './override-config.ts'
import { parseSetting } from './parsing.ts'
import { type ConfigFault, isFault, type Setting } from './setting.ts'
import { listenerOverride } from './synonyms.ts'

export type ConfigResource = 'topic' | 'broker' | 'group' | 'client-metrics'

/** One change of IncrementalAlterConfigs; `value` is null for a deletion. */
export interface Alteration {
  readonly key: string
  readonly operation: 'SET' | 'DELETE' | 'APPEND' | 'SUBTRACT'
  readonly value: string | null
}

export const loggerLevels: readonly string[] = ['DEBUG', 'ERROR', 'FATAL', 'INFO', 'TRACE', 'WARN']

const settingOf = (resource: ConfigResource, key: string): Setting | undefined => {
  if (resource === 'topic') return topicSetting(key)
  if (resource === 'group') return groupSetting(key)
  if (resource === 'broker') return brokerSetting(listenerOverride(key) ?? key)
  return Object.hasOwn(clientMetricsSettings, key) ? clientMetricsSettings[key as keyof typeof clientMetricsSettings] : undefined
}

const invalid = (message: string, key = '', value: string | null = null): ConfigFault => ({ fault: 'INVALID_CONFIG', key, value, message })

/**
 * The settings of a resource after some changes. APPEND and SUBTRACT start from what is set, else from the default, and only work on lists.
 * Source: ConfigurationControlManager.incrementalAlterConfigResource.
 */
export function alteredTexts(
  resource: ConfigResource,
  current: ConfigTexts,
  alterations: readonly Alteration[],
): Map<string, string> | ConfigFault {
  const altered = new Map(current)
  for (const { key, operation, value } of alterations) {
    if (operation === 'DELETE') altered.delete(key)
    else if (value === null) return invalid(`Null value not supported for : ${key}`, key)
    else if (operation === 'SET') altered.set(key, value)
    else {
      const setting = settingOf(resource, key)
      if (setting?.type !== 'list') return invalid(`Can't ${operation} to key ${key} because its type is not LIST.`, key, value)
      const text = altered.get(key) ?? (setting.default as readonly string[] | null | undefined)?.join(',') ?? ''
      altered.set(key, changedList(text === '' ? [] : text.split(','), operation, value.split(',')).join(','))
    }
  }
  return altered
}

function changedList(entries: readonly string[], operation: 'APPEND' | 'SUBTRACT', changes: readonly string[]): string[] {
  const list = [...entries]
  for (const change of changes) {
    const index = list.indexOf(change)
    if (operation === 'APPEND' && index < 0) list.push(change)
    if (operation === 'SUBTRACT' && index >= 0) list.splice(index, 1)
  }
  return list
}

/** Each key known, each value legal; unknown keys are a fault when `kind` names what they should belong to. */
function firstFault(resource: ConfigResource, texts: ConfigTexts, kind?: string): ConfigFault | undefined {
  for (const key of texts.keys()) {
    if (kind !== undefined && settingOf(resource, key) === undefined)
      return invalid(`Unknown ${kind} config name: ${key}`, key, texts.get(key))
  }
  for (const [key, text] of texts) {
    const setting = settingOf(resource, key)
    const parsed = setting === undefined ? undefined : parseSetting(key, setting, text)
    if (parsed !== undefined && isFault(parsed)) return parsed
  }
  return undefined
}

/** Why a topic must not be given these settings (all of them, after the change), or undefined. Source: LogConfig.validate. */
export function topicFault(broker: BrokerConfig, overrides: ConfigTexts, before: ConfigTexts = new Map()): ConfigFault | undefined {
  const fault = firstFault('topic', overrides, 'topic')
  if (fault !== undefined) return fault
  const value = <K extends TopicKey>(key: K) => topicValue(broker, overrides, key)
  const least = value('min.compaction.lag.ms')
  const most = value('max.compaction.lag.ms')
  if (least > most) return invalid(`conflict topic config setting min.compaction.lag.ms (${least}) > max.compaction.lag.ms (${most})`)
  if (!value('remote.storage.enable')) {
    const turnedOff = before.get('remote.storage.enable')?.trim().toLowerCase() === 'true' && !value('remote.log.delete.on.disable')
    return turnedOff
      ? invalid(
          'Remote storage cannot be disabled without deleting the remote data: set remote.log.delete.on.disable=true as well, or keep it with remote.log.copy.disable=true',
        )
      : undefined
  }
  if (!broker.get('remote.log.storage.system.enable')) {
    return invalid('Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.')
  }
  return tieredTopicFault(value)
}

function tieredTopicFault(value: <K extends TopicKey>(key: K) => ReturnType<typeof topicValue<K>>): ConfigFault | undefined {
  const policy = value('cleanup.policy')
  if (policy.length > 0 && (policy.length !== 1 || policy[0] !== 'delete'))
    return invalid('Remote log storage only supports topics with cleanup.policy=delete or cleanup.policy being an empty list.')
  const frozen = value('remote.log.copy.disable')
  for (const unit of ['bytes', 'ms'] as const) {
    const whole = value(`retention.${unit}`)
    const local = value(`local.retention.${unit}`)
    const key = `local.retention.${unit}`
    if (whole !== -1 && local !== -2 && (local === -1 || local > whole)) {
      return {
        ...invalid(`Invalid value ${local} for configuration ${key}: Value must not be more than property: retention.${unit} value.`),
        key,
        value: String(local),
      }
    }
    if (frozen && local !== -2 && local !== whole) {
      return invalid(
        `When remote.log.copy.disable is set to true, ${key} and retention.${unit} must be identical, because no more logs are copied to the remote storage.`,
        key,
        String(local),
      )
    }
  }
  return undefined
}

/** Why a group must not be given these settings, or undefined. Source: GroupConfig.validate. */
export function groupFault(broker: BrokerConfig, overrides: ConfigTexts): ConfigFault | undefined {
  const fault = firstFault('group', overrides, 'group')
  if (fault !== undefined) return fault
  for (const key of overrides.keys()) {
    const own = groupValue(broker, overrides, key as GroupKey)
    const [kind, ...rest] = key.split('.')
    const bound = (which: 'min' | 'max'): string => `group.${kind}.${which}.${rest.join('.').replace(/^num\./, '')}`
    for (const [which, word] of [
      ['min', 'greater'],
      ['max', 'less'],
    ] as const) {
      const limit = broker.parsed(bound(which))?.value
      if (typeof limit === 'number' && typeof own === 'number' && (which === 'min' ? own < limit : own > limit)) {
        return invalid(`${key} must be ${word} than or equal to ${bound(which)}`, key, String(own))
      }
    }
  }
  return heartbeatFault(broker, overrides)
}

function heartbeatFault(broker: BrokerConfig, overrides: ConfigTexts): ConfigFault | undefined {
  for (const kind of ['consumer', 'share', 'streams'] as const) {
    const session = groupValue(broker, overrides, `${kind}.session.timeout.ms`)
    if (session <= groupValue(broker, overrides, `${kind}.heartbeat.interval.ms`)) {
      return invalid(
        `${kind}.session.timeout.ms must be greater than ${kind}.heartbeat.interval.ms`,
        `${kind}.session.timeout.ms`,
        String(session),
      )
    }
  }
  return undefined
}

/** Why a subscription to client metrics must not be given these settings, or undefined. Source: ClientMetricsConfigs.validate. */
export function clientMetricsFault(texts: ConfigTexts): ConfigFault | undefined {
  for (const [key, value] of texts) {
    if (settingOf('client-metrics', key) === undefined)
      return { fault: 'INVALID_REQUEST', key, value, message: `Unknown client metrics configuration: ${key}` }
  }
  const fault = firstFault('client-metrics', texts)
  if (fault !== undefined) return { ...fault, fault: 'INVALID_REQUEST' }
  const interval = Number(texts.get('interval.ms') ?? clientMetricsSettings['interval.ms'].default)
  if (interval < 100 || interval > 3_600_000) {
    const message = `Invalid value ${interval} for interval.ms, interval must be between 100 and 3600000 (1 hour)`
    return { fault: 'INVALID_REQUEST', key: 'interval.ms', value: String(interval), message }
  }
  const parsed = parseSetting('match', clientMetricsSettings.match, texts.get('match') ?? '')
  const patterns = clientPatterns(isFault(parsed) ? [] : (parsed.value as readonly string[]))
  if (patterns instanceof Map) return undefined
  const { illegal } = patterns
  return { fault: 'INVALID_CONFIG', key: 'match', value: illegal, message: `Illegal client matching pattern: ${illegal}` }
}

/**
 * Why the dynamic settings `texts` (all of one layer, after the change) must not be set for this broker or, without `perBroker`, for all of
 * them; or undefined. Source: DynamicBrokerConfig.validateConfigs.
 */
export function brokerChangeFault(broker: BrokerConfig, texts: ConfigTexts, perBroker: boolean): ConfigFault | undefined {
  const keys = [...texts.keys()]
  const refuse = (reason: string, bad: readonly string[]): ConfigFault | undefined =>
    bad.length === 0
      ? undefined
      : { fault: 'INVALID_REQUEST', key: bad[0]!, value: texts.get(bad[0]!) ?? null, message: `${reason}: [${bad.join(', ')}]` }
  const having = (problem: DynamicKeyProblem): string[] => keys.filter((key) => dynamicKeyProblem(key, perBroker) === problem)
  const fault =
    refuse('Cannot update these configs dynamically', having('fixed')) ??
    refuse('These security configs can be dynamically updated only per-listener using the listener prefix', having('per-listener')) ??
    firstFault('broker', texts) ??
    refuse('Cannot update these configs at default cluster level, broker id must be specified', having('per-broker'))
  if (fault !== undefined) return { ...fault, fault: 'INVALID_REQUEST' }
  const next = broker.withDynamic(perBroker ? { dynamicBroker: texts } : { dynamicDefault: texts })
  return dynamicFault(broker, next)
}
