import { Apis } from '../../protocol/index.ts'
import { AssignReplicasToDirsRequest, AssignReplicasToDirsResponse } from '../../protocol/messages/assign-replicas-to-dirs.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** AssignReplicasToDirs (KIP-858): a broker says in which of its directories replicas lie. */
export const assignReplicasToDirs = nodeApiHandler({
  api: Apis.AssignReplicasToDirs,
  request: AssignReplicasToDirsRequest,
  response: AssignReplicasToDirsResponse,
  handle: (request, { version }, broker) => broker.controller.decide('AssignReplicasToDirs', request, version),
  refuse: (errorCode) => ({ errorCode }),
})
