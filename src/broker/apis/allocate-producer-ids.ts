import { Apis } from '../../protocol/index.ts'
import { AllocateProducerIdsRequest, AllocateProducerIdsResponse } from '../../protocol/messages/allocate-producer-ids.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** AllocateProducerIds (KIP-730): a block of producer ids for one broker. */
export const allocateProducerIds = nodeApiHandler({
  api: Apis.AllocateProducerIds,
  request: AllocateProducerIdsRequest,
  response: AllocateProducerIdsResponse,
  handle: (request, { version }, broker) => broker.controller.decide('AllocateProducerIds', request, version),
  refuse: (errorCode) => ({ errorCode, producerIdStart: -1, producerIdLen: 0 }),
})
