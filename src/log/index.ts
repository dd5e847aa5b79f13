/**
 * log: a partition on disk. Segments with offset, time and transaction index, leader epochs, producer states, retention,
 * compaction, recovery: the directory of Apache Kafka 4.3.1, byte for byte.
 *
 *     LogDirectories ─► LogDirectory (lock, checkpoints) ─► PartitionLog ─► Segment (.log + three indexes)
 *     appendAsLeader ─► LogTail (memory) ─► WriteQueue ─► file ─► whenWritten      readLog ─► FileSlice | TailSlice
 *     openLog: interrupted work → segments → recovery or trust → epochs → producers      LogDriver: everything that runs by the clock
 *
 * Invariants
 * - The order of appends is fixed on the caller's turn; nothing is acknowledged before it is written (with flush.messages: flushed).
 * - After a failed write or fsync nothing more is written: the directory is offline (S8, S9).
 * - After any crash a log is a prefix of what was accepted, and holds all that was flushed (S6). The recovery point moves only with
 *   a flush, so recovery can be cut off and done again (S7).
 * - What was on disk before this process started is served only after its checksums held (`verification.ts`).
 * - One at a time changes which segments there are (`PartitionLog.maintain`, `exclusively`); a file in use stays open (`PooledFile`).
 */

export { cleanableRange } from './cleanable-range.ts'
export { cleanLog } from './cleaner.ts'
export { defaultLogConfig, defaultLogRoomConfig, isCompacted, isDeleted, type LogConfig, type LogRoomConfig, UNLIMITED } from './config.ts'
export { NoLogDirectory } from './directory-choice.ts'
export { LogDriver } from './driver.ts'
export type { EpochEnd } from './leader-epochs.ts'
export { type AppendResult, appendAsFollower, appendAsLeader, type LeaderAppend } from './log-append.ts'
export { type CreateLog, LogDirectories, type OpenDirectories } from './log-directories.ts'
export { LogDirectory } from './log-directory.ts'
export { type LoadOptions, openLog } from './log-loading.ts'
export { type ReadBound, type ReadOptions, type ReadResult, readLog } from './log-reads.ts'
export { deleteOldSegments, deleteSegmentsBefore, raiseLogStartOffset } from './log-retention.ts'
export { truncateFullyAndStartAt, truncateTo } from './log-truncation.ts'
export * from './offset-lookup.ts'
export { OpenFiles } from './open-files.ts'
export { type LogContext, type LogIdentity, PartitionLog } from './partition-log.ts'
export type { ProducerState } from './producer-state.ts'
export type { AppendOrigin, Verification } from './producers.ts'
export type { AbortedTransaction } from './transaction-index.ts'
