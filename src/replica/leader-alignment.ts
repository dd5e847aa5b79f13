import { type BrokerLink, ClientError, call } from '../client/index.ts'
import type { Journal } from '../host/index.ts'
import { truncateFullyAndStartAt, truncateTo } from '../log/index.ts'
import { Apis, Errors, errorName } from '../protocol/index.ts'
import { ListOffsetsRequest, ListOffsetsResponse } from '../protocol/messages/list-offsets.ts'
import type { Partition } from './partition.ts'

const listOffsetsCall = call(Apis.ListOffsets, ListOffsetsRequest, ListOffsetsResponse)
const LATEST = -1
const EARLIEST_LOCAL = -4

/**
 * A log that ends before its leader's begins, or goes on where its leader's has ended (AbstractFetcherThread.fetchOffsetAndTruncate). The leader
 * is asked first: nothing waits for its answers but this partition's next fetch. False: nothing was to be changed.
 * @throws ClientError the leader does not say its offsets
 */
export const beginWhereTheLeaderDoes = async (
  link: BrokerLink,
  nodeId: number,
  partition: Partition,
  journal: Journal,
): Promise<boolean> => {
  const { log, leaderEpoch } = partition
  const end = log.logEndOffset
  const isAsBefore = (): boolean => !partition.isLeader && partition.leaderEpoch === leaderEpoch && log.logEndOffset === end
  const leaderEnd = await offsetAt(LATEST, link, nodeId, partition, leaderEpoch)
  if (leaderEnd < end) {
    journal.warn('the leader has less than its follower: the follower is cut back', {
      ...{ partition: partition.name, from: end, to: leaderEnd },
    })
    return partition.settle(async () => isAsBefore() && (await truncateTo(log, leaderEnd)))
  }
  const leaderStart = await offsetAt(EARLIEST_LOCAL, link, nodeId, partition, leaderEpoch)
  if (leaderStart <= end) return false
  return partition.settle(async () => {
    if (!isAsBefore()) return false
    await truncateFullyAndStartAt(log, leaderStart)
    return true
  })
}

const offsetAt = async (
  timestamp: number,
  link: BrokerLink,
  replicaId: number,
  { topic, index }: Partition,
  currentLeaderEpoch: number,
): Promise<number> => {
  const { topics } = await link.request(listOffsetsCall, {
    replicaId,
    isolationLevel: 0,
    topics: [{ name: topic, partitions: [{ partitionIndex: index, currentLeaderEpoch, timestamp }] }],
  })
  const found = topics[0]?.partitions[0]
  if (found === undefined || found.errorCode !== Errors.NONE) {
    throw new ClientError(
      found?.errorCode ?? Errors.UNKNOWN_SERVER_ERROR,
      `the leader does not say its offsets: ${errorName(found?.errorCode ?? -1)}`,
    )
  }
  return found.offset
}

/**
 * The histories part where the last epoch that both know ends, here or there (KIP-101, AbstractFetcherThread.getOffsetTruncationState): what
 * follows was never replicated. False: nothing was to be cut.
 */
export const cutBack = async (
  { log }: Partition,
  { epoch, endOffset }: { readonly epoch: number; readonly endOffset: number },
): Promise<boolean> => {
  const own = log.epochs.endOffsetFor(epoch, log.logEndOffset)
  const target =
    own === undefined || own.endOffset < 0 ? endOffset : own.epoch === epoch ? Math.min(own.endOffset, endOffset) : own.endOffset
  return truncateTo(log, Math.min(target, log.logEndOffset))
}
