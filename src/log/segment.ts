import type { File } from '../host/index.ts'
import { batchBytes, lastOffset, maxTimestamp, RECORDS_AT } from '../records/index.ts'
import { headerFits, plausibleBytes, SCAN_HEADER_BYTES, scannedLastOffset, scannedMaxTimestamp, walkBatches } from './batch-scan.ts'
import { LOG_SUFFIX, OFFSET_INDEX_SUFFIX, offsetName, TIME_INDEX_SUFFIX, TRANSACTION_INDEX_SUFFIX } from './file-names.ts'
import { OffsetIndex } from './offset-index.ts'
import type { FileHome, OpenFiles, PooledFile } from './open-files.ts'
import { TimeIndex } from './time-index.ts'
import { TransactionIndex } from './transaction-index.ts'

/** Sizes found on disk. */
export interface SegmentSizes {
  readonly log: number
  readonly offsetIndex: number
  readonly timeIndex: number
  readonly transactionIndex: number
  readonly modifiedMs: number
}

export interface BatchPlace {
  readonly position: number
  readonly batchBytes: number
}

/** A search of the file met bytes that are no batch. */
export const CORRUPT = Symbol('corrupt')

const MAX_RELATIVE_OFFSET = 0x7fffffff
const scratch = Buffer.allocUnsafe(8192)

/**
 * One log file with its three indexes. `bytes` counts what is appended, `writtenBytes` what the file holds; the rest lies in
 * the log's tail. Only the last segment of a log grows.
 */
export class Segment {
  readonly baseOffset: number
  readonly log: PooledFile
  readonly offsetIndex: OffsetIndex
  readonly timeIndex: TimeIndex
  readonly transactionIndex: TransactionIndex
  readonly rollJitterMs: number
  bytes: number
  writtenBytes: number
  bytesSinceIndexEntry = 0
  /** Behind the batch that was located last: where a reader that takes batch after batch goes on. */
  #nextOffset = -1
  #nextPosition = 0
  /** Largest record timestamp; undefined until read from the time index. */
  #maxTimestamp: number | undefined
  #offsetOfMaxTimestamp = -1
  /** Maximum timestamp of the first batch, from which segment.ms counts; undefined until known. */
  firstBatchTimestamp: number | undefined
  createdMs: number
  modifiedMs: number
  /** Written by this process, or checked: its bytes below are served without a look at their checksums. See `verification.ts`. */
  verified: number[] | 'all'
  /** Position of the first damaged batch that a check has found. */
  damagedAt: number | undefined
  deleted = false
  /** The file is longer than what it holds: preallocate. */
  isPreallocated = false

  constructor(
    files: OpenFiles,
    home: FileHome,
    baseOffset: number,
    options: { readonly nowMs: number; readonly jitterMs?: number; readonly sizes?: SegmentSizes; readonly state?: string },
  ) {
    const name = offsetName(baseOffset)
    const { sizes, state = '' } = options
    this.baseOffset = baseOffset
    this.log = files.file(home, name + LOG_SUFFIX + state)
    this.offsetIndex = new OffsetIndex(files.file(home, name + OFFSET_INDEX_SUFFIX + state), baseOffset, sizes?.offsetIndex ?? 0)
    this.timeIndex = new TimeIndex(files.file(home, name + TIME_INDEX_SUFFIX + state), baseOffset, sizes?.timeIndex ?? 0)
    const transactions = files.file(home, name + TRANSACTION_INDEX_SUFFIX + state)
    this.transactionIndex = new TransactionIndex(transactions, baseOffset, sizes?.transactionIndex ?? 0)
    this.bytes = this.writtenBytes = sizes?.log ?? 0
    this.createdMs = options.nowMs
    this.modifiedMs = sizes?.modifiedMs ?? options.nowMs
    this.rollJitterMs = options.jitterMs ?? 0
    this.verified = sizes === undefined ? 'all' : []
    if (sizes === undefined || sizes.log === 0) this.#maxTimestamp = -1
  }

  /** The time index's knowledge must be readable: `ready` done, or everything appended by this process. */
  get maxTimestamp(): number {
    this.#loadMaxTimestamp()
    return this.#maxTimestamp!
  }

  get offsetOfMaxTimestamp(): number {
    this.#loadMaxTimestamp()
    return this.#offsetOfMaxTimestamp
  }

  #loadMaxTimestamp(): void {
    if (this.#maxTimestamp !== undefined) return
    const last = this.timeIndex.count - 1
    this.#maxTimestamp = this.timeIndex.lastTimestamp()
    this.#offsetOfMaxTimestamp = last < 0 ? this.baseOffset : this.timeIndex.offset(last)
  }

  setMaxTimestamp(timestamp: number | undefined, offset: number): void {
    this.#maxTimestamp = timestamp
    this.#offsetOfMaxTimestamp = offset
  }

  /** Retention's clock: the youngest record, or the file's own age when no record has a time. */
  get largestTimestamp(): number {
    return this.maxTimestamp >= 0 ? this.maxTimestamp : this.modifiedMs
  }

  /** After a truncation or rebuild nothing that was located holds. */
  forgetPlaces(): void {
    this.#nextOffset = -1
  }

  canHold(offset: number): boolean {
    return offset - this.baseOffset <= MAX_RELATIVE_OFFSET
  }

  /** Undefined when index and log can be read at once; otherwise a promise of that. */
  ready(): Promise<void> | undefined {
    const cold = (file: PooledFile, needed: boolean): boolean => needed && file.opened === undefined
    const log = cold(this.log, this.writtenBytes > 0)
    const offsets = cold(this.offsetIndex.file, this.offsetIndex.needsFile)
    const times = this.#maxTimestamp === undefined
    const transactions = !this.transactionIndex.loaded
    return log || offsets || times || transactions ? this.#open(log, offsets, times, transactions) : undefined
  }

  #open(log: boolean, offsets: boolean, times: boolean, transactions: boolean): Promise<void> {
    return this.pinned(() => this.#openPinned(log, offsets, times, transactions))
  }

  /** None of the files is closed behind the action's back. */
  async pinned<T>(action: () => Promise<T>): Promise<T> {
    const files = [this.log, this.offsetIndex.file, this.timeIndex.file]
    for (const file of files) file.pin()
    try {
      return await action()
    } finally {
      for (const file of files) file.unpin()
    }
  }

  /** `ready`, and it stays so for the action. */
  held<T>(action: () => Promise<T>): Promise<T> {
    return this.pinned(async () => {
      await this.ready()
      return action()
    })
  }

  async #openPinned(log: boolean, offsets: boolean, times: boolean, transactions: boolean): Promise<void> {
    const opening: Promise<unknown>[] = []
    if (log) opening.push(this.log.open())
    if (offsets) opening.push(this.offsetIndex.file.open())
    if (times && this.timeIndex.needsFile) opening.push(this.timeIndex.file.open())
    if (transactions) opening.push(this.transactionIndex.load())
    await Promise.all(opening)
    if (times) await this.#learnMaxTimestamp()
  }

  /**
   * Retention trusts the last time entry, so it has to agree with the batch that it names. If it does not, the index is worth
   * nothing and the batches are asked.
   */
  async #learnMaxTimestamp(): Promise<void> {
    if (this.timeIndex.count === 0 && this.writtenBytes === 0) return this.setMaxTimestamp(-1, this.baseOffset)
    if (this.timeIndexHolds()) return this.#loadMaxTimestamp()
    let timestamp = -1
    let offset = this.baseOffset
    await walkBatches(this, 0, this.writtenBytes, (bytes, at) => {
      const found = scannedMaxTimestamp(bytes, at)
      if (found > timestamp) {
        timestamp = found
        offset = scannedLastOffset(bytes, at)
      }
      return true
    })
    await this.timeIndex.reset()
    this.setMaxTimestamp(timestamp, offset)
    this.sealTimeIndex()
    await this.timeIndex.persist()
  }

  /** Needs log and indexes open. */
  timeIndexHolds(): boolean {
    const last = this.timeIndex.count - 1
    const file = this.log.opened
    if (last < 0 || file === undefined) return false
    const offset = this.timeIndex.offset(last)
    const place = this.locate(offset)
    if (place === undefined || place === CORRUPT) return false
    const read = file.readNow(scratch.subarray(0, RECORDS_AT), place.position)
    return (
      read === RECORDS_AT && scannedLastOffset(scratch, 0) === offset && scannedMaxTimestamp(scratch, 0) === this.timeIndex.timestamp(last)
    )
  }

  /** Indexes the batches of an append that starts at `position`, as LogSegment.append does. */
  indexBatches(bytes: Buffer, position: number, intervalBytes: number): void {
    let at = 0
    while (at < bytes.length) {
      const size = batchBytes(bytes, at)
      this.indexBatch(lastOffset(bytes, at), maxTimestamp(bytes, at), position + at, size, intervalBytes)
      at += size
    }
  }

  indexBatch(last: number, timestamp: number, position: number, size: number, intervalBytes: number): void {
    if (timestamp > this.maxTimestamp) {
      this.#maxTimestamp = timestamp
      this.#offsetOfMaxTimestamp = last
    }
    this.firstBatchTimestamp ??= timestamp
    if (this.bytesSinceIndexEntry > intervalBytes) {
      this.offsetIndex.append(last, position)
      this.timeIndex.maybeAppend(this.maxTimestamp, this.#offsetOfMaxTimestamp)
      this.bytesSinceIndexEntry = 0
    }
    this.bytesSinceIndexEntry += size
  }

  /** The last time entry, which a closed segment needs to know its own age. */
  sealTimeIndex(): void {
    if (this.maxTimestamp >= 0) this.timeIndex.maybeAppend(this.maxTimestamp, this.#offsetOfMaxTimestamp)
  }

  /** Makes the file, with zeros for what it may come to hold. */
  async create(bytes: number): Promise<void> {
    this.isPreallocated = bytes > 0
    await this.log.open()
    if (bytes > 0) await this.log.using((file) => file.truncate(bytes))
  }

  /** Cuts off what was set aside and not used. */
  async trim(): Promise<void> {
    if (!this.isPreallocated) return
    this.isPreallocated = false
    await this.log.using((file) => file.truncate(this.writtenBytes))
  }

  get wantsPersist(): boolean {
    return this.offsetIndex.wantsPersist || this.timeIndex.wantsPersist
  }

  async persistIndexes(): Promise<void> {
    await this.offsetIndex.persist()
    await this.timeIndex.persist()
    await this.transactionIndex.persist()
  }

  /** fdatasync of everything below; the caller takes the directory offline when it rejects. */
  async sync(): Promise<void> {
    await this.persistIndexes()
    const files = [this.log, this.offsetIndex.file, this.timeIndex.file]
    if (this.transactionIndex.onDisk) files.push(this.transactionIndex.file)
    await Promise.all(files.map((file) => file.using((open) => open.sync())))
  }

  get files(): PooledFile[] {
    const files = [this.log, this.offsetIndex.file, this.timeIndex.file]
    if (this.transactionIndex.onDisk) files.push(this.transactionIndex.file)
    return files
  }

  /**
   * First batch in the file that ends at or after `offset`, searched from the index entry below it. Undefined: all written
   * batches end before. Needs `ready`. An index that points beside a batch is ignored, at the price of a scan from the start.
   */
  locate(offset: number, from = 0): BatchPlace | undefined | typeof CORRUPT {
    const file = this.log.opened
    if (file === undefined) return undefined
    if (offset === this.#nextOffset && this.#nextPosition >= from) return this.#scan(file, offset, this.#nextPosition)
    const entry = this.offsetIndex.floorOffset(offset)
    if (entry >= 0) {
      const position = this.offsetIndex.position(entry)
      if (position < from) return this.#scan(file, offset, from)
      if (this.#holdsEntry(file, entry, position)) return this.#scan(file, offset, position)
    }
    return this.#scan(file, offset, from)
  }

  #holdsEntry(file: File, entry: number, position: number): boolean {
    const expected = this.offsetIndex.offset(entry)
    if (position < 0 || position + SCAN_HEADER_BYTES > this.writtenBytes) return false
    const read = file.readNow(scratch.subarray(0, SCAN_HEADER_BYTES), position)
    return read === SCAN_HEADER_BYTES && plausibleBytes(scratch, 0) >= 0 && scannedLastOffset(scratch, 0) === expected
  }

  #scan(file: File, offset: number, from: number): BatchPlace | undefined | typeof CORRUPT {
    let position = from
    while (position < this.writtenBytes) {
      const left = this.writtenBytes - position
      const read = file.readNow(left < scratch.length ? scratch.subarray(0, left) : scratch, position)
      let at = 0
      while (headerFits(at, read, left - at)) {
        const size = plausibleBytes(scratch, at)
        if (size < 0 || size > left - at) return CORRUPT
        const last = scannedLastOffset(scratch, at)
        if (last >= offset) {
          this.#nextOffset = last + 1
          this.#nextPosition = position + at + size
          return { position: position + at, batchBytes: size }
        }
        at += size
      }
      if (at === 0) return CORRUPT
      position += at
    }
    return undefined
  }
}
