import { baseOffset, CURRENT_MAGIC, lastOffset, magic } from '../records/index.ts'
import { walkBatches } from './batch-scan.ts'
import type { PartitionLog } from './partition-log.ts'
import { decodeProducerSnapshot } from './producer-snapshot.ts'
import type { ProducerState } from './producer-state.ts'
import { CORRUPT, type Segment } from './segment.ts'

/** A snapshot of more than a million producers. */
const SNAPSHOT_BYTES_MAXIMUM = 64 * 1024 * 1024

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
      log.journal.warn('a producer snapshot is corrupt and removed', { snapshot: log.snapshotPath(at) })
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

const readSnapshot = async (log: PartitionLog, offset: number): Promise<ProducerState[] | undefined> => {
  const path = log.snapshotPath(offset)
  const stat = await log.context.disk.stat(path)
  if (stat === undefined || stat.bytes > SNAPSHOT_BYTES_MAXIMUM) return undefined
  return decodeProducerSnapshot(Buffer.from(await log.context.disk.readFile(path)))
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

export const removeSnapshot = async (log: PartitionLog, offset: number): Promise<void> => {
  log.snapshots = log.snapshots.filter((snapshot) => snapshot !== offset)
  await log.context.disk.remove(log.snapshotPath(offset))
}

/** Kafka keeps a snapshot per segment, and one newest at the log end; the others are strays. */
export const removeStraySnapshots = async (log: PartitionLog, endOffset: number): Promise<void> => {
  const bases = new Set(log.segments.map((segment) => segment.baseOffset))
  const last = log.segments[log.segments.length - 1]!.baseOffset
  const strays = log.snapshots.filter((offset) => !bases.has(offset))
  const kept = strays.at(-1)
  for (const stray of strays) if (stray !== kept || stray < last || stray > endOffset) await removeSnapshot(log, stray)
  for (const offset of log.snapshots) if (offset > endOffset || offset <= log.logStartOffset) await removeSnapshot(log, offset)
}
