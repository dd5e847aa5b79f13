import { Apis, Reader, read, readClientId, readHeaderStart } from '../../../src/protocol/index.ts'
import { AlterPartitionRequest } from '../../../src/protocol/messages/alter-partition.ts'
import { idOf } from '../cluster.ts'
import type { Observed } from '../invariants/index.ts'

/**
 * Somebody's request for other in-sync replicas that he no longer stands behind: the controller has refused it, and the leader has dropped
 * it, as Apache Kafka's does. Nothing in the protocol tells a copy from a new request, so that one that comes when the reason of the refusal
 * is gone is taken, and a leader has replicas in sync that it does not reckon with until the metadata tells it.
 */
export const isWithdrawnProposal = (from: string, message: Buffer, { replicas }: Pick<Observed, 'replicas'>): boolean => {
  const request = alterPartitionIn(message)
  if (request === undefined) return false
  for (const { topicId, partitions } of request.topics) {
    for (const { partitionIndex, leaderEpoch, partitionEpoch, newIsrWithEpochs } of partitions) {
      const view = replicas.get(`${topicId}:${partitionIndex}`)?.get(idOf(from) ?? -1)
      if (view === undefined || !view.isLeader || view.leaderEpoch !== leaderEpoch || view.partitionEpoch !== partitionEpoch) continue
      if (view.proposal?.join() !== newIsrWithEpochs.map(({ brokerId }) => brokerId).join()) return true
    }
  }
  return false
}

const alterPartitionIn = (message: Buffer): AlterPartitionRequest | undefined => {
  if (message.length < 12 || message.readInt16BE(4) !== Apis.AlterPartition.key) return undefined
  const reader = new Reader(message.subarray(4))
  const { apiVersion } = readHeaderStart(reader)
  readClientId(reader, Apis.AlterPartition, apiVersion)
  return read(AlterPartitionRequest, apiVersion, reader)
}
