import { javaAbs, javaStringHash } from '../../base/index.ts'

/** Settings of the group coordinator, by the broker configs they come from. */
export interface GroupConfig {
  /** offsets.topic.num.partitions */
  readonly partitionCount: number
  /** group.min.session.timeout.ms */
  readonly sessionTimeoutMinMs: number
  /** group.max.session.timeout.ms */
  readonly sessionTimeoutMaxMs: number
  /** group.initial.rebalance.delay.ms */
  readonly initialRebalanceDelayMs: number
  /** group.max.size */
  readonly groupSizeMax: number
  /** offset.metadata.max.bytes; counted in characters, as Kafka does. */
  readonly offsetMetadataMax: number
  /** offsets.retention.minutes, in milliseconds */
  readonly offsetsRetentionMs: number
  /** offsets.retention.check.interval.ms */
  readonly offsetsRetentionCheckIntervalMs: number
  /** offsets.commit.timeout.ms */
  readonly commitTimeoutMs: number
  /** offsets.topic.compression.codec, the id of the codec */
  readonly compressionCodec: number
  /** offsets.load.buffer.size */
  readonly loadBytes: number
  /** group.coordinator.append.linger.ms; −1: as soon as waiting requests are decided */
  readonly appendLingerMs: number
}

/** Kafka 4.3.1's defaults. */
export const defaultGroupConfig: GroupConfig = {
  partitionCount: 50,
  sessionTimeoutMinMs: 6000,
  sessionTimeoutMaxMs: 1_800_000,
  initialRebalanceDelayMs: 3000,
  groupSizeMax: 0x7fffffff,
  offsetMetadataMax: 4096,
  offsetsRetentionMs: 7 * 24 * 60 * 60 * 1000,
  offsetsRetentionCheckIntervalMs: 600_000,
  commitTimeoutMs: 5000,
  compressionCodec: 0,
  loadBytes: 5 * 1024 * 1024,
  appendLingerMs: -1,
}

/** How long a JoinGroup of a member that nobody knows yet may wait; it has no session until it is answered. */
export const NEW_MEMBER_JOIN_TIMEOUT_MS = 5 * 60 * 1000

export const GROUP_TOPIC = '__consumer_offsets'

/** The partition of __consumer_offsets, and so the coordinator, of a group. */
export const groupPartition = (groupId: string, partitionCount: number): number => javaAbs(javaStringHash(groupId)) % partitionCount
