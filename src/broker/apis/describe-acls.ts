import { Apis, Errors } from '../../protocol/index.ts'
import { DescribeAclsRequest, DescribeAclsResponse } from '../../protocol/messages/describe-acls.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** DescribeAcls: there is no authorizer, and this is what Apache Kafka answers without one. */
export const describeAcls = nodeApiHandler({
  api: Apis.DescribeAcls,
  request: DescribeAclsRequest,
  response: DescribeAclsResponse,
  handle: () => ({ errorCode: Errors.SECURITY_DISABLED, errorMessage: 'No Authorizer is configured on the broker', resources: [] }),
  refuse: (errorCode, errorMessage) => ({ errorCode, errorMessage, resources: [] }),
})
