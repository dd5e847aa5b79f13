import type { MetadataRecord, PartitionRegistration, TopicImage } from '../metadata/index.ts'
import { Errors } from '../protocol/index.ts'
import type { CreatePartitionsRequest, CreatePartitionsResponse } from '../protocol/messages/create-partitions.ts'
import { manualAssignmentProblem, newPartition, newPartitionRecord } from './assignments.ts'
import { placeReplicas } from './placement.ts'
import { PARTITIONS_PER_REQUEST_MAX } from './settings.ts'
import type { ControllerState } from './state.ts'
import { type ApiError, answerOnly, apiError, type Decision, errorFields, type RequestContext, tooManyRecords } from './types.ts'

type Topic = CreatePartitionsRequest['topics'][number]

/** CreatePartitions: a topic grows to `count` partitions, placed like those of a new topic or as assigned. */
export const createPartitions = (
  state: ControllerState,
  request: CreatePartitionsRequest,
  context: RequestContext,
): Decision<CreatePartitionsResponse> => {
  const results: CreatePartitionsResponse['results'] = []
  const counts = new Map<string, number>()
  for (const { name } of request.topics) counts.set(name, (counts.get(name) ?? 0) + 1)
  const records: MetadataRecord[] = []
  for (const topic of new Map(request.topics.map((one) => [one.name, one])).values()) {
    const { name } = topic
    let error: ApiError | undefined
    if (counts.get(name)! > 1) error = apiError(Errors.INVALID_REQUEST, 'Duplicate topic name.')
    else if (!context.allows('ALTER', 'TOPIC', name)) error = apiError(Errors.TOPIC_AUTHORIZATION_FAILED)
    else error = addPartitions(state, topic, context, records)
    results.push({ name, ...errorFields(error) })
  }
  const limit = tooManyRecords(records)
  if (limit !== undefined)
    return answerOnly({ throttleTimeMs: 0, results: request.topics.map(({ name }) => ({ name, ...errorFields(limit) })) })
  return { records: request.validateOnly ? [] : records, answer: { throttleTimeMs: 0, results } }
}

/** Appends the records of the new partitions; nothing when it fails. */
const addPartitions = (state: ControllerState, asked: Topic, context: RequestContext, records: MetadataRecord[]): ApiError | undefined => {
  const topic = state.image.topic(asked.name)
  if (topic === undefined) return apiError(Errors.UNKNOWN_TOPIC_OR_PARTITION)
  const known = topic.partitions.size
  if (asked.count === known) return apiError(Errors.INVALID_PARTITIONS, `Topic already has ${known} partition(s).`)
  if (asked.count < known)
    return apiError(
      Errors.INVALID_PARTITIONS,
      `The topic ${asked.name} currently has ${known} partition(s); ${asked.count} would not be an increase.`,
    )
  const additional = asked.count - known
  if (asked.assignments !== null && asked.assignments.length !== additional)
    return apiError(
      Errors.INVALID_REPLICA_ASSIGNMENT,
      `Attempted to add ${additional} additional partition(s), but only ${asked.assignments.length} assignment(s) were specified.`,
    )
  // Apache Kafka makes those that fit, tells of an UNKNOWN_SERVER_ERROR, and has the memory for all.
  if (records.length + additional > PARTITIONS_PER_REQUEST_MAX)
    return apiError(Errors.POLICY_VIOLATION, 'Unable to perform excessively large batch operation.')
  const charged = context.chargePartitions?.(additional)
  if (charged !== undefined) return charged
  const partitions = morePartitions(state, topic, asked, additional, context)
  if ('code' in partitions) return partitions
  for (const [index, partition] of partitions.entries()) records.push(newPartitionRecord(state, topic.id, known + index, partition))
  return undefined
}

const morePartitions = (
  state: ControllerState,
  topic: TopicImage,
  { assignments }: Topic,
  additional: number,
  context: RequestContext,
): readonly PartitionRegistration[] | ApiError => {
  const replicationFactor = topic.partitions.values().next().value?.replicas.length ?? 0
  const placed =
    assignments?.map(({ brokerIds }) => brokerIds) ??
    placeReplicas(additional, replicationFactor, state.heartbeats.usableBrokers(), context.random)
  if ('code' in placed) return placed
  const partitions: PartitionRegistration[] = []
  for (const [index, replicas] of placed.entries()) {
    const problem = assignments === null ? undefined : manualAssignmentProblem(state, replicas, replicationFactor)
    if (problem !== undefined) return problem
    const partition = newPartition(state, replicas)
    if (partition !== undefined) partitions.push(partition)
    else if (assignments === null)
      return apiError(
        Errors.INVALID_REPLICATION_FACTOR,
        `Unable to replicate the partition ${replicationFactor} time(s): All brokers are currently fenced or in controlled shutdown.`,
      )
    else
      return apiError(
        Errors.INVALID_REPLICA_ASSIGNMENT,
        `All brokers specified in the manual partition assignment for partition ${topic.partitions.size + index} are fenced or in controlled shutdown.`,
      )
  }
  return partitions
}
