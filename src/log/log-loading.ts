import { isDiskError } from '../host/index.ts'
import { baseOffset, CURRENT_MAGIC, leaderEpoch, magic, RECORDS_AT } from '../records/index.ts'
import { scannedLastOffset, scannedMaxTimestamp, walkBatches } from './batch-scan.ts'
import { formatEpochCheckpoint, parseEpochCheckpoint, parsePartitionMetadata } from './checkpoints.ts'
import { isCompacted, type LogConfig } from './config.ts'
import { LEADER_EPOCH_FILE, PARTITION_METADATA_FILE } from './file-names.ts'
import type { FileHome } from './open-files.ts'
import { type LogContext, type LogIdentity, PartitionLog } from './partition-log.ts'
import { loadProducersUpTo } from './producer-recovery.ts'
import { removeSnapshot, removeStraySnapshots, takeProducerSnapshot } from './producer-snapshot-files.ts'
import { CORRUPT, type Segment } from './segment.ts'
import { type FoundFiles, finishInterruptedWork, openSegment } from './segment-files.ts'
import { rebuildSegment } from './segment-recovery.ts'

export interface LoadOptions {
  /** From the checkpoints of the directory. */
  readonly logStartOffset: number
  readonly recoveryPoint: number
  /** The directory was closed in order: what lies below the recovery point is trusted. */
  readonly clean: boolean
  /** Told before each segment that has to be recovered, with how many are left. */
  readonly progress?: (segmentsLeft: number) => void
}

/**
 * Opens a partition directory and brings it into a state in which every batch is whole. Can be cut off anywhere and done again:
 * the recovery point moves only with a flush.
 */
export const openLog = async (
  identity: LogIdentity,
  home: FileHome,
  config: LogConfig,
  context: LogContext,
  options: LoadOptions,
): Promise<PartitionLog> => {
  const log = new PartitionLog(identity, home, config, context)
  const found = await finishInterruptedWork(log)
  log.snapshots = log.tracksProducers ? found.snapshots : []
  log.logStartOffset = options.logStartOffset
  log.topicId = await readTopicId(log)
  await loadSegments(log, found)
  const knownEpochs = await loadEpochs(log)
  if (!options.clean) await recover(log, options)
  else await repairIndexes(log, found)
  const endOffset = await findEnd(log, options)
  if (knownEpochs === undefined) await rebuildEpochs(log)
  log.logStartOffset = Math.max(options.logStartOffset, log.segments[0]!.baseOffset)
  log.epochs.truncateFromEnd(endOffset)
  log.epochs.truncateFromStart(options.logStartOffset)
  if (formatEpochCheckpoint(log.epochs.entries) !== knownEpochs) log.saveEpochs()
  if (log.tracksProducers) await loadProducers(log, endOffset, options.clean)
  log.settle(endOffset, options.clean ? endOffset : Math.min(options.recoveryPoint, endOffset))
  await prepareActive(log)
  await log.queue.drained()
  return log
}

/** @throws of a file that does not parse: whose records these are is not known, and the directory has lost what it had synced */
const readTopicId = async (log: PartitionLog): Promise<string | undefined> => {
  const text = await readText(log, PARTITION_METADATA_FILE)
  if (text === undefined) return undefined
  const topicId = parsePartitionMetadata(text)
  if (topicId === undefined)
    throw new Error(
      `${log.home.path}/${PARTITION_METADATA_FILE} does not parse: restore it, or move ${log.home.path} out of the log directory`,
    )
  return topicId
}

const readText = async (log: PartitionLog, name: string): Promise<string | undefined> => {
  try {
    return Buffer.from(await log.context.disk.readFile(`${log.home.path}/${name}`)).toString('utf8')
  } catch (error) {
    if (isDiskError(error, 'ENOENT')) return undefined
    throw error
  }
}

const loadSegments = async (log: PartitionLog, found: FoundFiles): Promise<void> => {
  for (const offset of [...found.logs].sort((a, b) => a - b)) log.segments.push(await openSegment(log, offset))
  if (log.segments.length > 0) return
  const first = log.newSegment(log.logStartOffset)
  log.segments.push(first)
  await first.create(log.preallocatedBytes)
}

/** The checkpoint's text when it can be believed; otherwise the epochs have to be read from the batches. */
const loadEpochs = async (log: PartitionLog): Promise<string | undefined> => {
  const text = await readText(log, LEADER_EPOCH_FILE)
  const holdsRecords = log.segments.some((segment) => segment.bytes > 0)
  if (text === undefined) return holdsRecords ? undefined : formatEpochCheckpoint([])
  const entries = parseEpochCheckpoint(text)
  if (entries === undefined || (entries.length === 0 && holdsRecords)) {
    log.journal.warn('leader-epoch-checkpoint says nothing usable: it is rebuilt from the batches', { directory: log.home.path })
    return undefined
  }
  for (const entry of entries) log.epochs.assign(entry.epoch, entry.startOffset)
  return text
}

const rebuildEpochs = async (log: PartitionLog): Promise<void> => {
  log.epochs.clear()
  for (const segment of log.segments) {
    await walkBatches(segment, 0, segment.bytes, (bytes, at) => {
      const epoch = leaderEpoch(bytes, at)
      if (magic(bytes, at) === CURRENT_MAGIC && epoch >= 0 && epoch > (log.epochs.latest?.epoch ?? -1))
        log.epochs.assign(epoch, baseOffset(bytes, at))
      return true
    })
  }
}

/** After a clean stop only what is visibly missing is rebuilt. */
const repairIndexes = async (log: PartitionLog, found: FoundFiles): Promise<void> => {
  for (const segment of log.segments) {
    if (segment.transactionIndex.onDisk) await segment.transactionIndex.load()
    if (segment.bytes === 0) await forgetEntries(segment)
    const missing = !found.offsetIndexes.has(segment.baseOffset) || !found.timeIndexes.has(segment.baseOffset)
    if ((segment.bytes > 0 && missing) || segment.transactionIndex.corrupt) {
      log.journal.warn('an index is missing or corrupt: the indexes of the segment are rebuilt', { segment: segment.log.path })
      await loadProducersUpTo(log, segment.baseOffset)
      await rebuildSegment(log, segment, { truncate: false })
    }
  }
}

/** Of what was cut away, when power was lost before the indexes knew. */
const forgetEntries = async (segment: Segment): Promise<void> => {
  for (const index of [segment.offsetIndex, segment.timeIndex]) {
    if (index.count === 0) continue
    await index.file.open()
    await index.truncateTo(segment.baseOffset)
  }
}

/** Kafka's recoverLog: every segment that may hold unflushed bytes is read, checked and indexed anew; nothing follows a torn one. */
const recover = async (log: PartitionLog, options: LoadOptions): Promise<void> => {
  const { segments } = log
  let first = segments.findIndex((segment) => segment.baseOffset > options.recoveryPoint)
  first = Math.max(0, (first < 0 ? segments.length : first) - 1)
  const base = segments[first]!.baseOffset
  for (const snapshot of log.snapshots) if (snapshot > base) await removeSnapshot(log, snapshot)
  if (log.tracksProducers) await loadProducersUpTo(log, base)
  for (let n = first; n < segments.length; n++) {
    const segment = segments[n]!
    options.progress?.(segments.length - n)
    if (log.tracksProducers && n > first) takeProducerSnapshot(log, segment.baseOffset)
    const { cutBytes, endOffset } = await rebuildSegment(log, segment, { truncate: true })
    const next = segments[n + 1]
    // Compaction leaves gaps between segments, and whoever makes one has the recovery point pass it first: above that a gap is lost
    // bytes, and the log has to be a prefix of what it was. Apache Kafka would go on behind them.
    const gap = next !== undefined && next.baseOffset !== endOffset && !isCompacted(log.config)
    // What was set aside in advance: nothing is lost when the next segment goes on where this one ends.
    const isUnused = log.config.preallocate && (next === undefined || next.baseOffset === endOffset)
    if ((cutBytes === 0 || isUnused) && !gap) continue
    const removed = segments.splice(n + 1)
    log.journal.warn('a torn or corrupt batch ends the log', {
      segment: segment.log.path,
      bytesCut: cutBytes,
      segmentsRemoved: removed.length,
    })
    for (const later of removed) await removeSegment(log, later)
  }
}

const removeSegment = async (log: PartitionLog, segment: Segment): Promise<void> => {
  segment.deleted = true
  for (const file of [segment.log, segment.offsetIndex.file, segment.timeIndex.file, segment.transactionIndex.file]) {
    await file.retire()
    await log.context.disk.remove(file.path)
  }
}

/** The log end offset, from the last segment. */
const findEnd = async (log: PartitionLog, options: LoadOptions): Promise<number> => {
  const segment = log.segments[log.segments.length - 1]!
  const endOffset = await segment.held(() => endOfSegment(log, segment, options))
  if (endOffset >= options.logStartOffset) return endOffset
  log.journal.warn('the log ends before its start offset: all segments are removed', {
    logEndOffset: endOffset,
    logStartOffset: options.logStartOffset,
  })
  for (const old of log.segments.splice(0)) await removeSegment(log, old)
  log.epochs.clear()
  log.producers.clear(options.logStartOffset)
  const fresh = log.newSegment(options.logStartOffset)
  log.segments.push(fresh)
  await fresh.create(log.preallocatedBytes)
  return options.logStartOffset
}

const endOfSegment = async (log: PartitionLog, segment: Segment, options: LoadOptions): Promise<number> => {
  if (segment.bytes === 0) return segment.baseOffset
  const last = segment.offsetIndex.count - 1
  const place = last < 0 ? undefined : segment.locate(segment.offsetIndex.offset(last))
  const from = place === undefined || place === CORRUPT ? 0 : place.position
  let endOffset = segment.baseOffset
  const reached = await walkBatches(segment, from, segment.bytes, (bytes, at) => {
    endOffset = scannedLastOffset(bytes, at) + 1
    return true
  })
  if (reached === segment.bytes) return endOffset
  // A damaged header after a clean stop: the bytes stay, reads of them are refused, and the log goes on where it had ended.
  const known = Math.max(endOffset, options.recoveryPoint, log.snapshots.at(-1) ?? 0)
  log.journal.error('a batch at the end of a cleanly closed segment is damaged: reads of it are refused', {
    segment: segment.log.path,
    position: reached,
    logEndOffset: known,
  })
  return known
}

const loadProducers = async (log: PartitionLog, endOffset: number, clean: boolean): Promise<void> => {
  await removeStraySnapshots(log, endOffset)
  if (clean) {
    if (log.snapshots.length === 0) log.producers.clear(endOffset)
    else await loadProducersUpTo(log, endOffset)
  }
  log.producers.endOffset = endOffset
  takeProducerSnapshot(log, endOffset)
}

/** What the first append needs to know of the last segment. */
const prepareActive = async (log: PartitionLog): Promise<void> => {
  const { active } = log
  await active.log.open()
  await active.held(async () => active.timeIndex.lastTimestamp())
  if (active.maxTimestamp < 0 || active.firstBatchTimestamp !== undefined) return
  active.firstBatchTimestamp = await active.log.using(async (file) => {
    const header = Buffer.alloc(RECORDS_AT)
    return (await file.read(header, 0)) < RECORDS_AT ? -1 : scannedMaxTimestamp(header, 0)
  })
}
