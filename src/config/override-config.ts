import type { BrokerConfig, ConfigTexts } from './broker-config.ts'
import { groupOverrides } from './keys/group.ts'
import { topicSettings } from './keys/topic.ts'
import { defaultOf, type Parsed, parseSetting, textOf } from './parsing.ts'
import { type CamelCase, camelCase, isFault, type Setting, type SettingValue, type ValueOf } from './setting.ts'
import { groupSynonym, topicSynonyms } from './synonyms.ts'

export type TopicKey = keyof typeof topicSettings
export type TopicValue<K extends TopicKey> = ValueOf<(typeof topicSettings)[K]>
export type GroupKey = keyof typeof groupOverrides
export type GroupValue<K extends GroupKey> = ValueOf<(typeof groupOverrides)[K]>

/** All settings of a topic under camel-case names: what a log takes as its configuration. */
export type TopicValues = { readonly [K in TopicKey as CamelCase<K>]: TopicValue<K> }

export const topicSetting = (key: string): Setting | undefined =>
  Object.hasOwn(topicSettings, key) ? topicSettings[key as TopicKey] : undefined
export const groupSetting = (key: string): Setting | undefined =>
  Object.hasOwn(groupOverrides, key) ? groupOverrides[key as GroupKey] : undefined

/**
 * The effective value of one key: its override, else what the broker is set to (in whatever unit), else the default. An override that cannot be
 * read counts as absent: the controller refuses such ones, and a log must open in any case.
 */
export function topicParsed(broker: BrokerConfig, overrides: ConfigTexts, key: TopicKey): Parsed {
  return override(topicSettings[key], overrides, key) ?? fromBroker(topicSettings[key], broker.firstOf(topicSynonyms[key]))
}

export function groupParsed(broker: BrokerConfig, overrides: ConfigTexts, key: GroupKey): Parsed {
  const synonym = groupSynonym(key)
  return (
    override(groupOverrides[key], overrides, key) ??
    fromBroker(groupOverrides[key], synonym === undefined ? null : broker.parsed(synonym)!.value)
  )
}

export const topicValue = <K extends TopicKey>(broker: BrokerConfig, overrides: ConfigTexts, key: K): TopicValue<K> =>
  topicParsed(broker, overrides, key).value as TopicValue<K>

export const groupValue = <K extends GroupKey>(broker: BrokerConfig, overrides: ConfigTexts, key: K): GroupValue<K> =>
  groupParsed(broker, overrides, key).value as GroupValue<K>

/** Made once: a node asks for every partition that it holds. */
const namesOf = (Object.keys(topicSettings) as TopicKey[]).map((key) => [key, camelCase(key)] as const)

/** Everything at once; `segmentBytes` already honours internal.segment.bytes, as a log does. */
export function topicValues(broker: BrokerConfig, overrides: ConfigTexts): TopicValues {
  const values: Record<string, SettingValue> = {}
  for (const [key, name] of namesOf) values[name] = topicParsed(broker, overrides, key).value
  values.segmentBytes = values.internalSegmentBytes ?? values.segmentBytes!
  return values as unknown as TopicValues
}

function override(setting: Setting, overrides: ConfigTexts, key: string): Parsed | undefined {
  const text = overrides.get(key)
  if (text === undefined) return undefined
  const parsed = parseSetting(key, setting, text)
  return isFault(parsed) ? undefined : parsed
}

const fromBroker = (setting: Setting, value: SettingValue): Parsed =>
  value === null ? defaultOf(setting) : { value, text: textOf(setting.type, value) }
