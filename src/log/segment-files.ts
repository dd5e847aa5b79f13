import { isDiskError } from '../host/index.ts'
import { scannedLastOffset, walkBatches } from './batch-scan.ts'
import {
  CLEANED_SUFFIX,
  DELETED_SUFFIX,
  LOG_SUFFIX,
  OFFSET_INDEX_SUFFIX,
  offsetName,
  parseSegmentFile,
  type SegmentFileName,
  SNAPSHOT_SUFFIX,
  SWAP_SUFFIX,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX,
} from './file-names.ts'
import type { PartitionLog } from './partition-log.ts'
import { Segment } from './segment.ts'

export interface FoundFiles {
  readonly logs: Set<number>
  readonly offsetIndexes: Set<number>
  readonly timeIndexes: Set<number>
  /** Rising. */
  readonly snapshots: number[]
}

interface NamedFile extends SegmentFileName {
  readonly name: string
}

const listFiles = async (log: PartitionLog): Promise<NamedFile[]> => {
  const files: NamedFile[] = []
  for (const entry of await log.context.disk.list(log.home.path)) {
    const parsed = entry.kind === 'file' ? parseSegmentFile(entry.name) : undefined
    if (parsed !== undefined) files.push({ ...parsed, name: entry.name })
  }
  return files
}

/**
 * Completes or undoes what a crash cut off, as LogLoader does: removals go on, a cleaner's `.cleaned` is dropped, and `.swap`
 * takes the place of the segments it stands for, unless a `.cleaned` at or below it shows that the swap had not begun.
 */
export const finishInterruptedWork = async (log: PartitionLog): Promise<FoundFiles> => {
  const { disk } = log.context
  const remove = (file: NamedFile): Promise<void> => disk.remove(`${log.home.path}/${file.name}`)
  const files = await listFiles(log)
  const lowestCleaned = Math.min(
    ...files.filter((file) => file.state === CLEANED_SUFFIX).map((file) => file.offset),
    Number.POSITIVE_INFINITY,
  )
  const swaps: NamedFile[] = []
  for (const file of files) {
    if (file.state === SWAP_SUFFIX && file.offset < lowestCleaned) swaps.push(file)
    else if (file.state !== '') await remove(file)
  }
  if (swaps.length > 0) await finishSwap(log, swaps)
  return collect(log, swaps.length > 0 ? await listFiles(log) : files.filter((file) => file.state === ''))
}

const finishSwap = async (log: PartitionLog, swaps: readonly NamedFile[]): Promise<void> => {
  const { disk } = log.context
  let from = Number.POSITIVE_INFINITY
  let until = Number.NEGATIVE_INFINITY
  for (const swap of swaps.filter((file) => file.suffix === LOG_SUFFIX)) {
    const segment = await openSegment(log, swap.offset, SWAP_SUFFIX)
    let endOffset = swap.offset
    await walkBatches(segment, 0, segment.bytes, (bytes, at) => {
      endOffset = scannedLastOffset(bytes, at) + 1
      return true
    })
    await segment.log.retire()
    from = Math.min(from, swap.offset)
    until = Math.max(until, endOffset)
  }
  log.journal.info('a compaction that was cut off is completed', { fromOffset: from, untilOffset: until })
  for (const file of await listFiles(log))
    if (file.state === '' && file.offset >= from && file.offset < until) await disk.remove(`${log.home.path}/${file.name}`)
  for (const swap of swaps) await disk.rename(`${log.home.path}/${swap.name}`, `${log.home.path}/${offsetName(swap.offset)}${swap.suffix}`)
  await disk.syncDirectory(log.home.path)
}

const collect = async (log: PartitionLog, files: readonly NamedFile[]): Promise<FoundFiles> => {
  const of = (suffix: string): number[] => files.filter((file) => file.suffix === suffix).map((file) => file.offset)
  const logs = new Set(of(LOG_SUFFIX))
  for (const file of files) {
    if (file.suffix === LOG_SUFFIX || file.suffix === SNAPSHOT_SUFFIX || logs.has(file.offset)) continue
    log.journal.warn('an index without its log file is removed', { file: file.name })
    await log.context.disk.remove(`${log.home.path}/${file.name}`)
  }
  return {
    logs,
    offsetIndexes: new Set(of(OFFSET_INDEX_SUFFIX)),
    timeIndexes: new Set(of(TIME_INDEX_SUFFIX)),
    snapshots: of(SNAPSHOT_SUFFIX).sort((a, b) => a - b),
  }
}

/** A segment with the sizes that its files have. */
export const openSegment = async (log: PartitionLog, offset: number, state = ''): Promise<Segment> => {
  const { disk, files, clock, random } = log.context
  const base = `${log.home.path}/${offsetName(offset)}`
  const [data, offsets, times, transactions] = await Promise.all(
    [LOG_SUFFIX, OFFSET_INDEX_SUFFIX, TIME_INDEX_SUFFIX, TRANSACTION_INDEX_SUFFIX].map((suffix) => disk.stat(base + suffix + state)),
  )
  const jitter = Math.min(log.config.segmentJitterMs, log.config.segmentMs, 0xffffffff)
  return new Segment(files, log.home, offset, {
    nowMs: clock.now(),
    jitterMs: jitter > 0 ? random.below(jitter) : 0,
    state,
    sizes: {
      log: data?.bytes ?? 0,
      offsetIndex: offsets?.bytes ?? 0,
      timeIndex: times?.bytes ?? 0,
      transactionIndex: transactions?.bytes ?? 0,
      modifiedMs: Math.floor(data?.modifiedMs ?? clock.now()),
    },
  })
}

/** Renames a segment's files to `.deleted` now and removes them later (at the next start, when the log closes before). Open slices stay readable. */
export const deleteSegmentLater = async (log: PartitionLog, segment: Segment): Promise<void> => {
  segment.deleted = true
  for (const file of segment.files) {
    try {
      await file.rename(file.name + DELETED_SUFFIX)
    } catch (error) {
      if (!isDiskError(error, 'ENOENT')) throw error
    }
  }
  if (log.isClosed) return
  const remove = (): void => {
    log.leaving.delete(segment)
    removeSegmentFiles(log, segment).catch((error) => log.fail(error))
  }
  log.leaving.set(segment, log.context.clock.after(log.config.fileDeleteDelayMs, remove))
}

export const removeSegmentFiles = async (log: PartitionLog, segment: Segment): Promise<void> => {
  for (const file of segment.files) {
    await file.retire()
    await log.context.disk.remove(file.path)
  }
}
