import {
  EARLIEST_LOCAL_TIMESTAMP,
  EARLIEST_PENDING_UPLOAD_TIMESTAMP,
  EARLIEST_TIMESTAMP,
  LATEST_TIERED_TIMESTAMP,
  LATEST_TIMESTAMP,
  MAX_TIMESTAMP,
  type ReadBound,
} from '../../log/index.ts'
import { Apis, Errors, type Message, type MessageInput } from '../../protocol/index.ts'
import { ListOffsetsRequest, ListOffsetsResponse } from '../../protocol/messages/list-offsets.ts'
import { apiHandler } from '../api-handler.ts'
import type { BrokerParts } from '../parts.ts'

type Request = Message<typeof ListOffsetsRequest>
type PartitionRequest = Request['topics'][number]['partitions'][number]
type PartitionAnswer = NonNullable<NonNullable<MessageInput<typeof ListOffsetsResponse>['topics']>[number]['partitions']>[number]

const CONSUMER = -1
/** Tools that look at one replica (kafka-replica-verification), whoever leads. */
const DEBUGGING = -2
const READ_COMMITTED = 1
const OFFSET_NOT_AVAILABLE_SINCE = 5

/** Timestamps below 0 have a meaning of their own, each from a version on. */
const specialSince: ReadonlyMap<number, number> = new Map([
  [LATEST_TIMESTAMP, 1],
  [EARLIEST_TIMESTAMP, 1],
  [MAX_TIMESTAMP, 7],
  [EARLIEST_LOCAL_TIMESTAMP, 8],
  [LATEST_TIERED_TIMESTAMP, 9],
  [EARLIEST_PENDING_UPLOAD_TIMESTAMP, 11],
])

const unknown = (partitionIndex: number, errorCode: number): PartitionAnswer => ({ partitionIndex, errorCode, timestamp: -1, offset: -1 })

const find = async (
  topic: string,
  asked: PartitionRequest,
  upTo: ReadBound,
  { version, onlyFromLeader }: { version: number; onlyFromLeader: boolean },
  broker: BrokerParts,
): Promise<PartitionAnswer> => {
  const { partitionIndex, currentLeaderEpoch } = asked
  // Beyond 2^53 no record can match: the comparison with the nearest number comes out the same.
  const timestamp = Number(asked.timestamp)
  if (timestamp < 0 && version < (specialSince.get(timestamp) ?? Number.POSITIVE_INFINITY))
    return unknown(partitionIndex, Errors.UNSUPPORTED_VERSION)
  const found = broker.image.topic(topic)
  if (found === undefined || !found.partitions.has(partitionIndex)) return unknown(partitionIndex, Errors.UNKNOWN_TOPIC_OR_PARTITION)
  await broker.partitions.ready(found.id, partitionIndex)
  const partition = broker.partitions.find(found.id, partitionIndex)
  if (partition === undefined) return unknown(partitionIndex, broker.partitions.missing(found.id, partitionIndex))
  const epochError = partition.checkLeaderEpoch(currentLeaderEpoch, onlyFromLeader)
  if (epochError !== Errors.NONE) return unknown(partitionIndex, epochError)
  const answer = await partition.offsetFor(timestamp, upTo)
  if (answer === undefined) return unknown(partitionIndex, Errors.NONE)
  if (answer === 'OFFSET_NOT_AVAILABLE')
    return unknown(partitionIndex, version >= OFFSET_NOT_AVAILABLE_SINCE ? Errors.OFFSET_NOT_AVAILABLE : Errors.LEADER_NOT_AVAILABLE)
  const leaderEpoch = version >= 4 ? answer.leaderEpoch : -1
  return { partitionIndex, errorCode: Errors.NONE, timestamp: answer.timestamp, offset: answer.offset, leaderEpoch }
}

const duplicates = (request: Request): Set<string> => {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const { name, partitions } of request.topics) {
    for (const { partitionIndex } of partitions) {
      const key = `${name}:${partitionIndex}`
      if (seen.has(key)) twice.add(key)
      seen.add(key)
    }
  }
  return twice
}

/** ListOffsets: offsets by timestamp, and by the special timestamps for both ends of a log, its youngest record and its tiers. */
export const listOffsets = apiHandler({
  api: Apis.ListOffsets,
  request: ListOffsetsRequest,
  response: ListOffsetsResponse,
  handle: async (request, { version }, broker) => {
    const twice = duplicates(request)
    const upTo =
      request.replicaId !== CONSUMER ? 'log-end' : request.isolationLevel === READ_COMMITTED ? 'last-stable-offset' : 'high-watermark'
    return {
      topics: await Promise.all(
        request.topics.map(async ({ name, partitions }) => ({
          name,
          partitions: await Promise.all(
            partitions.map((asked) =>
              twice.has(`${name}:${asked.partitionIndex}`)
                ? unknown(asked.partitionIndex, Errors.INVALID_REQUEST)
                : find(name, asked, upTo, { version, onlyFromLeader: request.replicaId !== DEBUGGING }, broker),
            ),
          ),
        })),
      ),
    }
  },
  refuse: (errorCode, _message, request) => ({
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => unknown(partitionIndex, errorCode)),
    })),
  }),
})
