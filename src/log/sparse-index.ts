import { assert } from '../base/index.ts'
import type { File } from '../host/index.ts'
import type { PooledFile } from './open-files.ts'

/** Entries kept in memory behind the file before the older half is dropped. */
const TAIL_ENTRIES = 1024
const PAGE_BYTES = 4096

/** The page that was searched last, of whichever index: a consumer that goes on finds its next entry there. */
const page = Buffer.allocUnsafe(PAGE_BYTES)
let pageOwner: SparseIndex | undefined
let pageFrom = 0
let pageCount = 0
const single = Buffer.allocUnsafe(16)

/**
 * A file of fixed-size entries in rising order, appended behind and searched by halves.
 *
 *     file    | entry 0 … entry tailFrom-1 | … written-1 |
 *     memory                               | tailFrom … count-1 |
 *
 * `persist` brings the file up to `count`. What is in the file is read back through the page cache: a closed segment's index
 * costs no memory. Kafka maps these files; the bytes are the same.
 */
export class SparseIndex {
  readonly file: PooledFile
  readonly entryBytes: number
  #count: number
  #written: number
  #tailFrom: number
  #tail: Buffer

  constructor(file: PooledFile, entryBytes: number, fileBytes: number) {
    this.file = file
    this.entryBytes = entryBytes
    this.#count = Math.floor(fileBytes / entryBytes)
    this.#written = this.#count
    this.#tailFrom = this.#count
    this.#tail = Buffer.alloc(0)
  }

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#count * this.entryBytes
  }

  get unwrittenBytes(): number {
    return (this.#count - this.#written) * this.entryBytes
  }

  /** Whether entries must be read from the file, which then has to be open. */
  get needsFile(): boolean {
    return this.#tailFrom > 0
  }

  /** Makes room for one entry and gives the place to write it: valid until the next call. */
  reserve(): { readonly bytes: Buffer; readonly at: number } {
    const used = (this.#count - this.#tailFrom) * this.entryBytes
    if (used + this.entryBytes > this.#tail.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#tail.length * 2, 16 * this.entryBytes))
      this.#tail.copy(grown, 0, 0, used)
      this.#tail = grown
    }
    this.#count++
    return { bytes: this.#tail, at: used }
  }

  /** Whether the tail is long enough to be worth writing out. */
  get wantsPersist(): boolean {
    return this.#count - this.#written >= TAIL_ENTRIES / 2
  }

  async persist(): Promise<void> {
    if (this.#written === this.#count) return
    await this.file.using(async (file) => {
      const from = this.#written
      const until = this.#count
      const start = (from - this.#tailFrom) * this.entryBytes
      const bytes = Buffer.from(this.#tail.subarray(start, start + (until - from) * this.entryBytes))
      await file.write([bytes], from * this.entryBytes)
      this.#written = until
      if (until - this.#tailFrom > TAIL_ENTRIES / 2) this.#dropUpTo(until)
    })
  }

  /** Persists and frees the memory: a closed segment's index. Its file is there even when it is empty, as Kafka expects. */
  async settle(): Promise<void> {
    if (this.#count === 0) await this.file.using(async () => {})
    await this.persist()
    this.#dropUpTo(this.#written)
  }

  #dropUpTo(entry: number): void {
    const rest = this.#tail.subarray((entry - this.#tailFrom) * this.entryBytes, (this.#count - this.#tailFrom) * this.entryBytes)
    this.#tail = Buffer.from(rest)
    this.#tailFrom = entry
  }

  /**
   * The bytes of entry `n`: valid until the next call on any index. Needs the file open when `n` lies in it.
   * A file shorter than it was gives zeros, which no caller takes for a match.
   */
  entry(n: number, file: File | undefined = this.file.opened): { readonly bytes: Buffer; readonly at: number } {
    assert(n >= 0 && n < this.#count, 'an index entry lies within the index')
    if (n >= this.#tailFrom) return { bytes: this.#tail, at: (n - this.#tailFrom) * this.entryBytes }
    if (pageOwner === this && n >= pageFrom && n < pageFrom + pageCount) return { bytes: page, at: (n - pageFrom) * this.entryBytes }
    assert(file !== undefined, 'an index is opened before it is searched')
    const read = file.readNow(single.subarray(0, this.entryBytes), n * this.entryBytes)
    if (read < this.entryBytes) single.fill(0, read, this.entryBytes)
    return { bytes: single, at: 0 }
  }

  /** The last entry whose key is at most `target`, or −1. Keys rise; `key` reads one at its place. */
  floor(target: number, key: (bytes: Buffer, at: number) => number): number {
    let low = 0
    let high = this.#count - 1
    const file = this.file.opened
    const perPage = Math.floor(PAGE_BYTES / this.entryBytes)
    if (pageOwner === this && pageCount > 1 && key(page, 0) <= target && target < key(page, (pageCount - 1) * this.entryBytes))
      return pageFrom + this.#floorOnPage(target, key)
    while (low <= high) {
      if (high < this.#tailFrom && high - low < perPage) return this.#floorInPage(low, high, target, key, file)
      const middle = (low + high) >>> 1
      const found = this.entry(middle, file)
      if (key(found.bytes, found.at) <= target) low = middle + 1
      else high = middle - 1
    }
    return high
  }

  #floorInPage(low: number, high: number, target: number, key: (bytes: Buffer, at: number) => number, file: File | undefined): number {
    assert(file !== undefined, 'an index is opened before it is searched')
    pageOwner = undefined
    // What lies behind is likely to be asked for next.
    const entries = Math.min(this.#tailFrom - low, Math.floor(PAGE_BYTES / this.entryBytes))
    const read = file.readNow(page.subarray(0, entries * this.entryBytes), low * this.entryBytes)
    pageFrom = low
    pageCount = Math.floor(read / this.entryBytes)
    pageOwner = this
    return Math.min(high, low + this.#floorOnPage(target, key))
  }

  #floorOnPage(target: number, key: (bytes: Buffer, at: number) => number): number {
    let first = 0
    let until = pageCount - 1
    while (first <= until) {
      const middle = (first + until) >>> 1
      if (key(page, middle * this.entryBytes) <= target) first = middle + 1
      else until = middle - 1
    }
    return until
  }

  /** Keeps the first `count` entries, in memory and in the file. */
  async truncate(count: number): Promise<void> {
    if (count >= this.#count) return
    if (pageOwner === this) pageOwner = undefined
    await this.file.using(async (file) => {
      if (count < this.#tailFrom) {
        this.#tail = Buffer.alloc(0)
        this.#tailFrom = count
      }
      this.#count = count
      if (this.#written > count) {
        this.#written = count
        await file.truncate(count * this.entryBytes)
      }
    })
  }

  /** Empties it whatever the file holds: before a rebuild. */
  async reset(): Promise<void> {
    if (pageOwner === this) pageOwner = undefined
    this.#count = 0
    this.#written = 0
    this.#tailFrom = 0
    this.#tail = Buffer.alloc(0)
    await this.file.using((file) => file.truncate(0))
  }
}
