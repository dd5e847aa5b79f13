import { type ErrorCode, Errors, type Message } from '../../protocol/index.ts'
import type { SyncGroupRequest } from '../../protocol/messages/sync-group.ts'
import { ClassicGroup } from './classic-group.ts'
import { type ClassicMember, NO_ASSIGNMENT } from './classic-member.ts'
import type { GroupState } from './group-state.ts'
import { answerSync, prepareRebalance, storeError } from './rebalance.ts'
import { classicGroupRecord } from './records.ts'
import type { RequestContext, SyncAnswer, Turn } from './turn.ts'

type Request = Message<typeof SyncGroupRequest>

/** SyncGroup: the leader brings the assignment, the others wait for it. Answered through its ticket. */
export const syncGroup = (state: GroupState, turn: Turn, request: Request, context: RequestContext): void => {
  const answer = (response: SyncAnswer): void => turn.deliver(context.ticket, response)
  const group = state.groups.get(request.groupId)
  if (!(group instanceof ClassicGroup) || group.is('Empty')) return answer({ errorCode: Errors.UNKNOWN_MEMBER_ID })
  const error = checkSync(group, request)
  if (error !== Errors.NONE) return answer({ errorCode: error })
  if (group.is('PreparingRebalance')) return answer({ errorCode: Errors.REBALANCE_IN_PROGRESS })
  const member = group.members.get(request.memberId)!
  group.pendingSync.delete(member.memberId)
  if (group.pendingSync.size === 0) turn.cancelSync(group.groupId)
  if (group.is('Stable')) return answer(assignmentAnswer(group, member.assignment))
  // A request of the same member that still waits was given up by its client.
  member.answerSync(turn, { errorCode: Errors.REBALANCE_IN_PROGRESS })
  member.syncTicket = context.ticket
  if (group.leaderId === member.memberId) takeAssignment(turn, group, request)
}

const checkSync = (group: ClassicGroup, request: Request): ErrorCode => {
  if (group.is('Dead')) return Errors.COORDINATOR_NOT_AVAILABLE
  const error = group.checkMember(request.memberId, request.groupInstanceId)
  if (error !== Errors.NONE) return error
  if (request.generationId !== group.generationId) return Errors.ILLEGAL_GENERATION
  const differs = (asked: string | null, is: string | null): boolean => asked !== null && is !== null && asked !== is
  return differs(request.protocolType, group.protocolType) || differs(request.protocolName, group.protocolName)
    ? Errors.INCONSISTENT_GROUP_PROTOCOL
    : Errors.NONE
}

const assignmentAnswer = (group: ClassicGroup, assignment: Buffer): SyncAnswer => ({
  protocolType: group.protocolType,
  protocolName: group.protocolName,
  assignment,
})

/** The record makes the group stable; whoever waits learns its part when the record is committed. */
const takeAssignment = (turn: Turn, group: ClassicGroup, request: Request): void => {
  const assignments = new Map<string, Buffer>()
  // Copies: the request is a view of the frame it came in.
  for (const { memberId, assignment } of request.assignments) {
    if (group.members.has(memberId)) assignments.set(memberId, Buffer.from(assignment))
  }
  const assignmentOf = (member: ClassicMember): Buffer => assignments.get(member.memberId) ?? NO_ASSIGNMENT
  turn.append(classicGroupRecord(group.groupId, group.toRecordValue(assignmentOf)))
  turn.counts.completedRebalances++
  const waiting = [...group.members.values()].filter((member) => member.syncTicket !== undefined)
  const tickets = waiting.map((member) => member.syncTicket!)
  for (const member of waiting) answerSync(turn, group, member, assignmentAnswer(group, assignmentOf(member)))
  turn.unlessTooLarge((instead, error) => {
    for (const [index, member] of waiting.entries()) {
      member.syncTicket = tickets[index]
      answerSync(instead, group, member, { errorCode: storeError(error) })
    }
    prepareRebalance(instead, group)
  })
}
