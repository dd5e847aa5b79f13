import { ConfigResourceTypes } from '../../metadata/index.ts'
import { Apis, Errors, KafkaError, type MessageInput } from '../../protocol/index.ts'
import { ListConfigResourcesRequest, ListConfigResourcesResponse } from '../../protocol/messages/list-config-resources.ts'
import { apiHandler } from '../api-handler.ts'
import type { BrokerParts } from '../parts.ts'
import { aliveNodes } from '../topic-view.ts'

type Found = NonNullable<MessageInput<typeof ListConfigResourcesResponse>['configResources']>[number]

const { GROUP, CLIENT_METRICS, BROKER_LOGGER, BROKER, TOPIC } = ConfigResourceTypes

/** In the order in which Kafka lists them. */
const types: readonly number[] = [GROUP, CLIENT_METRICS, BROKER_LOGGER, BROKER, TOPIC]

/** ListConfigResources (KIP-1142): what can be described. Version 0 was ListClientMetricsResources and lists subscriptions only. */
export const listConfigResources = apiHandler({
  api: Apis.ListConfigResources,
  request: ListConfigResourcesRequest,
  response: ListConfigResourcesResponse,
  handle: ({ resourceTypes }, { version, listenerName }, broker) => {
    const supported = version === 0 ? [CLIENT_METRICS] : types
    if (resourceTypes.some((type) => !supported.includes(type)))
      throw new KafkaError(Errors.UNSUPPORTED_VERSION, `resource types ${resourceTypes} are not all known`)
    const wanted = supported.filter((type) => resourceTypes.length === 0 || resourceTypes.includes(type))
    return {
      configResources: wanted.flatMap((resourceType) =>
        names(resourceType, listenerName, broker).map((resourceName): Found => ({ resourceName, resourceType })),
      ),
    }
  },
  refuse: (errorCode) => ({ errorCode }),
})

/** Groups and subscriptions are there while something is set on them; topics and brokers while they exist. */
const names = (type: number, listenerName: string, { image }: BrokerParts): string[] => {
  if (type === TOPIC) return [...image.topicsByName.keys()]
  if (type === GROUP || type === CLIENT_METRICS) return image.configs.names(type)
  return aliveNodes(image, listenerName).map(({ nodeId }) => String(nodeId))
}
