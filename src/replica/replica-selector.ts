import { RACK_AWARE_SELECTOR } from '../config/index.ts'

/** A replica as the leader sees it, when a consumer is to be sent to the one that suits it. */
export interface ReplicaView {
  readonly brokerId: number
  /** Null: the broker has none, or cannot be reached by this client. */
  readonly rack: string | null
  readonly logEndOffset: number
  /** Since it last held all that the leader had; 0 for the leader. */
  readonly sinceCaughtUpMs: number
}

/** Which replica a consumer in `rack` had better read from. `replicas` holds the leader and those that have what it asks for. */
export type ReplicaSelector = (rack: string, leader: ReplicaView, replicas: readonly ReplicaView[]) => ReplicaView

/** One in the same rack: the leader if it is there, else the one that is furthest (org.apache.kafka.common.replica.RackAwareReplicaSelector). */
export const rackAware: ReplicaSelector = (rack, leader, replicas) => {
  if (rack === '' || leader.rack === rack) return leader
  let best: ReplicaView | undefined
  for (const replica of replicas) if (replica.rack === rack && (best === undefined || isFurther(replica, best))) best = replica
  return best ?? leader
}

/** ReplicaView.comparator */
const isFurther = (a: ReplicaView, b: ReplicaView): boolean => {
  if (a.logEndOffset !== b.logEndOffset) return a.logEndOffset > b.logEndOffset
  if (a.sinceCaughtUpMs !== b.sinceCaughtUpMs) return a.sinceCaughtUpMs < b.sinceCaughtUpMs
  return a.brokerId > b.brokerId
}

/** By the names that replica.selector.class has for them in Kafka. Undefined: consumers read from leaders. */
export const replicaSelectors: ReadonlyMap<string, ReplicaSelector> = new Map([[RACK_AWARE_SELECTOR, rackAware]])
