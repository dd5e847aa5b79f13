import { Apis, Errors } from '../../protocol/index.ts'
import { SyncGroupRequest, SyncGroupResponse } from '../../protocol/messages/sync-group.ts'
import { apiHandler } from '../api-handler.ts'
import { callerOf } from './caller.ts'

/** SyncGroup: the leader hands in the assignment, everyone gets their part. Protocol type and name are mandatory from version 5 on (KIP-559). */
export const syncGroup = apiHandler({
  api: Apis.SyncGroup,
  request: SyncGroupRequest,
  response: SyncGroupResponse,
  handle: (request, context, broker) => {
    if (context.version >= 5 && (request.protocolType === null || request.protocolName === null)) {
      return { errorCode: Errors.INCONSISTENT_GROUP_PROTOCOL }
    }
    return broker.groups.syncGroup(request, callerOf(context))
  },
  refuse: (errorCode) => ({ errorCode }),
})
