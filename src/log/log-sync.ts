import type { PartitionLog } from './partition-log.ts'
import { syncProducerSnapshot } from './producer-snapshot-files.ts'
import type { Segment } from './segment.ts'

/** Brings what is written below `offset` through a power loss: segments, their directory, the producer snapshot there. A refusal is the log's failure. */
export const syncLog = async (log: PartitionLog, offset: number): Promise<void> => {
  const from = log.recoveryPoint
  const end = Math.max(offset, log.active.baseOffset < offset ? log.writtenOffset : offset)
  const covered = log.segments.filter(
    (segment, n) => (log.segments[n + 1]?.baseOffset ?? Number.POSITIVE_INFINITY) > from && segment.baseOffset < end,
  )
  try {
    for (const segment of covered) await timed(log, syncUnlessDeleted(segment))
    if (covered.some((segment) => segment.baseOffset >= from)) await log.context.disk.syncDirectory(log.home.path)
    if (log.snapshots.includes(offset)) await syncProducerSnapshot(log, offset)
  } catch (error) {
    log.fail(error)
    throw error
  }
  log.recoveryPoint = Math.max(log.recoveryPoint, end)
  log.lastFlushMs = log.context.clock.now()
}

const syncUnlessDeleted = async (segment: Segment): Promise<void> => {
  try {
    if (!segment.deleted) await segment.sync()
  } catch (error) {
    if (!segment.deleted) throw error
  }
}

const timed = async (log: PartitionLog, sync: Promise<void>): Promise<void> => {
  const { clock, flushMs } = log.context
  const startedMs = clock.monotonic()
  await sync
  flushMs?.record(clock.monotonic() - startedMs)
}
