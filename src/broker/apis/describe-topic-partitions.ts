import { invalidTopicName, isInternalTopic } from '../../metadata/index.ts'
import { Apis, Errors, KafkaError, type MessageInput } from '../../protocol/index.ts'
import { DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse } from '../../protocol/messages/describe-topic-partitions.ts'
import { apiHandler } from '../api-handler.ts'
import { TOPIC_OPERATIONS } from '../authorized-operations.ts'
import { viewPartition } from '../topic-view.ts'

type TopicAnswer = NonNullable<MessageInput<typeof DescribeTopicPartitionsResponse>['topics']>[number]

/** DescribeTopicPartitions (KIP-966): topics in the order of their names, a page of partitions at a time, with eligible leader replicas. */
export const describeTopicPartitions = apiHandler({
  api: Apis.DescribeTopicPartitions,
  request: DescribeTopicPartitionsRequest,
  response: DescribeTopicPartitionsResponse,
  handle: (request, context, broker) => {
    const { image } = broker
    const { cursor } = request
    const all = request.topics.length === 0
    const names = all ? [...image.topicsByName.keys()] : [...new Set(request.topics.map(({ name }) => name))]
    const wanted = names.filter((name) => cursor === null || name >= cursor.topicName).sort()
    if (cursor !== null) {
      if (!all && !wanted.includes(cursor.topicName)) {
        throw new KafkaError(Errors.INVALID_REQUEST, `the topic list should contain the cursor topic: ${cursor.topicName}`)
      }
      if (cursor.partitionIndex < 0)
        throw new KafkaError(Errors.INVALID_REQUEST, `the cursor partition must be valid: ${cursor.partitionIndex}`)
    }
    let left = Math.max(1, Math.min(broker.config.get('max.request.partition.size.limit'), request.responsePartitionLimit))
    const topics: TopicAnswer[] = []
    const options = { listenerName: context.listenerName, errorUnavailableEndpoints: false, errorUnavailableListeners: false }
    for (const name of wanted) {
      if (left === 0) return { topics, nextCursor: { topicName: name, partitionIndex: 0 } }
      const topic = image.topic(name)
      if (topic === undefined) {
        if (all) continue
        const errorCode = invalidTopicName(name) === undefined ? Errors.UNKNOWN_TOPIC_OR_PARTITION : Errors.INVALID_TOPIC_EXCEPTION
        topics.push({ errorCode, name, isInternal: isInternalTopic(name), topicAuthorizedOperations: TOPIC_OPERATIONS })
        continue
      }
      const first = name === cursor?.topicName ? cursor.partitionIndex : 0
      const end = Math.min(topic.partitions.size, first + left)
      const partitions: NonNullable<TopicAnswer['partitions']>[number][] = []
      for (let index = first; index < end; index++) {
        const partition = topic.partitions.get(index)
        if (partition === undefined) continue
        const view = viewPartition(image, index, partition, options)
        partitions.push({ ...view, eligibleLeaderReplicas: [...partition.elr], lastKnownElr: [...partition.lastKnownElr] })
      }
      topics.push({
        errorCode: Errors.NONE,
        name,
        topicId: topic.id,
        isInternal: isInternalTopic(name),
        partitions,
        topicAuthorizedOperations: TOPIC_OPERATIONS,
      })
      if (end < topic.partitions.size) return { topics, nextCursor: { topicName: name, partitionIndex: end } }
      left -= partitions.length
    }
    return { topics }
  },
  refuse: (errorCode, _message, request) => ({ topics: request.topics.map(({ name }) => ({ name, errorCode })) }),
})
