import { isReassigning } from '../../metadata/index.ts'
import { Apis, type MessageInput } from '../../protocol/index.ts'
import {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from '../../protocol/messages/list-partition-reassignments.ts'
import { apiHandler } from '../api-handler.ts'

type TopicAnswer = NonNullable<MessageInput<typeof ListPartitionReassignmentsResponse>['topics']>[number]

/** ListPartitionReassignments (KIP-455): moves of replicas that are under way. */
export const listPartitionReassignments = apiHandler({
  api: Apis.ListPartitionReassignments,
  request: ListPartitionReassignmentsRequest,
  response: ListPartitionReassignmentsResponse,
  handle: (request, _context, { image }) => {
    const wanted =
      request.topics === null
        ? [...image.topicsByName.values()].map((topic) => ({ topic, indexes: [...topic.partitions.keys()] }))
        : request.topics.flatMap(({ name, partitionIndexes }) => {
            const topic = image.topic(name)
            return topic === undefined ? [] : [{ topic, indexes: partitionIndexes }]
          })
    const topics: TopicAnswer[] = []
    for (const { topic, indexes } of wanted) {
      const partitions = indexes.flatMap((partitionIndex) => {
        const partition = topic.partitions.get(partitionIndex)
        if (partition === undefined || !isReassigning(partition)) return []
        const { replicas, addingReplicas, removingReplicas } = partition
        return [{ partitionIndex, replicas, addingReplicas, removingReplicas }]
      })
      if (partitions.length > 0) topics.push({ name: topic.name, partitions })
    }
    return { topics }
  },
  refuse: (errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
