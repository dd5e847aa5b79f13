import {
  type ConfigEntry,
  ConfigSources,
  describeBroker,
  describeBrokerDefaults,
  describeClientMetrics,
  describeGroup,
  describeTopic,
} from '../../config/index.ts'
import { ConfigResourceTypes, invalidTopicName } from '../../metadata/index.ts'
import { Apis, Errors, errorText, KafkaError } from '../../protocol/index.ts'
import { DescribeConfigsRequest, DescribeConfigsResponse } from '../../protocol/messages/describe-configs.ts'
import { nodeApiHandler } from '../api-handler.ts'
import { javaInt } from '../config-changes.ts'
import type { NodeParts } from '../parts.ts'

type Resource = DescribeConfigsRequest['resources'][number]

/** DescribeConfigs: settings with where they come from (KIP-226), and with types and meanings (KIP-569). */
export const describeConfigs = nodeApiHandler({
  api: Apis.DescribeConfigs,
  request: DescribeConfigsRequest,
  response: DescribeConfigsResponse,
  handle: ({ resources, includeSynonyms, includeDocumentation }, _context, broker) => {
    const unexpected = resources.find(({ resourceType }) => !describers.has(resourceType))
    // Kafka refuses the whole request, and leaves out which type it was.
    if (unexpected !== undefined) throw new KafkaError(Errors.INVALID_REQUEST, errorText(Errors.INVALID_REQUEST))
    const results = resources.map((resource) => {
      const { resourceType, resourceName, configurationKeys } = resource
      try {
        const keys = configurationKeys === null || configurationKeys.length === 0 ? undefined : new Set(configurationKeys)
        const entries = describers.get(resourceType)!(resource, broker).filter(({ name }) => keys?.has(name) ?? true)
        return { resourceType, resourceName, configs: entries.map((entry) => result(entry, includeSynonyms, includeDocumentation)) }
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error
        return { resourceType, resourceName, errorCode: error.code, errorMessage: error.message }
      }
    })
    return { results }
  },
  refuse: (errorCode, errorMessage, { resources }) => ({
    results: resources.map(({ resourceType, resourceName }) => ({ resourceType, resourceName, errorCode, errorMessage })),
  }),
})

const result = ({ synonyms, documentation, ...entry }: ConfigEntry, includeSynonyms: boolean, includeDocumentation: boolean) => ({
  ...entry,
  synonyms: includeSynonyms ? [...synonyms] : [],
  documentation: includeDocumentation ? documentation : null,
})

const refuse = (message: string): never => {
  throw new KafkaError(Errors.INVALID_REQUEST, message)
}

const topic = ({ resourceName }: Resource, { config, image }: NodeParts): ConfigEntry[] => {
  const invalid = invalidTopicName(resourceName)
  if (invalid !== undefined) throw new KafkaError(Errors.INVALID_TOPIC_EXCEPTION, invalid)
  if (image.topic(resourceName) === undefined) throw new KafkaError(Errors.UNKNOWN_TOPIC_OR_PARTITION, '')
  return describeTopic(config, image.configs.of(ConfigResourceTypes.TOPIC, resourceName))
}

const brokerId = (resourceName: string): number =>
  javaInt(resourceName) ?? refuse(`Broker id must be an integer, but it is: ${resourceName}`)

const broker = ({ resourceName }: Resource, { config, nodeId }: NodeParts): ConfigEntry[] => {
  if (resourceName === '') return describeBrokerDefaults(config)
  return brokerId(resourceName) === nodeId
    ? describeBroker(config)
    : refuse(`Unexpected broker id, expected ${nodeId} or empty string, but received ${resourceName}`)
}

const loggers = ({ resourceName }: Resource, { loggers, nodeId }: NodeParts): ConfigEntry[] => {
  if (resourceName === '') refuse('Broker id must not be empty')
  if (brokerId(resourceName) !== nodeId) refuse(`Unexpected broker id, expected ${nodeId} but received ${resourceName}`)
  const configSource = ConfigSources.DYNAMIC_BROKER_LOGGER_CONFIG
  const rest = { readOnly: false, configSource, isSensitive: false, synonyms: [], configType: 0, documentation: null }
  return [...loggers.levels()].map(([name, value]) => ({ name, value, ...rest }))
}

const clientMetrics = ({ resourceName }: Resource, { image }: NodeParts): ConfigEntry[] =>
  resourceName === ''
    ? refuse('Client metrics subscription name must not be empty')
    : describeClientMetrics(image.configs.of(ConfigResourceTypes.CLIENT_METRICS, resourceName))

const group = ({ resourceName }: Resource, { config, image }: NodeParts): ConfigEntry[] =>
  resourceName === ''
    ? refuse('Group name must not be empty')
    : describeGroup(config, image.configs.of(ConfigResourceTypes.GROUP, resourceName))

const describers: ReadonlyMap<number, (resource: Resource, broker: NodeParts) => ConfigEntry[]> = new Map([
  [ConfigResourceTypes.TOPIC, topic],
  [ConfigResourceTypes.BROKER, broker],
  [ConfigResourceTypes.BROKER_LOGGER, loggers],
  [ConfigResourceTypes.CLIENT_METRICS, clientMetrics],
  [ConfigResourceTypes.GROUP, group],
])
