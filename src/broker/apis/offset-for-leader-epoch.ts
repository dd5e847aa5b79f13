import { Apis, Errors, type Message, type MessageInput } from '../../protocol/index.ts'
import { OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse } from '../../protocol/messages/offset-for-leader-epoch.ts'
import { apiHandler } from '../api-handler.ts'
import type { BrokerParts } from '../parts.ts'

type PartitionRequest = Message<typeof OffsetForLeaderEpochRequest>['topics'][number]['partitions'][number]
type TopicAnswer = NonNullable<MessageInput<typeof OffsetForLeaderEpochResponse>['topics']>[number]
type PartitionAnswer = NonNullable<TopicAnswer['partitions']>[number]

const answer = async (
  topic: string,
  { partition, currentLeaderEpoch, leaderEpoch: wanted }: PartitionRequest,
  broker: BrokerParts,
): Promise<PartitionAnswer> => {
  const found = broker.image.topic(topic)
  if (found === undefined || !found.partitions.has(partition)) return { partition, errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION }
  await broker.partitions.ready(found.id, partition)
  const here = broker.partitions.find(found.id, partition)
  if (here === undefined) return { partition, errorCode: broker.partitions.missing(found.id, partition) }
  const errorCode = here.checkLeaderEpoch(currentLeaderEpoch)
  if (errorCode !== Errors.NONE) return { partition, errorCode }
  const { epoch, endOffset } = here.log.epochs.endOffsetFor(wanted, here.log.logEndOffset)
  return { partition, errorCode, leaderEpoch: epoch, endOffset }
}

/** OffsetForLeaderEpoch (KIP-101, 279, 320): where an epoch ended here, so that a reader finds the point where histories part. */
export const offsetForLeaderEpoch = apiHandler({
  api: Apis.OffsetForLeaderEpoch,
  request: OffsetForLeaderEpochRequest,
  response: OffsetForLeaderEpochResponse,
  handle: async (request, _context, broker) => ({
    topics: await Promise.all(
      request.topics.map(async ({ topic, partitions }) => ({
        topic,
        partitions: await Promise.all(partitions.map((asked) => answer(topic, asked, broker))),
      })),
    ),
  }),
  refuse: (errorCode, _message, request) => ({
    topics: request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({ partition, errorCode })),
    })),
  }),
})
