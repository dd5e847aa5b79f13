import { assert, type Lease } from '../base/index.ts'
import type { ErrorName } from '../protocol/index.ts'
import {
  baseOffset,
  batchBytes,
  lastOffsetDelta,
  leaderEpoch,
  magic,
  maxTimestamp,
  NO_LEADER_EPOCH,
  NO_TIMESTAMP,
  producerId,
  stampBatch,
} from '../records/index.ts'
import { maxSegmentMs } from './config.ts'
import { checkFollowerBatches } from './follower-batches.ts'
import type { PartitionLog } from './partition-log.ts'
import { firstOffsetOf, type ProducerState } from './producer-state.ts'
import type { AppendOrigin, Verification } from './producers.ts'
import type { Segment } from './segment.ts'

export interface LeaderAppend {
  readonly leaderEpoch: number
  readonly origin: AppendOrigin
  /** Time that the validation stamped, for topics with LogAppendTime; −1 otherwise. */
  readonly logAppendTime?: number
  readonly verification?: Verification | undefined
  readonly transactionVersion?: number
  /** Of the memory of the records; without one they belong to the log for good. */
  readonly lease?: Lease | undefined
}

/** Answer of an append. With an error nothing was appended. */
export interface AppendResult {
  readonly error: ErrorName | undefined
  readonly firstOffset: number
  readonly lastOffset: number
  /** −1 unless the topic uses LogAppendTime, or the batch is a duplicate: then its own timestamp, as Kafka answers. */
  readonly logAppendTime: number
  readonly logStartOffset: number
  /** The batch was here already; the offsets are those of the first time. */
  readonly duplicate: boolean
}

/** Appends batches that the caller has validated, stamping offsets and leader epoch in place. Until they are written the log owns `bytes`. */
export const appendAsLeader = (log: PartitionLog, bytes: Buffer, options: LeaderAppend): AppendResult => {
  if (log.failure !== undefined || log.isClosed) return refused(log, 'KAFKA_STORAGE_ERROR')
  assert(!log.busy, 'a log is not appended to while it is truncated')
  if (bytes.length > log.config.segmentBytes) return refused(log, 'RECORD_LIST_TOO_LARGE')
  const firstOffset = log.logEndOffset
  let offset = firstOffset
  let timestamp = NO_TIMESTAMP
  let fromProducer = false
  let at = 0
  while (at < bytes.length) {
    stampBatch(bytes, at, offset, options.leaderEpoch)
    offset += lastOffsetDelta(bytes, at) + 1
    timestamp = Math.max(timestamp, maxTimestamp(bytes, at))
    if (producerId(bytes, at) >= 0) fromProducer = true
    at += batchBytes(bytes, at)
  }
  assert(at === bytes.length && at > 0, 'an append holds whole batches')
  if (fromProducer && log.tracksProducers) {
    const verdict = admit(log, bytes, options)
    if (verdict !== undefined) return verdict
  }
  appendStamped(log, bytes, firstOffset, offset, timestamp, fromProducer, options.lease)
  return accepted(log, firstOffset, offset - 1, options.logAppendTime ?? -1)
}

/**
 * Appends batches as a leader has ordered them: offsets and epochs are in the bytes. A batch cut off at the end is left out,
 * and so is everything from a batch with an epoch above `currentLeaderEpoch` on (KAFKA-17076 and successors). Checksums are checked here.
 * Until they are written the log owns `bytes`, or holds the lease of their memory.
 */
export const appendAsFollower = (log: PartitionLog, bytes: Buffer, currentLeaderEpoch: number, lease?: Lease): AppendResult => {
  if (log.failure !== undefined || log.isClosed) return refused(log, 'KAFKA_STORAGE_ERROR')
  assert(!log.busy, 'a log is not appended to while it is truncated')
  const checked = checkFollowerBatches(bytes, log.logEndOffset, currentLeaderEpoch)
  if (checked.error !== undefined) return refused(log, checked.error)
  if (checked.bytes === 0) return accepted(log, log.logEndOffset, log.logEndOffset - 1, -1)
  if (checked.bytes > log.config.segmentBytes) return refused(log, 'RECORD_LIST_TOO_LARGE')
  const records = bytes.subarray(0, checked.bytes)
  const firstOffset = baseOffset(records, 0)
  const fromProducer = checked.fromProducer && log.tracksProducers
  appendStamped(log, records, firstOffset, checked.endOffset, checked.maxTimestamp, fromProducer, lease)
  return accepted(log, firstOffset, checked.endOffset - 1, -1)
}

const appendStamped = (
  log: PartitionLog,
  bytes: Buffer,
  firstOffset: number,
  endOffset: number,
  timestamp: number,
  fromProducer: boolean,
  lease?: Lease,
): void => {
  const segment = segmentFor(log, bytes.length, firstOffset, endOffset - 1, timestamp)
  assignEpochs(log, bytes)
  const position = segment.bytes
  segment.indexBatches(bytes, position, log.config.indexIntervalBytes)
  segment.bytes += bytes.length
  segment.modifiedMs = log.context.clock.now()
  log.hints.add(firstOffset, position, batchBytes(bytes, 0))
  if (fromProducer) trackProducers(log, bytes, segment)
  log.producers.endOffset = endOffset
  log.logEndOffset = endOffset
  lease?.retain()
  log.queue.append({ segment, position, bytes, firstOffset, endOffset, lease })
  if (endOffset - log.recoveryPoint >= log.config.flushMessages) log.queue.flushBeforeAcknowledge()
}

/** Epochs and sequences of a leader's append; undefined when it may go in. Changes nothing. */
const admit = (log: PartitionLog, bytes: Buffer, options: LeaderAppend): AppendResult | undefined => {
  const several = batchBytes(bytes, 0) < bytes.length
  const seen = several ? new Map<number, ProducerState>() : undefined
  for (let at = 0; at < bytes.length; at += batchBytes(bytes, at)) {
    const id = producerId(bytes, at)
    if (id < 0) continue
    if (options.origin === 'client') {
      const earlier = log.producers.duplicateOf(bytes, at)
      if (earlier !== undefined) return { ...accepted(log, firstOffsetOf(earlier), earlier.lastOffset, earlier.timestamp), duplicate: true }
    }
    if (options.origin === 'replication' || options.origin === 'raft') continue
    const state = seen?.get(id) ?? log.producers.states.get(id)
    const error = log.producers.check(state, bytes, at, options)
    if (error !== undefined) return refused(log, error)
    if (seen !== undefined) seen.set(id, log.producers.preview(state, bytes, at))
  }
  return undefined
}

const trackProducers = (log: PartitionLog, bytes: Buffer, segment: Segment): void => {
  for (let at = 0; at < bytes.length; at += batchBytes(bytes, at)) {
    const completed = log.producers.replay(bytes, at)
    if (completed !== undefined) log.completeTransaction(completed, segment)
  }
  if (log.producers.hasUndecided || log.firstUnstableOffset !== undefined) log.refreshFirstUnstable()
}

const assignEpochs = (log: PartitionLog, bytes: Buffer): void => {
  let changed = false
  for (let at = 0; at < bytes.length; at += batchBytes(bytes, at)) {
    const epoch = leaderEpoch(bytes, at)
    if (magic(bytes, at) < 2 || epoch === NO_LEADER_EPOCH) continue
    if (epoch !== log.epochs.latest?.epoch && log.epochs.assign(epoch, baseOffset(bytes, at))) changed = true
  }
  if (changed) log.saveEpochs()
}

/** The active segment, or a new one when a limit says so (LogSegment.shouldRoll). */
const segmentFor = (log: PartitionLog, bytes: number, firstOffset: number, last: number, timestamp: number): Segment => {
  const { config } = log
  const segment = log.active
  const first = segment.firstBatchTimestamp ?? -1
  const waitedMs = first >= 0 ? timestamp - first : log.context.clock.now() - segment.createdMs
  const due =
    segment.bytes > config.segmentBytes - bytes ||
    (segment.bytes > 0 && waitedMs > maxSegmentMs(config) - segment.rollJitterMs) ||
    segment.offsetIndex.isFull(config.segmentIndexBytes) ||
    segment.timeIndex.isFull(config.segmentIndexBytes) ||
    !segment.canHold(last)
  return due ? log.roll(firstOffset) : segment
}

const accepted = (log: PartitionLog, firstOffset: number, last: number, logAppendTime: number): AppendResult => ({
  error: undefined,
  firstOffset,
  lastOffset: last,
  logAppendTime,
  logStartOffset: log.logStartOffset,
  duplicate: false,
})

const refused = (log: PartitionLog, error: ErrorName): AppendResult => ({
  error,
  firstOffset: -1,
  lastOffset: -1,
  logAppendTime: -1,
  logStartOffset: log.logStartOffset,
  duplicate: false,
})
