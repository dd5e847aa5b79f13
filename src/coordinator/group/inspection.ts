import { type ErrorCode, Errors, type MessageInput } from '../../protocol/index.ts'
import type { DeleteGroupsResponse } from '../../protocol/messages/delete-groups.ts'
import type { DescribeGroupsResponse } from '../../protocol/messages/describe-groups.ts'
import type { ListGroupsResponse } from '../../protocol/messages/list-groups.ts'
import { ClassicGroup } from './classic-group.ts'
import type { Group, GroupState } from './group-state.ts'
import { deleteAllOffsets } from './offsets.ts'
import { classicGroupRecord } from './records.ts'
import type { Turn } from './turn.ts'

export type DescribedGroup = NonNullable<MessageInput<typeof DescribeGroupsResponse>['groups']>[number]
export type ListedGroup = NonNullable<MessageInput<typeof ListGroupsResponse>['groups']>[number]
export type DeletedGroup = NonNullable<MessageInput<typeof DeleteGroupsResponse>['results']>[number]

/** KIP-1043: from this version on a group that is not there is an error, not a group in state Dead. */
const NOT_FOUND_VERSION = 6
const EMPTY = Buffer.alloc(0)

export const describeGroup = (state: GroupState, groupId: string, version: number): DescribedGroup => {
  const group = state.groups.get(groupId)
  if (!(group instanceof ClassicGroup)) {
    if (version < NOT_FOUND_VERSION) return { groupId, groupState: 'Dead' }
    const errorMessage = group === undefined ? `Group ${groupId} not found.` : `Group ${groupId} is not a classic group.`
    return { groupId, groupState: 'Dead', errorCode: Errors.GROUP_ID_NOT_FOUND, errorMessage }
  }
  const stable = group.is('Stable')
  return {
    groupId,
    groupState: group.state,
    protocolType: group.protocolType ?? '',
    protocolData: stable ? (group.protocolName ?? '') : '',
    members: [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: (stable ? member.metadata(group.protocolName) : undefined) ?? EMPTY,
      memberAssignment: member.assignment,
    })),
  }
}

/** Filters are matched without regard to case; empty ones let all pass. A type that nobody knows matches nothing. */
export const listGroups = (state: GroupState, states: readonly string[], types: readonly string[]): ListedGroup[] => {
  const wantedStates = new Set(states.map((name) => name.trim().toLowerCase()))
  const wantedTypes = new Set(types.map((name) => name.toLowerCase()))
  const listed: ListedGroup[] = []
  for (const group of state.groups.values()) {
    const entry = listedGroup(group)
    if (wantedStates.size > 0 && !wantedStates.has(entry.groupState!.toLowerCase())) continue
    if (wantedTypes.size === 0 || wantedTypes.has(entry.groupType!)) listed.push(entry)
  }
  return listed
}

const listedGroup = (group: Group): ListedGroup => {
  const { groupId } = group
  if (group instanceof ClassicGroup) {
    return { groupId, protocolType: group.protocolType ?? '', groupState: group.state, groupType: 'classic' }
  }
  // Whether members of another protocol are reconciled is not known here.
  return { groupId, protocolType: group.type, groupState: group.isEmpty ? 'Empty' : 'Unknown', groupType: group.type }
}

export const deleteGroups = (state: GroupState, turn: Turn, groupIds: readonly string[]): DeletedGroup[] => {
  turn.divisible = true
  // Named twice, a group is deleted once.
  return [...new Set(groupIds)].map((groupId) => ({ groupId, errorCode: deleteGroup(state, turn, groupId) }))
}

const deleteGroup = (state: GroupState, turn: Turn, groupId: string): ErrorCode => {
  const group = state.groups.get(groupId)
  if (group === undefined) return Errors.GROUP_ID_NOT_FOUND
  if (group instanceof ClassicGroup) {
    if (group.is('Dead')) return Errors.GROUP_ID_NOT_FOUND
    if (!group.is('Empty')) return Errors.NON_EMPTY_GROUP
    deleteAllOffsets(state, turn, groupId)
    turn.append(classicGroupRecord(groupId, null))
    return Errors.NONE
  }
  if (!group.isEmpty) return Errors.NON_EMPTY_GROUP
  deleteAllOffsets(state, turn, groupId)
  for (const tombstone of group.tombstones()) turn.append(tombstone)
  return Errors.NONE
}
