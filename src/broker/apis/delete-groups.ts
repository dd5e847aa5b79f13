import { Apis } from '../../protocol/index.ts'
import { DeleteGroupsRequest, DeleteGroupsResponse } from '../../protocol/messages/delete-groups.ts'
import { apiHandler } from '../api-handler.ts'

/** DeleteGroups: empty groups with their offsets. */
export const deleteGroups = apiHandler({
  api: Apis.DeleteGroups,
  request: DeleteGroupsRequest,
  response: DeleteGroupsResponse,
  handle: async (request, _context, broker) => ({ results: await broker.groups.deleteGroups([...new Set(request.groupsNames)]) }),
  refuse: (errorCode, _message, request) => ({ results: request.groupsNames.map((groupId) => ({ groupId, errorCode })) }),
})
