import { Apis } from '../../protocol/index.ts'
import { BrokerRegistrationRequest, BrokerRegistrationResponse } from '../../protocol/messages/broker-registration.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** BrokerRegistration (KIP-631): a broker joins the cluster and learns its epoch. */
export const brokerRegistration = nodeApiHandler({
  api: Apis.BrokerRegistration,
  request: BrokerRegistrationRequest,
  response: BrokerRegistrationResponse,
  handle: (request, { version }, broker) => broker.controller.decide('BrokerRegistration', request, version),
  refuse: (errorCode) => ({ errorCode }),
})
