import { Apis } from '../../protocol/index.ts'
import { CreatePartitionsRequest, CreatePartitionsResponse } from '../../protocol/messages/create-partitions.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** CreatePartitions: more partitions for topics that exist. */
export const createPartitions = nodeApiHandler({
  api: Apis.CreatePartitions,
  request: CreatePartitionsRequest,
  response: CreatePartitionsResponse,
  handle: (request, { version }, broker) => broker.controller.decide('CreatePartitions', request, version),
  refuse: (errorCode, errorMessage, request) => ({ results: request.topics.map(({ name }) => ({ name, errorCode, errorMessage })) }),
})
