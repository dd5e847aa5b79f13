import { baseOffset, CURRENT_MAGIC, magic } from '../records/index.ts'
import { scannedLastOffset, scannedMaxTimestamp, walkBatches } from './batch-scan.ts'
import { segmentAt } from './log-reads.ts'
import type { PartitionLog } from './partition-log.ts'
import { loadProducersUpTo } from './producer-recovery.ts'
import { removeSnapshot, takeProducerSnapshot } from './producer-snapshot-files.ts'
import { CORRUPT, type Segment } from './segment.ts'
import { deleteSegmentLater } from './segment-files.ts'

/**
 * Removes all batches that end at or after `targetOffset` (UnifiedLog.truncateTo). The log then ends there, or at the start of the
 * batch that held it: Apache Kafka would leave a hole. Gives false when there are none. Appends must
 * wait until it resolves; what waits for removed offsets to be written is told an error.
 */
export const truncateTo = async (log: PartitionLog, targetOffset: number): Promise<boolean> => {
  if (targetOffset >= log.logEndOffset) {
    if (log.epochs.truncateFromEnd(log.logEndOffset)) log.saveEpochs()
    return false
  }
  if (targetOffset < log.highWatermark)
    log.journal.warn('truncating below the high watermark', { targetOffset, highWatermark: log.highWatermark })
  if (log.segments[0]!.baseOffset > targetOffset) {
    await truncateFullyAndStartAt(log, targetOffset)
    return true
  }
  await exclusively(log, async () => {
    const removed = log.segments.splice(segmentAt(log, targetOffset) + 1)
    // Readers are bounded before anything is cut.
    log.settle(targetOffset, Math.min(log.recoveryPoint, targetOffset))
    for (const segment of removed) await deleteSegmentLater(log, segment)
    for (const offset of log.snapshots) if (offset > targetOffset) await removeSnapshot(log, offset)
    // Power that is lost must not bring them back: nothing that is flushed later says that they are gone.
    if (removed.length > 0) await log.context.disk.syncDirectory(log.home.path)
    const endOffset = await log.active.held(() => truncateSegment(log, log.active, targetOffset))
    if (log.epochs.truncateFromEnd(endOffset)) log.saveEpochs()
    log.logStartOffset = Math.min(endOffset, log.logStartOffset)
    if (log.tracksProducers) await loadProducersUpTo(log, endOffset)
    log.producers.endOffset = endOffset
    log.settle(endOffset, Math.min(log.recoveryPoint, endOffset))
    if (log.tracksProducers) takeProducerSnapshot(log, endOffset)
  })
  return true
}

/** Drops everything: the log is empty and goes on at `newOffset`. Its start may lie lower only with tiers. */
export const truncateFullyAndStartAt = async (log: PartitionLog, newOffset: number, logStartOffset = newOffset): Promise<void> => {
  await exclusively(log, async () => {
    // They stay until the new one can take their place in one turn: who looks at the log meanwhile finds segments.
    for (const segment of log.segments) await deleteSegmentLater(log, segment)
    for (const offset of log.snapshots) await removeSnapshot(log, offset)
    // Power that is lost must not leave the new one behind some of the old: a log with a hole.
    await log.context.disk.syncDirectory(log.home.path)
    const fresh = log.newSegment(newOffset)
    await fresh.create(log.preallocatedBytes)
    if (log.isClosed) return fresh.log.retire()
    log.segments = [fresh]
    if (log.epochs.clear()) log.saveEpochs()
    log.producers.clear(newOffset)
    log.logStartOffset = logStartOffset
    log.settle(newOffset, newOffset)
    log.setHighWatermark(newOffset)
  })
}

/**
 * Runs with everything written and no append in between; no checkpoint says then that what takes the place of flushed records is flushed.
 * A disk error is the log's failure.
 */
export const exclusively = async (log: PartitionLog, action: () => Promise<void>): Promise<void> => {
  log.busy = true
  log.stopCleaning = true
  try {
    await log.upkeep?.catch(() => {})
    await log.queue.drained()
    const flushedTo = log.recoveryPoint
    await log.withoutFlush(async () => {
      await action()
      await log.queue.drained()
    })
    if (log.recoveryPoint < flushedTo && !log.isFuture && !log.isClosed) await log.context.checkpointRecoveryPoints?.()
  } catch (error) {
    log.fail(error)
    throw error
  } finally {
    log.busy = false
    log.stopCleaning = false
  }
}

/** Gives the new end: the target, or the start of the batch that held it. */
const truncateSegment = async (log: PartitionLog, segment: Segment, offset: number): Promise<number> => {
  await segment.offsetIndex.file.open()
  await segment.timeIndex.file.open()
  const place = segment.locate(offset)
  const bytes = place === CORRUPT ? await firstBadPosition(segment) : (place?.position ?? segment.bytes)
  let endOffset = offset
  await walkBatches(segment, bytes, Math.min(segment.bytes, bytes + (place === CORRUPT ? 0 : (place?.batchBytes ?? 0))), (batch, at) => {
    if (magic(batch, at) === CURRENT_MAGIC) endOffset = Math.min(offset, baseOffset(batch, at))
    return false
  })
  await segment.offsetIndex.truncateTo(offset)
  await segment.timeIndex.truncateTo(offset)
  await segment.transactionIndex.truncateTo(offset)
  segment.bytes = segment.writtenBytes = bytes
  segment.isPreallocated = false
  segment.bytesSinceIndexEntry = 0
  segment.forgetPlaces()
  // Power that is lost later must not bring back what went: a flush would take the log for durable already.
  for (const index of [segment.offsetIndex, segment.timeIndex]) await index.file.using((file) => file.sync())
  await segment.log.using(async (file) => {
    await file.truncate(bytes)
    await file.sync()
  })
  segment.modifiedMs = log.context.clock.now()
  if (bytes === 0) {
    segment.createdMs = segment.modifiedMs
    segment.firstBatchTimestamp = undefined
  }
  await findMaxTimestamp(segment)
  return endOffset
}

const firstBadPosition = (segment: Segment): Promise<number> => walkBatches(segment, 0, segment.bytes, () => true)

/** From the last time entry on: what lies before it is no younger. */
const findMaxTimestamp = async (segment: Segment): Promise<void> => {
  const last = segment.timeIndex.count - 1
  let timestamp = segment.timeIndex.lastTimestamp()
  let offset = last < 0 ? segment.baseOffset : segment.timeIndex.offset(last)
  const place = segment.locate(offset)
  if (place !== undefined && place !== CORRUPT) {
    await walkBatches(segment, place.position, segment.bytes, (bytes, at) => {
      const found = scannedMaxTimestamp(bytes, at)
      if (found > timestamp) {
        timestamp = found
        offset = scannedLastOffset(bytes, at)
      }
      return true
    })
  }
  segment.setMaxTimestamp(timestamp, offset)
}
