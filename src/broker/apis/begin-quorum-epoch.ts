import { Apis } from '../../protocol/index.ts'
import { BeginQuorumEpochRequest, BeginQuorumEpochResponse } from '../../protocol/messages/begin-quorum-epoch.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** BeginQuorumEpoch (KIP-595): a new leader makes itself known to its voters. */
export const beginQuorumEpoch = nodeApiHandler({
  api: Apis.BeginQuorumEpoch,
  request: BeginQuorumEpochRequest,
  response: BeginQuorumEpochResponse,
  handle: (request, { version, listenerName }, { quorum }) => quorum.beginQuorumEpoch(request, { version, listenerName }),
  refuse: (errorCode) => ({ errorCode }),
})
