import { offsetName, SNAPSHOT_SUFFIX } from './file-names.ts'
import type { PartitionLog } from './partition-log.ts'
import { decodeProducerSnapshot, encodeProducerSnapshot } from './producer-snapshot.ts'
import type { ProducerState } from './producer-state.ts'

/** A snapshot of more than a million producers. */
const SNAPSHOT_BYTES_MAXIMUM = 64 * 1024 * 1024

/** Where a log keeps what it knew of its producers at an offset: one file a segment, and one at the log end. */
export const snapshotPath = (log: PartitionLog, offset: number): string => `${log.home.path}/${offsetName(offset)}${SNAPSHOT_SUFFIX}`

/** Serialised now, written in order behind what it covers. Nothing new: nothing written. */
export const takeProducerSnapshot = (log: PartitionLog, offset = log.producers.endOffset): void => {
  if (offset <= (log.snapshots.at(-1) ?? log.logStartOffset)) return
  const bytes = encodeProducerSnapshot(log.producers.states.values())
  log.snapshots.push(offset)
  log.queue.task(async () => {
    const file = await log.context.disk.open(snapshotPath(log, offset), 'write')
    try {
      await file.truncate(0)
      await file.write([bytes], 0)
    } finally {
      await file.close()
    }
  })
}

export const syncProducerSnapshot = async (log: PartitionLog, offset: number): Promise<void> => {
  if ((await log.context.disk.stat(snapshotPath(log, offset))) === undefined) return
  const file = await log.context.disk.open(snapshotPath(log, offset), 'write')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Undefined when it is not there or not whole. */
export const readSnapshot = async (log: PartitionLog, offset: number): Promise<ProducerState[] | undefined> => {
  const path = snapshotPath(log, offset)
  const stat = await log.context.disk.stat(path)
  if (stat === undefined || stat.bytes > SNAPSHOT_BYTES_MAXIMUM) return undefined
  return decodeProducerSnapshot(Buffer.from(await log.context.disk.readFile(path)))
}

export const removeSnapshot = async (log: PartitionLog, offset: number): Promise<void> => {
  log.snapshots = log.snapshots.filter((snapshot) => snapshot !== offset)
  await log.context.disk.remove(snapshotPath(log, offset))
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
