import { Apis } from '../../protocol/index.ts'
import { ListGroupsRequest, ListGroupsResponse } from '../../protocol/messages/list-groups.ts'
import { apiHandler } from '../api-handler.ts'

/** ListGroups: the groups that this broker coordinates, filtered by state (KIP-518) and type (KIP-848). */
export const listGroups = apiHandler({
  api: Apis.ListGroups,
  request: ListGroupsRequest,
  response: ListGroupsResponse,
  handle: (request, _context, broker) => broker.groups.listGroups(request),
  refuse: (errorCode) => ({ errorCode }),
})
