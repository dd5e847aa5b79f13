import { zeroUuid } from '../../base/index.ts'
import { invalidTopicName, isInternalTopic, type TopicImage } from '../../metadata/index.ts'
import { Apis, Errors, KafkaError, type Message, type MessageInput } from '../../protocol/index.ts'
import { MetadataRequest, MetadataResponse } from '../../protocol/messages/metadata.ts'
import { apiHandler, type RequestContext } from '../api-handler.ts'
import { CLUSTER_OPERATIONS, TOPIC_OPERATIONS } from '../authorized-operations.ts'
import type { BrokerParts } from '../parts.ts'
import { aliveNodes, controllerForClients, type ViewOptions, viewTopic } from '../topic-view.ts'

type Request = Message<typeof MetadataRequest>
type TopicAnswer = NonNullable<MessageInput<typeof MetadataResponse>['topics']>[number]

/** Null asks for all topics; in version 0 an empty list does. */
const asksForAll = (request: Request, version: number): boolean => request.topics === null || (version === 0 && request.topics.length === 0)

const checkNames = (request: Request, version: number): void => {
  if (version >= 12) return
  for (const topic of request.topics ?? []) {
    if (topic.name === null) throw new KafkaError(Errors.INVALID_REQUEST, `topic name can not be null for version ${version}`)
    if (topic.topicId !== zeroUuid) throw new KafkaError(Errors.INVALID_REQUEST, `topic ids are not supported in version ${version}`)
  }
}

const known = (topic: TopicImage, request: Request, broker: BrokerParts, options: ViewOptions): TopicAnswer => ({
  errorCode: Errors.NONE,
  name: topic.name,
  topicId: topic.id,
  isInternal: isInternalTopic(topic.name),
  partitions: viewTopic(broker.image, topic, options),
  ...(request.includeTopicAuthorizedOperations ? { topicAuthorizedOperations: TOPIC_OPERATIONS } : {}),
})

/** A name that no topic has: created on the way where that is allowed. The client asks again and finds it. */
const unknownName = (name: string, request: Request, broker: BrokerParts): TopicAnswer => {
  const errorCode = invalidTopicName(name) === undefined ? Errors.UNKNOWN_TOPIC_OR_PARTITION : Errors.INVALID_TOPIC_EXCEPTION
  if (errorCode === Errors.UNKNOWN_TOPIC_OR_PARTITION && request.allowAutoTopicCreation && broker.config.get('auto.create.topics.enable')) {
    broker.autoTopics.create(name)
  }
  return { errorCode, name, isInternal: isInternalTopic(name) }
}

const answerTopics = (request: Request, context: RequestContext, broker: BrokerParts): TopicAnswer[] => {
  const options: ViewOptions = {
    listenerName: context.listenerName,
    errorUnavailableEndpoints: context.version === 0,
    errorUnavailableListeners: context.version >= 6,
  }
  if (asksForAll(request, context.version)) {
    return Array.from(broker.image.topicsByName.values(), (topic) => known(topic, request, broker, options))
  }
  const topics = request.topics ?? []
  // One topic id makes it a question by ids: names beside it are not looked at.
  const ids = new Set(topics.map(({ topicId }) => topicId).filter((id) => id !== zeroUuid))
  if (ids.size > 0) {
    return Array.from(ids, (topicId) => {
      const topic = broker.image.topicById(topicId)
      return topic === undefined ? { errorCode: Errors.UNKNOWN_TOPIC_ID, name: null, topicId } : known(topic, request, broker, options)
    })
  }
  return Array.from(new Set(topics.map(({ name }) => name ?? '')), (name) => {
    const topic = broker.image.topic(name)
    return topic === undefined ? unknownName(name, request, broker) : known(topic, request, broker, options)
  })
}

/** Metadata: brokers, and where the partitions of topics are led. Unknown topics may be created by asking (auto.create.topics.enable). */
export const metadata = apiHandler({
  api: Apis.Metadata,
  request: MetadataRequest,
  response: MetadataResponse,
  handle: (request, context, broker) => {
    checkNames(request, context.version)
    return {
      brokers: aliveNodes(broker.image, context.listenerName),
      clusterId: broker.clusterId,
      controllerId: controllerForClients(broker.image, broker.nodeId),
      topics: answerTopics(request, context, broker),
      ...(request.includeClusterAuthorizedOperations ? { clusterAuthorizedOperations: CLUSTER_OPERATIONS } : {}),
    }
  },
  refuse: (errorCode, _message, request, { version }) => ({
    ...(version >= 13 ? { errorCode } : {}),
    topics: (request.topics ?? []).map(({ name, topicId }) => ({ errorCode, name: version < 12 ? (name ?? '') : name, topicId })),
  }),
})
