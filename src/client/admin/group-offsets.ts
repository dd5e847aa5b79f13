import { Apis, Errors } from '../../protocol/index.ts'
import { OffsetCommitRequest, OffsetCommitResponse } from '../../protocol/messages/offset-commit.ts'
import { OffsetDeleteRequest, OffsetDeleteResponse } from '../../protocol/messages/offset-delete.ts'
import { OffsetFetchRequest, OffsetFetchResponse } from '../../protocol/messages/offset-fetch.ts'
import { call } from '../call.ts'
import { type ItemResult, itemResult } from '../client-error.ts'
import { type AdminContext, type AdminOptions, byTopic, matchResults, partitionKey, type TopicPartition, toCoordinators } from './routes.ts'

export const offsetFetchCall = call(Apis.OffsetFetch, OffsetFetchRequest, OffsetFetchResponse)
export const offsetCommitCall = call(Apis.OffsetCommit, OffsetCommitRequest, OffsetCommitResponse)
const offsetDeleteCall = call(Apis.OffsetDelete, OffsetDeleteRequest, OffsetDeleteResponse)

/** From version 10 on these two APIs name topics by id, which tools that speak of names do not need. */
const namedTopicsVersionMax = 9

export interface CommittedOffset extends TopicPartition {
  readonly offset: number | bigint
  /** -1: not said. */
  readonly leaderEpoch: number
  readonly metadata: string
}

/** Committed offsets per group: of the partitions given, or of all that have one. Partitions without one are left out. */
export function listGroupOffsets(
  admin: AdminContext,
  groupIds: readonly string[],
  options: AdminOptions & { partitions?: readonly TopicPartition[]; requireStable?: boolean } = {},
): Promise<ItemResult<string, ItemResult<TopicPartition, CommittedOffset>[]>[]> {
  const { partitions, requireStable = false } = options
  const topics =
    partitions === undefined ? null : byTopic(partitions, (name, list) => ({ name, partitionIndexes: list.map((each) => each.partition) }))
  return toCoordinators(
    admin,
    'OffsetFetch',
    groupIds,
    (id) => id,
    options,
    async (nodeId, wanted) => {
      const { cluster } = admin
      const version = await cluster.versionAt(nodeId, Apis.OffsetFetch)
      const stable = version >= 7 ? { requireStable } : {}
      const batches = version >= 8 ? [wanted] : wanted.map((id) => [id])
      const results: ItemResult<string, ItemResult<TopicPartition, CommittedOffset>[]>[] = []
      for (const batch of batches) {
        const body =
          version >= 8 ? { groups: batch.map((groupId) => ({ groupId, topics })), ...stable } : { groupId: batch[0], topics, ...stable }
        const answer = await cluster.send(nodeId, offsetFetchCall, body, { maxVersion: namedTopicsVersionMax, minVersion: 2 })
        const groups = version >= 8 ? answer.groups : [{ groupId: batch[0], topics: answer.topics, errorCode: answer.errorCode }]
        results.push(
          ...matchResults(
            batch,
            (id) => id,
            groups,
            (group) => group.groupId,
            (id, group) => itemResult(id, group.errorCode, null, group.topics.flatMap(committedOf)),
          ),
        )
      }
      return results
    },
  )
}

type TopicOffsets = {
  name: string
  partitions: {
    partitionIndex: number
    committedOffset: number | bigint
    committedLeaderEpoch: number
    metadata: string | null
    errorCode: number
  }[]
}

function committedOf(topic: TopicOffsets): ItemResult<TopicPartition, CommittedOffset>[] {
  const results: ItemResult<TopicPartition, CommittedOffset>[] = []
  for (const each of topic.partitions) {
    if (each.errorCode === Errors.NONE && each.committedOffset < 0) continue
    const item = { topic: topic.name, partition: each.partitionIndex }
    const value = { ...item, offset: each.committedOffset, leaderEpoch: each.committedLeaderEpoch, metadata: each.metadata ?? '' }
    results.push(itemResult(item, each.errorCode, null, value))
  }
  return results
}

export interface OffsetToCommit extends TopicPartition {
  readonly offset: number | bigint
  readonly leaderEpoch?: number
  readonly metadata?: string
}

/** Commits as an operator, which a group with members refuses. */
export async function alterGroupOffsets(
  admin: AdminContext,
  groupId: string,
  offsets: readonly OffsetToCommit[],
  options: AdminOptions = {},
): Promise<ItemResult<OffsetToCommit>[]> {
  return toCoordinators(
    admin,
    'OffsetCommit',
    offsets,
    () => groupId,
    options,
    async (nodeId, wanted) => {
      const answer = await admin.cluster.send(
        nodeId,
        offsetCommitCall,
        (version) => ({
          groupId,
          topics: byTopic(wanted, (name, list) => ({
            name,
            partitions: list.map((each) => ({
              partitionIndex: each.partition,
              committedOffset: each.offset,
              committedMetadata: each.metadata ?? '',
              ...(version >= 6 ? { committedLeaderEpoch: each.leaderEpoch ?? -1 } : {}),
            })),
          })),
        }),
        { maxVersion: namedTopicsVersionMax },
      )
      const entries = answer.topics.flatMap((topic) =>
        topic.partitions.map((each) => ({ topic: topic.name, partition: each.partitionIndex, ...each })),
      )
      return matchResults(wanted, partitionKey, entries, partitionKey, (item, entry) => itemResult(item, entry.errorCode, null, null))
    },
  )
}

export async function deleteGroupOffsets(
  admin: AdminContext,
  groupId: string,
  partitions: readonly TopicPartition[],
  options: AdminOptions = {},
): Promise<ItemResult<TopicPartition>[]> {
  return toCoordinators(
    admin,
    'OffsetDelete',
    partitions,
    () => groupId,
    options,
    async (nodeId, wanted) => {
      const topics = byTopic(wanted, (name, list) => ({ name, partitions: list.map((each) => ({ partitionIndex: each.partition })) }))
      const answer = await admin.cluster.send(nodeId, offsetDeleteCall, { groupId, topics })
      if (answer.errorCode !== Errors.NONE) return wanted.map((item) => itemResult(item, answer.errorCode, null, null))
      const entries = answer.topics.flatMap((topic) =>
        topic.partitions.map((each) => ({ topic: topic.name, partition: each.partitionIndex, ...each })),
      )
      return matchResults(wanted, partitionKey, entries, partitionKey, (item, entry) => itemResult(item, entry.errorCode, null, null))
    },
  )
}
