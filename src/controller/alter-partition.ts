import { assert } from '../base/index.ts'
import {
  hasOnlineDirectory,
  type MetadataRecord,
  mergePartition,
  NO_LEADER_CHANGE,
  type PartitionRegistration,
  RECOVERED,
  RECOVERING,
  supportsDirectoryAssignment,
  type TopicImage,
} from '../metadata/index.ts'
import { type ErrorCode, Errors } from '../protocol/index.ts'
import type { AlterPartitionRequest, AlterPartitionResponse } from '../protocol/messages/alter-partition.ts'
import type { AssignReplicasToDirsRequest, AssignReplicasToDirsResponse } from '../protocol/messages/assign-replicas-to-dirs.ts'
import { leaderAndIsrUpdates } from './leader-updates.ts'
import { changePartition } from './partition-change.ts'
import type { ControllerState } from './state.ts'
import { answerOnly, type Decision, type RequestContext } from './types.ts'

type PartitionData = AlterPartitionRequest['topics'][number]['partitions'][number]
type PartitionResult = AlterPartitionResponse['topics'][number]['partitions'][number]
interface ProposedMember {
  readonly brokerId: number
  /** -1: not checked. */
  readonly brokerEpoch: number
}

/** AlterPartition: a leader proposes another ISR, or says that it recovered from an unclean election. */
export const alterPartition = (
  state: ControllerState,
  request: AlterPartitionRequest,
  { apiVersion }: RequestContext,
): Decision<AlterPartitionResponse> => {
  const stale = state.brokerEpochProblem(request.brokerId, request.brokerEpoch)
  if (stale !== undefined) return answerOnly({ throttleTimeMs: 0, errorCode: stale.code, topics: [] })
  const records: MetadataRecord[] = []
  const topics = request.topics.map(({ topicId, partitions }) => {
    const topic = state.image.topicById(topicId)
    return {
      topicId,
      partitions: partitions.map((data) => {
        if (topic === undefined) return refusal(data, Errors.UNKNOWN_TOPIC_ID)
        const isr: ProposedMember[] =
          apiVersion < 3 ? data.newIsr.map((brokerId) => ({ brokerId, brokerEpoch: -1 })) : data.newIsrWithEpochs
        return alterOne(state, topic, request.brokerId, data, isr, records)
      }),
    }
  })
  return { records, answer: { throttleTimeMs: 0, errorCode: Errors.NONE, topics }, divisible: true }
}

const refusal = ({ partitionIndex }: PartitionData, errorCode: ErrorCode): PartitionResult => ({
  partitionIndex,
  errorCode,
  leaderId: 0,
  leaderEpoch: 0,
  isr: [],
  leaderRecoveryState: 0,
  partitionEpoch: 0,
})

const alterOne = (
  state: ControllerState,
  topic: TopicImage,
  brokerId: number,
  data: PartitionData,
  isr: readonly ProposedMember[],
  records: MetadataRecord[],
): PartitionResult => {
  const partition = topic.partitions.get(data.partitionIndex)
  if (partition === undefined) return refusal(data, Errors.UNKNOWN_TOPIC_OR_PARTITION)
  const problem = proposalProblem(state, brokerId, partition, data, isr)
  if (problem !== Errors.NONE) return refusal(data, problem)
  const record = changePartition(state, topic, data.partitionIndex, partition, {
    isr: isr.map((member) => member.brokerId),
    leaderRecoveryState: data.leaderRecoveryState,
    election: state.allowsUncleanElection(topic.name) ? 'unclean' : 'online',
  })
  let after = partition
  if (record !== undefined) {
    assert(record.name === 'PartitionChangeRecord', 'a change of a partition is a PartitionChangeRecord')
    records.push(record)
    after = mergePartition(partition, record.message)
    // The change completed a reassignment that the leader is no part of: it has to read the log before it goes on.
    const { leader } = record.message
    if (leader !== brokerId && leader !== NO_LEADER_CHANGE) return refusal(data, Errors.NEW_LEADER_ELECTED)
  }
  return {
    partitionIndex: data.partitionIndex,
    errorCode: Errors.NONE,
    leaderId: after.leader,
    leaderEpoch: after.leaderEpoch,
    isr: [...after.isr],
    leaderRecoveryState: after.leaderRecoveryState,
    partitionEpoch: after.partitionEpoch,
  }
}

const proposalProblem = (
  state: ControllerState,
  brokerId: number,
  partition: PartitionRegistration,
  data: PartitionData,
  isr: readonly ProposedMember[],
): ErrorCode => {
  // A leader that knows more than we do speaks to a controller that has been replaced.
  if (data.leaderEpoch > partition.leaderEpoch || data.partitionEpoch > partition.partitionEpoch) return Errors.NOT_CONTROLLER
  if (data.leaderEpoch < partition.leaderEpoch) return Errors.FENCED_LEADER_EPOCH
  if (brokerId !== partition.leader) return Errors.INVALID_REQUEST
  if (data.partitionEpoch < partition.partitionEpoch) return Errors.INVALID_UPDATE_VERSION
  const ids = isr.map((member) => member.brokerId)
  const isValid =
    ids.length > 0 &&
    new Set(ids).size === ids.length &&
    ids.every((id) => partition.replicas.includes(id)) &&
    ids.includes(partition.leader)
  if (!isValid) return Errors.INVALID_REQUEST
  const recovery = data.leaderRecoveryState
  if (recovery !== RECOVERED && recovery !== RECOVERING) return Errors.INVALID_REQUEST
  if (recovery === RECOVERING && (ids.length > 1 || partition.leaderRecoveryState === RECOVERED)) return Errors.INVALID_REQUEST
  const areEligible = isr.every(
    (member) =>
      state.isActive(member.brokerId) && (member.brokerEpoch === -1 || state.image.brokerEpoch(member.brokerId) === member.brokerEpoch),
  )
  return areEligible ? Errors.NONE : Errors.INELIGIBLE_REPLICA
}

/** AssignReplicasToDirs: a broker tells in which directory a replica lies (KIP-858). */
export const assignReplicasToDirs = (
  state: ControllerState,
  request: AssignReplicasToDirsRequest,
): Decision<AssignReplicasToDirsResponse> => {
  const { brokerId } = request
  const refuse = (errorCode: ErrorCode): Decision<AssignReplicasToDirsResponse> =>
    answerOnly({ throttleTimeMs: 0, errorCode, directories: [] })
  if (!supportsDirectoryAssignment(state.metadataVersion)) return refuse(Errors.UNSUPPORTED_VERSION)
  const stale = state.brokerEpochProblem(brokerId, request.brokerEpoch)
  if (stale !== undefined) return refuse(stale.code)
  const broker = state.image.brokers.get(brokerId)
  const records: MetadataRecord[] = []
  const offline: [string, number][] = []
  const assign = (topicId: string, partitionId: number, directory: string): ErrorCode => {
    const topic = state.image.topicById(topicId)
    if (topic === undefined) return Errors.UNKNOWN_TOPIC_ID
    const partition = topic.partitions.get(partitionId)
    if (partition === undefined) return Errors.UNKNOWN_TOPIC_OR_PARTITION
    if (!partition.replicas.includes(brokerId)) return Errors.NOT_LEADER_OR_FOLLOWER
    const record = changePartition(state, topic, partitionId, partition, { directories: new Map([[brokerId, directory]]) })
    if (record !== undefined) records.push(record)
    if (!hasOnlineDirectory(broker, directory)) offline.push([topicId, partitionId])
    return Errors.NONE
  }
  const directories = request.directories.map(({ id, topics }) => ({
    id,
    topics: topics.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: assign(topicId, partitionIndex, id) })),
    })),
  }))
  records.push(...leaderAndIsrUpdates(state, offline, { remove: brokerId }))
  return { records, answer: { throttleTimeMs: 0, errorCode: Errors.NONE, directories }, divisible: true }
}
