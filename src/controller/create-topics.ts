import { randomUuid } from '../base/index.ts'
import {
  CLUSTER_METADATA_TOPIC,
  ConfigResourceTypes,
  invalidTopicName,
  type MetadataRecord,
  metadataRecord,
  type PartitionRegistration,
  ZERO_UUID,
} from '../metadata/index.ts'
import { Errors } from '../protocol/index.ts'
import type { CreateTopicsRequest, CreateTopicsResponse } from '../protocol/messages/create-topics.ts'
import { type ConfigOperations, clearElrRecords, configChangeRecords, SET } from './alter-configs.ts'
import { manualAssignmentProblem, newPartition, newPartitionRecord } from './assignments.ts'
import { placeReplicas } from './placement.ts'
import { PARTITIONS_PER_REQUEST_MAX } from './settings.ts'
import type { ControllerState } from './state.ts'
import {
  type ApiError,
  answerOnly,
  apiError,
  CLUSTER_NAME,
  type Decision,
  errorFields,
  type RequestContext,
  tooManyRecords,
} from './types.ts'

type Topic = CreateTopicsRequest['topics'][number]
type Result = CreateTopicsResponse['topics'][number]
type Partitions = ReadonlyMap<number, PartitionRegistration>

/**
 * CreateTopics. Per topic, in Kafka's order: duplicate in the request, reserved name, permission, name, collision, existence, settings,
 * assignment or counts, policy, quota. A topic that fails does not keep the others from being created.
 */
export const createTopics = (
  state: ControllerState,
  request: CreateTopicsRequest,
  context: RequestContext,
): Decision<CreateTopicsResponse> => {
  const refusals = new Map<string, ApiError>()
  const topics = permittedTopics(request, context, refusals)
  const whole = tooManyPartitions(state, topics)
  if (whole !== undefined) return refuseAll(request, whole)
  const records: MetadataRecord[] = []
  const results = topics.map((topic) => {
    const created = createTopic(state, topic, context, records)
    return 'code' in created ? failure(topic.name, created) : created
  })
  const limit = tooManyRecords(records)
  if (limit !== undefined) return refuseAll(request, limit)
  for (const [name, error] of refusals) results.push(failure(name, error))
  return { records: request.validateOnly ? [] : records, answer: { throttleTimeMs: 0, topics: results } }
}

const failure = (name: string, error: ApiError): Result => ({
  name,
  topicId: ZERO_UUID,
  ...errorFields(error),
  topicConfigErrorCode: 0,
  numPartitions: -1,
  replicationFactor: -1,
  configs: [],
})
const refuseAll = (request: CreateTopicsRequest, error: ApiError): Decision<CreateTopicsResponse> =>
  answerOnly({ throttleTimeMs: 0, topics: request.topics.map(({ name }) => failure(name, error)) })

const permittedTopics = (request: CreateTopicsRequest, context: RequestContext, refusals: Map<string, ApiError>): Topic[] => {
  const counts = new Map<string, number>()
  for (const { name } of request.topics) counts.set(name, (counts.get(name) ?? 0) + 1)
  const mayCreateAll = context.allows('CREATE', 'CLUSTER', CLUSTER_NAME)
  return request.topics.filter(({ name }) => {
    let refusal: ApiError | undefined
    if (counts.get(name)! > 1) refusal = apiError(Errors.INVALID_REQUEST, 'Duplicate topic name.')
    else if (name === CLUSTER_METADATA_TOPIC)
      refusal = apiError(Errors.INVALID_REQUEST, `Creation of internal topic ${CLUSTER_METADATA_TOPIC} is prohibited.`)
    else if (!mayCreateAll && !context.allows('CREATE', 'TOPIC', name))
      refusal = apiError(Errors.TOPIC_AUTHORIZATION_FAILED, 'Authorization failed.')
    if (refusal !== undefined) refusals.set(name, refusal)
    return refusal === undefined
  })
}

/** Counted before anything is made, so that a huge request costs no memory. */
const tooManyPartitions = (state: ControllerState, topics: readonly Topic[]): ApiError | undefined => {
  let total = 0
  for (const { assignments, numPartitions } of topics)
    total +=
      assignments.length > 0 ? assignments.length : numPartitions === -1 ? state.settings.defaultPartitionCount : Math.max(0, numPartitions)
  return total > PARTITIONS_PER_REQUEST_MAX
    ? apiError(Errors.POLICY_VIOLATION, 'Excessively large number of partitions per request.')
    : undefined
}

const nameProblem = (state: ControllerState, name: string): ApiError | undefined => {
  if (state.image.topic(name) !== undefined) return apiError(Errors.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`)
  const colliding = state.index.collidingTopic(name)
  if (colliding !== undefined) return apiError(Errors.INVALID_TOPIC_EXCEPTION, `Topic '${name}' collides with existing topic: ${colliding}`)
  const invalid = invalidTopicName(name)
  return invalid === undefined ? undefined : apiError(Errors.INVALID_TOPIC_EXCEPTION, invalid)
}

/** Appends the records of the topic; nothing when it fails. */
const createTopic = (state: ControllerState, topic: Topic, context: RequestContext, records: MetadataRecord[]): Result | ApiError => {
  const named = nameProblem(state, topic.name)
  if (named !== undefined) return named
  const configs = creationConfigRecords(state, topic, context)
  if ('code' in configs) return configs
  const partitions = topic.assignments.length > 0 ? assignedPartitions(state, topic) : placedPartitions(state, topic, context)
  if ('code' in partitions) return partitions
  const charged = context.chargePartitions?.(partitions.size)
  if (charged !== undefined) return charged
  const topicId = randomUuid(context.random)
  records.push(metadataRecord('TopicRecord', 0, { name: topic.name, topicId }), ...configs)
  for (const [partitionId, partition] of partitions) records.push(newPartitionRecord(state, topicId, partitionId, partition))
  return success(state, topic, topicId, partitions, context)
}

const creationConfigRecords = (state: ControllerState, topic: Topic, context: RequestContext): readonly MetadataRecord[] | ApiError => {
  const nulls = topic.configs.filter(({ value }) => value === null).map(({ name }) => name)
  if (nulls.length > 0) return apiError(Errors.INVALID_CONFIG, `Null value not supported for topic configs: ${nulls.join(',')}`)
  if (topic.configs.length === 0) return []
  const operations: ConfigOperations = new Map(topic.configs.map(({ name, value }) => [name, { operation: SET, value }]))
  const resource = { type: ConfigResourceTypes.TOPIC, name: topic.name }
  const changed = configChangeRecords(state, resource, operations, { isNewResource: true, isForwarded: context.isForwarded })
  return 'code' in changed ? changed : [...changed, ...clearElrRecords(state, changed)]
}

const assignedPartitions = (state: ControllerState, topic: Topic): Partitions | ApiError => {
  const specified = 'A manual partition assignment was specified, but'
  if (topic.replicationFactor !== -1) return apiError(Errors.INVALID_REQUEST, `${specified} replication factor was not set to -1.`)
  if (topic.numPartitions !== -1) return apiError(Errors.INVALID_REQUEST, `${specified} numPartitions was not set to -1.`)
  const partitions = new Map<number, PartitionRegistration>()
  let replicationFactor: number | undefined
  for (const { partitionIndex, brokerIds } of topic.assignments) {
    if (partitions.has(partitionIndex))
      return apiError(Errors.INVALID_REPLICA_ASSIGNMENT, `Found multiple manual partition assignments for partition ${partitionIndex}`)
    const problem = manualAssignmentProblem(state, brokerIds, replicationFactor)
    if (problem !== undefined) return problem
    replicationFactor = brokerIds.length
    const partition = newPartition(state, brokerIds)
    if (partition === undefined)
      return apiError(
        Errors.INVALID_REPLICA_ASSIGNMENT,
        `All brokers specified in the manual partition assignment for partition ${partitionIndex} are fenced or in controlled shutdown.`,
      )
    partitions.set(partitionIndex, partition)
  }
  for (let partitionId = 0; partitionId < partitions.size; partitionId++)
    if (!partitions.has(partitionId))
      return apiError(Errors.INVALID_REPLICA_ASSIGNMENT, 'partitions should be a consecutive 0-based integer sequence')
  const refused = state.settings.topicCreationPolicy?.check({
    name: topic.name,
    partitionCount: null,
    replicationFactor: null,
    assignments: new Map([...partitions].map(([partitionId, { replicas }]) => [partitionId, replicas])),
    configs: configsOf(topic),
  })
  if (refused !== undefined) return refused
  return new Map([...partitions].sort(([a], [b]) => a - b))
}

const placedPartitions = (state: ControllerState, topic: Topic, context: RequestContext): Partitions | ApiError => {
  if (topic.replicationFactor < -1 || topic.replicationFactor === 0)
    return apiError(Errors.INVALID_REPLICATION_FACTOR, 'Replication factor must be larger than 0, or -1 to use the default value.')
  if (topic.numPartitions < -1 || topic.numPartitions === 0)
    return apiError(Errors.INVALID_PARTITIONS, 'Number of partitions was set to an invalid non-positive value.')
  const partitionCount = topic.numPartitions === -1 ? state.settings.defaultPartitionCount : topic.numPartitions
  const replicationFactor = topic.replicationFactor === -1 ? state.settings.defaultReplicationFactor : topic.replicationFactor
  const unable = (why: string): ApiError =>
    apiError(Errors.INVALID_REPLICATION_FACTOR, `Unable to replicate the partition ${replicationFactor} time(s): ${why}`)
  const placed = placeReplicas(partitionCount, replicationFactor, state.heartbeats.usableBrokers(), context.random)
  if ('code' in placed) return unable(placed.message ?? '')
  const partitions = new Map<number, PartitionRegistration>()
  for (const [partitionId, replicas] of placed.entries()) {
    const partition = newPartition(state, replicas)
    if (partition === undefined) return unable('All brokers are currently fenced or in controlled shutdown.')
    partitions.set(partitionId, partition)
  }
  const { topicCreationPolicy } = state.settings
  const refused = topicCreationPolicy?.check({
    name: topic.name,
    partitionCount,
    replicationFactor,
    assignments: null,
    configs: configsOf(topic),
  })
  return refused ?? partitions
}

const configsOf = (topic: Topic): Map<string, string | null> => new Map(topic.configs.map(({ name, value }) => [name, value]))

/** The answer tells the settings that the topic has now (KIP-525), to those who may see them. */
const success = (state: ControllerState, topic: Topic, topicId: string, partitions: Partitions, context: RequestContext): Result => {
  const bare = { ...failure(topic.name, apiError(Errors.NONE)), topicId }
  if (!context.allows('DESCRIBE_CONFIGS', 'TOPIC', topic.name)) return { ...bare, topicConfigErrorCode: Errors.TOPIC_AUTHORIZATION_FAILED }
  const own = configsOf(topic)
  const keys = [...state.settings.configRules.topicKeys.values()].filter((key) => !key.isInternal || own.has(key.name))
  return {
    ...bare,
    numPartitions: partitions.size,
    replicationFactor: partitions.get(0)!.replicas.length,
    configs: keys
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((key) => {
        const { value, source } = state.effectiveTopicConfig(key, own)
        return {
          name: key.name,
          value: key.isSensitive ? null : value,
          readOnly: false,
          configSource: source,
          isSensitive: key.isSensitive,
        }
      }),
  }
}
