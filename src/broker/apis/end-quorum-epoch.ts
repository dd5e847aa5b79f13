import { Apis } from '../../protocol/index.ts'
import { EndQuorumEpochRequest, EndQuorumEpochResponse } from '../../protocol/messages/end-quorum-epoch.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** EndQuorumEpoch (KIP-595): a leader steps down and names who should follow it. */
export const endQuorumEpoch = nodeApiHandler({
  api: Apis.EndQuorumEpoch,
  request: EndQuorumEpochRequest,
  response: EndQuorumEpochResponse,
  handle: (request, { version, listenerName }, { quorum }) => quorum.endQuorumEpoch(request, { version, listenerName }),
  refuse: (errorCode) => ({ errorCode }),
})
