/**
 * config: how a setting is declared, parsed, layered and described. One literal per key (`keys/`), by Kafka's names; from it come types,
 * checks, DescribeConfigs answers, dynamic updates and the manual page.
 *
 * Invariants: a value that is in force has passed its key's check; an error names the key, the value and what is legal.
 */

export { BrokerConfig, type BrokerConfigCheck, type BrokerSetting, ConfigSource, checkBrokerConfig } from './broker-config.ts'
export type {
  ConfigKey,
  ConfigKeys,
  ConfigType,
  Importance,
  UpdateMode,
} from './config-key.ts'
export { ConfigError, type ConfigValue, formatValue, parseValue } from './config-value.ts'
export { type BrokerKeyName, brokerKeys } from './keys/broker.ts'
export { clientMetricsKeys } from './keys/client-metrics.ts'
export { groupKeys } from './keys/group.ts'
export { topicKeys } from './keys/topic.ts'
export { type ListenerAddress, parseListeners } from './listeners.ts'
export { parseProperties } from './properties.ts'
export { type TopicKeyName, topicConfigProblem, topicLayers, topicText, topicValue } from './topic-config.ts'
