/** "Never" and "no limit" of a log setting: what Kafka writes as 2^63 − 1. */
export const UNLIMITED = Number.MAX_SAFE_INTEGER

/**
 * What a partition's log obeys, under Kafka's topic config names (TopicConfig, LogConfig). Values are parsed and checked by
 * `config`; a log takes a new object at any time through `PartitionLog.config`.
 */
export interface LogConfig {
  readonly cleanupPolicy: readonly ('delete' | 'compact')[]
  readonly compressionType: 'producer' | 'uncompressed' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  readonly compressionGzipLevel: number
  readonly compressionLz4Level: number
  readonly compressionZstdLevel: number
  readonly deleteRetentionMs: number
  readonly fileDeleteDelayMs: number
  readonly flushMessages: number
  readonly flushMs: number
  /** `*` or `partition:broker`. Of no concern to the log: who replicates it asks here. */
  readonly followerReplicationThrottledReplicas: readonly string[]
  readonly indexIntervalBytes: number
  readonly leaderReplicationThrottledReplicas: readonly string[]
  readonly maxCompactionLagMs: number
  readonly maxMessageBytes: number
  readonly messageTimestampAfterMaxMs: number
  readonly messageTimestampBeforeMaxMs: number
  readonly messageTimestampType: 'CreateTime' | 'LogAppendTime'
  readonly minCleanableDirtyRatio: number
  readonly minCompactionLagMs: number
  readonly minInsyncReplicas: number
  readonly preallocate: boolean
  readonly retentionBytes: number
  readonly retentionMs: number
  readonly segmentBytes: number
  readonly segmentIndexBytes: number
  readonly segmentJitterMs: number
  readonly segmentMs: number
  readonly uncleanLeaderElectionEnable: boolean
}

const dayMs = 86_400_000

/** The defaults of 4.3.1. */
export const defaultLogConfig: LogConfig = {
  cleanupPolicy: ['delete'],
  compressionType: 'producer',
  compressionGzipLevel: -1,
  compressionLz4Level: 9,
  compressionZstdLevel: 3,
  deleteRetentionMs: dayMs,
  fileDeleteDelayMs: 60_000,
  flushMessages: UNLIMITED,
  flushMs: UNLIMITED,
  followerReplicationThrottledReplicas: [],
  indexIntervalBytes: 4096,
  leaderReplicationThrottledReplicas: [],
  maxCompactionLagMs: UNLIMITED,
  maxMessageBytes: 1_048_588,
  messageTimestampAfterMaxMs: 3_600_000,
  messageTimestampBeforeMaxMs: UNLIMITED,
  messageTimestampType: 'CreateTime',
  minCleanableDirtyRatio: 0.5,
  minCompactionLagMs: 0,
  minInsyncReplicas: 1,
  preallocate: false,
  retentionBytes: -1,
  retentionMs: 7 * dayMs,
  segmentBytes: 1_073_741_824,
  segmentIndexBytes: 10_485_760,
  segmentJitterMs: 0,
  segmentMs: 7 * dayMs,
  uncleanLeaderElectionEnable: false,
}

export const isCompacted = (config: LogConfig): boolean => config.cleanupPolicy.includes('compact')
export const isDeleted = (config: LogConfig): boolean => config.cleanupPolicy.includes('delete')
/** LogConfig.maxSegmentMs: a compacted log rolls early enough for max.compaction.lag.ms. */
export const maxSegmentMs = (config: LogConfig): number =>
  isCompacted(config) && config.maxCompactionLagMs > 0 && config.segmentMs > 0
    ? Math.min(config.maxCompactionLagMs, config.segmentMs)
    : config.segmentMs

/** Settings of the whole log room, under Kafka's broker config names. */
export interface LogRoomConfig {
  /** log.cleaner.enable */
  readonly cleanerEnable: boolean
  /** log.cleaner.backoff.ms */
  readonly cleanerBackoffMs: number
  /** log.cleaner.dedupe.buffer.size: memory of the offset map. */
  readonly cleanerDedupeBufferBytes: number
  /** log.cleaner.io.buffer.load.factor */
  readonly cleanerLoadFactor: number
  /** log.cleaner.io.max.bytes.per.second */
  readonly cleanerIoMaxBytesPerSecond: number
  /** log.retention.check.interval.ms */
  readonly retentionCheckIntervalMs: number
  /** log.flush.scheduler.interval.ms */
  readonly flushSchedulerIntervalMs: number
  /** log.flush.offset.checkpoint.interval.ms */
  readonly flushOffsetCheckpointIntervalMs: number
  /** log.flush.start.offset.checkpoint.interval.ms */
  readonly flushStartOffsetCheckpointIntervalMs: number
  /** log.initial.task.delay.ms */
  readonly initialTaskDelayMs: number
  /** num.recovery.threads.per.data.dir: partitions of one directory opened side by side. */
  readonly recoveriesPerDirectory: number
  /** producer.id.expiration.ms */
  readonly producerIdExpirationMs: number
  /** producer.id.expiration.check.interval.ms */
  readonly producerIdExpirationCheckIntervalMs: number
  /** transaction.partition.verification.enable */
  readonly transactionPartitionVerificationEnable: boolean
  /** Most files of logs and indexes open at a time; what is in use may exceed it. */
  readonly openFilesMaximum: number
}

export const defaultLogRoomConfig: LogRoomConfig = {
  cleanerEnable: true,
  cleanerBackoffMs: 15_000,
  cleanerDedupeBufferBytes: 134_217_728,
  cleanerLoadFactor: 0.9,
  cleanerIoMaxBytesPerSecond: UNLIMITED,
  retentionCheckIntervalMs: 300_000,
  flushSchedulerIntervalMs: UNLIMITED,
  flushOffsetCheckpointIntervalMs: 60_000,
  flushStartOffsetCheckpointIntervalMs: 60_000,
  initialTaskDelayMs: 30_000,
  recoveriesPerDirectory: 4,
  producerIdExpirationMs: dayMs,
  producerIdExpirationCheckIntervalMs: 600_000,
  transactionPartitionVerificationEnable: true,
  openFilesMaximum: 4096,
}
