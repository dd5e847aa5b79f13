import { type BrokerConfig, topicValues } from '../config/index.ts'
import type { LogConfig, LogRoomConfig } from '../log/index.ts'

/** The settings that a topic's logs obey: its own, over the broker's. */
export const logConfigOf = (own: ReadonlyMap<string, string>, broker: BrokerConfig): LogConfig => topicValues(broker, own)

/** Share of the files that the process may open which logs keep open; the rest is for connections. */
const OPEN_FILES = 4096

export const logRoomConfigOf = (config: BrokerConfig): LogRoomConfig => ({
  cleanerEnable: config.get('log.cleaner.enable'),
  cleanerBackoffMs: config.get('log.cleaner.backoff.ms'),
  cleanerDedupeBufferBytes: config.get('log.cleaner.dedupe.buffer.size'),
  cleanerLoadFactor: config.get('log.cleaner.io.buffer.load.factor'),
  cleanerIoMaxBytesPerSecond: config.get('log.cleaner.io.max.bytes.per.second'),
  retentionCheckIntervalMs: config.get('log.retention.check.interval.ms'),
  flushSchedulerIntervalMs: config.get('log.flush.scheduler.interval.ms'),
  flushOffsetCheckpointIntervalMs: config.get('log.flush.offset.checkpoint.interval.ms'),
  flushStartOffsetCheckpointIntervalMs: config.get('log.flush.start.offset.checkpoint.interval.ms'),
  initialTaskDelayMs: config.get('log.initial.task.delay.ms'),
  recoveriesPerDirectory: config.get('num.recovery.threads.per.data.dir'),
  producerIdExpirationMs: config.get('producer.id.expiration.ms'),
  producerIdExpirationCheckIntervalMs: config.get('producer.id.expiration.check.interval.ms'),
  transactionPartitionVerificationEnable: config.get('transaction.partition.verification.enable'),
  openFilesMaximum: OPEN_FILES,
})
