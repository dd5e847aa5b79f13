import { baseOffset, CURRENT_MAGIC, leaderEpoch, magic } from '../records/index.ts'
import { checksumHolds, scannedLastOffset, scannedMaxTimestamp, walkBatches } from './batch-scan.ts'
import type { PartitionLog } from './partition-log.ts'
import type { Segment } from './segment.ts'

export interface RebuiltSegment {
  /** Bytes behind the last good batch. */
  readonly cutBytes: number
  readonly endOffset: number
}

/**
 * Reads a segment from its start, checks every batch, and writes its three indexes anew; leader epochs and producers follow.
 * With `truncate` whatever comes after the last good batch is cut off.
 */
export const rebuildSegment = async (
  log: PartitionLog,
  segment: Segment,
  options: { readonly truncate: boolean },
): Promise<RebuiltSegment> => {
  await segment.offsetIndex.reset()
  await segment.timeIndex.reset()
  await segment.transactionIndex.reset()
  segment.setMaxTimestamp(-1, -1)
  segment.firstBatchTimestamp = undefined
  segment.bytesSinceIndexEntry = 0
  segment.forgetPlaces()
  const interval = log.config.indexIntervalBytes
  let expected = segment.baseOffset
  const valid = await walkBatches(segment, 0, segment.bytes, (bytes, at, size, position) => {
    const last = scannedLastOffset(bytes, at)
    const first = magic(bytes, at) === CURRENT_MAGIC ? baseOffset(bytes, at) : last
    if (first < expected || !segment.canHold(last) || !checksumHolds(bytes, at, size)) return false
    segment.indexBatch(last, scannedMaxTimestamp(bytes, at), position, size, interval)
    expected = last + 1
    if (magic(bytes, at) === CURRENT_MAGIC) follow(log, segment, bytes, at, expected)
    return true
  })
  const cut = segment.bytes - valid
  if (cut > 0 && options.truncate) {
    // For good: after a clean stop nobody would look again.
    await segment.log.using(async (file) => {
      await file.truncate(valid)
      await file.sync()
    })
    segment.bytes = segment.writtenBytes = valid
  }
  segment.verified = valid === segment.bytes ? 'all' : [0, valid]
  segment.sealTimeIndex()
  await segment.persistIndexes()
  await segment.offsetIndex.settle()
  await segment.timeIndex.settle()
  return { cutBytes: cut, endOffset: expected }
}

const follow = (log: PartitionLog, segment: Segment, bytes: Buffer, at: number, endOffset: number): void => {
  const epoch = leaderEpoch(bytes, at)
  if (epoch >= 0 && epoch > (log.epochs.latest?.epoch ?? -1)) log.epochs.assign(epoch, baseOffset(bytes, at))
  if (!log.tracksProducers) return
  const completed = log.producers.replay(bytes, at)
  if (completed !== undefined) log.completeTransaction(completed, segment)
  log.producers.endOffset = endOffset
}
