import { Apis } from '../../protocol/index.ts'
import { DescribeQuorumRequest, DescribeQuorumResponse } from '../../protocol/messages/describe-quorum.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** DescribeQuorum (KIP-595, 836): who votes on the metadata log, who follows it, and how closely. */
export const describeQuorum = nodeApiHandler({
  api: Apis.DescribeQuorum,
  request: DescribeQuorumRequest,
  response: DescribeQuorumResponse,
  handle: (request, { version, listenerName }, { controller }) => controller.describeQuorum(request, { version, listenerName }),
  refuse: (errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
