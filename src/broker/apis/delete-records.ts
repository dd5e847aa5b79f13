import { isInternalTopic } from '../../metadata/index.ts'
import { Apis, Errors, type MessageInput } from '../../protocol/index.ts'
import { DeleteRecordsRequest, DeleteRecordsResponse } from '../../protocol/messages/delete-records.ts'
import { apiHandler } from '../api-handler.ts'
import type { BrokerParts } from '../parts.ts'

type PartitionAnswer = NonNullable<NonNullable<MessageInput<typeof DeleteRecordsResponse>['topics']>[number]['partitions']>[number]

const remove = async (topic: string, partitionIndex: number, offset: number, broker: BrokerParts): Promise<PartitionAnswer> => {
  const refused = (errorCode: number): PartitionAnswer => ({ partitionIndex, errorCode, lowWatermark: -1 })
  const found = broker.image.topic(topic)
  if (found === undefined || !found.partitions.has(partitionIndex)) return refused(Errors.UNKNOWN_TOPIC_OR_PARTITION)
  if (isInternalTopic(topic)) return refused(Errors.INVALID_TOPIC_EXCEPTION)
  await broker.partitions.ready(found.id, partitionIndex)
  const partition = broker.partitions.find(found.id, partitionIndex)
  if (partition === undefined) return refused(broker.partitions.missing(found.id, partitionIndex))
  const result = partition.deleteRecordsBelow(offset)
  return typeof result === 'number' ? { partitionIndex, errorCode: Errors.NONE, lowWatermark: result } : refused(Errors[result])
}

/** DeleteRecords (KIP-107): moves the log start up to an offset, -1 for the high watermark. */
export const deleteRecords = apiHandler({
  api: Apis.DeleteRecords,
  request: DeleteRecordsRequest,
  response: DeleteRecordsResponse,
  handle: async (request, _context, broker) => ({
    topics: await Promise.all(
      request.topics.map(async ({ name, partitions }) => ({
        name,
        partitions: await Promise.all(partitions.map(({ partitionIndex, offset }) => remove(name, partitionIndex, offset, broker))),
      })),
    ),
  }),
  refuse: (errorCode, _message, request) => ({
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode, lowWatermark: -1 })),
    })),
  }),
})
