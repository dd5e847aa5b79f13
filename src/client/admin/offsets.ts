import { Apis } from '../../protocol/index.ts'
import { ListOffsetsRequest, ListOffsetsResponse } from '../../protocol/messages/list-offsets.ts'
import { call } from '../call.ts'
import { type ItemResult, itemResult } from '../client-error.ts'
import {
  type AdminContext,
  type AdminOptions,
  brokerTimeoutMs,
  byTopic,
  matchResults,
  partitionKey,
  type TopicPartition,
  toLeaders,
} from './routes.ts'

export const listOffsetsCall = call(Apis.ListOffsets, ListOffsetsRequest, ListOffsetsResponse)

/** Special timestamps of ListOffsets and the version that brought each (KIP-734, KIP-405, KIP-1005, KIP-1023). */
export const offsetSpecs = {
  latest: -1,
  earliest: -2,
  maxTimestamp: -3,
  earliestLocal: -4,
  latestTiered: -5,
  earliestPendingUpload: -6,
} as const
export type OffsetSpec = keyof typeof offsetSpecs

const specVersions: Readonly<Record<number, number>> = { [-3]: 7, [-4]: 8, [-5]: 9, [-6]: 11 }

export interface OffsetQuery extends TopicPartition {
  /** A special place, or milliseconds since 1970: the first record at or after that time. */
  readonly at: OffsetSpec | number
}

export interface FoundOffset {
  /** -1: no such record. */
  readonly offset: number
  /** Of the record found; -1 for places that are not a record's. */
  readonly timestamp: number | bigint
  readonly leaderEpoch: number
}

export function timestampOf(at: OffsetSpec | number): number {
  return typeof at === 'number' ? at : offsetSpecs[at]
}

export function minVersionOf(timestamps: readonly number[]): number {
  return Math.max(1, ...timestamps.map((timestamp) => specVersions[timestamp] ?? 1))
}

export function listOffsets(
  admin: AdminContext,
  queries: readonly OffsetQuery[],
  options: AdminOptions & { isolationLevel?: 'read_uncommitted' | 'read_committed' } = {},
): Promise<ItemResult<OffsetQuery, FoundOffset>[]> {
  const isolationLevel = options.isolationLevel === 'read_committed' ? 1 : 0
  return toLeaders(admin, 'ListOffsets', queries, options, async (nodeId, wanted, leftMs) => {
    const { cluster } = admin
    const body = {
      replicaId: -1,
      isolationLevel,
      topics: byTopic(wanted, (name, list) => ({
        name,
        partitions: list.map((each) => ({
          partitionIndex: each.partition,
          currentLeaderEpoch: cluster.view.topics.get(name)?.partitions[each.partition]?.leaderEpoch ?? -1,
          timestamp: timestampOf(each.at),
        })),
      })),
    }
    const answer = await cluster.send(
      nodeId,
      listOffsetsCall,
      (version) => (version >= 10 ? { ...body, timeoutMs: brokerTimeoutMs(admin, leftMs) } : version >= 4 ? body : withoutEpochs(body)),
      { minVersion: minVersionOf(wanted.map((each) => timestampOf(each.at))) },
    )
    const entries = answer.topics.flatMap((topic) =>
      topic.partitions.map((each) => ({ topic: topic.name, partition: each.partitionIndex, ...each })),
    )
    return matchResults(wanted, partitionKey, entries, partitionKey, (item, entry) =>
      itemResult(item, entry.errorCode, null, { offset: entry.offset, timestamp: entry.timestamp, leaderEpoch: entry.leaderEpoch }),
    )
  })
}

type Body = { topics: { name: string; partitions: { partitionIndex: number; currentLeaderEpoch: number; timestamp: number }[] }[] }

function withoutEpochs<B extends Body>(body: B): B {
  const topics = body.topics.map((topic) => ({
    ...topic,
    partitions: topic.partitions.map((each) => ({ ...each, currentLeaderEpoch: -1 })),
  }))
  return { ...body, topics }
}
