import { Apis, Errors } from '../../protocol/index.ts'
import {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from '../../protocol/messages/alter-partition-reassignments.ts'
import { ElectLeadersRequest, ElectLeadersResponse } from '../../protocol/messages/elect-leaders.ts'
import {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from '../../protocol/messages/list-partition-reassignments.ts'
import { call } from '../call.ts'
import { type ItemResult, itemResult, throwIfError } from '../client-error.ts'
import {
  type AdminContext,
  type AdminOptions,
  askController,
  brokerTimeoutMs,
  byTopic,
  matchResults,
  partitionKey,
  type TopicPartition,
} from './routes.ts'

const electLeadersCall = call(Apis.ElectLeaders, ElectLeadersRequest, ElectLeadersResponse)
const alterReassignmentsCall = call(
  Apis.AlterPartitionReassignments,
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
)
const listReassignmentsCall = call(Apis.ListPartitionReassignments, ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse)

/** Elects leaders of the partitions given, or of all; then the results name those where something was to be done. */
export async function electLeaders(
  admin: AdminContext,
  type: 'preferred' | 'unclean',
  partitions: readonly TopicPartition[] | null,
  options: AdminOptions = {},
): Promise<ItemResult<TopicPartition>[]> {
  const topicPartitions =
    partitions === null ? null : byTopic(partitions, (topic, list) => ({ topic, partitions: list.map((each) => each.partition) }))
  const answer = await askController(
    admin,
    electLeadersCall,
    (leftMs) => (version) => ({
      ...(version >= 1 ? { electionType: type === 'preferred' ? 0 : 1 } : {}),
      topicPartitions,
      timeoutMs: brokerTimeoutMs(admin, leftMs),
    }),
    { ...options, minVersion: type === 'unclean' ? 1 : 0 },
    (each) => throwIfError(each.errorCode, null, 'ElectLeaders'),
  )
  const entries = answer.replicaElectionResults.flatMap((topic) =>
    topic.partitionResult.map((each) => ({ topic: topic.topic, partition: each.partitionId, ...each })),
  )
  if (partitions === null) {
    return entries.map(({ topic, partition, errorCode, errorMessage }) => itemResult({ topic, partition }, errorCode, errorMessage, null))
  }
  return matchResults(partitions, partitionKey, entries, partitionKey, (item, entry) =>
    itemResult(item, entry.errorCode, entry.errorMessage, null),
  )
}

export interface Reassignment extends TopicPartition {
  /** The replicas it shall have; null cancels what is under way. */
  readonly replicas: readonly number[] | null
}

export async function alterReassignments(
  admin: AdminContext,
  reassignments: readonly Reassignment[],
  options: AdminOptions & { allowReplicationFactorChange?: boolean } = {},
): Promise<ItemResult<Reassignment>[]> {
  const answer = await askController(
    admin,
    alterReassignmentsCall,
    (leftMs) => (version) => ({
      timeoutMs: brokerTimeoutMs(admin, leftMs),
      ...(version >= 1 ? { allowReplicationFactorChange: options.allowReplicationFactorChange ?? true } : {}),
      topics: byTopic(reassignments, (name, list) => ({
        name,
        partitions: list.map((each) => ({ partitionIndex: each.partition, replicas: each.replicas })),
      })),
    }),
    { ...options, minVersion: options.allowReplicationFactorChange === false ? 1 : 0 },
    (each) => throwIfError(each.errorCode, each.errorMessage, 'AlterPartitionReassignments'),
  )
  const entries = answer.responses.flatMap((topic) =>
    topic.partitions.map((each) => ({ topic: topic.name, partition: each.partitionIndex, ...each })),
  )
  return matchResults(reassignments, partitionKey, entries, partitionKey, (item, entry) =>
    itemResult(item, entry.errorCode, entry.errorMessage, null),
  )
}

export interface OngoingReassignment extends TopicPartition {
  readonly replicas: readonly number[]
  readonly adding: readonly number[]
  readonly removing: readonly number[]
}

export async function listReassignments(
  admin: AdminContext,
  options: AdminOptions & { partitions?: readonly TopicPartition[] } = {},
): Promise<OngoingReassignment[]> {
  const { partitions } = options
  const topics =
    partitions === undefined ? null : byTopic(partitions, (name, list) => ({ name, partitionIndexes: list.map((each) => each.partition) }))
  const answer = await askController(
    admin,
    listReassignmentsCall,
    (leftMs) => ({ timeoutMs: brokerTimeoutMs(admin, leftMs), topics }),
    options,
    (each) => {
      if (each.errorCode !== Errors.UNKNOWN_TOPIC_OR_PARTITION)
        throwIfError(each.errorCode, each.errorMessage, 'ListPartitionReassignments')
    },
  )
  return answer.topics.flatMap((topic) =>
    topic.partitions.map((each) => ({
      topic: topic.name,
      partition: each.partitionIndex,
      replicas: each.replicas,
      adding: each.addingReplicas,
      removing: each.removingReplicas,
    })),
  )
}
