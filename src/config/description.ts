import { type BrokerConfig, brokerSetting, type ConfigTexts } from './broker-config.ts'
import { brokerSettings } from './keys/broker.ts'
import { clientMetricsSettings } from './keys/client-metrics.ts'
import { groupOverrides } from './keys/group.ts'
import { topicSettings } from './keys/topic.ts'
import { type GroupKey, groupParsed, type TopicKey, topicParsed } from './override-config.ts'
import { defaultOf, parseSetting } from './parsing.ts'
import { isFault, isSensitive, type Setting, type SettingType } from './setting.ts'
import { brokerSynonyms, groupSynonym, listenerOverride, topicSynonyms } from './synonyms.ts'

/** Where a value comes from, as DescribeConfigs counts it. */
export const ConfigSources = {
  UNKNOWN: 0,
  DYNAMIC_TOPIC_CONFIG: 1,
  DYNAMIC_BROKER_CONFIG: 2,
  DYNAMIC_DEFAULT_BROKER_CONFIG: 3,
  STATIC_BROKER_CONFIG: 4,
  DEFAULT_CONFIG: 5,
  DYNAMIC_BROKER_LOGGER_CONFIG: 6,
  CLIENT_METRICS_CONFIG: 7,
  GROUP_CONFIG: 8,
} as const

const typeCodes: Readonly<Record<SettingType, number>> = {
  boolean: 1,
  string: 2,
  int: 3,
  short: 4,
  long: 5,
  double: 6,
  list: 7,
  class: 8,
  password: 9,
}

export interface ConfigSynonym {
  readonly name: string
  readonly value: string | null
  readonly source: number
}

/** One configuration of a DescribeConfigs answer. Sensitive values are null. */
export interface ConfigEntry {
  readonly name: string
  readonly value: string | null
  readonly readOnly: boolean
  /** One of `ConfigSources`. */
  readonly configSource: number
  readonly isSensitive: boolean
  /** All layers that say something, the one in force first. */
  readonly synonyms: readonly ConfigSynonym[]
  readonly configType: number
  readonly documentation: string | null
}

/** A broker's own view: every key, set or not, and the unknown keys of its file. */
export function describeBroker(config: BrokerConfig): ConfigEntry[] {
  const { file, dynamicDefault, dynamicBroker } = config.layers
  const set = new Set([...file.keys(), ...dynamicDefault.keys(), ...dynamicBroker.keys()])
  const names = new Set([...Object.keys(brokerSettings).filter((name) => isShownUnset(brokerSetting(name)!) || set.has(name)), ...set])
  return [...names].map((name) => {
    const text = dynamicBroker.get(name) ?? dynamicDefault.get(name) ?? file.get(name) ?? null
    return brokerEntry(name, config.parsed(name)?.text ?? text, brokerLayers(config, name))
  })
}

const isShownUnset = (setting: Setting): boolean => setting.internal !== true && setting.dynamicOnly !== true

/** The cluster-wide defaults of brokers: only what is set. */
export function describeBrokerDefaults(config: BrokerConfig): ConfigEntry[] {
  const isDefault = ({ source }: ConfigSynonym): boolean => source === ConfigSources.DYNAMIC_DEFAULT_BROKER_CONFIG
  return [...config.layers.dynamicDefault].map(([name, text]) => brokerEntry(name, text, brokerLayers(config, name).filter(isDefault)))
}

export function describeTopic(config: BrokerConfig, overrides: ConfigTexts): ConfigEntry[] {
  const keys = (Object.keys(topicSettings) as TopicKey[]).filter(
    (key) => settingOf(topicSettings[key]).internal !== true || overrides.has(key),
  )
  return keys.map((key) => {
    const [first] = topicSynonyms[key]
    const layers = first === undefined ? [] : brokerLayers(config, first.key)
    return overriddenEntry(
      key,
      topicSettings[key],
      topicParsed(config, overrides, key).text,
      overrides,
      ConfigSources.DYNAMIC_TOPIC_CONFIG,
      layers,
    )
  })
}

export function describeGroup(config: BrokerConfig, overrides: ConfigTexts): ConfigEntry[] {
  return (Object.keys(groupOverrides) as GroupKey[]).map((key) => {
    const synonym = groupSynonym(key)
    const own = { name: key, value: defaultOf(groupOverrides[key]).text, source: ConfigSources.DEFAULT_CONFIG }
    const layers = synonym === undefined ? [own] : brokerLayers(config, synonym)
    return overriddenEntry(
      key,
      groupOverrides[key],
      groupParsed(config, overrides, key).text,
      overrides,
      ConfigSources.GROUP_CONFIG,
      layers,
    )
  })
}

export function describeClientMetrics(overrides: ConfigTexts): ConfigEntry[] {
  return Object.entries(clientMetricsSettings).map(([key, setting]) => {
    const text = overrides.get(key)
    const parsed = text === undefined ? undefined : parseSetting(key, setting, text)
    const value = parsed === undefined || isFault(parsed) ? defaultOf(setting).text : parsed.text
    return overriddenEntry(key, setting, value, overrides, ConfigSources.CLIENT_METRICS_CONFIG, [])
  })
}

const settingOf = (setting: Setting): Setting => setting

/** What each layer says about a key and its synonyms, from the key itself on (ConfigHelper.configSynonyms). */
function brokerLayers({ layers }: BrokerConfig, name: string): ConfigSynonym[] {
  const names = brokerSynonyms(name)
  const hidden = isSensitive(brokerSetting(listenerOverride(name) ?? name))
  const said = (texts: ConfigTexts, source: number): ConfigSynonym[] =>
    names.flatMap((synonym) => {
      const value = texts.get(synonym)
      return value === undefined ? [] : [{ name: synonym, value: hidden ? null : value, source }]
    })
  const defaults = new Map(
    names.flatMap((synonym) => {
      const setting = brokerSetting(synonym)
      const text = setting === undefined ? null : defaultOf(setting).text
      return text === null ? [] : [[synonym, text] as const]
    }),
  )
  const all = [
    ...said(layers.dynamicBroker, ConfigSources.DYNAMIC_BROKER_CONFIG),
    ...said(layers.dynamicDefault, ConfigSources.DYNAMIC_DEFAULT_BROKER_CONFIG),
    ...said(layers.file, ConfigSources.STATIC_BROKER_CONFIG),
    ...said(defaults, ConfigSources.DEFAULT_CONFIG),
  ]
  const start = all.findIndex((synonym) => synonym.name === name)
  return start < 0 ? [] : all.slice(start)
}

function brokerEntry(name: string, text: string | null, synonyms: readonly ConfigSynonym[]): ConfigEntry {
  // An override for one listener is typed like its base here; Kafka calls only the base itself dynamic, and so do we.
  const setting = brokerSetting(listenerOverride(name) ?? name)
  const hidden = isSensitive(setting)
  return {
    name,
    value: hidden ? null : text,
    readOnly: brokerSetting(name)?.update === undefined,
    configSource: synonyms[0]?.source ?? ConfigSources.DEFAULT_CONFIG,
    isSensitive: hidden,
    synonyms,
    configType: setting === undefined ? 0 : typeCodes[setting.type],
    documentation: brokerSetting(name)?.doc ?? null,
  }
}

function overriddenEntry(
  name: string,
  setting: Setting,
  text: string | null,
  overrides: ConfigTexts,
  source: number,
  layers: readonly ConfigSynonym[],
): ConfigEntry {
  const synonyms = overrides.has(name) ? [{ name, value: text, source }, ...layers] : layers
  return {
    name,
    value: text,
    readOnly: false,
    configSource: synonyms[0]?.source ?? ConfigSources.DEFAULT_CONFIG,
    isSensitive: false,
    synonyms,
    configType: typeCodes[setting.type],
    documentation: setting.doc,
  }
}
