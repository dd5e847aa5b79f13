/**
 * log: a partition on disk. Segments with offset, time and transaction index, leader epochs, producer states, retention,
 * compaction, recovery: the directory of Apache Kafka 4.3.1, byte for byte.
 *
 * Invariants: the order of appends is fixed on the caller's turn; nothing is acknowledged before it is written; after a failed
 * write or fsync nothing more is written (the directory is offline); what is served has a checksum that held.
 */

export { cleanableRange } from './cleanable-range.ts'
export { cleanLog } from './cleaner.ts'
export { defaultLogConfig, defaultLogRoomConfig, isCompacted, isDeleted, type LogConfig, type LogRoomConfig, UNLIMITED } from './config.ts'
export { LogDriver } from './driver.ts'
export type { EpochEnd } from './leader-epochs.ts'
export { type CreateLog, LogDirectories, LogDirectory, NoLogDirectory, type OpenDirectories } from './log-directories.ts'
export { type LoadOptions, openLog } from './log-loading.ts'
export { type ReadBound, type ReadOptions, type ReadResult, readLog } from './log-reads.ts'
export { deleteOldSegments, deleteSegmentsBefore, raiseLogStartOffset } from './log-retention.ts'
export { truncateFullyAndStartAt, truncateTo } from './log-truncation.ts'
export * from './offset-lookup.ts'
export { OpenFiles } from './open-files.ts'
export { type AppendResult, type LeaderAppend, type LogContext, type LogIdentity, PartitionLog } from './partition-log.ts'
export type { ProducerState } from './producer-state.ts'
export type { AppendOrigin, Verification } from './producers.ts'
export type { AbortedTransaction } from './transaction-index.ts'
