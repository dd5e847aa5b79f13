import { baseOffset, CURRENT_MAGIC, lastOffset, magic } from '../records/index.ts'
import { walkBatches } from './batch-scan.ts'
import type { PartitionLog } from './partition-log.ts'
import { readSnapshot, removeSnapshot, snapshotPath } from './producer-snapshot-files.ts'
import { CORRUPT, type Segment } from './segment.ts'

/** Loads the newest good snapshot at or below `offset` and replays the log from there up to `offset`. */
export const loadProducersUpTo = async (log: PartitionLog, offset: number): Promise<void> => {
  if (!log.tracksProducers) return
  log.producers.clear(log.logStartOffset)
  const now = log.context.clock.now()
  for (let n = log.snapshots.length - 1; n >= 0; n--) {
    const at = log.snapshots[n]!
    if (at > offset) continue
    const states = await readSnapshot(log, at)
    if (states === undefined) {
      log.journal.warn('a producer snapshot is corrupt and removed', { snapshot: snapshotPath(log, at) })
      await removeSnapshot(log, at)
      continue
    }
    log.producers.load(
      states.filter((state) => !log.producers.isExpired(state, now)),
      at,
    )
    break
  }
  await replayInto(log, offset)
}

/** Brings the producers from where they are to `offset` by reading batches; indexes are left alone. */
export const replayInto = async (log: PartitionLog, offset: number): Promise<void> => {
  const { producers, segments } = log
  for (let n = 0; n < segments.length && producers.endOffset < offset; n++) {
    const segment = segments[n]!
    const next = segments[n + 1]?.baseOffset ?? Number.POSITIVE_INFINITY
    if (next <= producers.endOffset || segment.baseOffset >= offset) continue
    await segment.held(() => replaySegment(log, segment, offset))
    producers.endOffset = Math.max(producers.endOffset, Math.min(next, offset))
  }
}

const replaySegment = async (log: PartitionLog, segment: Segment, until: number): Promise<void> => {
  const { producers } = log
  const start = Math.max(segment.baseOffset, producers.endOffset)
  const place = segment.locate(start)
  if (place === undefined) return
  const from = place === CORRUPT ? 0 : place.position
  await walkBatches(segment, from, segment.bytes, (bytes, at) => {
    if (magic(bytes, at) !== CURRENT_MAGIC) return true
    if (baseOffset(bytes, at) >= until) return false
    const last = lastOffset(bytes, at)
    if (last < start) return true
    const completed = producers.replay(bytes, at)
    if (completed !== undefined) producers.complete(completed)
    producers.endOffset = last + 1
    return true
  })
}
