import { metadataTopicUuid, zeroUuid } from '../base/index.ts'
import { type ErrorCode, Errors, type MessageInput } from '../protocol/index.ts'
import type { AddRaftVoterRequest } from '../protocol/messages/add-raft-voter.ts'
import type { BeginQuorumEpochRequest } from '../protocol/messages/begin-quorum-epoch.ts'
import type { EndQuorumEpochRequest } from '../protocol/messages/end-quorum-epoch.ts'
import type { FetchRequest, FetchResponse } from '../protocol/messages/fetch.ts'
import type { FetchSnapshotRequest, FetchSnapshotResponse } from '../protocol/messages/fetch-snapshot.ts'
import type { RemoveRaftVoterRequest } from '../protocol/messages/remove-raft-voter.ts'
import type { UpdateRaftVoterRequest, UpdateRaftVoterResponse } from '../protocol/messages/update-raft-voter.ts'
import type { VoteRequest } from '../protocol/messages/vote.ts'
import { BAD_BATCH, CURRENT_MAGIC, isBatchValid, magic, NO_BATCH, nextBatchBytes } from '../records/index.ts'
import type {
  AddVoter,
  BeginEpoch,
  EndEpoch,
  Entry,
  Fetch,
  FetchReply,
  RaftReply,
  RemoveVoter,
  UpdateVoter,
  UpdateVoterReply,
  Vote,
} from './core/messages.ts'
import { entriesOf } from './entries.ts'
import { metadataPartition, metadataTopic } from './metadata-log.ts'
import type { SnapshotPiece, SnapshotRequest } from './transport.ts'
import type { Endpoint, OffsetAndEpoch } from './types.ts'

/** What the core says in Kafka's messages, and what was answered in the core's terms. Raft requests are about one partition. */

const listeners = (endpoints: readonly Endpoint[]): Endpoint[] => endpoints.map(({ name, host, port }) => ({ name, host, port }))

export const voteBody = (clusterId: string, { epoch, candidate, voter, last, preVote }: Vote): MessageInput<typeof VoteRequest> => ({
  clusterId,
  voterId: voter?.id ?? -1,
  topics: [
    {
      topicName: metadataTopic,
      partitions: [
        {
          partitionIndex: metadataPartition,
          replicaEpoch: epoch,
          replicaId: candidate.id,
          replicaDirectoryId: candidate.directoryId ?? zeroUuid,
          voterDirectoryId: voter?.directoryId ?? zeroUuid,
          lastOffsetEpoch: last.epoch,
          lastOffset: last.offset,
          preVote,
        },
      ],
    },
  ],
})

export const beginEpochBody = (
  clusterId: string,
  { epoch, leaderId, voter, leaderEndpoints }: BeginEpoch,
): MessageInput<typeof BeginQuorumEpochRequest> => ({
  clusterId,
  voterId: voter?.id ?? -1,
  topics: [
    {
      topicName: metadataTopic,
      partitions: [
        {
          partitionIndex: metadataPartition,
          voterDirectoryId: voter?.directoryId ?? zeroUuid,
          leaderId,
          leaderEpoch: epoch,
        },
      ],
    },
  ],
  leaderEndpoints: listeners(leaderEndpoints ?? []),
})

export const endEpochBody = (
  clusterId: string,
  { epoch, leaderId, successors, leaderEndpoints }: EndEpoch,
): MessageInput<typeof EndQuorumEpochRequest> => ({
  clusterId,
  topics: [
    {
      topicName: metadataTopic,
      partitions: [
        {
          partitionIndex: metadataPartition,
          leaderId,
          leaderEpoch: epoch,
          preferredSuccessors: successors.map(({ id }) => id),
          preferredCandidates: successors.map(({ id, directoryId }) => ({
            candidateId: id,
            candidateDirectoryId: directoryId ?? zeroUuid,
          })),
        },
      ],
    },
  ],
  leaderEndpoints: listeners(leaderEndpoints ?? []),
})

/** From this version on the replica id stands in `replicaState`. */
const REPLICA_STATE = 15

export const fetchBody = (clusterId: string, fetch: Fetch, version: number): MessageInput<typeof FetchRequest> => ({
  clusterId,
  ...(version >= REPLICA_STATE ? { replicaState: { replicaId: fetch.replica.id } } : { replicaId: fetch.replica.id }),
  maxWaitMs: fetch.maxWaitMs,
  minBytes: 0,
  maxBytes: fetch.maxBytes,
  topics: [
    {
      topic: metadataTopic,
      topicId: metadataTopicUuid,
      partitions: [
        {
          partition: metadataPartition,
          currentLeaderEpoch: fetch.leaderEpoch,
          fetchOffset: fetch.fetchOffset,
          lastFetchedEpoch: fetch.lastFetchedEpoch,
          partitionMaxBytes: 0,
          replicaDirectoryId: fetch.replica.directoryId ?? zeroUuid,
          highWatermark: fetch.highWatermark,
        },
      ],
    },
  ],
})

export const fetchSnapshotBody = (
  clusterId: string,
  { id, replica, leaderEpoch, position, maxBytes }: SnapshotRequest,
): MessageInput<typeof FetchSnapshotRequest> => ({
  clusterId,
  replicaId: replica.id,
  maxBytes,
  topics: [
    {
      name: metadataTopic,
      partitions: [
        {
          partition: metadataPartition,
          currentLeaderEpoch: leaderEpoch,
          snapshotId: { endOffset: id.offset, epoch: id.epoch },
          position,
          replicaDirectoryId: replica.directoryId ?? zeroUuid,
        },
      ],
    },
  ],
})

/** Undefined: refused, or not what was asked for. */
export const snapshotPiece = (answer: FetchSnapshotResponse, position: number): SnapshotPiece | undefined => {
  const partition = answer.topics[0]?.partitions[0]
  const bytes = partition?.unalignedRecords ?? undefined
  const isRefused = answer.errorCode !== Errors.NONE || partition?.errorCode !== Errors.NONE || partition.position !== position
  return isRefused || bytes === undefined ? undefined : { bytes, size: partition.size }
}

export const updateVoterBody = (clusterId: string, { epoch, voter }: UpdateVoter): MessageInput<typeof UpdateRaftVoterRequest> => ({
  clusterId,
  currentLeaderEpoch: epoch,
  voterId: voter.id,
  voterDirectoryId: voter.directoryId ?? zeroUuid,
  listeners: listeners(voter.endpoints),
  kRaftVersionFeature: { minSupportedVersion: voter.kraftVersionMin, maxSupportedVersion: voter.kraftVersionMax },
})

export const addVoterBody = (
  clusterId: string,
  timeoutMs: number,
  { voter, ackWhenCommitted }: AddVoter,
): MessageInput<typeof AddRaftVoterRequest> => ({
  clusterId,
  timeoutMs,
  voterId: voter.id,
  voterDirectoryId: voter.directoryId ?? zeroUuid,
  listeners: listeners(voter.endpoints),
  ackWhenCommitted,
})

export const removeVoterBody = (clusterId: string, { voter }: RemoveVoter): MessageInput<typeof RemoveRaftVoterRequest> => ({
  clusterId,
  voterId: voter.id,
  voterDirectoryId: voter.directoryId ?? zeroUuid,
})

/** An answer of Vote, BeginQuorumEpoch or EndQuorumEpoch. */
interface EpochAnswer {
  readonly errorCode: number
  readonly nodeEndpoints: NodeEndpoints
  readonly topics: readonly {
    readonly partitions: readonly {
      readonly errorCode: number
      readonly leaderId: number
      readonly leaderEpoch: number
      readonly voteGranted?: boolean
    }[]
  }[]
}

type NodeEndpoints = readonly { readonly nodeId: number; readonly host: string; readonly port: number }[]

/** `listenerName`: on which we asked, and on which the leader that is named listens. Undefined: the answer is of no use, as if none had come. */
export const epochReply = (type: 'vote' | 'beginEpoch' | 'endEpoch', answer: EpochAnswer, listenerName: string): RaftReply | undefined => {
  const partition = answer.topics[0]?.partitions[0]
  if (answer.errorCode !== Errors.NONE || partition === undefined) return undefined
  const head = headOf(partition.errorCode, partition, answer.nodeEndpoints, listenerName)
  return type === 'vote' ? { type, ...head, granted: partition.voteGranted ?? false } : { type, ...head }
}

export const updateVoterReply = ({ errorCode, currentLeader }: UpdateRaftVoterResponse, listenerName: string): UpdateVoterReply => {
  const { leaderId, host, port } = currentLeader
  const endpoints = host === '' ? [] : [{ nodeId: leaderId, host, port }]
  return { type: 'updateVoter', ...headOf(errorCode, currentLeader, endpoints, listenerName) }
}

export const fetchReply = (answer: FetchResponse, listenerName: string): FetchReply | undefined => {
  const partition = answer.responses[0]?.partitions[0]
  if (answer.errorCode !== Errors.NONE || partition === undefined) return undefined
  const { divergingEpoch, snapshotId } = partition
  return {
    type: 'fetch',
    ...headOf(partition.errorCode, partition.currentLeader, answer.nodeEndpoints, listenerName),
    highWatermark: partition.highWatermark,
    logStartOffset: partition.logStartOffset,
    ...(divergingEpoch.epoch < 0 && divergingEpoch.endOffset < 0 ? {} : { diverging: placeOf(divergingEpoch) }),
    ...(snapshotId.epoch < 0 && snapshotId.endOffset < 0 ? {} : { snapshotId: placeOf(snapshotId) }),
    entries: entriesFrom(partition.records),
  }
}

const headOf = (
  error: number,
  { leaderId, leaderEpoch }: { readonly leaderId: number; readonly leaderEpoch: number },
  nodeEndpoints: NodeEndpoints,
  name: string,
) => {
  const leader = nodeEndpoints.find(({ nodeId }) => nodeId === leaderId)
  return {
    error: error as ErrorCode,
    epoch: leaderEpoch,
    leaderId: leaderId < 0 ? undefined : leaderId,
    leaderEndpoints: leader === undefined ? undefined : [{ name, host: leader.host, port: leader.port }],
  }
}

const placeOf = ({ endOffset, epoch }: { readonly endOffset: number; readonly epoch: number }): OffsetAndEpoch => ({
  offset: endOffset,
  epoch,
})

/** The whole batches from the front whose checksums hold; what follows a damaged one is not taken. */
const entriesFrom = (records: Buffer | null): Entry[] => {
  if (records === null) return []
  let at = 0
  for (;;) {
    const size = nextBatchBytes(records, at, records.length)
    if (size === NO_BATCH || size === BAD_BATCH || magic(records, at) !== CURRENT_MAGIC || !isBatchValid(records, at, size)) break
    at += size
  }
  return entriesOf(records.subarray(0, at))
}
