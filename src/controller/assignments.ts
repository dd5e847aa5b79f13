import { type MetadataRecord, NO_LEADER, type PartitionRegistration, partitionToRecord, RECOVERED } from '../metadata/index.ts'
import { Errors } from '../protocol/index.ts'
import type { ControllerState } from './state.ts'
import { type ApiError, apiError } from './types.ts'

/** Why a list of replicas that someone wrote by hand cannot be. `replicationFactor` undefined: any. */
export const manualAssignmentProblem = (
  state: ControllerState,
  replicas: readonly number[],
  replicationFactor?: number,
): ApiError | undefined => {
  const problem = (what: string): ApiError =>
    apiError(Errors.INVALID_REPLICA_ASSIGNMENT, `The manual partition assignment includes ${what}`)
  if (replicas.length === 0) return problem('an empty replica list.')
  let previous: number | undefined
  for (const id of replicas.toSorted((a, b) => a - b)) {
    if (!state.image.brokers.has(id)) return problem(`broker ${id}, but no such broker is registered.`)
    if (id === previous) return problem(`the broker ${id} more than once.`)
    previous = id
  }
  if (replicationFactor !== undefined && replicas.length !== replicationFactor)
    return problem(
      `a partition with ${replicas.length} replica(s), but this is not consistent with previous partitions, which have ${replicationFactor} replica(s).`,
    )
  return undefined
}

/** A partition that begins: every active replica is in sync, the first of them leads. Undefined when none is active. */
export const newPartition = (state: ControllerState, replicas: readonly number[]): PartitionRegistration | undefined => {
  const isr = replicas.filter((id) => state.isActive(id))
  if (isr.length === 0) return undefined
  return {
    replicas,
    directories: replicas.map((id) => state.defaultDirectory(id)),
    isr,
    removingReplicas: [],
    addingReplicas: [],
    elr: [],
    lastKnownElr: [],
    leader: isr[0] ?? NO_LEADER,
    leaderRecoveryState: RECOVERED,
    leaderEpoch: 0,
    partitionEpoch: 0,
  }
}

export const newPartitionRecord = (
  state: ControllerState,
  topicId: string,
  partitionId: number,
  partition: PartitionRegistration,
): MetadataRecord =>
  partitionToRecord(topicId, partitionId, partition, {
    metadataVersion: state.metadataVersion,
    elrEnabled: state.image.isElrEnabled,
    onLoss: () => {},
  })
