import { assert } from '../base/index.ts'
import { DIRECTORY_MIGRATING } from './directory-id.ts'
import { partitionRecordVersion, supportsDirectoryAssignment } from './features.ts'
import { type MetadataMessage, type MetadataRecord, metadataRecord } from './records.ts'

export const NO_LEADER = -1
/** In a PartitionChangeRecord: the leader stays, and so does its epoch. */
export const NO_LEADER_CHANGE = -2
export const RECOVERED = 0
/** The leader was elected uncleanly and has not yet said that it recovered. */
export const RECOVERING = 1

/**
 * The metadata of one partition. Immutable: every change makes a new one, so whoever holds one may compare by identity.
 * Invariants: `directories[i]` is where `replicas[i]` lies; no replica is in both isr and elr.
 */
export interface PartitionRegistration {
  readonly replicas: readonly number[]
  readonly directories: readonly string[]
  readonly isr: readonly number[]
  readonly removingReplicas: readonly number[]
  readonly addingReplicas: readonly number[]
  /** Eligible leader replicas (KIP-966): not in sync, but known to hold every record below the high watermark. */
  readonly elr: readonly number[]
  readonly lastKnownElr: readonly number[]
  readonly leader: number
  readonly leaderRecoveryState: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
}

const NONE: readonly never[] = []
const listOf = <T>(list: readonly T[] | null): readonly T[] => (list === null || list.length === 0 ? NONE : list)

/** Records from before directory assignment name no directories: every replica is migrating then. */
const directoriesFor = (directories: readonly string[], replicaCount: number): readonly string[] =>
  directories.every((id) => id === DIRECTORY_MIGRATING) ? new Array<string>(replicaCount).fill(DIRECTORY_MIGRATING) : directories

/** @throws Error when the record contradicts itself: a fault in the metadata log. */
export const partitionFromRecord = (record: MetadataMessage<'PartitionRecord'>): PartitionRegistration => {
  const { replicas } = record
  const directories = directoriesFor(record.directories, replicas.length)
  if (directories.length !== replicas.length) throw new Error(`${replicas.length} replicas in ${directories.length} directories`)
  return {
    replicas,
    directories,
    isr: listOf(record.isr),
    removingReplicas: listOf(record.removingReplicas),
    addingReplicas: listOf(record.addingReplicas),
    elr: listOf(record.eligibleLeaderReplicas),
    lastKnownElr: listOf(record.lastKnownElr),
    leader: record.leader,
    leaderRecoveryState: record.leaderRecoveryState,
    leaderEpoch: record.leaderEpoch,
    partitionEpoch: record.partitionEpoch,
  }
}

/** The partition after a change. The partition epoch goes up with every one, the leader epoch when the record names a leader. */
export const mergePartition = (before: PartitionRegistration, change: MetadataMessage<'PartitionChangeRecord'>): PartitionRegistration => {
  const replicas = change.replicas ?? before.replicas
  const directories = directoriesFor(change.directories ?? before.directories, replicas.length)
  if (directories.length !== replicas.length) throw new Error(`${replicas.length} replicas in ${directories.length} directories`)
  const leaderChanges = change.leader !== NO_LEADER_CHANGE
  return {
    replicas,
    directories,
    isr: change.isr === null ? before.isr : listOf(change.isr),
    removingReplicas: change.removingReplicas === null ? before.removingReplicas : listOf(change.removingReplicas),
    addingReplicas: change.addingReplicas === null ? before.addingReplicas : listOf(change.addingReplicas),
    elr: change.eligibleLeaderReplicas === null ? before.elr : listOf(change.eligibleLeaderReplicas),
    lastKnownElr: change.lastKnownElr === null ? before.lastKnownElr : listOf(change.lastKnownElr),
    leader: leaderChanges ? change.leader : before.leader,
    leaderRecoveryState: change.leaderRecoveryState === -1 ? before.leaderRecoveryState : change.leaderRecoveryState,
    leaderEpoch: leaderChanges ? before.leaderEpoch + 1 : before.leaderEpoch,
    partitionEpoch: before.partitionEpoch + 1,
  }
}

/** As ClearElrRecord does to a partition: what was eligible no longer is (KIP-966). */
export const withoutElr = (before: PartitionRegistration): PartitionRegistration =>
  before.elr.length === 0 && before.lastKnownElr.length === 0
    ? before
    : { ...before, elr: NONE, lastKnownElr: NONE, partitionEpoch: before.partitionEpoch + 1 }

export interface RecordOptions {
  readonly metadataVersion: number
  readonly elrEnabled: boolean
  /** What the metadata.version cannot express; an image that is written at its own level loses nothing. */
  readonly onLoss: (what: string) => void
}

export const partitionToRecord = (
  topicId: string,
  partitionId: number,
  partition: PartitionRegistration,
  options: RecordOptions,
): MetadataRecord => {
  const withDirectories = supportsDirectoryAssignment(options.metadataVersion)
  if (!withDirectories && partition.directories.some((id) => id !== DIRECTORY_MIGRATING))
    options.onLoss('the directory assignment state of one or more replicas')
  return metadataRecord('PartitionRecord', partitionRecordVersion(options.metadataVersion), {
    partitionId,
    topicId,
    replicas: partition.replicas,
    isr: partition.isr,
    removingReplicas: partition.removingReplicas,
    addingReplicas: partition.addingReplicas,
    leader: partition.leader,
    leaderRecoveryState: partition.leaderRecoveryState,
    leaderEpoch: partition.leaderEpoch,
    partitionEpoch: partition.partitionEpoch,
    directories: withDirectories ? partition.directories : [],
    eligibleLeaderReplicas: options.elrEnabled && partition.elr.length > 0 ? partition.elr : null,
    lastKnownElr: options.elrEnabled && partition.lastKnownElr.length > 0 ? partition.lastKnownElr : null,
  })
}

export const directoryOf = (partition: PartitionRegistration, brokerId: number): string => {
  const index = partition.replicas.indexOf(brokerId)
  assert(index >= 0, 'only a replica of a partition has a directory there')
  return partition.directories[index]
}
export const hasPreferredLeader = (partition: PartitionRegistration): boolean => partition.leader === (partition.replicas[0] ?? NO_LEADER)
export const isReassigning = (partition: PartitionRegistration): boolean =>
  partition.removingReplicas.length > 0 || partition.addingReplicas.length > 0
