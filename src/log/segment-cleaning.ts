import {
  type BatchRetention,
  baseTimestamp,
  CURRENT_MAGIC,
  type FilterTotals,
  filterBatch,
  hasDeleteHorizon,
  isControl,
  lastOffset,
  magic,
  producerEpoch,
  producerId,
  type RecordCursor,
  type RecordFilter,
} from '../records/index.ts'
import { checksumHolds, type WalkPace, walkBatches } from './batch-scan.ts'
import { abortedFrom } from './cleanable-range.ts'
import type { CleanedTransactions } from './cleaned-transactions.ts'
import { CLEANED_SUFFIX, SWAP_SUFFIX } from './file-names.ts'
import type { OffsetMap } from './offset-map.ts'
import type { PartitionLog } from './partition-log.ts'
import { removeSnapshot } from './producer-snapshot-files.ts'
import { Segment } from './segment.ts'
import { deleteSegmentLater } from './segment-files.ts'

/** A batch on disk whose checksum is wrong: the partition is not compacted any further, so that nothing more is lost. */
export class DamagedSegment extends Error {
  override name = 'DamagedSegment'
}

/** Someone else needs the segments: the compaction is taken back. */
export class CleaningStopped extends Error {
  override name = 'CleaningStopped'
}

export interface CleaningRound {
  readonly log: PartitionLog
  readonly map: OffsetMap
  readonly nowMs: number
  readonly pace: WalkPace
  readonly transactions: CleanedTransactions
  /** Batches end below this offset; the one right before it is kept even when empty, so that the log does not end early. */
  readonly upperBoundOffset: number
  /** Tombstones of message formats 0 and 1 in segments older than this are dropped. */
  readonly legacyHorizonMs: number
  readonly totals: FilterTotals
}

export const checkStop = (log: PartitionLog): void => {
  if (log.stopCleaning || log.failure !== undefined) throw new CleaningStopped(`compaction of ${log.topic}-${log.partition} is stopped`)
}

/** Writes the group's surviving records into one new segment and swaps it in (Cleaner.cleanSegments). */
export const cleanGroup = async (round: CleaningRound, group: readonly Segment[]): Promise<void> => {
  const { log } = round
  const cleaned = new Segment(log.context.files, log.home, group[0]!.baseOffset, { nowMs: round.nowMs, state: CLEANED_SUFFIX })
  round.transactions.index = cleaned.transactionIndex
  try {
    await cleaned.log.using((file) => file.truncate(0))
    for (const segment of group) await cleanInto(round, segment, cleaned)
    cleaned.sealTimeIndex()
    await cleaned.offsetIndex.settle()
    await cleaned.timeIndex.settle()
    for (const file of [cleaned.offsetIndex.file, cleaned.timeIndex.file]) await file.open()
    await cleaned.sync()
    cleaned.modifiedMs = group[group.length - 1]!.modifiedMs
    checkStop(log)
  } catch (error) {
    await drop(log, cleaned)
    throw error
  }
  await replaceSegments(log, cleaned, group)
}

const drop = async (log: PartitionLog, segment: Segment): Promise<void> => {
  for (const file of [segment.log, segment.offsetIndex.file, segment.timeIndex.file, segment.transactionIndex.file]) {
    await file.retire()
    await log.context.disk.remove(file.path)
  }
}

const cleanInto = async (round: CleaningRound, source: Segment, cleaned: Segment): Promise<void> => {
  const { log, pace } = round
  await source.ready()
  const next = log.segments[log.segments.indexOf(source) + 1]!
  round.transactions.add(await abortedFrom(log, source, source.baseOffset, next.baseOffset))
  const filter = filterFor(round, source)
  let kept: Buffer[] = []
  const writeOut = async (): Promise<void> => {
    if (kept.length === 0) return
    await cleaned.log.using((file) => file.write(kept, cleaned.writtenBytes))
    cleaned.writtenBytes = cleaned.bytes
    kept = []
  }
  const keep = (batch: Buffer): void => {
    cleaned.indexBatches(batch, cleaned.bytes, log.config.indexIntervalBytes)
    cleaned.bytes += batch.length
    kept.push(batch)
  }
  const paced: WalkPace = {
    bytes: pace.bytes,
    pause: async (bytes) => {
      await writeOut()
      checkStop(log)
      await pace.pause(bytes)
    },
  }
  const trusted = source.verified === 'all'
  const reached = await walkBatches(
    source,
    0,
    source.bytes,
    (bytes, at, size) => {
      if (!trusted && !checksumHolds(bytes, at, size)) return false
      const batch = filterBatch(bytes, at, filter, round.totals)
      if (batch !== null) keep(batch)
      return true
    },
    paced,
  )
  await writeOut()
  if (reached < source.bytes) throw new DamagedSegment(`${source.log.path} holds a damaged batch at position ${reached}`)
}

/** Cleaner's answers per batch and record: KIP-534's horizons, transactions, and the last batch of every known producer. */
const filterFor = (round: CleaningRound, source: Segment): RecordFilter => {
  const { log, nowMs, transactions } = round
  const keepsLegacyDeletes = source.modifiedMs > round.legacyHorizonMs
  let mayDiscard = false
  let discards = false
  const horizonPassed = (bytes: Buffer, at: number): boolean => hasDeleteHorizon(bytes, at) && baseTimestamp(bytes, at) <= nowMs
  return {
    deleteHorizon: nowMs + log.config.deleteRetentionMs,
    retentionOf: (bytes: Buffer, at: number): BatchRetention => {
      const isCurrent = magic(bytes, at) === CURRENT_MAGIC
      mayDiscard = isCurrent && transactions.mayDiscard(bytes, at)
      discards = mayDiscard && (!isControl(bytes, at) || horizonPassed(bytes, at))
      if (isCurrent && isLastOfProducer(log, bytes, at)) return 'retain-empty'
      if (isCurrent && lastOffset(bytes, at) + 1 === round.upperBoundOffset) return 'retain-empty'
      return discards ? 'delete' : 'delete-empty'
    },
    endsEmptyTransaction: (bytes: Buffer, at: number): boolean => mayDiscard && isControl(bytes, at),
    retains: (bytes: Buffer, at: number, cursor: RecordCursor): boolean => {
      if (discards) return false
      const isCurrent = magic(bytes, at) === CURRENT_MAGIC
      if (isCurrent && isControl(bytes, at)) return true
      if (cursor.offset > round.map.latestOffset) return true
      const key = cursor.key()
      if (key === null || cursor.offset < round.map.get(key)) return false
      if (cursor.valueLength >= 0) return true
      return isCurrent ? !horizonPassed(bytes, at) : keepsLegacyDeletes
    },
  }
}

/** Its sequence and epoch are what a restart learns the producer from. */
const isLastOfProducer = (log: PartitionLog, bytes: Buffer, at: number): boolean => {
  const id = producerId(bytes, at)
  const state = id < 0 ? undefined : log.producers.states.get(id)
  if (state === undefined) return false
  if (state.lastDataOffset >= 0) return lastOffset(bytes, at) === state.lastDataOffset
  return isControl(bytes, at) && producerEpoch(bytes, at) === state.epoch
}

/**
 * `.cleaned` → `.swap` → in place. From the first rename on, a crash is completed at the next start: the swap file stands for all
 * segments of the group.
 */
const replaceSegments = async (log: PartitionLog, cleaned: Segment, group: readonly Segment[]): Promise<void> => {
  const { disk } = log.context
  try {
    for (const file of cleaned.files) await file.rename(file.name.slice(0, -CLEANED_SUFFIX.length) + SWAP_SUFFIX)
    await disk.syncDirectory(log.home.path)
    const first = log.segments.indexOf(group[0]!)
    log.segments.splice(first, group.length, cleaned)
    for (const old of group) {
      await deleteSegmentLater(log, old)
      if (old.baseOffset !== cleaned.baseOffset && log.snapshots.includes(old.baseOffset)) await removeSnapshot(log, old.baseOffset)
    }
    for (const file of cleaned.files) await file.rename(file.name.slice(0, -SWAP_SUFFIX.length))
    await disk.syncDirectory(log.home.path)
  } catch (error) {
    log.fail(error)
    throw error
  }
}
