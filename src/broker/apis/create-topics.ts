import { Apis } from '../../protocol/index.ts'
import { CreateTopicsRequest, CreateTopicsResponse } from '../../protocol/messages/create-topics.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** CreateTopics: partitions placed by the controller or by hand, with settings of their own. */
export const createTopics = nodeApiHandler({
  api: Apis.CreateTopics,
  request: CreateTopicsRequest,
  response: CreateTopicsResponse,
  handle: (request, { version, isForwarded }, broker) => broker.controller.decide('CreateTopics', request, version, isForwarded),
  refuse: (errorCode, errorMessage, request) => ({ topics: request.topics.map(({ name }) => ({ name, errorCode, errorMessage })) }),
})
