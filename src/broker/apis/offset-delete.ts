import { Apis, Errors, type Message, type MessageInput } from '../../protocol/index.ts'
import { OffsetDeleteRequest, OffsetDeleteResponse } from '../../protocol/messages/offset-delete.ts'
import { apiHandler } from '../api-handler.ts'

type Topic = Message<typeof OffsetDeleteRequest>['topics'][number]
type TopicAnswer = NonNullable<MessageInput<typeof OffsetDeleteResponse>['topics']>[number]

/** OffsetDelete (KIP-496): forgets committed offsets of topics that the group does not consume now. */
export const offsetDelete = apiHandler({
  api: Apis.OffsetDelete,
  request: OffsetDeleteRequest,
  response: OffsetDeleteResponse,
  handle: async (request, _context, broker) => {
    const known: Topic[] = []
    const answers = new Map<string, { name: string; partitions: NonNullable<TopicAnswer['partitions']>[number][] }>()
    const answerOf = (name: string) => {
      let answer = answers.get(name)
      if (answer === undefined) answers.set(name, (answer = { name, partitions: [] }))
      return answer
    }
    for (const topic of request.topics) {
      const found = broker.image.topic(topic.name)
      const partitions = topic.partitions.filter(({ partitionIndex }) => found?.partitions.has(partitionIndex))
      if (partitions.length > 0) known.push({ ...topic, partitions })
      for (const { partitionIndex } of topic.partitions) {
        if (!found?.partitions.has(partitionIndex)) {
          answerOf(topic.name).partitions.push({ partitionIndex, errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION })
        }
      }
    }
    const answer = await broker.groups.deleteOffsets({ ...request, topics: known })
    for (const topic of answer.topics ?? []) answerOf(topic.name ?? '').partitions.push(...(topic.partitions ?? []))
    return { ...answer, topics: [...answers.values()] }
  },
  refuse: (errorCode) => ({ errorCode }),
})
