import { zeroUuid } from '../../base/index.ts'
import { fetchResponseOf, groupsOfFetch } from '../../coordinator/group/index.ts'
import { Apis, Errors, type Message, type MessageInput } from '../../protocol/index.ts'
import { OffsetFetchRequest, OffsetFetchResponse } from '../../protocol/messages/offset-fetch.ts'
import { apiHandler } from '../api-handler.ts'
import type { BrokerParts } from '../parts.ts'

type Group = Message<typeof OffsetFetchRequest>['groups'][number]
type GroupAnswer = NonNullable<MessageInput<typeof OffsetFetchResponse>['groups']>[number]
type TopicAnswer = NonNullable<GroupAnswer['topics']>[number]

/** From version 8 on several groups come in one request (KIP-709); before, the one group's fields stand at the top. */
const SEVERAL_GROUPS = 8
/** From version 10 on topics are named by id. */
const TOPIC_IDS = 10

/** An error of a group, from version 8 on in the group's entry, from 2 on at the top; in version 0 and 1 on every partition. */
const refuse = (
  errorCode: number,
  request: Message<typeof OffsetFetchRequest>,
  version: number,
): MessageInput<typeof OffsetFetchResponse> => {
  if (version >= SEVERAL_GROUPS) return { groups: request.groups.map(({ groupId }) => ({ groupId, errorCode })) }
  if (version >= 2) return { errorCode }
  const topics = (request.topics ?? []).map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, committedOffset: -1, metadata: '', errorCode })),
  }))
  return { topics }
}

const byId = async (group: Group, broker: BrokerParts, requireStable: boolean, version: number): Promise<GroupAnswer> => {
  if (group.topics === null) {
    const answer = await broker.groups.fetchOffsets(group, requireStable, version)
    const topics: TopicAnswer[] = []
    for (const topic of answer.topics ?? []) {
      const topicId = topic.topicId && topic.topicId !== zeroUuid ? topic.topicId : broker.image.topic(topic.name ?? '')?.id
      if (topicId !== undefined) topics.push({ ...topic, topicId })
    }
    return { ...answer, topics }
  }
  const refusals: TopicAnswer[] = []
  const known: NonNullable<Group['topics']> = []
  for (const topic of group.topics) {
    const found = broker.image.topicById(topic.topicId)
    if (found !== undefined) known.push({ ...topic, name: found.name })
    else {
      const errorCode = Errors.UNKNOWN_TOPIC_ID
      const partitions = topic.partitionIndexes.map((partitionIndex) => ({ partitionIndex, committedOffset: -1, metadata: '', errorCode }))
      refusals.push({ topicId: topic.topicId, partitions })
    }
  }
  const answer = await broker.groups.fetchOffsets({ ...group, topics: known }, requireStable, version)
  if (answer.errorCode) return answer
  const idOf = new Map(known.map(({ name, topicId }) => [name, topicId]))
  const topics = (answer.topics ?? []).map((topic) => ({ ...topic, topicId: idOf.get(topic.name ?? '') ?? zeroUuid }))
  return { ...answer, topics: [...topics, ...refusals] }
}

/** OffsetFetch: what groups have committed. */
export const offsetFetch = apiHandler({
  api: Apis.OffsetFetch,
  request: OffsetFetchRequest,
  response: OffsetFetchResponse,
  handle: async (request, context, broker) => {
    const { version } = context
    const fetch = (group: Group): Promise<GroupAnswer> =>
      version >= TOPIC_IDS
        ? byId(group, broker, request.requireStable, version)
        : broker.groups.fetchOffsets(group, request.requireStable, version)
    return fetchResponseOf(await Promise.all(groupsOfFetch(request, version).map(fetch)), version)
  },
  refuse: (errorCode, _message, request, { version }) => refuse(errorCode, request, version),
})
