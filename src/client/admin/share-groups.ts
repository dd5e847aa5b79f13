import { Apis } from '../../protocol/index.ts'
import { AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse } from '../../protocol/messages/alter-share-group-offsets.ts'
import { DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse } from '../../protocol/messages/delete-share-group-offsets.ts'
import {
  DescribeShareGroupOffsetsRequest,
  DescribeShareGroupOffsetsResponse,
} from '../../protocol/messages/describe-share-group-offsets.ts'
import { ShareGroupDescribeRequest, ShareGroupDescribeResponse } from '../../protocol/messages/share-group-describe.ts'
import { call } from '../call.ts'
import { type ItemResult, itemResult } from '../client-error.ts'
import type { GroupDescription } from './groups.ts'
import { type AdminContext, type AdminOptions, byTopic, matchResults, partitionKey, type TopicPartition, toCoordinators } from './routes.ts'

const shareDescribeCall = call(Apis.ShareGroupDescribe, ShareGroupDescribeRequest, ShareGroupDescribeResponse)
const describeOffsetsCall = call(Apis.DescribeShareGroupOffsets, DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse)
const deleteOffsetsCall = call(Apis.DeleteShareGroupOffsets, DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse)
const alterOffsetsCall = call(Apis.AlterShareGroupOffsets, AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse)

/** Share groups (KIP-932). */
export function describeShareGroups(
  admin: AdminContext,
  groupIds: readonly string[],
  options: AdminOptions & { includeAuthorizedOperations?: boolean } = {},
): Promise<ItemResult<string, GroupDescription>[]> {
  const idOf = (id: string): string => id
  return toCoordinators(admin, 'ShareGroupDescribe', groupIds, idOf, options, async (nodeId, wanted) => {
    const body = { groupIds: wanted, includeAuthorizedOperations: options.includeAuthorizedOperations ?? false }
    const { groups } = await admin.cluster.send(nodeId, shareDescribeCall, body)
    return matchResults(
      wanted,
      idOf,
      groups,
      (group) => group.groupId,
      (id, group) =>
        itemResult(id, group.errorCode, group.errorMessage, {
          ...{ groupId: id, type: 'share', state: group.groupState, protocolType: 'share', assignor: group.assignorName },
          ...{ coordinator: nodeId, groupEpoch: group.groupEpoch, assignmentEpoch: group.assignmentEpoch },
          authorizedOperations: group.authorizedOperations,
          members: group.members.map((member) => ({
            ...{ memberId: member.memberId, groupInstanceId: null, clientId: member.clientId, clientHost: member.clientHost },
            ...{ rackId: member.rackId, memberEpoch: member.memberEpoch, topics: member.subscribedTopicNames, topicRegex: null },
            assignment: member.assignment.topicPartitions.flatMap(({ topicName, partitions }) =>
              partitions.map((partition) => ({ topic: topicName, partition })),
            ),
            targetAssignment: null,
          })),
        }),
    )
  })
}

/** Where a share group begins in a partition: what lies before was delivered for good. */
export interface ShareOffset extends TopicPartition {
  /** -1: the group has not begun there. */
  readonly startOffset: number | bigint
  /** -1: not known. */
  readonly leaderEpoch: number
  /** Records that are still to be delivered (KIP-1226); -1: not said. */
  readonly lag: number | bigint
}

/** Of all partitions that the groups have begun with. */
export function listShareGroupOffsets(
  admin: AdminContext,
  groupIds: readonly string[],
  options: AdminOptions = {},
): Promise<ItemResult<string, ItemResult<TopicPartition, ShareOffset>[]>[]> {
  const idOf = (id: string): string => id
  return toCoordinators(admin, 'DescribeShareGroupOffsets', groupIds, idOf, options, async (nodeId, wanted) => {
    const answer = await admin.cluster.send(nodeId, describeOffsetsCall, { groups: wanted.map((groupId) => ({ groupId, topics: null })) })
    return matchResults(
      wanted,
      idOf,
      answer.groups,
      (group) => group.groupId,
      (id, group) => itemResult(id, group.errorCode, group.errorMessage, group.topics.flatMap(offsetsOf)),
    )
  })
}

type TopicOffsets = {
  topicName: string
  partitions: {
    partitionIndex: number
    startOffset: number | bigint
    leaderEpoch: number
    lag: number | bigint
    errorCode: number
    errorMessage: string | null
  }[]
}

function offsetsOf({ topicName, partitions }: TopicOffsets): ItemResult<TopicPartition, ShareOffset>[] {
  return partitions.map(({ partitionIndex, startOffset, leaderEpoch, lag, errorCode, errorMessage }) => {
    const item = { topic: topicName, partition: partitionIndex }
    return itemResult(item, errorCode, errorMessage, { ...item, startOffset, leaderEpoch, lag })
  })
}

/** Has an empty share group begin elsewhere; what of it was in delivery is forgotten. */
export async function alterShareGroupOffsets(
  admin: AdminContext,
  groupId: string,
  offsets: readonly (TopicPartition & { readonly offset: number })[],
  options: AdminOptions = {},
): Promise<ItemResult<TopicPartition>[]> {
  const [result] = await toCoordinators(
    admin,
    'AlterShareGroupOffsets',
    [groupId],
    (id) => id,
    options,
    async (nodeId) => {
      const topics = byTopic(offsets, (topicName, list) => ({
        topicName,
        partitions: list.map(({ partition, offset }) => ({ partitionIndex: partition, startOffset: offset })),
      }))
      const answer = await admin.cluster.send(nodeId, alterOffsetsCall, { groupId, topics })
      return [itemResult(groupId, answer.errorCode, answer.errorMessage, answer.responses)]
    },
  )
  if (result!.error !== null) return offsets.map((item) => ({ item, error: result!.error, value: null }))
  const entries = result!.value.flatMap(({ topicName, partitions }) =>
    partitions.map((each) => ({ topic: topicName, partition: each.partitionIndex, ...each })),
  )
  return matchResults(offsets, partitionKey, entries, partitionKey, (item, entry) =>
    itemResult(item, entry.errorCode, entry.errorMessage, null),
  )
}

/** Has an empty share group forget topics: an error of the group, or an answer for each topic. */
export async function deleteShareGroupOffsets(
  admin: AdminContext,
  groupId: string,
  topics: readonly string[],
  options: AdminOptions = {},
): Promise<ItemResult<string, ItemResult<string>[]>> {
  const ask = async (nodeId: number): Promise<ItemResult<string, ItemResult<string>[]>[]> => {
    const body = { groupId, topics: topics.map((topicName) => ({ topicName })) }
    const answer = await admin.cluster.send(nodeId, deleteOffsetsCall, body)
    const results = answer.responses.map((each) => itemResult(each.topicName, each.errorCode, each.errorMessage, null))
    return [itemResult(groupId, answer.errorCode, answer.errorMessage, results)]
  }
  const [result] = await toCoordinators(admin, 'DeleteShareGroupOffsets', [groupId], (id) => id, options, ask)
  return result!
}
