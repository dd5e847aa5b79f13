import { Errors, type Message } from '../../protocol/index.ts'
import type { JoinGroupRequest } from '../../protocol/messages/join-group.ts'
import { ClassicGroup } from './classic-group.ts'
import { ClassicMember, type Protocol } from './classic-member.ts'
import { NEW_MEMBER_JOIN_TIMEOUT_MS } from './config.ts'
import type { GroupState } from './group-state.ts'
import { completeJoinIfReady, generationAnswer, prepareRebalance, rebalance, setSession, storeError } from './rebalance.ts'
import { classicGroupRecord } from './records.ts'
import type { JoinAnswer, RequestContext, Turn } from './turn.ts'

type Request = Message<typeof JoinGroupRequest>

/** KIP-394: from this version on a new dynamic member first gets an id and joins with it. */
const MEMBER_ID_REQUIRED_VERSION = 4
/** KIP-814: from this version on a static leader can be told that its group needs no new assignment. */
const SKIP_ASSIGNMENT_VERSION = 9

interface Join {
  readonly turn: Turn
  readonly request: Request
  readonly context: RequestContext
  readonly group: ClassicGroup
  readonly protocols: readonly Protocol[]
}

/** JoinGroup: answered through its ticket, at once or when the join phase ends. */
export const joinGroup = (state: GroupState, turn: Turn, request: Request, context: RequestContext): void => {
  const { groupId, memberId } = request
  const answer = (response: JoinAnswer): void => turn.deliver(context.ticket, response)
  const existing = state.groups.get(groupId)
  if (existing !== undefined && !(existing instanceof ClassicGroup)) {
    // An empty group of another protocol gives its id away; share groups never do.
    if (!existing.isEmpty || existing.type === 'share') return answer({ memberId: '', errorCode: Errors.INCONSISTENT_GROUP_PROTOCOL })
    for (const tombstone of existing.tombstones()) turn.append(tombstone)
    state.groups.delete(groupId)
  }
  const known = state.classic(groupId)
  if (known === undefined && memberId !== '') return answer({ memberId, errorCode: Errors.UNKNOWN_MEMBER_ID })
  const group = known ?? state.createClassic(groupId, turn.now)
  // Copies: the request is a view of the frame it came in.
  const protocols = request.protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) }))
  const join: Join = { turn, request, context, group, protocols }
  if (!hasRoom(join)) {
    group.remove(memberId)
    answer({ memberId: '', errorCode: Errors.GROUP_MAX_SIZE_REACHED })
  } else if (memberId === '') joinNew(join)
  else joinKnown(join)
  // So that the group is still there after a failover, and a pending member finds it.
  if (known === undefined && turn.records.every((record) => record.kind !== 'classic')) turn.append(emptyGroupRecord(group))
}

const emptyGroupRecord = (group: ClassicGroup) =>
  classicGroupRecord(group.groupId, {
    protocolType: '',
    generation: 0,
    protocol: null,
    leader: null,
    currentStateTimestamp: group.stateTimestamp,
    members: [],
  })

/** While members join, those that wait count: so the last to rejoin are turned away when the limit was lowered. */
const hasRoom = ({ turn, group, request }: Join): boolean => {
  const { groupSizeMax } = turn.config
  const member = group.members.get(request.memberId)
  switch (group.state) {
    case 'PreparingRebalance':
      return member?.awaitsJoin === true || group.joinCount < groupSizeMax
    case 'CompletingRebalance':
    case 'Stable':
      return member !== undefined || group.members.size < groupSizeMax
    default:
      return true
  }
}

const answerOf = (join: Join, response: JoinAnswer): void => join.turn.deliver(join.context.ticket, response)

// ── without a member id ──────────────────────────────────────────────────────────────────────────────────────────────────

const joinNew = (join: Join): void => {
  const { turn, request, context, group, protocols } = join
  if (group.is('Dead')) return answerOf(join, { memberId: '', errorCode: Errors.COORDINATOR_NOT_AVAILABLE })
  if (!group.supports(request.protocolType, protocols)) {
    return answerOf(join, { memberId: '', errorCode: Errors.INCONSISTENT_GROUP_PROTOCOL })
  }
  const instanceId = request.groupInstanceId
  const memberId = `${instanceId ?? context.clientId ?? ''}-${context.freshUuid}`
  if (instanceId !== null) {
    const existing = group.staticMember(instanceId)
    return existing === undefined ? addMember(join, memberId) : replaceStatic(join, instanceId, existing, memberId)
  }
  if (context.apiVersion < MEMBER_ID_REQUIRED_VERSION) return addMember(join, memberId)
  group.pendingMembers.add(memberId)
  turn.setSession(group.groupId, memberId, request.sessionTimeoutMs)
  answerOf(join, { memberId, errorCode: Errors.MEMBER_ID_REQUIRED })
}

const addMember = ({ turn, request, context, group, protocols }: Join, memberId: string): void => {
  const member = new ClassicMember({
    memberId,
    groupInstanceId: request.groupInstanceId,
    clientId: context.clientId ?? '',
    clientHost: `/${context.clientAddress}`,
    rebalanceTimeoutMs: request.rebalanceTimeoutMs,
    sessionTimeoutMs: request.sessionTimeoutMs,
    protocolType: request.protocolType,
    protocols,
  })
  member.isNew = true
  if (group.is('PreparingRebalance') && group.previousState === 'Empty') group.newMemberAdded = true
  group.add(member)
  member.joinTicket = context.ticket
  // A client that gave up and came again would leave a member behind; nothing else would notice it while it waits.
  turn.setSession(group.groupId, memberId, NEW_MEMBER_JOIN_TIMEOUT_MS)
  rebalance(turn, group)
}

/** KIP-345: the instance restarted and takes its member's place, without a rebalance where nothing changed. */
const replaceStatic = (join: Join, instanceId: string, old: ClassicMember, newMemberId: string): void => {
  const { turn, context, group } = join
  const fenced = { errorCode: Errors.FENCED_INSTANCE_ID }
  old.answerJoin(turn, { ...fenced, memberId: old.memberId, protocolName: null })
  old.answerSync(turn, fenced)
  const oldLeader = group.leaderId
  const member = group.replaceStatic(instanceId, old, newMemberId)
  group.pendingSync.delete(old.memberId)
  turn.cancelSession(group.groupId, old.memberId)
  setSession(turn, group, member)
  updateMember(join, member)
  if (group.is('CompletingRebalance')) return prepareRebalance(turn, group)
  if (!group.is('Stable')) return completeJoinIfReady(turn, group)
  if (group.selectProtocol() !== group.protocolName) return rebalance(turn, group)
  turn.append(
    classicGroupRecord(
      group.groupId,
      group.toRecordValue((each) => each.assignment),
    ),
  )
  const skips = context.apiVersion >= SKIP_ASSIGNMENT_VERSION
  const answer = generationAnswer(group, newMemberId, skips && group.leaderId === newMemberId)
  // Before version 9 the leader hears of its old id, which is not its own, and so does not assign.
  const leader = (skips ? group.leaderId : oldLeader) ?? ''
  member.answerJoin(turn, { ...answer, leader, skipAssignment: skips && group.leaderId === newMemberId })
  turn.unlessTooLarge((instead, error) => {
    setSession(instead, group, member)
    instead.deliver(context.ticket, { memberId: '', errorCode: storeError(error) })
    rebalance(instead, group)
  })
}

// ── with a member id ─────────────────────────────────────────────────────────────────────────────────────────────────────

const joinKnown = (join: Join): void => {
  const { request, group, protocols } = join
  const { memberId, groupInstanceId } = request
  if (group.is('Dead')) return answerOf(join, { memberId, errorCode: Errors.COORDINATOR_NOT_AVAILABLE })
  if (!group.supports(request.protocolType, protocols)) {
    return answerOf(join, { memberId, errorCode: Errors.INCONSISTENT_GROUP_PROTOCOL })
  }
  if (group.pendingMembers.has(memberId)) {
    // Ids are handed out to dynamic members only.
    if (groupInstanceId !== null) return answerOf(join, { memberId: '', errorCode: Errors.UNKNOWN_SERVER_ERROR })
    return addMember(join, memberId)
  }
  const error = group.checkMember(memberId, groupInstanceId)
  if (error !== Errors.NONE) return answerOf(join, { memberId, errorCode: error, protocolName: null })
  rejoin(join, group.members.get(memberId)!)
}

const rejoin = (join: Join, member: ClassicMember): void => {
  const { turn, group, protocols } = join
  const { memberId } = member
  const unchanged = member.matches(protocols)
  if (group.is('Empty')) answerOf(join, { memberId, errorCode: Errors.UNKNOWN_MEMBER_ID })
  else if (group.is('CompletingRebalance') && unchanged) {
    // It may have missed the answer to its first JoinGroup.
    answerOf(join, generationAnswer(group, memberId))
  } else if (group.is('Stable') && unchanged && group.leaderId !== memberId) {
    answerOf(join, generationAnswer(group, memberId, false))
  } else {
    // A leader that joins again wants a new assignment: topics changed, though its metadata did not.
    updateMember(join, member)
    rebalance(turn, group)
  }
}

const updateMember = ({ turn, request, context, group, protocols }: Join, member: ClassicMember): void => {
  // A request of the same member that still waits was given up by its client.
  if (member.joinTicket !== context.ticket) member.answerJoin(turn, { memberId: member.memberId, errorCode: Errors.REBALANCE_IN_PROGRESS })
  group.updateProtocols(member, protocols)
  member.rebalanceTimeoutMs = request.rebalanceTimeoutMs
  member.sessionTimeoutMs = request.sessionTimeoutMs
  member.joinTicket = context.ticket
}
