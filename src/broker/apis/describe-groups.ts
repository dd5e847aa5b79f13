import { Apis } from '../../protocol/index.ts'
import { DescribeGroupsRequest, DescribeGroupsResponse } from '../../protocol/messages/describe-groups.ts'
import { apiHandler } from '../api-handler.ts'
import { GROUP_OPERATIONS } from '../authorized-operations.ts'
import { callerOf } from './caller.ts'

/** DescribeGroups: state and members of classic groups. */
export const describeGroups = apiHandler({
  api: Apis.DescribeGroups,
  request: DescribeGroupsRequest,
  response: DescribeGroupsResponse,
  handle: async (request, context, broker) => {
    const groups = await broker.groups.describeGroups(request.groups, callerOf(context))
    if (!request.includeAuthorizedOperations) return { groups }
    return { groups: groups.map((group) => (group.errorCode ? group : { ...group, authorizedOperations: GROUP_OPERATIONS })) }
  },
  refuse: (errorCode, _message, request) => ({ groups: request.groups.map((groupId) => ({ groupId, errorCode })) }),
})
