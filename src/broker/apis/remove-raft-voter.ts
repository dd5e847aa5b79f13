import { Apis } from '../../protocol/index.ts'
import { RemoveRaftVoterRequest, RemoveRaftVoterResponse } from '../../protocol/messages/remove-raft-voter.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** RemoveRaftVoter (KIP-853): takes the vote from a controller, gone or not. */
export const removeRaftVoter = nodeApiHandler({
  api: Apis.RemoveRaftVoter,
  request: RemoveRaftVoterRequest,
  response: RemoveRaftVoterResponse,
  handle: (request, { version }, { controller }) => controller.removeVoter(request, version),
  refuse: (errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
