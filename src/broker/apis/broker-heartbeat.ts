import { Apis } from '../../protocol/index.ts'
import { BrokerHeartbeatRequest, BrokerHeartbeatResponse } from '../../protocol/messages/broker-heartbeat.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** BrokerHeartbeat (KIP-631): a broker is alive, caught up, or on its way out. */
export const brokerHeartbeat = nodeApiHandler({
  api: Apis.BrokerHeartbeat,
  request: BrokerHeartbeatRequest,
  response: BrokerHeartbeatResponse,
  handle: (request, { version }, broker) => broker.controller.decide('BrokerHeartbeat', request, version),
  refuse: (errorCode) => ({ errorCode }),
})
