import { zeroUuid } from '../../base/index.ts'
import { Apis, Errors, type Message, type MessageInput } from '../../protocol/index.ts'
import { OffsetCommitRequest, OffsetCommitResponse } from '../../protocol/messages/offset-commit.ts'
import { apiHandler } from '../api-handler.ts'
import { callerOf } from './caller.ts'

type Topic = Message<typeof OffsetCommitRequest>['topics'][number]
type TopicAnswer = NonNullable<MessageInput<typeof OffsetCommitResponse>['topics']>[number]

const refused = (topic: Topic, errorCode: number): TopicAnswer => ({
  name: topic.name,
  topicId: topic.topicId,
  partitions: topic.partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
})

/**
 * OffsetCommit. Topics come by name, from version 10 on by id (KIP-848). Partitions that do not exist are refused one by one here; the
 * group coordinator sees the others.
 */
export const offsetCommit = apiHandler({
  api: Apis.OffsetCommit,
  request: OffsetCommitRequest,
  response: OffsetCommitResponse,
  handle: async (request, context, broker) => {
    const byId = context.version >= 10
    const refusals: TopicAnswer[] = []
    const known: Topic[] = []
    for (const topic of request.topics) {
      const found = byId ? broker.image.topicById(topic.topicId) : broker.image.topic(topic.name)
      if (found === undefined) {
        refusals.push(refused(topic, byId && topic.topicId !== zeroUuid ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION))
        continue
      }
      const named = { ...topic, name: found.name, topicId: found.id }
      const partitions = topic.partitions.filter(({ partitionIndex }) => found.partitions.has(partitionIndex))
      if (partitions.length < topic.partitions.length) {
        const missing = topic.partitions.filter(({ partitionIndex }) => !found.partitions.has(partitionIndex))
        refusals.push(refused({ ...named, partitions: missing }, Errors.UNKNOWN_TOPIC_OR_PARTITION))
      }
      if (partitions.length > 0) known.push({ ...named, partitions })
    }
    if (known.length === 0 && request.topics.length > 0) return { topics: refusals }
    const answer = await broker.groups.commitOffsets({ ...request, topics: known }, callerOf(context))
    return { ...answer, topics: mergeTopics([...(answer.topics ?? []), ...refusals]) }
  },
  refuse: (errorCode, _message, request) => ({ topics: request.topics.map((topic) => refused(topic, errorCode)) }),
})

/** One entry a topic: clients index the answer by topic. */
const mergeTopics = (topics: readonly TopicAnswer[]): TopicAnswer[] => {
  const merged = new Map<string, TopicAnswer>()
  for (const topic of topics) {
    const key = topic.name || topic.topicId || ''
    const known = merged.get(key)
    merged.set(key, known === undefined ? topic : { ...known, partitions: [...(known.partitions ?? []), ...(topic.partitions ?? [])] })
  }
  return [...merged.values()]
}
