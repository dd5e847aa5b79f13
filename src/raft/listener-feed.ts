import { assert } from '../base/index.ts'
import { baseOffset, batchBytes, lastOffset, leaderEpoch, maxTimestamp } from '../records/index.ts'
import type { SnapshotPolicy } from './snapshot-policy.ts'
import { recordValues } from './snapshot-reader.ts'
import type { CommittedBatch, LeaderAndEpoch, OffsetAndEpoch, RaftListener, SnapshotReader } from './types.ts'

/** What a feed asks of the driver. */
export interface FeedSource {
  /** Exclusive end of what is committed; undefined: not known yet in this run. */
  readonly committedOffset: number | undefined
  readonly logStartOffset: number
  readonly latestSnapshot: OffsetAndEpoch | undefined
  /** The leader, and where its epoch began when that is this node; undefined while the listener need not hear of it. */
  readonly leader: (LeaderAndEpoch & { readonly startOffset: number | undefined }) | undefined
  openSnapshot(id: OffsetAndEpoch): Promise<SnapshotReader>
  readLog(offset: number, maxBytes: number): Promise<Buffer>
  /** A batch that this node appended a moment ago, without reading it back. */
  recentBatch(offset: number): Buffer | undefined
  monotonic(): number
  yield(): Promise<void>
}

const readBytes = 1024 * 1024
/** How long one turn of feeding may take before others get theirs. */
const sliceMs = 20

/**
 * Brings one listener from where it stands to the high watermark, one call at a time and without holes: first a snapshot when the log
 * does not reach back, then each committed batch, then news of the leader.
 */
export class ListenerFeed {
  readonly #listener: RaftListener
  readonly #source: FeedSource
  readonly #policy: SnapshotPolicy
  readonly #failed: (error: unknown) => void
  /** Undefined: it has heard nothing. */
  #nextOffset: number | undefined
  #lastLeader: LeaderAndEpoch = { leaderId: undefined, epoch: -1 }
  #stale = false
  #running = false
  #stopped = false

  constructor(listener: RaftListener, source: FeedSource, policy: SnapshotPolicy, failed: (error: unknown) => void) {
    this.#listener = listener
    this.#source = source
    this.#policy = policy
    this.#failed = failed
  }

  get nextOffset(): number | undefined {
    return this.#nextOffset
  }

  /** Something changed. Delivers at once what needs no disk. */
  wake(): void {
    this.#stale = true
    if (!this.#running && !this.#stopped) void this.#drain()
  }

  async #drain(): Promise<void> {
    this.#running = true
    try {
      while (this.#stale && !this.#stopped) {
        this.#stale = false
        await this.#run()
      }
    } catch (error) {
      this.#stopped = true
      this.#failed(error)
    } finally {
      this.#running = false
    }
  }

  stop(): void {
    this.#stopped = true
  }

  async #run(): Promise<void> {
    let sliceEnd = this.#source.monotonic() + sliceMs
    while (!this.#stopped) {
      if (this.#needsSnapshot()) await this.#loadSnapshot()
      else if (!(await this.#feedBatches())) break
      if (this.#source.monotonic() < sliceEnd) continue
      await this.#source.yield()
      sliceEnd = this.#source.monotonic() + sliceMs
    }
    if (!this.#stopped) this.#tellLeader()
  }

  #needsSnapshot(): boolean {
    const { committedOffset, latestSnapshot, logStartOffset } = this.#source
    if (committedOffset === undefined) return false
    if (this.#nextOffset !== undefined) return this.#nextOffset < logStartOffset
    if (latestSnapshot !== undefined) return true
    this.#nextOffset = 0
    return false
  }

  async #loadSnapshot(): Promise<void> {
    const id = this.#source.latestSnapshot
    assert(id !== undefined, 'a log that starts above 0 has a snapshot')
    const snapshot = await this.#source.openSnapshot(id)
    if (this.#stopped) return
    await this.#listener.onLoadSnapshot(snapshot)
    this.#nextOffset = id.offset
    this.#policy.reset(this.#source.monotonic())
  }

  /** False: nothing more is committed. */
  async #feedBatches(): Promise<boolean> {
    const next = this.#nextOffset
    const { committedOffset } = this.#source
    if (next === undefined || committedOffset === undefined || next >= committedOffset) return false
    const recent = this.#source.recentBatch(next)
    const bytes = recent ?? (await this.#source.readLog(next, readBytes))
    if (this.#stopped) return false
    // The log was cut away under the read: a snapshot comes next.
    if (next < this.#source.logStartOffset) return true
    assert(bytes.length > 0, `committed batches are in the log: offset ${next} of ${committedOffset}`)
    for (let at = 0; at < bytes.length && baseOffset(bytes, at) < committedOffset; at += batchBytes(bytes, at)) {
      assert(baseOffset(bytes, at) === this.#nextOffset, 'a listener hears every batch once')
      this.#deliver(bytes, at)
    }
    const reason = this.#policy.due(this.#source.monotonic())
    if (reason !== undefined) this.#listener.onSnapshotDue?.(reason)
    return true
  }

  #deliver(bytes: Buffer, at: number): void {
    const batch: CommittedBatch = {
      baseOffset: baseOffset(bytes, at),
      lastOffset: lastOffset(bytes, at),
      epoch: leaderEpoch(bytes, at),
      appendTimestamp: maxTimestamp(bytes, at),
      bytes: batchBytes(bytes, at),
      records: recordValues(bytes, at),
    }
    this.#nextOffset = batch.lastOffset + 1
    this.#policy.committed(batch.bytes)
    this.#listener.onCommit(batch)
  }

  #tellLeader(): void {
    const leader = this.#source.leader
    if (leader === undefined) return
    const last = this.#lastLeader
    const isNews =
      leader.epoch > last.epoch || (leader.epoch === last.epoch && leader.leaderId !== undefined && last.leaderId === undefined)
    if (!isNews) return
    // The new leader itself hears of it only with all that was committed before its epoch.
    if (leader.startOffset !== undefined && (this.#nextOffset ?? -1) <= leader.startOffset) return
    this.#lastLeader = { leaderId: leader.leaderId, epoch: leader.epoch }
    this.#listener.onLeaderChange(this.#lastLeader)
  }
}
