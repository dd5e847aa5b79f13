import { hasPreferredLeader, type MetadataRecord, NO_LEADER } from '../metadata/index.ts'
import { Errors } from '../protocol/index.ts'
import type { ElectLeadersRequest, ElectLeadersResponse } from '../protocol/messages/elect-leaders.ts'
import { changePartition } from './partition-change.ts'
import type { ControllerState } from './state.ts'
import { type ApiError, answerOnly, apiError, type Decision, errorFields, generalError, tooManyRecords } from './types.ts'

const PREFERRED = 0
const UNCLEAN = 1

/** ElectLeaders. Without partitions: all, and those that need no election are left out of the answer. */
export const electLeaders = (state: ControllerState, request: ElectLeadersRequest): Decision<ElectLeadersResponse> => {
  const { electionType, topicPartitions } = request
  if (electionType !== PREFERRED && electionType !== UNCLEAN)
    return refuseAll(request, apiError(Errors.INVALID_REQUEST, `Unknown election type ${electionType}`))
  const records: MetadataRecord[] = []
  const asked =
    topicPartitions ??
    [...state.image.topicsByName.values()].map(({ name, partitions }) => ({ topic: name, partitions: [...partitions.keys()] }))
  const replicaElectionResults = asked.map(({ topic, partitions }) => ({
    topic,
    partitionResult: partitions
      .map((partitionId) => ({ partitionId, ...errorFields(electLeader(state, topic, partitionId, electionType, records)) }))
      .filter(({ errorCode }) => topicPartitions !== null || errorCode !== Errors.ELECTION_NOT_NEEDED),
  }))
  const limit = tooManyRecords(records)
  if (limit !== undefined) return refuseAll(request, limit)
  return { records, answer: { throttleTimeMs: 0, errorCode: Errors.NONE, replicaElectionResults }, divisible: true }
}

const refuseAll = ({ topicPartitions }: ElectLeadersRequest, error: ApiError): Decision<ElectLeadersResponse> =>
  answerOnly({
    throttleTimeMs: 0,
    errorCode: error.code,
    replicaElectionResults: (topicPartitions ?? []).map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map((partitionId) => ({ partitionId, ...errorFields(error) })),
    })),
  })

const electLeader = (
  state: ControllerState,
  topicName: string,
  partitionId: number,
  electionType: number,
  records: MetadataRecord[],
): ApiError | undefined => {
  const topic = state.image.topic(topicName)
  if (topic === undefined) return apiError(Errors.UNKNOWN_TOPIC_OR_PARTITION, `No such topic as ${topicName}`)
  const partition = topic.partitions.get(partitionId)
  if (partition === undefined) return apiError(Errors.UNKNOWN_TOPIC_OR_PARTITION, `No such partition as ${topicName}-${partitionId}`)
  const isFine = electionType === PREFERRED ? hasPreferredLeader(partition) : partition.leader !== NO_LEADER
  if (isFine) return generalError(Errors.ELECTION_NOT_NEEDED)
  const election = electionType === PREFERRED ? 'preferred' : 'unclean'
  const record = changePartition(state, topic, partitionId, partition, { election })
  if (record === undefined)
    return generalError(electionType === PREFERRED ? Errors.PREFERRED_LEADER_NOT_AVAILABLE : Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE)
  records.push(record)
  return undefined
}
