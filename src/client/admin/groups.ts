import { Apis, type ErrorCode, Errors } from '../../protocol/index.ts'
import { ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse } from '../../protocol/messages/consumer-group-describe.ts'
import { DeleteGroupsRequest, DeleteGroupsResponse } from '../../protocol/messages/delete-groups.ts'
import { DescribeGroupsRequest, DescribeGroupsResponse } from '../../protocol/messages/describe-groups.ts'
import { LeaveGroupRequest, LeaveGroupResponse } from '../../protocol/messages/leave-group.ts'
import { ListGroupsRequest, ListGroupsResponse } from '../../protocol/messages/list-groups.ts'
import { call } from '../call.ts'
import { type ItemResult, itemResult, throwIfError } from '../client-error.ts'
import { decodeAssignment, decodeSubscription } from '../consumer-protocol.ts'
import { type AdminContext, type AdminOptions, matchResults, type TopicPartition, toBrokers, toCoordinators } from './routes.ts'
import { describeShareGroups } from './share-groups.ts'
import { describeStreamsAsGroups } from './streams-groups.ts'

const listGroupsCall = call(Apis.ListGroups, ListGroupsRequest, ListGroupsResponse)
const describeGroupsCall = call(Apis.DescribeGroups, DescribeGroupsRequest, DescribeGroupsResponse)
const consumerDescribeCall = call(Apis.ConsumerGroupDescribe, ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse)
const deleteGroupsCall = call(Apis.DeleteGroups, DeleteGroupsRequest, DeleteGroupsResponse)
const leaveGroupCall = call(Apis.LeaveGroup, LeaveGroupRequest, LeaveGroupResponse)

export interface GroupListing {
  readonly groupId: string
  readonly protocolType: string
  /** `Stable`, `Empty`, …; empty when the broker does not say. */
  readonly state: string
  /** `classic`, `consumer`, `share`, `streams`; empty when the broker does not say. */
  readonly type: string
  readonly coordinator: number
}

/** The groups of every broker, by name or in the order of the answers, and which brokers could not be asked. */
export async function listGroups(
  admin: AdminContext,
  options: AdminOptions & { states?: readonly string[]; types?: readonly string[]; inAnswerOrder?: boolean } = {},
): Promise<{ groups: GroupListing[]; failures: ItemResult<number, never>[] }> {
  const { states = [], types = [] } = options
  const minVersion = types.length > 0 ? 5 : states.length > 0 ? 4 : 0
  const results = await toBrokers(admin, 'ListGroups', undefined, options, async (nodeId) => {
    const answer = await admin.cluster.send(
      nodeId,
      listGroupsCall,
      (version) => ({ ...(version >= 4 ? { statesFilter: states } : {}), ...(version >= 5 ? { typesFilter: types } : {}) }),
      { minVersion },
    )
    throwIfError(answer.errorCode, null, `ListGroups of broker ${nodeId}`)
    return answer.groups
  })
  const groups = new Map<string, GroupListing>()
  const failures: ItemResult<number, never>[] = []
  for (const { item: coordinator, error, value } of results) {
    if (error !== null) failures.push({ item: coordinator, error, value: null })
    else {
      for (const { groupId, protocolType, groupState: state, groupType: type } of value) {
        groups.set(groupId, { groupId, protocolType, state, type: type.toLowerCase(), coordinator })
      }
    }
  }
  const listed = [...groups.values()]
  return { groups: options.inAnswerOrder === true ? listed : listed.sort((a, b) => (a.groupId < b.groupId ? -1 : 1)), failures }
}

export interface GroupMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly rackId: string | null
  /** -1 for classic members. */
  readonly memberEpoch: number
  /** What it subscribed to; undefined when its metadata is not a consumer's. */
  readonly topics: readonly string[] | undefined
  readonly topicRegex: string | null
  readonly assignment: readonly TopicPartition[]
  /** KIP-848: what it is to have when the rebalance is over. */
  readonly targetAssignment: readonly TopicPartition[] | null
}

export interface GroupDescription {
  readonly groupId: string
  readonly type: 'classic' | 'consumer' | 'share' | 'streams'
  readonly state: string
  readonly protocolType: string
  /** The assignor in use; empty when there is none. */
  readonly assignor: string
  readonly coordinator: number
  /** -1 for classic groups. */
  readonly groupEpoch: number
  readonly assignmentEpoch: number
  readonly authorizedOperations: number
  readonly members: readonly GroupMember[]
}

/** Groups by id, of whatever type: as consumer groups (KIP-848), and those that are none as classic, share or streams groups. */
export async function describeGroups(
  admin: AdminContext,
  groupIds: readonly string[],
  options: AdminOptions & { includeAuthorizedOperations?: boolean } = {},
): Promise<ItemResult<string, GroupDescription>[]> {
  let results = await describeConsumerGroups(admin, groupIds, options)
  for (const describe of [describeClassicGroups, describeShareGroups, describeStreamsAsGroups]) {
    const left = results.filter(({ error }) => error !== null && notConsumerGroup.has(error.code)).map(({ item }) => item)
    if (left.length === 0) break
    const others = new Map((await describe(admin, left, options)).map((result) => [result.item, result]))
    // A broker that knows no such groups has none: what was said before stands.
    results = results.map((before) => {
      const now = others.get(before.item)
      return now === undefined || (now.error?.code === Errors.UNSUPPORTED_VERSION && describe !== describeClassicGroups) ? before : now
    })
  }
  return results
}

const notConsumerGroup: ReadonlySet<number> = new Set<ErrorCode>([
  Errors.GROUP_ID_NOT_FOUND,
  Errors.UNSUPPORTED_VERSION,
  Errors.INVALID_GROUP_ID,
])

function describeConsumerGroups(
  admin: AdminContext,
  groupIds: readonly string[],
  options: AdminOptions & { includeAuthorizedOperations?: boolean },
): Promise<ItemResult<string, GroupDescription>[]> {
  return toCoordinators(
    admin,
    'ConsumerGroupDescribe',
    groupIds,
    (id) => id,
    options,
    async (nodeId, wanted) => {
      const body = { groupIds: wanted, includeAuthorizedOperations: options.includeAuthorizedOperations ?? false }
      const answer = await admin.cluster.send(nodeId, consumerDescribeCall, body)
      return matchResults(
        wanted,
        (id) => id,
        answer.groups,
        (group) => group.groupId,
        (id, group) =>
          itemResult(id, group.errorCode, group.errorMessage, {
            groupId: id,
            type: 'consumer',
            state: group.groupState,
            protocolType: 'consumer',
            assignor: group.assignorName,
            coordinator: nodeId,
            groupEpoch: group.groupEpoch,
            assignmentEpoch: group.assignmentEpoch,
            authorizedOperations: group.authorizedOperations,
            members: group.members.map((member) => ({
              memberId: member.memberId,
              groupInstanceId: member.instanceId,
              clientId: member.clientId,
              clientHost: member.clientHost,
              rackId: member.rackId,
              memberEpoch: member.memberEpoch,
              topics: member.subscribedTopicNames,
              topicRegex: member.subscribedTopicRegex,
              assignment: flatten(member.assignment.topicPartitions),
              targetAssignment: flatten(member.targetAssignment.topicPartitions),
            })),
          }),
      )
    },
  )
}

function describeClassicGroups(
  admin: AdminContext,
  groupIds: readonly string[],
  options: AdminOptions & { includeAuthorizedOperations?: boolean },
): Promise<ItemResult<string, GroupDescription>[]> {
  const includeAuthorizedOperations = options.includeAuthorizedOperations ?? false
  return toCoordinators(
    admin,
    'DescribeGroups',
    groupIds,
    (id) => id,
    options,
    async (nodeId, wanted) => {
      const answer = await admin.cluster.send(nodeId, describeGroupsCall, (version) => ({
        groups: wanted,
        ...(version >= 3 ? { includeAuthorizedOperations } : {}),
      }))
      return matchResults(
        wanted,
        (id) => id,
        answer.groups,
        (group) => group.groupId,
        (id, group) => {
          // Before version 6 a group that does not exist is described as a dead one.
          const missing = group.errorCode === Errors.NONE && group.groupState === 'Dead'
          const message = missing ? `group ${id} does not exist` : group.errorMessage
          return itemResult(id, missing ? Errors.GROUP_ID_NOT_FOUND : group.errorCode, message, {
            groupId: id,
            type: 'classic',
            state: group.groupState,
            protocolType: group.protocolType,
            assignor: group.protocolData,
            coordinator: nodeId,
            groupEpoch: -1,
            assignmentEpoch: -1,
            authorizedOperations: group.authorizedOperations,
            members: group.members.map((member) => ({
              memberId: member.memberId,
              groupInstanceId: member.groupInstanceId,
              clientId: member.clientId,
              clientHost: member.clientHost,
              memberEpoch: -1,
              topicRegex: null,
              targetAssignment: null,
              ...consumerSide(group.protocolType, member.memberMetadata, member.memberAssignment),
            })),
          })
        },
      )
    },
  )
}

function consumerSide(protocolType: string, metadata: Buffer, assignment: Buffer): Pick<GroupMember, 'topics' | 'rackId' | 'assignment'> {
  const unknown = { topics: undefined, rackId: null, assignment: [] }
  if (protocolType !== 'consumer' && protocolType !== '') return unknown
  try {
    const subscription = metadata.length === 0 ? undefined : decodeSubscription(metadata)
    return {
      topics: subscription?.topics,
      rackId: subscription?.rackId ?? null,
      assignment: assignment.length === 0 ? [] : decodeAssignment(assignment).partitions,
    }
  } catch {
    return unknown
  }
}

function flatten(topics: readonly { topicName: string; partitions: readonly number[] }[]): TopicPartition[] {
  return topics.flatMap(({ topicName, partitions }) => partitions.map((partition) => ({ topic: topicName, partition })))
}

export function deleteGroups(admin: AdminContext, groupIds: readonly string[], options: AdminOptions = {}): Promise<ItemResult<string>[]> {
  return toCoordinators(
    admin,
    'DeleteGroups',
    groupIds,
    (id) => id,
    options,
    async (nodeId, wanted) => {
      const answer = await admin.cluster.send(nodeId, deleteGroupsCall, { groupsNames: wanted })
      return matchResults(
        wanted,
        (id) => id,
        answer.results,
        (entry) => entry.groupId,
        (id, entry) => itemResult(id, entry.errorCode, null, null),
      )
    },
  )
}

export interface MemberToRemove {
  /** Empty when named by its instance id. */
  readonly memberId?: string
  readonly groupInstanceId?: string
}

/** Removes members of a classic group (KIP-345). */
export async function removeMembers(
  admin: AdminContext,
  groupId: string,
  members: readonly MemberToRemove[],
  options: AdminOptions & { reason?: string } = {},
): Promise<ItemResult<MemberToRemove>[]> {
  const reason = options.reason ?? 'member was removed by an operator'
  const [result] = await toCoordinators(
    admin,
    'LeaveGroup',
    [groupId],
    (id) => id,
    options,
    async (nodeId) => {
      const answer = await admin.cluster.send(
        nodeId,
        leaveGroupCall,
        (version) => ({
          groupId,
          members: members.map((member) => ({
            memberId: member.memberId ?? '',
            groupInstanceId: member.groupInstanceId ?? null,
            ...(version >= 5 ? { reason } : {}),
          })),
        }),
        { minVersion: 3 },
      )
      return [itemResult(groupId, answer.errorCode, null, answer.members)]
    },
  )
  if (result.error !== null) return members.map((item) => ({ item, error: result.error, value: null }))
  const keyOf = (member: { memberId?: string; groupInstanceId?: string | null }): string => member.groupInstanceId ?? member.memberId ?? ''
  return matchResults(members, keyOf, result.value, keyOf, (item, entry) => itemResult(item, entry.errorCode, null, null))
}
