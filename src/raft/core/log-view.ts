import { assert } from '../../base/index.ts'
import type { OffsetAndEpoch } from '../types.ts'

export interface EpochStart {
  readonly epoch: number
  readonly startOffset: number
}

export type FetchPosition =
  | { readonly kind: 'valid' }
  | { readonly kind: 'diverging'; readonly end: OffsetAndEpoch }
  | { readonly kind: 'snapshot'; readonly id: OffsetAndEpoch }

const valid: FetchPosition = { kind: 'valid' }

/**
 * What the core knows of its log without reading it: where it starts and ends, at which offset each epoch began, and which snapshots
 * bound it. It runs ahead of the disk: it shows the log as it is once all that the core asked for is done.
 *
 * Invariant: epochs rise strictly, their starts rise, and none starts beyond the end.
 */
export class LogView {
  startOffset: number
  endOffset: number
  readonly epochs: EpochStart[]
  /** Undefined: none. The bootstrap checkpoint 0-0 counts, as in Kafka. */
  earliestSnapshot: OffsetAndEpoch | undefined
  latestSnapshot: OffsetAndEpoch | undefined

  constructor(
    startOffset: number,
    endOffset: number,
    epochs: readonly EpochStart[],
    earliestSnapshot?: OffsetAndEpoch,
    latestSnapshot?: OffsetAndEpoch,
  ) {
    this.startOffset = startOffset
    this.endOffset = endOffset
    this.epochs = [...epochs]
    this.earliestSnapshot = earliestSnapshot
    this.latestSnapshot = latestSnapshot
  }

  /** Epoch of the last record, or of the snapshot that stands for it; 0 in an empty log. */
  get lastEpoch(): number {
    const last = this.epochs.at(-1)
    if (last !== undefined) return last.epoch
    return this.latestSnapshot?.offset === this.endOffset ? this.latestSnapshot.epoch : 0
  }

  get end(): OffsetAndEpoch {
    return { offset: this.endOffset, epoch: this.lastEpoch }
  }

  append(baseOffset: number, lastOffset: number, epoch: number): void {
    assert(baseOffset === this.endOffset, `an append continues the log: ${baseOffset} after ${this.endOffset}`)
    assert(lastOffset >= baseOffset && epoch >= this.lastEpoch, 'offsets and epochs of a log never fall')
    const last = this.epochs.at(-1)
    if (last === undefined || epoch > last.epoch) this.epochs.push({ epoch, startOffset: baseOffset })
    this.endOffset = lastOffset + 1
  }

  truncateTo(offset: number): void {
    assert(offset >= this.startOffset && offset <= this.endOffset, `a log is cut within its bounds: ${offset}`)
    this.endOffset = offset
    while (this.epochs.length > 0 && this.epochs.at(-1)!.startOffset >= offset) this.epochs.pop()
  }

  /** The log is empty now and goes on from a snapshot. */
  restartAt(snapshot: OffsetAndEpoch): void {
    this.startOffset = snapshot.offset
    this.endOffset = snapshot.offset
    this.epochs.length = 0
    this.earliestSnapshot = snapshot
    this.latestSnapshot = snapshot
  }

  /** All before `earliest` is gone from the log. The epoch that it cuts through starts there now. */
  cutBefore(earliest: OffsetAndEpoch): void {
    assert(earliest.offset <= this.endOffset, 'a log is cut at a place that it holds')
    this.startOffset = Math.max(this.startOffset, earliest.offset)
    this.earliestSnapshot = earliest
    let firstKept = 0
    while (firstKept + 1 < this.epochs.length && this.epochs[firstKept + 1]!.startOffset <= this.startOffset) firstKept++
    const first = this.epochs[firstKept]
    this.epochs.splice(0, firstKept)
    if (first !== undefined && first.startOffset < this.startOffset) {
      this.epochs[0] = { epoch: first.epoch, startOffset: this.startOffset }
    }
  }

  /** Where the largest epoch that is not above `epoch` ends (KIP-101, KIP-279). Above all known epochs: the end of the log. */
  endOfEpoch(epoch: number): OffsetAndEpoch {
    const above = this.epochs.findIndex((entry) => entry.epoch > epoch)
    if (above === -1) return this.epochs.at(-1)?.epoch === epoch ? { offset: this.endOffset, epoch } : this.end
    const offset = this.epochs[above]!.startOffset
    const ended = above === 0 ? epoch : this.epochs[above - 1]!.epoch
    // What the snapshot stands for ends with its epoch, whichever was asked for.
    return ended === epoch && this.earliestSnapshot?.offset === offset ? this.earliestSnapshot : { offset, epoch: ended }
  }

  /** Epoch of the record before `offset`; undefined where the log cannot tell. */
  epochBefore(offset: number): number | undefined {
    if (offset === 0) return 0
    for (let i = this.epochs.length - 1; i >= 0; i--) if (this.epochs[i]!.startOffset < offset) return this.epochs[i]!.epoch
    return this.earliestSnapshot?.offset === offset ? this.earliestSnapshot.epoch : undefined
  }

  /** Whether a replica whose log ends at `offset`, with `epoch` last, can go on from here (RaftLog.validateOffsetAndEpoch). */
  validate(offset: number, epoch: number): FetchPosition {
    if (this.startOffset === 0 && offset === 0) return valid
    const earliest = this.earliestSnapshot
    if (
      earliest !== undefined &&
      (offset < this.startOffset || (offset === this.startOffset && epoch !== earliest.epoch) || epoch < earliest.epoch)
    ) {
      assert(this.latestSnapshot !== undefined, 'a log with an earliest snapshot has a latest one')
      return { kind: 'snapshot', id: this.latestSnapshot }
    }
    const end = this.endOfEpoch(epoch)
    return end.epoch !== epoch || end.offset < offset ? { kind: 'diverging', end } : valid
  }

  /** Where a follower cuts its log when the leader's log diverges from it at `leaderEnd` (RaftLog.truncateToEndOffset). */
  truncationOffset(leaderEnd: OffsetAndEpoch): number {
    if (leaderEnd.epoch === 0) return Math.min(leaderEnd.offset, this.endOffset)
    const local = this.endOfEpoch(leaderEnd.epoch)
    return local.epoch === leaderEnd.epoch ? Math.min(local.offset, leaderEnd.offset) : local.offset
  }
}

/** Raft's "at least as up to date": last epoch first, then length. */
export const isUpToDate = (candidate: OffsetAndEpoch, local: OffsetAndEpoch): boolean =>
  candidate.epoch > local.epoch || (candidate.epoch === local.epoch && candidate.offset >= local.offset)
