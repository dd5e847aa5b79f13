import { Apis } from '../../protocol/index.ts'
import { UpdateRaftVoterRequest, UpdateRaftVoterResponse } from '../../protocol/messages/update-raft-voter.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** UpdateRaftVoter (KIP-853): a voter says where it listens and which levels of kraft.version it can run. */
export const updateRaftVoter = nodeApiHandler({
  api: Apis.UpdateRaftVoter,
  request: UpdateRaftVoterRequest,
  response: UpdateRaftVoterResponse,
  handle: (request, { version, listenerName }, { quorum }) => quorum.updateVoter(request, { version, listenerName }),
  refuse: (errorCode) => ({ errorCode }),
})
