import type { Clock } from '../../host/index.ts'
import { isInternalTopic } from '../../metadata/index.ts'
import { Apis, type ErrorCode, Errors, type MessageInput } from '../../protocol/index.ts'
import { DeleteRecordsRequest, DeleteRecordsResponse } from '../../protocol/messages/delete-records.ts'
import type { Partition } from '../../replica/index.ts'
import { apiHandler } from '../api-handler.ts'
import type { BrokerParts } from '../parts.ts'

type PartitionAnswer = NonNullable<NonNullable<MessageInput<typeof DeleteRecordsResponse>['topics']>[number]['partitions']>[number]

/** Waits until the followers have done the same; when that takes too long, what is deleted everywhere by then is told with the error. */
const deletedEverywhere = (partition: Partition, offset: number, timeoutMs: number, clock: Clock): Promise<ErrorCode> =>
  new Promise((resolve) => {
    if (partition.lowWatermark >= offset) return resolve(Errors.NONE)
    let stopWaiting = (): void => {}
    const timer = clock.after(Math.max(timeoutMs, 0), () => {
      stopWaiting()
      resolve(Errors.REQUEST_TIMED_OUT)
    })
    stopWaiting = partition.whenDeleted(offset, (errorCode) => {
      timer.cancel()
      resolve(errorCode)
    })
  })

const remove = async (
  topic: string,
  partitionIndex: number,
  offset: number,
  timeoutMs: number,
  broker: BrokerParts,
): Promise<PartitionAnswer> => {
  const refused = (errorCode: number): PartitionAnswer => ({ partitionIndex, errorCode, lowWatermark: -1 })
  const found = broker.image.topic(topic)
  if (found === undefined || !found.partitions.has(partitionIndex)) return refused(Errors.UNKNOWN_TOPIC_OR_PARTITION)
  if (isInternalTopic(topic)) return refused(Errors.INVALID_TOPIC_EXCEPTION)
  await broker.partitions.ready(found.id, partitionIndex)
  const partition = broker.partitions.find(found.id, partitionIndex)
  if (partition === undefined) return refused(broker.partitions.missing(found.id, partitionIndex))
  const result = partition.deleteRecordsBelow(offset)
  if (typeof result !== 'number') return refused(Errors[result])
  const errorCode = await deletedEverywhere(partition, result, timeoutMs, broker.host.clock)
  return { partitionIndex, errorCode, lowWatermark: partition.lowWatermark }
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
        partitions: await Promise.all(
          partitions.map(({ partitionIndex, offset }) => remove(name, partitionIndex, offset, request.timeoutMs, broker)),
        ),
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
