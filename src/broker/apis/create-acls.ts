import { Apis, Errors } from '../../protocol/index.ts'
import { CreateAclsRequest, CreateAclsResponse } from '../../protocol/messages/create-acls.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** CreateAcls: refused for each rule, as there is no authorizer. */
export const createAcls = nodeApiHandler({
  api: Apis.CreateAcls,
  request: CreateAclsRequest,
  response: CreateAclsResponse,
  handle: ({ creations }) => refused(creations.length, Errors.SECURITY_DISABLED, 'No Authorizer is configured.'),
  refuse: (errorCode, errorMessage, { creations }) => refused(creations.length, errorCode, errorMessage),
})

const refused = (count: number, errorCode: number, errorMessage: string | null) => ({
  results: Array.from({ length: count }, () => ({ errorCode, errorMessage })),
})
