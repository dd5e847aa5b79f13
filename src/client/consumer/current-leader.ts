import type { ClusterView } from '../metadata-cache.ts'
import type { PartitionState } from './partition-state.ts'

/**
 * Who leads a partition; -1: nobody, or nobody that is known. A view of an epoch before that of what was read last is out of date
 * (Metadata.updateLastSeenEpochIfNewer): the leader that was then cannot tell whether the position holds, and would say that it does not.
 * Epochs of a topic that was made anew began again.
 */
export const currentLeader = (view: ClusterView, { topic, partition, offsetEpoch, isRecreated }: PartitionState): number => {
  const known = view.topics.get(topic)?.partitions[partition]
  if (known === undefined || (known.leaderEpoch >= 0 && known.leaderEpoch < offsetEpoch && !isRecreated)) return -1
  return known.leader
}
