import {
  type BrokerConfig,
  brokerSettings,
  clientMetricsFault,
  clientMetricsSettings,
  defaultOf,
  groupFault,
  groupOverrides,
  type Settings,
  type TopicKey,
  topicFault,
  topicSettings,
  topicSynonyms,
} from '../config/index.ts'
import { apiError, type ConfigRules, type TopicConfigKey } from '../controller/index.ts'
import { ConfigResourceTypes } from '../metadata/index.ts'
import { Errors } from '../protocol/index.ts'

const settingsOf: ReadonlyMap<number, Settings> = new Map<number, Settings>([
  [ConfigResourceTypes.TOPIC, topicSettings],
  [ConfigResourceTypes.BROKER, brokerSettings],
  [ConfigResourceTypes.GROUP, groupOverrides],
  [ConfigResourceTypes.CLIENT_METRICS, clientMetricsSettings],
])

const scale = (text: string, factor: number): string =>
  factor === 1 || !/^\d+$/.test(text.trim()) ? text : String(BigInt(text.trim()) * BigInt(factor))

const topicKeys = (): Map<string, TopicConfigKey> =>
  new Map(
    Object.entries(topicSettings as Settings).map(([name, setting]) => [
      name,
      {
        name,
        defaultValue: defaultOf(setting).text,
        isSensitive: setting.type === 'password',
        isInternal: setting.internal === true,
        synonyms: topicSynonyms[name as TopicKey].map(({ key, factor }) => ({ name: key, convert: (text: string) => scale(text, factor) })),
      },
    ]),
  )

/** The declarations of `config` as the controller asks for them. `config` gives the settings in force. */
export const configRules = (config: () => BrokerConfig): ConfigRules => ({
  topicKeys: topicKeys(),
  isList: (resourceType, key) => settingsOf.get(resourceType)?.[key]?.type === 'list',
  defaultValue: (resourceType, key) => {
    const setting = settingsOf.get(resourceType)?.[key]
    return setting === undefined ? null : defaultOf(setting).text
  },
  validate: (resourceType, _resourceName, proposed, existing) => {
    const fault =
      resourceType === ConfigResourceTypes.TOPIC
        ? topicFault(config(), proposed, existing)
        : resourceType === ConfigResourceTypes.GROUP
          ? groupFault(config(), proposed)
          : clientMetricsFault(proposed)
    return fault === undefined ? undefined : apiError(Errors[fault.fault], fault.message)
  },
})
