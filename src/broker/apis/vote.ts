import { Apis } from '../../protocol/index.ts'
import { VoteRequest, VoteResponse } from '../../protocol/messages/vote.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** Vote (KIP-595, 996): a candidate, or one that would like to be, asks for the vote of this voter. */
export const vote = nodeApiHandler({
  api: Apis.Vote,
  request: VoteRequest,
  response: VoteResponse,
  handle: (request, { version, listenerName }, { quorum }) => quorum.vote(request, { version, listenerName }),
  refuse: (errorCode) => ({ errorCode }),
})
