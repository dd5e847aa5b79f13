import { Apis } from '../../protocol/index.ts'
import { UnregisterBrokerRequest, UnregisterBrokerResponse } from '../../protocol/messages/unregister-broker.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** UnregisterBroker (KIP-631): forgets a broker that is gone for good. */
export const unregisterBroker = nodeApiHandler({
  api: Apis.UnregisterBroker,
  request: UnregisterBrokerRequest,
  response: UnregisterBrokerResponse,
  handle: (request, { version }, broker) => broker.controller.decide('UnregisterBroker', request, version),
  refuse: (errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
