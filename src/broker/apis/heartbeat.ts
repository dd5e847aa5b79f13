import { Apis } from '../../protocol/index.ts'
import { HeartbeatRequest, HeartbeatResponse } from '../../protocol/messages/heartbeat.ts'
import { apiHandler } from '../api-handler.ts'

/** Heartbeat: a member of a classic group is alive, and learns whether a rebalance is under way. */
export const heartbeat = apiHandler({
  api: Apis.Heartbeat,
  request: HeartbeatRequest,
  response: HeartbeatResponse,
  handle: (request, _context, broker) => broker.groups.heartbeat(request),
  refuse: (errorCode) => ({ errorCode }),
})
