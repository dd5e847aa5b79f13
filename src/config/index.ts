/**
 * config: how a setting is declared, parsed, layered and described. One literal per key (`keys/`), under Kafka's names; from it come types,
 * checks, DescribeConfigs answers, dynamic updates and the manual page.
 *
 * Invariants: a value that is in force has passed the checks of its key. A fault names the key, the value and what is legal.
 */
export {
  type Alteration,
  alteredTexts,
  brokerChangeFault,
  type ConfigResource,
  clientMetricsFault,
  groupFault,
  loggerLevels,
  topicFault,
} from './alteration.ts'
export { BrokerConfig, type BrokerKey, type BrokerLayers, type BrokerValue, brokerSetting, type ConfigTexts } from './broker-config.ts'
export { type ClientSelector, clientPatterns } from './client-match.ts'
export { type ProviderSources, resolveVariables } from './config-providers.ts'
export {
  type ConfigEntry,
  ConfigSources,
  type ConfigSynonym,
  describeBroker,
  describeBrokerDefaults,
  describeClientMetrics,
  describeGroup,
  describeTopic,
} from './description.ts'
export { brokerSettings } from './keys/broker.ts'
export { clientMetricsSettings } from './keys/client-metrics.ts'
export { groupOverrides } from './keys/group.ts'
export { ownSettings } from './keys/own.ts'
export { ipQuotaSettings } from './keys/quota-ip.ts'
export { userQuotaSettings } from './keys/quota-user.ts'
export { topicSettings } from './keys/topic.ts'
export { legalValues } from './legal-values.ts'
export { type ListenerAddress, parseListeners } from './listeners.ts'
export {
  type NodeAddresses,
  nodeAddresses,
  nodeFaults,
  nodeWarnings,
  RACK_AWARE_SELECTOR,
  type SettingRemark,
  securedListeners,
  type Voter,
  voters,
} from './node-rules.ts'
export {
  type GroupKey,
  type GroupValue,
  groupSetting,
  groupValue,
  type TopicKey,
  type TopicValue,
  type TopicValues,
  topicSetting,
  topicValue,
  topicValues,
} from './override-config.ts'
export { defaultOf, type Parsed, parseSetting, textOf } from './parsing.ts'
export { parseProperties, propertyLine, propertyLines } from './properties.ts'
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
export { brokerSynonyms, groupSynonym, listenerOverride, type Synonym, topicSynonyms } from './synonyms.ts'
