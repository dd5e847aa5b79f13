import { zeroUuid } from '../../base/index.ts'
import { type ErrorCode, Errors, type Message, type MessageInput } from '../../protocol/index.ts'
import type { JoinGroupRequest } from '../../protocol/messages/join-group.ts'
import type { LeaveGroupRequest, LeaveGroupResponse } from '../../protocol/messages/leave-group.ts'
import type { OffsetFetchRequest, OffsetFetchResponse } from '../../protocol/messages/offset-fetch.ts'
import type { FetchAnswer, FetchGroup } from './offsets.ts'
import type { JoinAnswer } from './turn.ts'

/** What clients are told of an error of the ledger (Kafka's CoordinatorOperationExceptionHelper). */
export const coordinatorError = (error: ErrorCode): ErrorCode => {
  switch (error) {
    case Errors.NETWORK_EXCEPTION:
      return Errors.COORDINATOR_LOAD_IN_PROGRESS
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

/** A fetch that waits in vain looks for its coordinator again. */
export const fetchCoordinatorError = (error: ErrorCode): ErrorCode => {
  const told = coordinatorError(error)
  return told === Errors.COORDINATOR_NOT_AVAILABLE ? Errors.NOT_COORDINATOR : told
}

/** Version 0 has no rebalance timeout: the session timeout stands for it. */
export const normalJoin = (request: Message<typeof JoinGroupRequest>, version: number): Message<typeof JoinGroupRequest> =>
  version === 0 ? { ...request, rebalanceTimeoutMs: request.sessionTimeoutMs } : request

/** Without a protocol its name is '' before version 7 and null from then on. */
export const joinAnswerOf = (answer: JoinAnswer, version: number): JoinAnswer => {
  const name = answer.protocolName ?? ''
  return { ...answer, protocolName: name === '' && version >= 7 ? null : name }
}

/** Before version 3 there is one member, in the request itself. */
export const normalLeave = (request: Message<typeof LeaveGroupRequest>, version: number): Message<typeof LeaveGroupRequest> =>
  version >= 3 ? request : { ...request, members: [{ memberId: request.memberId, groupInstanceId: null, reason: null }] }

type LeaveAnswer = MessageInput<typeof LeaveGroupResponse>
export const leaveAnswerOf = (answer: LeaveAnswer, version: number): LeaveAnswer =>
  version >= 3 ? answer : { errorCode: answer.errorCode || (answer.members?.[0]?.errorCode ?? Errors.NONE) }

/** The groups that an OffsetFetch asks for: before version 8 there is one, in the request itself. */
export const groupsOfFetch = (request: Message<typeof OffsetFetchRequest>, version: number): FetchGroup[] => {
  if (version >= 8) return request.groups
  const { groupId, topics } = request
  return [{ groupId, memberId: null, memberEpoch: -1, topics: topics?.map((topic) => ({ ...topic, topicId: zeroUuid })) ?? null }]
}

export const fetchResponseOf = (groups: readonly FetchAnswer[], version: number): MessageInput<typeof OffsetFetchResponse> => {
  if (version >= 8) return { groups }
  const [group] = groups
  return { errorCode: group.errorCode, topics: group.topics?.map(({ name, partitions }) => ({ name, partitions })) }
}
