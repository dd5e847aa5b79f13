import { Apis } from '../../protocol/index.ts'
import { LeaveGroupRequest, LeaveGroupResponse } from '../../protocol/messages/leave-group.ts'
import { apiHandler } from '../api-handler.ts'
import { callerOf } from './caller.ts'

/** LeaveGroup: one member, or from version 3 on several at once (KIP-345), go before their session ends. */
export const leaveGroup = apiHandler({
  api: Apis.LeaveGroup,
  request: LeaveGroupRequest,
  response: LeaveGroupResponse,
  handle: (request, context, broker) => broker.groups.leaveGroup(request, callerOf(context)),
  refuse: (errorCode) => ({ errorCode }),
})
