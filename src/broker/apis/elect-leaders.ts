import { Apis } from '../../protocol/index.ts'
import { ElectLeadersRequest, ElectLeadersResponse } from '../../protocol/messages/elect-leaders.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** ElectLeaders (KIP-183, 460): the preferred replica, or in need one that is not in sync. */
export const electLeaders = nodeApiHandler({
  api: Apis.ElectLeaders,
  request: ElectLeadersRequest,
  response: ElectLeadersResponse,
  handle: (request, { version }, broker) => broker.controller.decide('ElectLeaders', request, version),
  refuse: (errorCode, errorMessage, request, { version }) => ({
    // Version 0 has no error of the whole.
    ...(version >= 1 ? { errorCode } : {}),
    replicaElectionResults: (request.topicPartitions ?? []).map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map((partitionId) => ({ partitionId, errorCode, errorMessage })),
    })),
  }),
})
