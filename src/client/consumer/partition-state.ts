import type { FetchedPartition } from './fetched-partition.ts'

/**
 * One assigned partition.
 *
 *   starting ──committed offset──► fetching ◄──found── resetting
 *      │ no offset                  │   ▲ │  out of range   ▲
 *      └──────────────────────────────────┴────────────────┘
 *                    new leader epoch ▼   │ confirmed
 *                                 validating
 */
export type PartitionPhase = 'starting' | 'resetting' | 'validating' | 'fetching'

export class PartitionState {
  readonly topic: string
  readonly partition: number
  phase: PartitionPhase = 'starting'
  paused = false
  /** Revoked as soon as the rebalance listener has been told: nothing more is fetched. */
  pendingRevocation = false
  /** The next offset that poll gives. Meaningful when fetching or validating. */
  offset = -1
  /** Leader epoch of the record before `offset`; -1: not known. */
  offsetEpoch = -1
  /** Of the topic when it was last looked at; undefined: it was not yet. */
  topicId: string | undefined
  /** The topic was deleted and made anew since `offsetEpoch` was read: its epochs began again. */
  isRecreated = false
  /** Leader epoch that `offset` was last found valid with; -1: none. */
  leaderEpoch = -1
  /** Milliseconds or a special timestamp to look for while resetting. */
  resetTimestamp = -1
  highWatermark = -1
  lastStableOffset = -1
  logStartOffset = -1
  /** KIP-392: a follower the leader recommended, until when (monotonic). */
  preferredReplica = -1
  preferredUntilMs = 0
  /** No look-up before (monotonic): the last one failed. */
  retryAtMs = 0
  buffered: FetchedPartition | undefined

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  get fetchable(): boolean {
    return this.phase === 'fetching' && !this.paused && !this.pendingRevocation
  }

  seek(offset: number, offsetEpoch = -1): void {
    this.offset = offset
    this.offsetEpoch = offsetEpoch
    this.isRecreated = false
    this.leaderEpoch = -1
    this.preferredReplica = -1
    this.phase = 'fetching'
    this.buffered = undefined
  }

  reset(timestamp: number): void {
    this.phase = 'resetting'
    this.resetTimestamp = timestamp
    this.retryAtMs = 0
    this.buffered = undefined
    this.preferredReplica = -1
  }
}
