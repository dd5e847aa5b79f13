import { Apis, type Message } from '../../protocol/index.ts'
import { StreamsGroupDescribeRequest, StreamsGroupDescribeResponse } from '../../protocol/messages/streams-group-describe.ts'
import { call } from '../call.ts'
import { type ItemResult, itemResult } from '../client-error.ts'
import type { GroupDescription, GroupMember } from './groups.ts'
import { type AdminContext, type AdminOptions, matchResults, type TopicPartition, toCoordinators } from './routes.ts'

const streamsDescribeCall = call(Apis.StreamsGroupDescribe, StreamsGroupDescribeRequest, StreamsGroupDescribeResponse)
type Group = Message<typeof StreamsGroupDescribeResponse>['groups'][number]

/** A part of what a member does: it runs a part of the topology for each of these partitions. */
export interface StreamsTasks {
  readonly subtopologyId: string
  readonly partitions: readonly number[]
}

export interface StreamsAssignment {
  readonly activeTasks: readonly StreamsTasks[]
  readonly standbyTasks: readonly StreamsTasks[]
  readonly warmupTasks: readonly StreamsTasks[]
}

export interface StreamsMember extends GroupMember {
  readonly processId: string
  /** It has come from the classic protocol. */
  readonly isClassic: boolean
  readonly tasks: StreamsAssignment
  readonly targetTasks: StreamsAssignment
}

/** A part of a topology, by the topics between which it stands. */
export interface Subtopology {
  readonly subtopologyId: string
  readonly sourceTopics: readonly string[]
  /** Topics that the application made for itself to read them. */
  readonly repartitionSourceTopics: readonly string[]
  readonly stateChangelogTopics: readonly string[]
}

export interface StreamsGroupDescription extends GroupDescription {
  readonly topologyEpoch: number
  readonly subtopologies: readonly Subtopology[]
  readonly members: readonly StreamsMember[]
}

/** Groups of Kafka Streams applications (KIP-1071). The partitions of a member are what its active tasks read. */
export function describeStreamsGroups(
  admin: AdminContext,
  groupIds: readonly string[],
  options: AdminOptions & { includeAuthorizedOperations?: boolean } = {},
): Promise<ItemResult<string, StreamsGroupDescription>[]> {
  const idOf = (id: string): string => id
  return toCoordinators(admin, 'StreamsGroupDescribe', groupIds, idOf, options, async (nodeId, wanted) => {
    const body = { groupIds: wanted, includeAuthorizedOperations: options.includeAuthorizedOperations ?? false }
    const { groups } = await admin.cluster.send(nodeId, streamsDescribeCall, body)
    return matchResults(
      wanted,
      idOf,
      groups,
      (group) => group.groupId,
      (id, group) =>
        itemResult(id, group.errorCode, group.errorMessage, {
          ...{ groupId: id, type: 'streams', state: group.groupState, protocolType: 'streams', assignor: '' },
          ...{ coordinator: nodeId, groupEpoch: group.groupEpoch, assignmentEpoch: group.assignmentEpoch },
          authorizedOperations: group.authorizedOperations,
          topologyEpoch: group.topology?.epoch ?? -1,
          subtopologies: (group.topology?.subtopologies ?? []).map((part) => ({
            ...{ subtopologyId: part.subtopologyId, sourceTopics: part.sourceTopics },
            repartitionSourceTopics: part.repartitionSourceTopics.map(({ name }) => name),
            stateChangelogTopics: part.stateChangelogTopics.map(({ name }) => name),
          })),
          members: group.members.map((member) => ({
            ...{ memberId: member.memberId, groupInstanceId: member.instanceId, clientId: member.clientId, clientHost: member.clientHost },
            ...{ rackId: member.rackId, memberEpoch: member.memberEpoch, topics: undefined, topicRegex: null },
            assignment: partitionsOf(group, member.assignment),
            targetAssignment: partitionsOf(group, member.targetAssignment),
            ...{ processId: member.processId, isClassic: member.isClassic },
            ...{ tasks: member.assignment, targetTasks: member.targetAssignment },
          })),
        }),
    )
  })
}

/** A task reads one partition of each topic that its part of the topology begins with. */
function partitionsOf({ topology }: Group, { activeTasks }: Group['members'][number]['assignment']): TopicPartition[] {
  return activeTasks.flatMap(({ subtopologyId, partitions }) => {
    const part = topology?.subtopologies?.find((each) => each.subtopologyId === subtopologyId)
    const topics = [...(part?.sourceTopics ?? []), ...(part?.repartitionSourceTopics ?? []).map(({ name }) => name)]
    return topics.flatMap((topic) => partitions.map((partition) => ({ topic, partition })))
  })
}

/** With no more than groups of every type have. */
export async function describeStreamsAsGroups(
  ...asked: Parameters<typeof describeStreamsGroups>
): Promise<ItemResult<string, GroupDescription>[]> {
  return (await describeStreamsGroups(...asked)).map((result) => {
    if (result.error !== null) return result
    const { topologyEpoch: _epoch, subtopologies: _parts, members, ...group } = result.value
    const plain = members.map(({ processId: _process, isClassic: _classic, tasks: _tasks, targetTasks: _target, ...member }) => member)
    return { ...result, value: { ...group, members: plain } }
  })
}
