import { Apis } from '../../protocol/index.ts'
import { DeleteTopicsRequest, DeleteTopicsResponse } from '../../protocol/messages/delete-topics.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** DeleteTopics: by name, from version 6 on also by id. */
export const deleteTopics = nodeApiHandler({
  api: Apis.DeleteTopics,
  request: DeleteTopicsRequest,
  response: DeleteTopicsResponse,
  handle: (request, { version }, broker) => broker.controller.decide('DeleteTopics', request, version),
  refuse: (errorCode, errorMessage, request, { version }) => {
    const names = version >= 6 ? request.topics : request.topicNames.map((name) => ({ name, topicId: undefined }))
    return { responses: names.map(({ name, topicId }) => ({ name, topicId, errorCode, errorMessage })) }
  },
})
