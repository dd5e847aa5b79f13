/**
 * config: how a setting is declared, parsed, layered and described. One literal per key (`keys/`), by Kafka's names; from it come types,
 * checks, DescribeConfigs answers, dynamic updates and the manual page.
 *
 * Invariants: a value that is in force has passed its key's check; an error names the key, the value and what is legal.
 */
export { BrokerConfig, type BrokerKey, type BrokerLayers, type BrokerValue, brokerSetting, type ConfigTexts } from './broker-config.ts'
export { brokerSettings } from './keys/broker.ts'
export { clientMetricsSettings } from './keys/client-metrics.ts'
export { groupOverrides } from './keys/group.ts'
export { topicSettings } from './keys/topic.ts'
export {
  type GroupKey,
  type GroupValue,
  groupParsed,
  groupSetting,
  groupValue,
  overrideProblem,
  type TopicKey,
  type TopicValue,
  type TopicValues,
  topicParsed,
  topicProblem,
  topicSetting,
  topicValue,
  topicValues,
} from './override-config.ts'
export { defaultOf, type Parsed, parseSetting, textOf } from './parsing.ts'
export { parseProperties } from './properties.ts'
export {
  type ConfigFault,
  isFault,
  isSensitive,
  type Setting,
  type Settings,
  type SettingType,
  type SettingValue,
  UNLIMITED,
  type ValueOf,
} from './setting.ts'
export { groupSynonym, listenerOverride, type Synonym, topicSynonyms } from './synonyms.ts'
