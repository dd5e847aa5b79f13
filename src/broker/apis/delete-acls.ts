import { Apis, Errors } from '../../protocol/index.ts'
import { DeleteAclsRequest, DeleteAclsResponse } from '../../protocol/messages/delete-acls.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** DeleteAcls: refused for each filter, as there is no authorizer. */
export const deleteAcls = nodeApiHandler({
  api: Apis.DeleteAcls,
  request: DeleteAclsRequest,
  response: DeleteAclsResponse,
  handle: ({ filters }) => refused(filters.length, Errors.SECURITY_DISABLED, 'No Authorizer is configured.'),
  refuse: (errorCode, errorMessage, { filters }) => refused(filters.length, errorCode, errorMessage),
})

const refused = (count: number, errorCode: number, errorMessage: string | null) => ({
  filterResults: Array.from({ length: count }, () => ({ errorCode, errorMessage, matchingAcls: [] })),
})
