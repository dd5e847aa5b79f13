import type { PartitionLog } from '../../log/index.ts'
import { invalidTopicName } from '../../metadata/index.ts'
import { Apis, Errors, errorText, type MessageInput } from '../../protocol/index.ts'
import { DescribeProducersRequest, DescribeProducersResponse } from '../../protocol/messages/describe-producers.ts'
import { apiHandler } from '../api-handler.ts'
import type { BrokerParts } from '../parts.ts'

type PartitionAnswer = NonNullable<NonNullable<MessageInput<typeof DescribeProducersResponse>['topics']>[number]['partitions']>[number]

const activeProducers = (log: PartitionLog, now: number): PartitionAnswer['activeProducers'] => {
  const { producers } = log
  return [...producers.states.values()]
    .filter((state) => !producers.isExpired(state, now))
    .map((state) => ({
      producerId: state.producerId,
      producerEpoch: state.epoch,
      lastSequence: state.lastSequence,
      lastTimestamp: state.lastTimestamp,
      coordinatorEpoch: state.coordinatorEpoch,
      currentTxnStartOffset: state.transactionFirstOffset,
    }))
}

const describe = async (name: string, partitionIndex: number, broker: BrokerParts): Promise<PartitionAnswer> => {
  const problem = invalidTopicName(name)
  if (problem !== undefined) return { partitionIndex, errorCode: Errors.INVALID_TOPIC_EXCEPTION, errorMessage: problem }
  const topic = broker.image.topic(name)
  const unknown = Errors.UNKNOWN_TOPIC_OR_PARTITION
  if (topic === undefined || !topic.partitions.has(partitionIndex))
    return { partitionIndex, errorCode: unknown, errorMessage: errorText(unknown) }
  await broker.partitions.ready(topic.id, partitionIndex)
  const partition = broker.partitions.find(topic.id, partitionIndex)
  if (partition === undefined) return { partitionIndex, errorCode: broker.partitions.missing(topic.id, partitionIndex) }
  if (!partition.isLeader) return { partitionIndex, errorCode: Errors.NOT_LEADER_OR_FOLLOWER }
  return { partitionIndex, errorCode: Errors.NONE, activeProducers: activeProducers(partition.log, broker.host.clock.now()) }
}

/** DescribeProducers (KIP-664): the producers that a partition remembers, with their open transactions. */
export const describeProducers = apiHandler({
  api: Apis.DescribeProducers,
  request: DescribeProducersRequest,
  response: DescribeProducersResponse,
  handle: async (request, _context, broker) => ({
    topics: await Promise.all(
      request.topics.map(async ({ name, partitionIndexes }) => ({
        name,
        partitions: await Promise.all(partitionIndexes.map((index) => describe(name, index, broker))),
      })),
    ),
  }),
  refuse: (errorCode, errorMessage, request) => ({
    topics: request.topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode, errorMessage })),
    })),
  }),
})
