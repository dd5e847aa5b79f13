import { Apis } from '../../protocol/index.ts'
import { AddRaftVoterRequest, AddRaftVoterResponse } from '../../protocol/messages/add-raft-voter.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** AddRaftVoter (KIP-853): a controller that follows the metadata log gets a vote. */
export const addRaftVoter = nodeApiHandler({
  api: Apis.AddRaftVoter,
  request: AddRaftVoterRequest,
  response: AddRaftVoterResponse,
  handle: (request, { version }, { controller }) => controller.addVoter(request, version),
  refuse: (errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
