import { metadataTopicUuid, zeroUuid } from '../base/index.ts'
import { type ErrorCode, Errors, type MessageInput } from '../protocol/index.ts'
import type { BeginQuorumEpochRequest } from '../protocol/messages/begin-quorum-epoch.ts'
import type { EndQuorumEpochRequest } from '../protocol/messages/end-quorum-epoch.ts'
import type { FetchRequest, FetchResponse } from '../protocol/messages/fetch.ts'
import type { VoteRequest } from '../protocol/messages/vote.ts'
import { BAD_BATCH, CURRENT_MAGIC, isBatchValid, magic, NO_BATCH, nextBatchBytes } from '../records/index.ts'
import type { BeginEpoch, EndEpoch, Entry, Fetch, FetchReply, RaftReply, Vote } from './core/messages.ts'
import { entriesOf } from './entries.ts'
import { metadataPartition, metadataTopic } from './metadata-log.ts'
import type { OffsetAndEpoch, Voter } from './types.ts'

/** What the core says in Kafka's messages, and what was answered in the core's terms. Raft requests are about one partition. */

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
  { epoch, leaderId, voter }: BeginEpoch,
  leader: Voter,
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
  leaderEndpoints: leader.endpoints.map(({ name, host, port }) => ({ name, host, port })),
})

export const endEpochBody = (
  clusterId: string,
  { epoch, leaderId, successors }: EndEpoch,
  leader: Voter,
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
  leaderEndpoints: leader.endpoints.map(({ name, host, port }) => ({ name, host, port })),
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

/** An answer of Vote, BeginQuorumEpoch or EndQuorumEpoch. */
interface EpochAnswer {
  readonly errorCode: number
  readonly topics: readonly {
    readonly partitions: readonly {
      readonly errorCode: number
      readonly leaderId: number
      readonly leaderEpoch: number
      readonly voteGranted?: boolean
    }[]
  }[]
}

/** Undefined: the answer is of no use, as if none had come. */
export const epochReply = (type: 'vote' | 'beginEpoch' | 'endEpoch', answer: EpochAnswer): RaftReply | undefined => {
  const partition = answer.topics[0]?.partitions[0]
  if (answer.errorCode !== Errors.NONE || partition === undefined) return undefined
  const head = headOf(partition.errorCode, partition)
  return type === 'vote' ? { type, ...head, granted: partition.voteGranted ?? false } : { type, ...head }
}

export const fetchReply = (answer: FetchResponse): FetchReply | undefined => {
  const partition = answer.responses[0]?.partitions[0]
  if (answer.errorCode !== Errors.NONE || partition === undefined) return undefined
  const { divergingEpoch, snapshotId } = partition
  return {
    type: 'fetch',
    ...headOf(partition.errorCode, partition.currentLeader),
    highWatermark: partition.highWatermark,
    logStartOffset: partition.logStartOffset,
    ...(divergingEpoch.epoch < 0 && divergingEpoch.endOffset < 0 ? {} : { diverging: placeOf(divergingEpoch) }),
    ...(snapshotId.epoch < 0 && snapshotId.endOffset < 0 ? {} : { snapshotId: placeOf(snapshotId) }),
    entries: entriesFrom(partition.records),
  }
}

const headOf = (error: number, { leaderId, leaderEpoch }: { readonly leaderId: number; readonly leaderEpoch: number }) => ({
  error: error as ErrorCode,
  epoch: leaderEpoch,
  leaderId: leaderId < 0 ? undefined : leaderId,
})

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
