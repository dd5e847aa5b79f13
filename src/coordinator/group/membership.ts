import { type ErrorCode, Errors, type Message, type MessageInput } from '../../protocol/index.ts'
import type { HeartbeatRequest } from '../../protocol/messages/heartbeat.ts'
import type { LeaveGroupRequest, LeaveGroupResponse } from '../../protocol/messages/leave-group.ts'
import { ClassicGroup } from './classic-group.ts'
import type { GroupState } from './group-state.ts'
import { completeJoinIfReady, rebalance, removeMember, setSession } from './rebalance.ts'
import type { Turn } from './turn.ts'

type LeaveRequest = Message<typeof LeaveGroupRequest>
type Leaving = LeaveRequest['members'][number]
type LeaveAnswer = MessageInput<typeof LeaveGroupResponse>

/** Heartbeat: the error code is the whole answer. */
export const heartbeat = (state: GroupState, turn: Turn, request: Message<typeof HeartbeatRequest>): ErrorCode => {
  const group = state.groups.get(request.groupId)
  if (!(group instanceof ClassicGroup)) return Errors.UNKNOWN_MEMBER_ID
  if (group.is('Dead')) return Errors.COORDINATOR_NOT_AVAILABLE
  const error = group.checkMember(request.memberId, request.groupInstanceId)
  if (error !== Errors.NONE) return error
  if (request.generationId !== group.generationId) return Errors.ILLEGAL_GENERATION
  if (group.is('Empty')) return Errors.UNKNOWN_MEMBER_ID
  setSession(turn, group, group.members.get(request.memberId)!)
  return group.is('PreparingRebalance') ? Errors.REBALANCE_IN_PROGRESS : Errors.NONE
}

/** LeaveGroup, of one member or of many (KIP-345: an operator removes instances by their instance id alone). */
export const leaveGroup = (state: GroupState, turn: Turn, request: LeaveRequest): LeaveAnswer => {
  const group = state.groups.get(request.groupId)
  if (!(group instanceof ClassicGroup)) return leaveAnswer(request, () => Errors.UNKNOWN_MEMBER_ID)
  if (group.is('Dead')) return { errorCode: Errors.COORDINATOR_NOT_AVAILABLE }
  let left = 0
  const answer = leaveAnswer(request, (leaving) => {
    const error = leaveOne(turn, group, leaving)
    if (error === Errors.NONE) left++
    return error
  })
  if (left > 0) {
    if (group.is('Stable', 'CompletingRebalance')) rebalance(turn, group)
    else completeJoinIfReady(turn, group)
  }
  return answer
}

const leaveAnswer = (request: LeaveRequest, errorOf: (leaving: Leaving) => ErrorCode): LeaveAnswer => ({
  members: request.members.map((leaving) => ({
    memberId: leaving.memberId,
    groupInstanceId: leaving.groupInstanceId,
    errorCode: errorOf(leaving),
  })),
})

const leaveOne = (turn: Turn, group: ClassicGroup, { memberId, groupInstanceId }: Leaving): ErrorCode => {
  if (group.pendingMembers.has(memberId)) {
    group.remove(memberId)
    turn.cancelSession(group.groupId, memberId)
    return Errors.NONE
  }
  const byInstance = memberId === ''
  const error = byInstance ? Errors.NONE : group.checkMember(memberId, groupInstanceId)
  if (error !== Errors.NONE) return error
  const member = byInstance ? group.staticMember(groupInstanceId ?? '') : group.members.get(memberId)
  if (member === undefined || (byInstance && groupInstanceId === null)) return Errors.UNKNOWN_MEMBER_ID
  turn.cancelSession(group.groupId, member.memberId)
  removeMember(turn, group, member)
  return Errors.NONE
}
