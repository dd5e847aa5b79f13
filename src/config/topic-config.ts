import { type BrokerConfig, type BrokerSetting, ConfigSource } from './broker-config.ts'
import type { ConfigKey, ConfigKeys } from './config-key.ts'
import { type ConfigError, type ConfigValue, parseValue } from './config-value.ts'
import { topicKeys } from './keys/topic.ts'

export type TopicKeyName = keyof typeof topicKeys
const all: ConfigKeys = topicKeys

/** A broker's value in the unit of the topic's setting; "no limit" (-1) stays what it is. */
const convert = (text: string, factor: number): string => {
  if (factor === 1 || !/^\d+$/.test(text.trim())) return text
  return String(BigInt(text.trim()) * BigInt(factor))
}

/**
 * Every word on a topic's setting, the one in force first: its own; those of the broker under each name that the setting goes by, in order
 * of precedence; the default. Synonyms carry their own name and unit, as DescribeConfigs shows them.
 */
export const topicLayers = (name: string, own: ReadonlyMap<string, string>, broker: BrokerConfig): BrokerSetting[] => {
  const key = all[name]!
  const layers: BrokerSetting[] = []
  const text = own.get(name)
  if (text !== undefined) layers.push({ name, text, source: ConfigSource.TOPIC })
  const words = (key.synonyms ?? []).flatMap(([synonym]) => broker.layersOf(synonym))
  const order = [ConfigSource.DYNAMIC_BROKER, ConfigSource.DYNAMIC_DEFAULT_BROKER, ConfigSource.STATIC_BROKER]
  for (const source of order) layers.push(...words.filter((word) => word.source === source))
  const fallback = words.find((word) => word.source === ConfigSource.DEFAULT)
  if (fallback !== undefined) layers.push(fallback)
  return layers
}

/** The text in force, in the topic's unit, and where it comes from. */
export const topicText = (name: string, own: ReadonlyMap<string, string>, broker: BrokerConfig): BrokerSetting => {
  const key = all[name]!
  const word = topicLayers(name, own, broker)[0]
  if (word === undefined || word.source === ConfigSource.DEFAULT) return { name, text: key.default ?? null, source: ConfigSource.DEFAULT }
  const factor = word.source === ConfigSource.TOPIC ? 1 : (key.synonyms?.find(([synonym]) => synonym === word.name)?.[1] ?? 1)
  return { name, text: word.text === null ? null : convert(word.text, factor), source: word.source }
}

/** The value in force for a topic. */
export const topicValue = (name: TopicKeyName, own: ReadonlyMap<string, string>, broker: BrokerConfig): ConfigValue => {
  const { text } = topicText(name, own, broker)
  return text === null ? null : parseValue(name, all[name] as ConfigKey, text)
}

const number = (values: ReadonlyMap<string, string>, name: TopicKeyName): bigint =>
  BigInt((values.get(name) ?? all[name]!.default ?? '0').trim())

/** Checks a topic's settings (LogConfig.validate). The first problem, or undefined. */
export const topicConfigProblem = (proposed: ReadonlyMap<string, string>): string | undefined => {
  for (const [name, text] of proposed) {
    const key = Object.hasOwn(all, name) ? all[name] : undefined
    if (key === undefined) return `Unknown topic config name: ${name}`
    try {
      parseValue(name, key, text)
    } catch (error) {
      return (error as ConfigError).message
    }
  }
  if (proposed.has('min.compaction.lag.ms') || proposed.has('max.compaction.lag.ms')) {
    const min = number(proposed, 'min.compaction.lag.ms')
    const max = number(proposed, 'max.compaction.lag.ms')
    if (min > max) {
      return `conflict topic config setting min.compaction.lag.ms (${min}) > max.compaction.lag.ms (${max})`
    }
  }
  return undefined
}
