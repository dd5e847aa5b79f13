import { Apis, type Message, type MessageInput } from '../../protocol/index.ts'
import { DescribeQuorumRequest, DescribeQuorumResponse } from '../../protocol/messages/describe-quorum.ts'
import { apiHandler } from '../api-handler.ts'
import type { BrokerParts } from '../parts.ts'

/** Part of what handlers work with: asks the leader of the metadata quorum, wherever it is. */
export interface QuorumPart {
  readonly quorum: {
    describeQuorum(
      request: Message<typeof DescribeQuorumRequest>,
      context: { readonly version: number; readonly listenerName: string },
    ): MessageInput<typeof DescribeQuorumResponse> | Promise<MessageInput<typeof DescribeQuorumResponse>>
  }
}

/** DescribeQuorum (KIP-595, 836): who votes on the metadata log, who follows it, and how closely. */
export const describeQuorum = apiHandler({
  api: Apis.DescribeQuorum,
  request: DescribeQuorumRequest,
  response: DescribeQuorumResponse,
  handle: (request, { version, listenerName }, { quorum }: BrokerParts & QuorumPart) =>
    quorum.describeQuorum(request, { version, listenerName }),
  refuse: (errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
