import { Apis } from '../../protocol/index.ts'
import { JoinGroupRequest, JoinGroupResponse } from '../../protocol/messages/join-group.ts'
import { apiHandler } from '../api-handler.ts'
import { callerOf } from './caller.ts'

/** JoinGroup: a member enters a group, or enters it anew for a rebalance; answered when the new generation stands. */
export const joinGroup = apiHandler({
  api: Apis.JoinGroup,
  request: JoinGroupRequest,
  response: JoinGroupResponse,
  handle: (request, context, broker) => broker.groups.joinGroup(request, callerOf(context)),
  refuse: (errorCode, _message, _request, { version }) => ({
    errorCode,
    generationId: -1,
    protocolName: version >= 7 ? null : '',
    leader: '',
    memberId: '',
  }),
})
