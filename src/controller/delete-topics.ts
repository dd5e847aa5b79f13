import { type MetadataRecord, metadataRecord, ZERO_UUID } from '../metadata/index.ts'
import { Errors } from '../protocol/index.ts'
import type { DeleteTopicsRequest, DeleteTopicsResponse } from '../protocol/messages/delete-topics.ts'
import type { ControllerState } from './state.ts'
import {
  type ApiError,
  answerOnly,
  apiError,
  CLUSTER_NAME,
  type Decision,
  errorFields,
  generalError,
  leftOut,
  RECORDS_PER_REQUEST_MAX,
  type RequestContext,
} from './types.ts'

type Result = DeleteTopicsResponse['responses'][number]
const result = (name: string | null, topicId: string, error?: ApiError): Result => ({ name, topicId, ...errorFields(error) })

interface Asked {
  readonly names: Set<string>
  readonly ids: Set<string>
  readonly duplicateIds: Set<string>
}

/** DeleteTopics, by name or (version 6) by id. A topic that is named twice, by whatever, is not deleted. */
export const deleteTopics = (
  state: ControllerState,
  request: DeleteTopicsRequest,
  context: RequestContext,
): Decision<DeleteTopicsResponse> => {
  const disabled =
    context.apiVersion < 3
      ? apiError(Errors.INVALID_REQUEST, 'This version does not support topic deletion.')
      : apiError(Errors.TOPIC_DELETION_DISABLED)
  if (!state.settings.deleteTopicEnable) return refuseAll(request, disabled)
  const responses: Result[] = []
  const asked = sortOut(request, responses)
  const records: MetadataRecord[] = []
  for (const [id, name] of permittedTopics(state, asked, context, responses)) {
    const charged = context.chargePartitions?.(state.image.topicById(id)!.partitions.size)
    const problem = charged ?? (records.length >= RECORDS_PER_REQUEST_MAX ? leftOut : undefined)
    if (problem === undefined) records.push(metadataRecord('RemoveTopicRecord', 0, { topicId: id }))
    responses.push(result(name, id, problem))
  }
  return { records, answer: { throttleTimeMs: 0, responses } }
}

const refuseAll = (request: DeleteTopicsRequest, error: ApiError): Decision<DeleteTopicsResponse> =>
  answerOnly({
    throttleTimeMs: 0,
    responses: [
      ...request.topics.map(({ name, topicId }) => result(name, topicId, apiError(error.code))),
      ...request.topicNames.map((name) => result(name, ZERO_UUID, apiError(error.code))),
    ],
  })

const sortOut = (request: DeleteTopicsRequest, responses: Result[]): Asked => {
  const names = new Set<string>()
  const ids = new Set<string>()
  const duplicateNames = new Set<string>()
  const duplicateIds = new Set<string>()
  const put = (once: Set<string>, twice: Set<string>, one: string): void => {
    if (twice.has(one) || once.has(one)) {
      twice.add(one)
      once.delete(one)
    } else once.add(one)
  }
  for (const name of request.topicNames) put(names, duplicateNames, name)
  for (const { name, topicId } of request.topics) {
    if (name !== null && topicId !== ZERO_UUID)
      responses.push(result(name, topicId, apiError(Errors.INVALID_REQUEST, 'You may not specify both topic name and topic id.')))
    else if (name !== null) put(names, duplicateNames, name)
    else if (topicId !== ZERO_UUID) put(ids, duplicateIds, topicId)
    else responses.push(result(null, topicId, apiError(Errors.INVALID_REQUEST, 'Neither topic name nor id were specified.')))
  }
  for (const name of duplicateNames) responses.push(result(name, ZERO_UUID, apiError(Errors.INVALID_REQUEST, 'Duplicate topic name.')))
  for (const id of duplicateIds) responses.push(result(null, id, apiError(Errors.INVALID_REQUEST, 'Duplicate topic id.')))
  return { names, ids, duplicateIds }
}

/** Ids of the topics to delete, with their names. Who may not see a topic does not learn from the answer that it exists. */
const permittedTopics = (
  state: ControllerState,
  { names, ids, duplicateIds }: Asked,
  context: RequestContext,
  responses: Result[],
): Map<string, string> => {
  const { image } = state
  const mayAll = context.allows('DELETE', 'CLUSTER', CLUSTER_NAME)
  const mayDelete = (name: string): boolean => mayAll || context.allows('DELETE', 'TOPIC', name)
  const mayDescribe = (name: string): boolean => mayAll || context.allows('DESCRIBE', 'TOPIC', name)
  const denied = generalError(Errors.TOPIC_AUTHORIZATION_FAILED)
  const permitted = new Map<string, string>()
  for (const id of ids) {
    const topic = image.topicById(id)
    if (topic === undefined) responses.push(result(null, id, generalError(Errors.UNKNOWN_TOPIC_ID)))
    else if (mayDelete(topic.name)) permitted.set(id, topic.name)
    else responses.push(result(mayDescribe(topic.name) ? topic.name : null, id, denied))
  }
  for (const name of names) {
    const topic = image.topic(name)
    if (!mayDescribe(name)) responses.push(result(name, ZERO_UUID, denied))
    else if (topic === undefined) responses.push(result(name, ZERO_UUID, generalError(Errors.UNKNOWN_TOPIC_OR_PARTITION)))
    else if (!mayDelete(name)) responses.push(result(name, ZERO_UUID, denied))
    else if (duplicateIds.has(topic.id) || permitted.has(topic.id)) {
      duplicateIds.add(topic.id)
      permitted.delete(topic.id)
      const twice = apiError(Errors.INVALID_REQUEST, 'The provided topic name maps to an ID that was already supplied.')
      responses.push(result(name, topic.id, twice))
    } else permitted.set(topic.id, name)
  }
  return permitted
}
