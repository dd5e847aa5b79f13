import type { Clock, Journal, Timer } from '../host/index.ts'
import type { QuorumChange } from './core/messages.ts'
import type { RaftCore } from './core/raft-core.ts'
import type { RaftSettings } from './raft-parts.ts'
import type { SnapshotCopy } from './snapshot-copy.ts'
import { sameSnapshot } from './snapshot-files.ts'
import { SnapshotCorruptError } from './snapshot-reader.ts'
import type { SnapshotStore } from './snapshot-store.ts'
import type { RaftTransport, RemoteReplica, SnapshotPiece } from './transport.ts'
import type { OffsetAndEpoch } from './types.ts'

export interface SnapshotFetchContext {
  readonly clock: Clock
  readonly journal: Journal
  readonly core: RaftCore
  readonly snapshots: SnapshotStore
  readonly settings: Pick<RaftSettings, 'fetchTimeoutMs' | 'snapshotFetchMaxBytes'>
  readonly transport: RaftTransport | undefined
  remote(id: number): RemoteReplica | undefined
  /** The leader sent a piece. */
  heard(): void
  /** The core was told something. */
  changed(): void
  failed(error: unknown): void
}

/** What the leader of an epoch has under this id: always the same bytes. */
interface Source {
  readonly id: OffsetAndEpoch
  readonly from: number
  readonly leaderEpoch: number
}

/** Between copies of a file that came damaged: most likely it is damaged where it lies. */
const damagedPauseMs = 10_000
/** How long to wait before the leader is asked whether it names another one by now. */
const damagedWaitMs = 1000

/**
 * Copies the snapshot that the leader names, one at a time, piece by piece. What is there stays when a piece does not come: the
 * leader is asked again where to go on, and when it names the same snapshot in the same epoch, the copy goes on from its position.
 */
export class SnapshotFetch {
  readonly #context: SnapshotFetchContext
  #copy: { readonly source: Source; readonly file: SnapshotCopy } | undefined
  #next: Source | undefined
  #damaged: { readonly source: Source; readonly untilMs: number } | undefined
  #running: Promise<void> | undefined
  #interrupt: () => void = () => {}
  #closed = false

  constructor(context: SnapshotFetchContext) {
    this.#context = context
  }

  want({ id, from }: Pick<Source, 'id' | 'from'>): void {
    this.#next = { id, from, leaderEpoch: this.#context.core.epoch }
    this.#start()
  }

  /** A copy of what an earlier leader had is of no use. */
  epochChanged(): void {
    this.#interrupt()
    if (this.#copy !== undefined) this.#start()
  }

  /** Begins nothing more. */
  stop(): void {
    this.#closed = true
    this.#interrupt()
  }

  /** Ends what is under way; the disk is left alone afterwards. */
  async close(): Promise<void> {
    this.stop()
    await this.#running
    await this.#drop()
  }

  #start(): void {
    if (this.#closed) return
    this.#running ??= this.#run()
      .catch((error) => this.#context.failed(error))
      .finally(() => {
        this.#running = undefined
        if (this.#next !== undefined) this.#start()
      })
  }

  async #run(): Promise<void> {
    for (let source = this.#take(); source !== undefined && !this.#closed; source = this.#take()) await this.#serve(source)
    if (this.#copy !== undefined && this.#copy.source.leaderEpoch !== this.#context.core.epoch) await this.#drop()
  }

  #take(): Source | undefined {
    const source = this.#next
    this.#next = undefined
    return source
  }

  async #serve(source: Source): Promise<void> {
    const { core, clock, snapshots, changed } = this.#context
    const { id } = source
    if (!this.#isWanted(source)) return
    const quorum = await this.#obtain(source)
    if (this.#closed) return
    if (quorum === undefined) {
      if (this.#isWanted(source)) core.snapshotLost(id, clock.monotonic())
    } else if (core.wantsSnapshot(id)) {
      await this.#copy?.file.publish()
      await this.#drop()
      if (!core.snapshotCopied(id, quorum, clock.monotonic())) await snapshots.discard(id)
    }
    changed()
  }

  #isWanted({ id, leaderEpoch }: Source): boolean {
    const { core } = this.#context
    return !this.#closed && core.epoch === leaderEpoch && core.wantsSnapshot(id)
  }

  /** The snapshot is whole and good, and says this of the quorum; undefined: not now. */
  async #obtain(source: Source): Promise<QuorumChange | undefined> {
    const { core, clock } = this.#context
    const progressed = (): void => core.snapshotProgressed(source.id, clock.monotonic())
    if (this.#isKnownDamaged(source)) {
      await this.#pause()
      return undefined
    }
    const file = await this.#begin(source)
    while (!file.isWhole) {
      const piece = await this.#piece(source, file.position)
      if (piece === undefined || !this.#isWanted(source)) return undefined
      this.#context.heard()
      progressed()
      if (!(await file.add(piece))) {
        await this.#drop()
        return undefined
      }
    }
    return this.#checked(source, file, progressed)
  }

  async #checked(source: Source, file: SnapshotCopy, progressed: () => void): Promise<QuorumChange | undefined> {
    const { clock, journal } = this.#context
    try {
      return await file.check(progressed)
    } catch (error) {
      if (!(error instanceof SnapshotCorruptError)) throw error
      this.#damaged = { source, untilMs: clock.monotonic() + damagedPauseMs }
      await this.#drop()
      const { id, from } = source
      const fields = { leader: from, offset: id.offset, epoch: id.epoch, retryAfterMs: damagedPauseMs, error }
      journal.warn('the copy of a snapshot of the metadata log is damaged: its file on the leader may be', fields)
      return undefined
    }
  }

  /** The copy under way, or a new one. */
  async #begin(source: Source): Promise<SnapshotCopy> {
    if (this.#copy !== undefined && isSame(this.#copy.source, source)) return this.#copy.file
    await this.#drop()
    const file = await this.#context.snapshots.receive(source.id)
    this.#copy = { source, file }
    return file
  }

  async #drop(): Promise<void> {
    const copy = this.#copy
    this.#copy = undefined
    await copy?.file.close()
  }

  async #piece({ id, from, leaderEpoch }: Source, position: number): Promise<SnapshotPiece | undefined> {
    const { core, settings, transport, remote } = this.#context
    const leader = remote(from)
    if (transport === undefined || leader === undefined || this.#closed) return undefined
    const request = { id, replica: core.self, leaderEpoch, position, maxBytes: settings.snapshotFetchMaxBytes }
    const waiting = Promise.withResolvers<SnapshotPiece | undefined>()
    this.#interrupt = () => waiting.resolve(undefined)
    transport.fetchSnapshot(leader, request).then(waiting.resolve, waiting.reject)
    return waiting.promise
  }

  #isKnownDamaged(source: Source): boolean {
    const { clock } = this.#context
    return this.#damaged !== undefined && isSame(this.#damaged.source, source) && clock.monotonic() < this.#damaged.untilMs
  }

  /** Shorter than the fetch timeout, for the leader lives. */
  async #pause(): Promise<void> {
    const { clock, settings } = this.#context
    const waiting = Promise.withResolvers<void>()
    const timer: Timer = clock.after(Math.min(damagedWaitMs, settings.fetchTimeoutMs / 2), waiting.resolve)
    this.#interrupt = waiting.resolve
    await waiting.promise
    timer.cancel()
  }
}

const isSame = (a: Source, b: Source): boolean => a.leaderEpoch === b.leaderEpoch && a.from === b.from && sameSnapshot(a.id, b.id)
