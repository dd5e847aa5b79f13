import { RECORDS_AT } from '../records/index.ts'
import { scannedMaxTimestamp } from './batch-scan.ts'
import { segmentAt } from './log-reads.ts'
import type { PartitionLog } from './partition-log.ts'
import type { Segment } from './segment.ts'
import type { AbortedTransaction } from './transaction-index.ts'

/** What a compaction of a log would do (LogCleanerManager.cleanableOffsets, LogToClean). */
export interface CleanableRange {
  readonly firstDirtyOffset: number
  readonly firstUncleanableOffset: number
  readonly cleanableBytes: number
  readonly totalBytes: number
  /** Dirty part of what may be cleaned, 0 to 1. */
  readonly dirtyRatio: number
  /** max.compaction.lag.ms is over for the oldest dirty record. */
  readonly overdue: boolean
}

/** `cleanedUpTo`: the checkpoint. The active segment, undecided transactions and records younger than min.compaction.lag.ms stay out. */
export const cleanableRange = async (log: PartitionLog, cleanedUpTo: number | undefined, nowMs: number): Promise<CleanableRange> => {
  const start = log.logStartOffset
  const checkpoint = cleanedUpTo ?? start
  const firstDirtyOffset = checkpoint < start || checkpoint > log.logEndOffset ? start : checkpoint
  const lagging = await firstLagging(log, firstDirtyOffset, nowMs)
  const wanted = Math.max(firstDirtyOffset, Math.min(log.lastStableOffset, log.active.baseOffset, lagging))
  const firstUncleanable = wanted >= log.active.baseOffset ? log.active : log.segments[segmentAt(log, wanted)]!
  const firstUncleanableOffset = firstUncleanable.baseOffset
  const bytesIn = (from: number, until: number): number => segmentsIn(log, from, until).reduce((sum, segment) => sum + segment.bytes, 0)
  const cleanableBytes = bytesIn(Math.min(firstDirtyOffset, firstUncleanableOffset), firstUncleanableOffset)
  const totalBytes = bytesIn(0, firstDirtyOffset) + cleanableBytes
  return {
    firstDirtyOffset,
    firstUncleanableOffset,
    cleanableBytes,
    totalBytes,
    dirtyRatio: totalBytes === 0 ? 0 : cleanableBytes / totalBytes,
    overdue: await isOverdue(log, firstDirtyOffset, nowMs),
  }
}

/** Segments that reach into [from, until): from the one that holds `from` on, as Kafka's logSegments does. */
export const segmentsIn = (log: PartitionLog, from: number, until: number): Segment[] => {
  if (until <= from) return []
  return log.segments.slice(segmentAt(log, from)).filter((segment) => segment.baseOffset < until)
}

/** Aborted transactions that reach into [from, until); their markers may lie in later segments. */
export const abortedFrom = async (log: PartitionLog, first: Segment, from: number, until: number): Promise<AbortedTransaction[]> => {
  const aborted: AbortedTransaction[] = []
  for (const segment of log.segments.slice(log.segments.indexOf(first))) {
    await segment.transactionIndex.load()
    if (segment.transactionIndex.collect(from, until, aborted)) break
  }
  return aborted
}

const firstLagging = async (log: PartitionLog, from: number, nowMs: number): Promise<number> => {
  const lagMs = log.config.minCompactionLagMs
  if (lagMs <= 0) return Number.POSITIVE_INFINITY
  for (const segment of segmentsIn(log, from, log.active.baseOffset)) {
    await segment.ready()
    if (segment.largestTimestamp > nowMs - lagMs) return segment.baseOffset
  }
  return Number.POSITIVE_INFINITY
}

const isOverdue = async (log: PartitionLog, from: number, nowMs: number): Promise<boolean> => {
  const cleanUntilMs = nowMs - Math.max(0, log.config.maxCompactionLagMs)
  if (cleanUntilMs <= 0) return false
  for (const segment of segmentsIn(log, from, log.active.baseOffset)) {
    const first = await firstTimestamp(segment)
    if (first > 0 && first < cleanUntilMs) return true
  }
  return false
}

const firstTimestamp = async (segment: Segment): Promise<number> => {
  segment.firstBatchTimestamp ??= await segment.log.using(async (file) => {
    const header = Buffer.alloc(RECORDS_AT)
    return (await file.read(header, 0)) < RECORDS_AT ? -1 : scannedMaxTimestamp(header, 0)
  })
  return segment.firstBatchTimestamp
}
