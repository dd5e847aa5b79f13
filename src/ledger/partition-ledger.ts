import type { Clock, Journal } from '../host/index.ts'
import { type ErrorCode, Errors } from '../protocol/index.ts'
import {
  ControlType,
  endTransactionOf,
  isControl,
  isTransactional,
  lastOffset,
  nextBatchBytes,
  producerId,
  RecordCursor,
} from '../records/index.ts'
import { Ledger, type LedgerOptions } from './ledger.ts'
import { type LedgerPartition, PartitionLog, type RecordForm } from './partition-log.ts'
import { type LedgerState, NO_PRODUCER_ID } from './types.ts'

export interface PartitionLedgerOptions<S, R, E, T> extends Omit<LedgerOptions<S, R, E, T>, 'onFailed'> {
  readonly clock: Clock
  readonly journal: Journal
  readonly form: RecordForm<R>
  /** Codec of the batches that are written (offsets.topic.compression.codec). */
  readonly codec?: number
  /** Bytes per read while loading (offsets.load.buffer.size). */
  readonly loadBytes?: number
  /** The ledger dropped its state: everything that waits for an answer outside of it fails. */
  onDropped?(error: ErrorCode): void
}

export interface LoadProgress {
  readonly loadedOffset: number
  readonly endOffset: number
  readonly records: number
}

const RELOAD_BACKOFF_MS = 500
const LOAD_BYTES = 5 * 1024 * 1024

/**
 * A ledger over one partition of an internal topic: loads it when this broker is elected, forgets it when another is, and loads it
 * again after an append failed.
 */
export class PartitionLedger<S extends LedgerState<R>, R, E = never, T = void> {
  readonly ledger: Ledger<S, R, E, T>
  readonly #options: PartitionLedgerOptions<S, R, E, T>
  #partition: LedgerPartition | undefined
  /** Counts elections, resignations and reloads: a load that finds it changed gives up. */
  #term = 0
  #progress: LoadProgress | undefined

  constructor(options: PartitionLedgerOptions<S, R, E, T>) {
    this.#options = options
    this.ledger = new Ledger({ ...options, onFailed: (error) => this.#onFailed(error) })
  }

  /** Undefined when nothing is being loaded. */
  get loadProgress(): LoadProgress | undefined {
    return this.#progress
  }

  /** This broker leads the partition from now on. Resolves when it is loaded (true), or when that was overtaken by another event. */
  elect(partition: LedgerPartition): Promise<boolean> {
    this.#partition = partition
    return this.#load()
  }

  resign(error: ErrorCode = Errors.NOT_COORDINATOR): void {
    this.#term++
    this.#partition = undefined
    this.#progress = undefined
    this.ledger.deactivate(error)
    this.#options.onDropped?.(error)
  }

  onHighWatermark(highWatermark: number): void {
    this.ledger.onCommitted(highWatermark)
  }

  #onFailed(error: ErrorCode): void {
    this.#options.onDropped?.(error)
    this.#options.journal.warn('append failed, loading the partition again', { error })
    const term = ++this.#term
    this.ledger.startLoading()
    this.#options.clock.defer(() => {
      if (term === this.#term && this.#partition !== undefined) void this.#load()
    })
  }

  async #load(): Promise<boolean> {
    const partition = this.#partition!
    const term = ++this.#term
    this.ledger.startLoading()
    this.#options.onDropped?.(this.#options.inactiveError)
    const startMs = this.#options.clock.monotonic()
    try {
      if (!(await this.#replayAll(partition, term))) return false
    } catch (error) {
      if (term !== this.#term) return false
      this.#options.journal.error('loading failed', { error })
      this.#progress = undefined
      this.#options.clock.after(RELOAD_BACKOFF_MS, () => {
        if (term === this.#term) void this.#load()
      })
      return false
    }
    const durationMs = Math.round(this.#options.clock.monotonic() - startMs)
    this.#options.journal.debug('loaded', { records: this.#progress?.records ?? 0, endOffset: partition.logEndOffset, durationMs })
    this.#progress = undefined
    this.ledger.activate(new PartitionLog(partition, this.#options.form, this.#options.codec ?? 0))
    return true
  }

  /** False when the load was overtaken. */
  async #replayAll(partition: LedgerPartition, term: number): Promise<boolean> {
    let offset = partition.logStartOffset
    let records = 0
    while (offset < partition.logEndOffset) {
      this.#progress = { loadedOffset: offset, endOffset: partition.logEndOffset, records }
      const bytes = await partition.read(offset, this.#options.loadBytes ?? LOAD_BYTES)
      if (term !== this.#term) return false
      const next = this.#replaySet(bytes, offset)
      if (next.offset <= offset)
        throw new Error(`nothing readable at offset ${offset} of an internal topic that ends at ${partition.logEndOffset}`)
      offset = next.offset
      records += next.records
      this.#progress = { loadedOffset: offset, endOffset: partition.logEndOffset, records }
      // Between two chunks others get their turn.
      await new Promise<void>((resolve) => this.#options.clock.defer(resolve))
      if (term !== this.#term) return false
    }
    return true
  }

  #replaySet(bytes: Buffer, from: number): { offset: number; records: number } {
    const cursor = new RecordCursor()
    let offset = from
    let records = 0
    for (let at = 0; ; ) {
      const size = nextBatchBytes(bytes, at, bytes.length)
      if (size <= 0) break
      if (lastOffset(bytes, at) >= from) {
        if (isControl(bytes, at)) this.#replayControl(bytes, at)
        else records += this.#replayBatch(cursor, bytes, at, from)
        offset = lastOffset(bytes, at) + 1
      }
      at += size
    }
    return { offset, records }
  }

  #replayBatch(cursor: RecordCursor, bytes: Buffer, at: number, from: number): number {
    const producer = isTransactional(bytes, at) ? producerId(bytes, at) : NO_PRODUCER_ID
    let records = 0
    cursor.open(bytes, at)
    while (cursor.next()) {
      const key = cursor.key()
      if (cursor.offset < from || key === null) continue
      const record = this.#options.form.decode(key, cursor.value())
      if (record === undefined) this.#options.journal.warn('a record of an unknown kind is passed over', { offset: cursor.offset })
      else this.ledger.replay(record, cursor.offset, producer)
      records++
    }
    return records
  }

  #replayControl(bytes: Buffer, at: number): void {
    const end = endTransactionOf(bytes, at)
    if (end !== null) this.ledger.replayMarker(producerId(bytes, at), end.type === ControlType.commit)
  }
}
