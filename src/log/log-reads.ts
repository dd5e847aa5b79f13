import type { ByteSource, Lease } from '../base/index.ts'
import { isDiskError } from '../host/index.ts'
import type { ErrorName } from '../protocol/index.ts'
import { FileSlice, TailSlice } from './file-slice.ts'
import { findInPart } from './log-tail.ts'
import { FileRetired } from './open-files.ts'
import type { PartitionLog } from './partition-log.ts'
import { type BatchPlace, CORRUPT, type Segment } from './segment.ts'
import type { AbortedTransaction } from './transaction-index.ts'
import { isVerified, verify } from './verification.ts'

/** How far a read may look (FetchIsolation): followers see the log end, consumers committed data, read_committed decided data. */
export type ReadBound = 'log-end' | 'high-watermark' | 'last-stable-offset'

export interface ReadOptions {
  readonly upTo: ReadBound
  /** The first batch is given whole even when it exceeds `maxBytes`. */
  readonly minOneMessage: boolean
}

export interface ReadResult {
  readonly error: ErrorName | undefined
  /** Whole batches from the one that holds the offset on; the last one may be cut off. Undefined: nothing to read yet. */
  readonly records: ByteSource | undefined
  readonly bytes: number
  /** The first batch is larger than `maxBytes` and was not asked for whole. */
  readonly firstBatchCut: boolean
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
  readonly logEndOffset: number
  /** With `last-stable-offset`: aborted transactions that reach into what was read. */
  readonly abortedTransactions: readonly AbortedTransaction[] | undefined
}

/** Bytes from the end of a file that count as recent. */
const RECENT_BYTES = 64 * 1024 * 1024

/** Something has to be awaited first; the files of the segment stay open from then on until the read is done. */
class Waiting {
  readonly promise: Promise<unknown>
  readonly segment: Segment
  constructor(promise: Promise<unknown>, segment: Segment) {
    this.promise = promise
    this.segment = segment
  }
}

type Attempt = ReadResult | Waiting

/**
 * Reads from `offset`. At once when the segment's files are open and its bytes are known to be good, which is always so at the
 * tail; a promise when a file has to be opened, an index loaded or cold bytes checked first.
 */
export const readLog = (log: PartitionLog, offset: number, maxBytes: number, options: ReadOptions): ReadResult | Promise<ReadResult> => {
  try {
    const attempt = attemptRead(log, offset, maxBytes, options)
    return attempt instanceof Waiting ? retry(log, offset, maxBytes, options, attempt) : attempt
  } catch (error) {
    return storageError(log, options, error)
  }
}

/** Each round makes one more thing ready; a segment may be removed in between, hence a few more. */
const ROUNDS_MAXIMUM = 16

const retry = (log: PartitionLog, offset: number, maxBytes: number, options: ReadOptions, first: Waiting): Promise<ReadResult> => {
  const again = (waiting: Waiting, round: number): Promise<ReadResult> =>
    waiting.segment.pinned(async () => {
      try {
        await waiting.promise
      } catch (error) {
        // Deleted or compacted away under the read: what is there now is looked at again.
        if (!(error instanceof FileRetired)) return storageError(log, options, error)
      }
      if (round === ROUNDS_MAXIMUM) return empty(log, options, 'KAFKA_STORAGE_ERROR')
      try {
        const attempt = attemptRead(log, offset, maxBytes, options)
        return attempt instanceof Waiting ? await again(attempt, round + 1) : attempt
      } catch (error) {
        return storageError(log, options, error)
      }
    })
  return again(first, 1)
}

/** Too many open files is the process's trouble and passes; anything else is the disk's and takes the directory offline. */
const storageError = (log: PartitionLog, options: ReadOptions, error: unknown): ReadResult => {
  if (isDiskError(error, 'EMFILE')) log.journal.warn('out of file descriptors: a read is refused', { error })
  else log.fail(error)
  return empty(log, options, 'KAFKA_STORAGE_ERROR')
}

const boundOf = (log: PartitionLog, upTo: ReadBound): number =>
  upTo === 'log-end' ? log.logEndOffset : upTo === 'high-watermark' ? log.highWatermark : log.lastStableOffset

const empty = (log: PartitionLog, options: ReadOptions, error?: ErrorName): ReadResult =>
  result(log, options, error, undefined, 0, false, [])

const result = (
  log: PartitionLog,
  options: ReadOptions,
  error: ErrorName | undefined,
  records: ByteSource | undefined,
  bytes: number,
  firstBatchCut: boolean,
  aborted: readonly AbortedTransaction[],
): ReadResult => ({
  error,
  records,
  bytes,
  firstBatchCut,
  highWatermark: log.highWatermark,
  lastStableOffset: log.lastStableOffset,
  logStartOffset: log.logStartOffset,
  logEndOffset: log.logEndOffset,
  abortedTransactions: options.upTo === 'last-stable-offset' ? aborted : undefined,
})

const attemptRead = (log: PartitionLog, offset: number, maxBytes: number, options: ReadOptions): Attempt => {
  if (log.failure !== undefined) return empty(log, options, 'KAFKA_STORAGE_ERROR')
  if (offset < log.logStartOffset || offset > log.logEndOffset) return empty(log, options, 'OFFSET_OUT_OF_RANGE')
  const bound = boundOf(log, options.upTo)
  if (offset >= bound) return empty(log, options)
  if (offset >= log.tail.firstOffset) return readTail(log, offset, maxBytes, options, bound)
  return readFile(log, offset, maxBytes, options, bound)
}

const readTail = (log: PartitionLog, offset: number, maxBytes: number, options: ReadOptions, bound: number): Attempt => {
  const { tail } = log
  let n = tail.find(offset)
  const first = tail.part(n)
  const place = findInPart(first, offset)
  const limit = options.minOneMessage ? Math.max(maxBytes, place.batchBytes) : maxBytes
  const parts: Buffer[] = []
  const leases: (Lease | undefined)[] = []
  let bytes = 0
  for (; n < tail.count && bytes < limit; n++) {
    const part = tail.part(n)
    if (part.segment !== first.segment || part.firstOffset >= bound) break
    const from = part === first ? place.position - first.position : 0
    const until = Math.min(
      part.endOffset <= bound ? part.bytes.length : findInPart(part, bound).position - part.position,
      from + limit - bytes,
    )
    parts.push(part.bytes.subarray(from, until))
    leases.push(part.lease)
    bytes += until - from
  }
  const aborted = abortedIn(log, options, first.segment, offset, bound)
  if (aborted instanceof Promise) return new Waiting(aborted, first.segment)
  return result(log, options, undefined, bytes === 0 ? undefined : new TailSlice(parts, leases), bytes, limit < place.batchBytes, aborted)
}

const readFile = (log: PartitionLog, offset: number, maxBytes: number, options: ReadOptions, bound: number): Attempt => {
  for (let n = segmentAt(log, offset); n < log.segments.length; n++) {
    const segment = log.segments[n]!
    const waiting = segment.ready()
    if (waiting !== undefined) return new Waiting(waiting, segment)
    const place = locate(log, segment, offset)
    if (place === CORRUPT) return refuse(log, options, segment, offset)
    if (place !== undefined) return readSegment(log, segment, place, offset, maxBytes, options, bound)
  }
  return empty(log, options)
}

/** Number of the segment that holds `offset` or would. */
export const segmentAt = (log: PartitionLog, offset: number): number => {
  const { segments } = log
  let low = 0
  let high = segments.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (segments[middle]!.baseOffset <= offset) low = middle
    else high = middle - 1
  }
  return low
}

const locate = (log: PartitionLog, segment: Segment, offset: number): BatchPlace | undefined | typeof CORRUPT =>
  (segment === log.active ? log.hints.find(offset) : undefined) ?? segment.locate(offset)

const refuse = (log: PartitionLog, options: ReadOptions, segment: Segment, offset: number): ReadResult => {
  log.journal.error('a batch on disk is damaged: the read is refused', { segment: segment.log.path, offset })
  return empty(log, options, 'CORRUPT_MESSAGE')
}

const readSegment = (
  log: PartitionLog,
  segment: Segment,
  place: BatchPlace,
  offset: number,
  maxBytes: number,
  options: ReadOptions,
  bound: number,
): Attempt => {
  const limit = options.minOneMessage ? Math.max(maxBytes, place.batchBytes) : maxBytes
  const end = endPosition(log, segment, bound)
  if (end === CORRUPT) return refuse(log, options, segment, offset)
  const bytes = Math.min(end - place.position, limit)
  if (bytes <= 0) return result(log, options, undefined, undefined, 0, limit < place.batchBytes, [])
  const good = verifiedBytes(segment, place.position, bytes)
  if (good instanceof Promise) return new Waiting(good, segment)
  if (good === 0) return refuse(log, options, segment, offset)
  const aborted = abortedIn(log, options, segment, offset, Math.min(bound, upperBound(log, segment, place.position + good)))
  if (aborted instanceof Promise) return new Waiting(aborted, segment)
  const recent = segment.writtenBytes - place.position <= RECENT_BYTES
  const slice = new FileSlice(segment.log, place.position, good, recent)
  return result(log, options, undefined, slice, good, limit < place.batchBytes, aborted)
}

/** Where the bytes below `bound` end in the file of `segment`. */
const endPosition = (log: PartitionLog, segment: Segment, bound: number): number | typeof CORRUPT => {
  if (segment !== log.active) {
    const next = log.segments[segmentAt(log, segment.baseOffset) + 1]
    if (next !== undefined && next.baseOffset <= bound) return segment.writtenBytes
  } else if (bound >= log.writtenOffset) return segment.writtenBytes
  const place = locate(log, segment, bound)
  return place === undefined ? segment.writtenBytes : place === CORRUPT ? CORRUPT : Math.min(place.position, segment.writtenBytes)
}

/** How many of the bytes may be served; 0 when the first batch is bad; a promise of a check otherwise. */
const verifiedBytes = (segment: Segment, from: number, bytes: number): number | Promise<unknown> => {
  if (isVerified(segment, from, from + bytes)) return bytes
  const bad = segment.damagedAt
  if (bad !== undefined && bad >= from && bad < from + bytes)
    return isVerified(segment, from, bad) ? bad - from : checkAhead(segment, from, bad)
  return checkAhead(segment, from, from + bytes)
}

const checkAhead = async (segment: Segment, from: number, until: number): Promise<void> => {
  const passed = await verify(segment, from, until)
  if (passed < until) segment.damagedAt = passed
}

const upperBound = (log: PartitionLog, segment: Segment, position: number): number => {
  const { offsetIndex } = segment
  if (!offsetIndex.needsFile || offsetIndex.file.opened !== undefined) {
    const indexed = offsetIndex.offsetAtOrAfter(position)
    if (indexed !== undefined) return indexed
  }
  return log.segments[segmentAt(log, segment.baseOffset) + 1]?.baseOffset ?? log.logEndOffset
}

/** Aborted transactions that touch [offset, bound): the first segment's, and those of later ones until none can reach back. */
const abortedIn = (
  log: PartitionLog,
  options: ReadOptions,
  segment: Segment,
  offset: number,
  bound: number,
): AbortedTransaction[] | Promise<unknown> => {
  const aborted: AbortedTransaction[] = []
  if (options.upTo !== 'last-stable-offset') return aborted
  for (let n = segmentAt(log, segment.baseOffset); n < log.segments.length; n++) {
    const { transactionIndex } = log.segments[n]!
    if (!transactionIndex.loaded) return transactionIndex.load()
    if (transactionIndex.collect(offset, bound, aborted)) break
  }
  return aborted
}
