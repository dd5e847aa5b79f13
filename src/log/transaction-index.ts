import { readInt64, writeInt64 } from '../records/index.ts'
import type { PooledFile } from './open-files.ts'

const ENTRY_BYTES = 34
const VERSION = 0

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
  /** Offset of the abort marker. */
  readonly lastOffset: number
  /** Last stable offset right after the marker: no later entry can reach below it. */
  readonly lastStableOffset: number
}

const encode = (entries: readonly AbortedTransaction[]): Buffer => {
  const bytes = Buffer.allocUnsafe(entries.length * ENTRY_BYTES)
  entries.forEach((entry, n) => {
    const at = n * ENTRY_BYTES
    bytes.writeInt16BE(VERSION, at)
    writeInt64(bytes, at + 2, entry.producerId)
    writeInt64(bytes, at + 10, entry.firstOffset)
    writeInt64(bytes, at + 18, entry.lastOffset)
    writeInt64(bytes, at + 26, entry.lastStableOffset)
  })
  return bytes
}

/** Undefined when the bytes cannot be a transaction index of a segment that starts at `baseOffset`: it is rebuilt then. */
export const parseTransactionIndex = (bytes: Buffer, baseOffset: number): AbortedTransaction[] | undefined => {
  if (bytes.length % ENTRY_BYTES !== 0) return undefined
  const entries: AbortedTransaction[] = []
  for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
    const entry = {
      producerId: readInt64(bytes, at + 2),
      firstOffset: readInt64(bytes, at + 10),
      lastOffset: readInt64(bytes, at + 18),
      lastStableOffset: readInt64(bytes, at + 26),
    }
    const last = entries.at(-1)
    if (bytes.readInt16BE(at) < VERSION || entry.firstOffset > entry.lastOffset || entry.lastOffset < baseOffset) return undefined
    if (last !== undefined && entry.lastOffset < last.lastOffset) return undefined
    entries.push(entry)
  }
  return entries
}

/**
 * Aborted transactions whose marker lies in the segment, in marker order. Few, so they are held in memory once loaded; the
 * file exists only when there is one, as in Kafka.
 */
export class TransactionIndex {
  readonly file: PooledFile
  readonly baseOffset: number
  #entries: AbortedTransaction[] | undefined
  #written: number
  #fileBytes: number
  /** The file holds something that is no transaction index. */
  corrupt = false

  constructor(file: PooledFile, baseOffset: number, fileBytes: number) {
    this.file = file
    this.baseOffset = baseOffset
    this.#fileBytes = fileBytes
    this.#written = Math.floor(fileBytes / ENTRY_BYTES)
    this.#entries = fileBytes === 0 ? [] : undefined
  }

  get loaded(): boolean {
    return this.#entries !== undefined
  }

  get onDisk(): boolean {
    return this.#fileBytes > 0
  }

  /** Entries; only after `load`. */
  get entries(): readonly AbortedTransaction[] {
    return this.#entries ?? []
  }

  async load(): Promise<void> {
    if (this.#entries !== undefined) return
    const bytes = Buffer.allocUnsafe(Math.min(this.#fileBytes, ENTRY_BYTES * 4_000_000))
    const read = await this.file.using((file) => file.read(bytes, 0))
    const entries = parseTransactionIndex(bytes.subarray(0, read), this.baseOffset)
    this.corrupt = entries === undefined
    this.#entries ??= entries ?? []
    this.#written = this.#entries.length
  }

  append(entry: AbortedTransaction): void {
    this.#entries ??= []
    this.#entries.push(entry)
  }

  /** Kafka's collectAbortedTxns. True: later segments can add nothing. */
  collect(fetchOffset: number, upperBoundOffset: number, into: AbortedTransaction[]): boolean {
    for (const entry of this.entries) {
      if (entry.lastOffset >= fetchOffset && entry.firstOffset < upperBoundOffset) into.push(entry)
      if (entry.lastStableOffset >= upperBoundOffset) return true
    }
    return false
  }

  async persist(): Promise<void> {
    const entries = this.#entries
    if (entries === undefined || entries.length === this.#written) return
    const from = this.#written
    const fresh = entries.slice(from)
    await this.file.using((file) => file.write([encode(fresh)], from * ENTRY_BYTES))
    this.#written = from + fresh.length
    this.#fileBytes = this.#written * ENTRY_BYTES
  }

  async truncateTo(offset: number): Promise<void> {
    await this.load()
    const kept = this.#entries!.filter((entry) => entry.lastOffset < offset)
    if (kept.length === this.#entries!.length) return
    this.#entries = kept
    this.#written = Math.min(this.#written, kept.length)
    await this.#truncateFile()
  }

  async reset(): Promise<void> {
    this.#entries = []
    this.#written = 0
    this.corrupt = false
    await this.#truncateFile()
  }

  async #truncateFile(): Promise<void> {
    if (this.#fileBytes === 0) return
    this.#fileBytes = this.#written * ENTRY_BYTES
    await this.file.using((file) => file.truncate(this.#fileBytes))
  }
}
