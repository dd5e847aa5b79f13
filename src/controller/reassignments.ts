import { isReassigning, type MetadataImage, type MetadataRecord, type PartitionRegistration, type TopicImage } from '../metadata/index.ts'
import { Errors } from '../protocol/index.ts'
import type {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from '../protocol/messages/alter-partition-reassignments.ts'
import type {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from '../protocol/messages/list-partition-reassignments.ts'
import { manualAssignmentProblem } from './assignments.ts'
import { changePartition } from './partition-change.ts'
import type { ControllerState } from './state.ts'
import { type ApiError, apiError, type Decision, errorFields, leftOut, RECORDS_PER_REQUEST_MAX } from './types.ts'

/**
 * AlterPartitionReassignments (KIP-455). While replicas move, a partition has the old ones and the new ones; the change that brings the
 * last new one into the ISR also ends the reassignment. Null replicas cancel it.
 */
export const alterPartitionReassignments = (
  state: ControllerState,
  request: AlterPartitionReassignmentsRequest,
): Decision<AlterPartitionReassignmentsResponse> => {
  const records: MetadataRecord[] = []
  const { allowReplicationFactorChange } = request
  const responses = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex, replicas }) => ({
      partitionIndex,
      ...errorFields(reassign(state, name, partitionIndex, replicas, allowReplicationFactorChange, records)),
    })),
  }))
  return { records, answer: { throttleTimeMs: 0, allowReplicationFactorChange, ...errorFields(undefined), responses } }
}

const reassign = (
  state: ControllerState,
  topicName: string,
  partitionId: number,
  replicas: readonly number[] | null,
  allowFactorChange: boolean,
  records: MetadataRecord[],
): ApiError | undefined => {
  const topic = state.image.topic(topicName)
  if (topic === undefined) return apiError(Errors.UNKNOWN_TOPIC_OR_PARTITION, `Unable to find a topic named ${topicName}.`)
  const partition = topic.partitions.get(partitionId)
  if (partition === undefined) return apiError(Errors.UNKNOWN_TOPIC_OR_PARTITION, `Unable to find partition ${topicName}:${partitionId}.`)
  const change =
    replicas === null
      ? cancelReassignment(state, topic, partitionId, partition)
      : beginReassignment(state, topic, partitionId, partition, replicas, allowFactorChange)
  if (change !== undefined && 'code' in change) return change
  if (change === undefined) return undefined
  if (records.length >= RECORDS_PER_REQUEST_MAX) return leftOut
  records.push(change)
  return undefined
}

type Change = MetadataRecord | ApiError | undefined

const beginReassignment = (
  state: ControllerState,
  topic: TopicImage,
  partitionId: number,
  partition: PartitionRegistration,
  replicas: readonly number[],
  allowFactorChange: boolean,
): Change => {
  const problem = manualAssignmentProblem(state, replicas)
  if (problem !== undefined) return problem
  const factor = settledReplicationFactor(partition)
  if (!allowFactorChange && factor !== replicas.length)
    return apiError(Errors.INVALID_REPLICATION_FACTOR, `The replication factor is changed from ${factor} to ${replicas.length}`)
  const ascending = (a: number, b: number): number => a - b
  const removing = partition.replicas.filter((id) => !replicas.includes(id)).sort(ascending)
  const adding = replicas.filter((id) => !partition.replicas.includes(id)).sort(ascending)
  return changePartition(state, topic, partitionId, partition, {
    replicas: [...replicas, ...removing],
    ...(removing.length > 0 && { removing }),
    ...(adding.length > 0 && { adding }),
  })
}

/** How many replicas the partition will have when what is under way is done. */
const settledReplicationFactor = ({ replicas, addingReplicas, removingReplicas }: PartitionRegistration): number =>
  new Set([...replicas, ...addingReplicas].filter((id) => !removingReplicas.includes(id))).size

const cancelReassignment = (state: ControllerState, topic: TopicImage, partitionId: number, partition: PartitionRegistration): Change => {
  if (!isReassigning(partition)) return apiError(Errors.NO_REASSIGNMENT_IN_PROGRESS)
  const { addingReplicas } = partition
  const replicas = partition.replicas.filter((id) => !addingReplicas.includes(id))
  const isr = partition.isr.filter((id) => !addingReplicas.includes(id))
  const allowsUnclean = state.allowsUncleanElection(topic.name)
  if (isr.length === 0) {
    if (replicas.length === 0)
      return apiError(Errors.INVALID_REPLICA_ASSIGNMENT, 'Invalid replica assignment: addingReplicas contains all replicas.')
    if (!allowsUnclean)
      return apiError(
        Errors.INVALID_REPLICA_ASSIGNMENT,
        `Unable to revert partition assignment for ${topic.name}:${partitionId} because it would require an unclean leader election.`,
      )
    isr.push(replicas[0])
  }
  return changePartition(state, topic, partitionId, partition, {
    isr,
    replicas,
    removing: [],
    adding: [],
    election: allowsUnclean ? 'unclean' : 'online',
  })
}

/** ListPartitionReassignments, from any image. Without topics: all. */
export const listPartitionReassignments = (
  image: MetadataImage,
  { topics }: ListPartitionReassignmentsRequest,
): ListPartitionReassignmentsResponse => {
  const asked =
    topics ?? [...image.topicsByName.values()].map(({ name, partitions }) => ({ name, partitionIndexes: [...partitions.keys()] }))
  const ongoing: ListPartitionReassignmentsResponse['topics'] = []
  for (const { name, partitionIndexes } of asked) {
    const partitions = partitionIndexes.flatMap((partitionIndex) => {
      const partition = image.partition(name, partitionIndex)
      if (partition === undefined || !isReassigning(partition)) return []
      const { replicas, addingReplicas, removingReplicas } = partition
      return [{ partitionIndex, replicas: [...replicas], addingReplicas: [...addingReplicas], removingReplicas: [...removingReplicas] }]
    })
    if (partitions.length > 0) ongoing.push({ name, partitions })
  }
  return { throttleTimeMs: 0, ...errorFields(undefined), topics: ongoing }
}
