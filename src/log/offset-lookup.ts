import { CURRENT_MAGIC, leaderEpoch, magic, RecordCursor } from '../records/index.ts'
import { scannedLastOffset, scannedMaxTimestamp, walkBatches } from './batch-scan.ts'
import { FileRetired } from './open-files.ts'
import type { PartitionLog } from './partition-log.ts'
import { CORRUPT, type Segment } from './segment.ts'

/** Timestamps of ListOffsets with a meaning of their own. */
export const LATEST_TIMESTAMP = -1
export const EARLIEST_TIMESTAMP = -2
/** KIP-734 */
export const MAX_TIMESTAMP = -3
/** KIP-405 */
export const EARLIEST_LOCAL_TIMESTAMP = -4
/** KIP-1005 */
export const LATEST_TIERED_TIMESTAMP = -5
/** KIP-1023 */
export const EARLIEST_PENDING_UPLOAD_TIMESTAMP = -6

export interface TimestampAndOffset {
  readonly timestamp: number
  readonly offset: number
  /** −1: unknown. */
  readonly leaderEpoch: number
}

const ATTEMPTS_MAXIMUM = 3

/** ListOffsets on this replica (UnifiedLog.fetchOffsetByTimestamp). Undefined: no record is that young. */
export const offsetForTimestamp = async (log: PartitionLog, timestamp: number): Promise<TimestampAndOffset | undefined> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await lookUp(log, timestamp)
    } catch (error) {
      // A segment went away during the search.
      if (!(error instanceof FileRetired) || attempt === ATTEMPTS_MAXIMUM) throw error
    }
  }
}

const lookUp = async (log: PartitionLog, timestamp: number): Promise<TimestampAndOffset | undefined> => {
  const { epochs, logStartOffset } = log
  switch (timestamp) {
    case EARLIEST_TIMESTAMP:
    case EARLIEST_LOCAL_TIMESTAMP: {
      const { earliest } = epochs
      const epoch = earliest !== undefined && earliest.startOffset <= logStartOffset ? earliest.epoch : -1
      return { timestamp: -1, offset: logStartOffset, leaderEpoch: epoch }
    }
    case LATEST_TIMESTAMP:
      return { timestamp: -1, offset: log.logEndOffset, leaderEpoch: epochs.latest?.epoch ?? -1 }
    case LATEST_TIERED_TIMESTAMP:
    case EARLIEST_PENDING_UPLOAD_TIMESTAMP:
      return { timestamp: -1, offset: -1, leaderEpoch: -1 }
    case MAX_TIMESTAMP:
      return youngest(log)
    default:
      return firstAtOrAfter(log, timestamp)
  }
}

const youngest = async (log: PartitionLog): Promise<TimestampAndOffset | undefined> => {
  await settled(log)
  let best: Segment | undefined
  for (const segment of log.segments) {
    await segment.ready()
    if (best === undefined || segment.maxTimestamp > best.maxTimestamp) best = segment
  }
  return best === undefined || best.maxTimestamp < 0 ? undefined : findYoungest(best)
}

const findYoungest = (segment: Segment): Promise<TimestampAndOffset | undefined> =>
  segment.held(() => findRecord(segment, segment.offsetOfMaxTimestamp, segment.maxTimestamp, 0))

const firstAtOrAfter = async (log: PartitionLog, timestamp: number): Promise<TimestampAndOffset | undefined> => {
  await settled(log)
  const start = log.logStartOffset
  for (const segment of log.segments) {
    await segment.ready()
    if (segment.largestTimestamp < timestamp) continue
    return segment.held(async () => {
      if (segment.timeIndex.needsFile) await segment.timeIndex.file.open()
      const entry = segment.timeIndex.floorTimestamp(timestamp)
      const from = Math.max(entry < 0 ? segment.baseOffset : segment.timeIndex.offset(entry), start)
      return findRecord(segment, from, timestamp, start)
    })
  }
  return undefined
}

/** The files are searched, so what is in memory has to get there first. */
const settled = async (log: PartitionLog): Promise<void> => {
  if (!log.tail.isEmpty) await log.written()
}

const cursor = new RecordCursor()

/** The segment is held. From the batch that holds `from` on: the first record that is young enough and not below `start`. */
const findRecord = async (segment: Segment, from: number, timestamp: number, start: number): Promise<TimestampAndOffset | undefined> => {
  const place = segment.locate(from)
  if (place === undefined) return undefined
  let found: TimestampAndOffset | undefined
  await walkBatches(segment, place === CORRUPT ? 0 : place.position, segment.writtenBytes, (bytes, at) => {
    if (scannedMaxTimestamp(bytes, at) < timestamp || scannedLastOffset(bytes, at) < start) return true
    const epoch = magic(bytes, at) === CURRENT_MAGIC ? leaderEpoch(bytes, at) : -1
    cursor.open(bytes, at)
    while (found === undefined && cursor.next())
      if (cursor.timestamp >= timestamp && cursor.offset >= start)
        found = { timestamp: cursor.timestamp, offset: cursor.offset, leaderEpoch: epoch }
    return found === undefined
  })
  return found
}
