import { isDeleted, type LogConfig } from './config.ts'
import type { PartitionLog } from './partition-log.ts'
import { removeSnapshot } from './producer-snapshot-files.ts'
import type { Segment } from './segment.ts'
import { deleteSegmentLater } from './segment-files.ts'

/**
 * Raises the start of the log (DeleteRecords, retention). False beyond the high watermark: OFFSET_OUT_OF_RANGE to a client.
 * Never lowers it. Segments below go with the next retention run.
 */
export const raiseLogStartOffset = (log: PartitionLog, offset: number): boolean => {
  if (offset > log.highWatermark) return false
  if (offset <= log.logStartOffset) return true
  log.logStartOffset = offset
  log.recoveryPoint = Math.max(log.recoveryPoint, Math.min(offset, log.writtenOffset))
  if (log.epochs.truncateFromStart(offset)) log.saveEpochs()
  log.producers.forgetDecidedBelow(offset)
  log.refreshFirstUnstable()
  return true
}

/**
 * Deletes what retention lets go: whole segments from the front, below the high watermark (S4). A compacted log without `delete`
 * loses only what lies below its start offset. Gives the number of segments.
 */
export const deleteOldSegments = async (log: PartitionLog): Promise<number> => (await log.maintain(() => deleteOld(log))) ?? 0

const deleteOld = async (log: PartitionLog): Promise<number> => {
  let count = await deleteWhile(log, 'log start offset', (_, next) => next !== undefined && next.baseOffset <= log.logStartOffset)
  if (isDeleted(log.config)) {
    count += await deleteBySize(log, log.config)
    count += await deleteByTime(log, log.config)
  }
  return count
}

const deleteBySize = async (log: PartitionLog, config: LogConfig): Promise<number> => {
  if (config.retentionBytes < 0) return 0
  let excess = log.bytes - config.retentionBytes
  if (excess < 0) return 0
  return deleteWhile(log, 'retention.bytes', (segment) => {
    if (excess - segment.bytes < 0) return false
    excess -= segment.bytes
    return true
  })
}

const deleteByTime = async (log: PartitionLog, config: LogConfig): Promise<number> => {
  if (config.retentionMs < 0) return 0
  const now = log.context.clock.now()
  for (const segment of log.segments) {
    await segment.ready()
    if (now - segment.largestTimestamp <= config.retentionMs) break
  }
  return deleteWhile(log, 'retention.ms', (segment) => now - segment.largestTimestamp > config.retentionMs)
}

type Condition = (segment: Segment, next: Segment | undefined) => boolean

/** Whole segments, from the front, while the condition holds; Kafka's deletableSegments. */
const deleteWhile = async (log: PartitionLog, reason: string, condition: Condition): Promise<number> => {
  let count = 0
  for (; count < log.segments.length; count++) {
    const segment = log.segments[count]!
    const next = log.segments[count + 1]
    if (next === undefined && segment.bytes === 0) break
    if (log.highWatermark < (next?.baseOffset ?? log.logEndOffset) || !condition(segment, next)) break
  }
  if (count === 0) return 0
  if (count === log.segments.length) log.roll()
  await deleteFront(log, count, reason)
  return count
}

/** The new start is fixed before anything is removed, so that no reader is sent into a hole. */
const deleteFront = async (log: PartitionLog, count: number, reason: string): Promise<void> => {
  const removed = log.segments.slice(0, count)
  const start = log.segments[count]!.baseOffset
  raiseLogStartOffset(log, start)
  log.journal.info('segments are deleted', { reason, count, logStartOffset: log.logStartOffset })
  try {
    log.segments.splice(0, count)
    await log.queue.drained()
    for (const segment of removed) {
      await deleteSegmentLater(log, segment)
      if (log.snapshots.includes(segment.baseOffset)) await removeSnapshot(log, segment.baseOffset)
    }
  } catch (error) {
    log.fail(error)
  }
}

/** Raft's way: a snapshot covers everything below `offset`, so whole segments below it go. */
export const deleteSegmentsBefore = async (log: PartitionLog, offset: number): Promise<number> => {
  raiseLogStartOffset(log, offset)
  await log.upkeep?.catch(() => {})
  return (await log.maintain(() => deleteWhile(log, 'snapshot', (_, next) => next !== undefined && next.baseOffset <= offset))) ?? 0
}
