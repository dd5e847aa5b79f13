import type { Clock } from '../host/index.ts'
import { type FilterTotals, isControl, lastOffset, magic, RecordCursor } from '../records/index.ts'
import { type WalkPace, walkBatches } from './batch-scan.ts'
import { abortedFrom, type CleanableRange, segmentsIn } from './cleanable-range.ts'
import { CleanedTransactions } from './cleaned-transactions.ts'
import type { LogRoomConfig } from './config.ts'
import { OffsetMap } from './offset-map.ts'
import type { PartitionLog } from './partition-log.ts'
import { CORRUPT, type Segment } from './segment.ts'
import { CleaningStopped, checkStop, cleanGroup, DamagedSegment } from './segment-cleaning.ts'

/** Bytes looked at per turn of the loop: a few milliseconds of work. */
const SLICE_BYTES = 256 * 1024

/** Lets everything else run between slices, and holds log.cleaner.io.max.bytes.per.second. */
export const cleanerPace = (clock: Clock, bytesPerSecond: number): WalkPace => {
  const started = clock.monotonic()
  let bytes = 0
  return {
    bytes: SLICE_BYTES,
    pause: (more) => {
      bytes += more
      const aheadMs = (bytes / bytesPerSecond) * 1000 - (clock.monotonic() - started)
      return new Promise((resolve) => (aheadMs > 1 ? void clock.after(aheadMs, resolve) : clock.defer(resolve)))
    },
  }
}

export interface CleaningResult {
  /** The log is clean below this offset: for the checkpoint. */
  readonly endOffset: number
  readonly totals: FilterTotals
}

/** One compaction of one log: S1 holds for every key whose last record lies below the end offset. */
export const cleanLog = (log: PartitionLog, range: CleanableRange, room: LogRoomConfig): Promise<CleaningResult> => {
  const work = log.maintain(() => clean(log, range, room))
  return work ?? Promise.reject(new CleaningStopped(`${log.topic}-${log.partition} is being changed by someone else`))
}

const clean = async (log: PartitionLog, range: CleanableRange, room: LogRoomConfig): Promise<CleaningResult> => {
  const { clock } = log.context
  const nowMs = clock.now()
  const pace = cleanerPace(clock, room.cleanerIoMaxBytesPerSecond)
  const cleanBefore = segmentsIn(log, 0, range.firstDirtyOffset)
  const legacyHorizonMs = (cleanBefore.at(-1)?.modifiedMs ?? 0) - log.config.deleteRetentionMs
  const map = await buildOffsetMap(log, range, room, pace)
  const endOffset = map.latestOffset + 1
  const totals: FilterTotals = { recordsRead: 0, recordsRetained: 0, bytesRead: 0, bytesRetained: 0 }
  const transactions = new CleanedTransactions()
  const round = { log, map, nowMs, pace, transactions, legacyHorizonMs, totals, upperBoundOffset: range.firstUncleanableOffset }
  for (const group of groupSegments(log, segmentsIn(log, 0, endOffset), range.firstUncleanableOffset)) {
    checkStop(log)
    await cleanGroup(round, group)
  }
  log.journal.info('compacted', { upToOffset: endOffset, ...totals })
  return { endOffset, totals }
}

const buildOffsetMap = async (log: PartitionLog, range: CleanableRange, room: LogRoomConfig, pace: WalkPace): Promise<OffsetMap> => {
  const { firstDirtyOffset, firstUncleanableOffset } = range
  const map = OffsetMap.forKeys(firstUncleanableOffset - firstDirtyOffset, room.cleanerDedupeBufferBytes)
  map.latestOffset = firstDirtyOffset - 1
  const dirty = segmentsIn(log, firstDirtyOffset, firstUncleanableOffset)
  const transactions = new CleanedTransactions()
  if (dirty.length > 0) transactions.add(await abortedFrom(log, dirty[0]!, firstDirtyOffset, firstUncleanableOffset))
  const keysMaximum = Math.floor(map.slots * room.cleanerLoadFactor)
  for (const [n, segment] of dirty.entries()) {
    checkStop(log)
    const full = await segment.held(() => mapSegment(segment, map, firstDirtyOffset, keysMaximum, transactions, pace))
    if (full) break
    map.latestOffset = Math.max(map.latestOffset, (dirty[n + 1]?.baseOffset ?? firstUncleanableOffset) - 1)
  }
  return map
}

const cursor = new RecordCursor()

/** True: the map is full, and knows the segment only up to `map.latestOffset`. */
const mapSegment = async (
  segment: Segment,
  map: OffsetMap,
  start: number,
  keysMaximum: number,
  transactions: CleanedTransactions,
  pace: WalkPace,
): Promise<boolean> => {
  const place = segment.locate(start)
  if (place === undefined) return false
  let full = false
  const visit = (bytes: Buffer, at: number): boolean => {
    const isCurrent = magic(bytes, at) >= 2
    const skipped = isCurrent && (transactions.mayDiscard(bytes, at) || isControl(bytes, at))
    if (!skipped) full = !mapBatch(bytes, at, map, start, keysMaximum)
    if (full) return false
    map.latestOffset = Math.max(map.latestOffset, isCurrent ? lastOffset(bytes, at) : cursor.offset)
    return true
  }
  const reached = await walkBatches(segment, place === CORRUPT ? 0 : place.position, segment.bytes, visit, pace)
  if (!full && reached < segment.bytes) throw new DamagedSegment(`${segment.log.path} holds a damaged batch at position ${reached}`)
  return full
}

const mapBatch = (bytes: Buffer, at: number, map: OffsetMap, start: number, keysMaximum: number): boolean => {
  cursor.open(bytes, at)
  while (cursor.next()) {
    const key = cursor.key()
    if (key === null || cursor.offset < start) continue
    if (map.size >= keysMaximum) return false
    map.put(key, cursor.offset)
  }
  return true
}

/** Neighbours that fit into one segment by bytes, index sizes and offset range (Cleaner.groupSegmentsBySize). */
export const groupSegments = (log: PartitionLog, segments: readonly Segment[], firstUncleanableOffset: number): Segment[][] => {
  const { segmentBytes, segmentIndexBytes } = log.config
  const groups: Segment[][] = []
  let bytes = 0
  let indexBytes = 0
  let timeIndexBytes = 0
  for (const [n, segment] of segments.entries()) {
    const group = groups.at(-1)
    const last = (segments[n + 1]?.baseOffset ?? firstUncleanableOffset) - 1
    const fits =
      group !== undefined &&
      bytes + segment.bytes <= segmentBytes &&
      indexBytes + segment.offsetIndex.bytes <= segmentIndexBytes &&
      timeIndexBytes + segment.timeIndex.bytes <= segmentIndexBytes &&
      (segment.bytes === 0 || group[0]!.canHold(last))
    if (fits) group.push(segment)
    else {
      groups.push([segment])
      bytes = indexBytes = timeIndexBytes = 0
    }
    bytes += segment.bytes
    indexBytes += segment.offsetIndex.bytes
    timeIndexBytes += segment.timeIndex.bytes
  }
  return groups
}
