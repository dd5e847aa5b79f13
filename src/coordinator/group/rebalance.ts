import { assert } from '../../base/index.ts'
import { type ErrorCode, Errors } from '../../protocol/index.ts'
import type { ClassicGroup } from './classic-group.ts'
import { type ClassicMember, NO_ASSIGNMENT } from './classic-member.ts'
import { classicGroupRecord } from './records.ts'
import type { JoinAnswer, SyncAnswer, Turn } from './turn.ts'

/** Kafka's answer for an error of the log under a group (GroupMetadataManager.appendGroupMetadataErrorToResponseError). */
export const storeError = (error: ErrorCode): ErrorCode => {
  switch (error) {
    case Errors.UNKNOWN_TOPIC_OR_PARTITION:
    case Errors.NOT_ENOUGH_REPLICAS:
    case Errors.REQUEST_TIMED_OUT:
      return Errors.COORDINATOR_NOT_AVAILABLE
    case Errors.NOT_LEADER_OR_FOLLOWER:
    case Errors.KAFKA_STORAGE_ERROR:
      return Errors.NOT_COORDINATOR
    case Errors.MESSAGE_TOO_LARGE:
    case Errors.RECORD_LIST_TOO_LARGE:
    case Errors.INVALID_FETCH_SIZE:
      return Errors.UNKNOWN_SERVER_ERROR
    default:
      return error
  }
}

/** The current generation, as a JoinGroup answer tells it. Only the leader learns who the others are. */
export const generationAnswer = (group: ClassicGroup, memberId: string, members = group.leaderId === memberId): JoinAnswer => ({
  memberId,
  generationId: group.generationId,
  protocolType: group.protocolType,
  protocolName: group.protocolName,
  leader: group.leaderId ?? '',
  skipAssignment: false,
  members: members ? listMembers(group) : [],
})

const listMembers = (group: ClassicGroup): NonNullable<JoinAnswer['members']> =>
  [...group.members.values()].map((member) => {
    const metadata = member.metadata(group.protocolName)
    assert(metadata !== undefined, 'members of a generation support its protocol')
    return { memberId: member.memberId, groupInstanceId: member.groupInstanceId, metadata }
  })

export const setSession = (turn: Turn, group: ClassicGroup, member: ClassicMember): void =>
  turn.setSession(group.groupId, member.memberId, member.sessionTimeoutMs)

/** Starts a rebalance where one can start; while one is under way, looks whether it can end. */
export const rebalance = (turn: Turn, group: ClassicGroup): void => {
  if (group.canRebalance) prepareRebalance(turn, group)
  else completeJoinIfReady(turn, group)
}

export const prepareRebalance = (turn: Turn, group: ClassicGroup): void => {
  const { groupId } = group
  // Whoever waits for an assignment of this generation has to join the next one.
  if (group.is('CompletingRebalance')) dropAssignment(turn, group, Errors.REBALANCE_IN_PROGRESS)
  group.pendingSync.clear()
  turn.cancelSync(groupId)
  const initial = group.is('Empty')
  group.transitionTo('PreparingRebalance', turn.now)
  if (!initial) {
    if (group.allJoined) completeJoin(turn, group)
    else turn.setJoin(groupId, group.rebalanceTimeoutMs)
    return
  }
  // A new group: give others time to come too, so that it is not rebalanced for each of them.
  const delayMs = turn.config.initialRebalanceDelayMs
  turn.setInitialJoin(groupId, delayMs, Math.max(group.rebalanceTimeoutMs - delayMs, 0))
}

/** The initial delay is over; it is extended while members keep coming, at most to the rebalance timeout. */
export const onInitialJoin = (turn: Turn, group: ClassicGroup, delayMs: number, remainingMs: number): void => {
  if (!group.newMemberAdded || remainingMs === 0) return completeJoin(turn, group)
  group.newMemberAdded = false
  const nextDelayMs = Math.min(turn.config.initialRebalanceDelayMs, remainingMs)
  turn.setInitialJoin(group.groupId, nextDelayMs, Math.max(remainingMs - delayMs, 0))
}

export const completeJoinIfReady = (turn: Turn, group: ClassicGroup): void => {
  if (group.is('PreparingRebalance') && group.previousState !== 'Empty' && group.allJoined) completeJoin(turn, group)
}

/** Everybody is here, or time is up: those who are here make the next generation. */
export const completeJoin = (turn: Turn, group: ClassicGroup): void => {
  if (!group.is('PreparingRebalance')) return
  const { groupId } = group
  turn.cancelJoin(groupId)
  for (const member of [...group.members.values()]) {
    // Static members keep their place until their session ends.
    if (member.awaitsJoin || member.isStatic) continue
    group.remove(member.memberId)
    turn.cancelSession(groupId, member.memberId)
  }
  if (!group.electLeader() && group.members.size > 0) {
    // Only static members, none of which came back: wait for them, or for the end of their sessions.
    turn.setJoin(groupId, group.rebalanceTimeoutMs)
    return
  }
  group.startGeneration(turn.now)
  if (group.is('Empty')) {
    turn.append(
      classicGroupRecord(
        groupId,
        group.toRecordValue((member) => member.assignment),
      ),
    )
    return
  }
  for (const member of group.members.values()) {
    member.answerJoin(turn, generationAnswer(group, member.memberId))
    setSession(turn, group, member)
    member.isNew = false
    group.pendingSync.add(member.memberId)
  }
  turn.setSync(groupId, group.generationId, group.rebalanceTimeoutMs)
}

/** Members that took part in the join but never asked for their assignment hold up nobody any longer. */
export const onSyncDeadline = (turn: Turn, group: ClassicGroup, generationId: number): void => {
  if (generationId !== group.generationId || !group.is('CompletingRebalance', 'Stable') || group.pendingSync.size === 0) return
  for (const memberId of [...group.pendingSync]) {
    group.remove(memberId)
    turn.cancelSession(group.groupId, memberId)
  }
  prepareRebalance(turn, group)
}

/** Nothing was heard of a member for its session timeout. */
export const onSessionEnd = (turn: Turn, group: ClassicGroup, memberId: string): void => {
  if (group.pendingMembers.has(memberId)) {
    group.remove(memberId)
    if (group.is('PreparingRebalance') && group.allJoined) completeJoin(turn, group)
    return
  }
  const member = group.members.get(memberId)
  if (member === undefined || member.isHeard) return
  removeMember(turn, group, member)
  if (group.is('Stable', 'CompletingRebalance')) rebalance(turn, group)
  else if (group.is('PreparingRebalance') && group.allJoined) completeJoin(turn, group)
}

/** A member leaves; its waiting JoinGroup is told to start over. */
export const removeMember = (turn: Turn, group: ClassicGroup, member: ClassicMember): void => {
  member.answerJoin(turn, { memberId: '', errorCode: Errors.UNKNOWN_MEMBER_ID })
  member.answerSync(turn, { errorCode: Errors.UNKNOWN_MEMBER_ID })
  group.remove(member.memberId)
}

const dropAssignment = (turn: Turn, group: ClassicGroup, error: ErrorCode): void => {
  for (const member of group.members.values()) {
    member.assignment = NO_ASSIGNMENT
    answerSync(turn, group, member, { errorCode: error })
  }
}

/** Its session was not watched while it waited. */
export const answerSync = (turn: Turn, group: ClassicGroup, member: ClassicMember, response: SyncAnswer): void => {
  if (member.answerSync(turn, response)) setSession(turn, group, member)
}
