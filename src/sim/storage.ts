export const pageBytes = 4096
const sectorBytes = 512

/** Bytes of a file in pages, with what each page was when it last was durable. */
export class StoredFile {
  readonly kind = 'file' as const
  bytes = 0
  modifiedMs = 0
  locked = false
  #pages = new Map<number, Buffer>()
  /** Pages that changed since they were durable → what they were then. */
  #dirty = new Map<number, Buffer | undefined>()
  #durableBytes = 0
  /** Syncs under way: pages they cover → their content when the sync began, once it has changed since. */
  #syncs = new Set<Map<number, { before: Buffer | undefined } | undefined>>()

  get pageCount(): number {
    return this.#pages.size
  }

  write(part: Uint8Array, position: number): void {
    let at = 0
    while (at < part.length) {
      const index = Math.floor((position + at) / pageBytes)
      const from = (position + at) % pageBytes
      const count = Math.min(pageBytes - from, part.length - at)
      const page = this.#changing(index)
      page.set(part.subarray(at, at + count), from)
      at += count
    }
    this.bytes = Math.max(this.bytes, position + part.length)
  }

  read(into: Uint8Array, position: number): number {
    const count = Math.max(0, Math.min(into.length, this.bytes - position))
    let at = 0
    while (at < count) {
      const from = (position + at) % pageBytes
      const some = Math.min(pageBytes - from, count - at)
      const page = this.#pages.get(Math.floor((position + at) / pageBytes))
      if (page === undefined) into.fill(0, at, at + some)
      else into.set(page.subarray(from, from + some), at)
      at += some
    }
    return count
  }

  /** The medium changes a bit by itself: nobody wrote it, and nobody hears of it. */
  flip(position: number, bit: number): void {
    const page = this.#pages.get(Math.floor(position / pageBytes))
    if (page !== undefined) page[position % pageBytes]! ^= 1 << bit
  }

  truncate(bytes: number): void {
    for (const index of [...this.#pages.keys()]) {
      const start = index * pageBytes
      if (start >= bytes) {
        this.#keep(index)
        this.#pages.delete(index)
      } else if (start + pageBytes > bytes) this.#changing(index).fill(0, bytes - start)
    }
    this.bytes = bytes
  }

  /** Begins a sync; the function it gives ends it. When it went well, what was there at the beginning is durable. */
  beginSync(): (well: boolean) => void {
    const sync = new Map<number, { before: Buffer | undefined } | undefined>()
    for (const index of this.#dirty.keys()) sync.set(index, undefined)
    this.#syncs.add(sync)
    const bytes = this.bytes
    return (well) => {
      if (!this.#syncs.delete(sync) || !well) return
      this.#durableBytes = bytes
      for (const [index, changed] of sync) {
        if (changed === undefined) this.#dirty.delete(index)
        else this.#dirty.set(index, changed.before)
      }
    }
  }

  /** Back to what is durable; pages that `survives` picks made it to the device all the same, or something of them did. */
  crash(survives: (page: number) => PageFate): void {
    let bytes = this.#durableBytes
    let other: Buffer | undefined
    for (const [index, before] of this.#dirty) {
      const fate = survives(index)
      if (fate !== false) bytes = Math.max(bytes, Math.min(this.bytes, (index + 1) * pageBytes))
      const after = this.#pages.get(index)
      const left = after && fate !== false ? whatIsLeft(before, after, fate, other) : before
      other = after
      if (left === undefined) this.#pages.delete(index)
      else this.#pages.set(index, left)
    }
    this.bytes = bytes
    this.#durableBytes = bytes
    this.#dirty.clear()
    this.release()
  }

  /** Whoever had the file open is gone. */
  release(): void {
    this.#syncs.clear()
    this.locked = false
  }

  /** What a power loss now would surely leave. */
  durable(): Buffer {
    const bytes = Buffer.alloc(this.#durableBytes)
    for (const [index, page] of this.#pages) {
      const kept = this.#dirty.has(index) ? this.#dirty.get(index) : page
      const at = index * pageBytes
      if (at < bytes.length) kept?.copy(bytes, at, 0, Math.min(pageBytes, bytes.length - at))
    }
    for (const [index, before] of this.#dirty) {
      const at = index * pageBytes
      if (!this.#pages.has(index) && at < bytes.length) before?.copy(bytes, at, 0, Math.min(pageBytes, bytes.length - at))
    }
    return bytes
  }

  #changing(index: number): Buffer {
    this.#keep(index)
    let page = this.#pages.get(index)
    if (page === undefined) this.#pages.set(index, (page = Buffer.alloc(pageBytes)))
    return page
  }

  /** Remembers a page before it changes, for a crash and for the syncs under way. */
  #keep(index: number): void {
    const page = this.#pages.get(index)
    let before: Buffer | undefined
    let copied = false
    const copy = (): Buffer | undefined => {
      if (!copied) before = page && Buffer.from(page)
      copied = true
      return before
    }
    if (!this.#dirty.has(index)) this.#dirty.set(index, copy())
    for (const sync of this.#syncs) if (sync.has(index) && sync.get(index) === undefined) sync.set(index, { before: copy() })
  }
}

/** What the device holds of a page that was being written when the power went. */
const whatIsLeft = (before: Buffer | undefined, after: Buffer, fate: Exclude<PageFate, false>, other: Buffer | undefined): Buffer => {
  if (fate === true) return after
  if (fate === 'misplaced') return other === undefined ? after : Buffer.from(other)
  const page = Buffer.from(after)
  if (fate === 'garbled') for (let at = 0; at < sectorBytes; at++) page[sectorBytes * 4 + at] ^= (at * 167 + 13) & 0xff
  else {
    for (let sector = 0; sector * sectorBytes < pageBytes; sector++) {
      if ((fate & (1 << sector)) !== 0) continue
      const at = sector * sectorBytes
      if (before === undefined) page.fill(0, at, at + sectorBytes)
      else before.copy(page, at, at, at + sectorBytes)
    }
  }
  return page
}

export class StoredDirectory {
  readonly kind = 'directory' as const
  readonly bytes = pageBytes
  modifiedMs = 0
  entries = new Map<string, Stored>()
  #durable = new Map<string, Stored>()

  sync(): void {
    this.#durable = new Map(this.entries)
  }

  /** As somebody removes a file who sees to it that it is gone. */
  remove(name: string): void {
    this.entries.delete(name)
    this.#durable.delete(name)
  }

  /** Entries go back to what was synced, then everything that is reachable does. */
  crash(survives: Survives, path: string): void {
    const entries = new Map(this.#durable)
    for (const name of new Set([...this.entries.keys(), ...this.#durable.keys()])) {
      const current = this.entries.get(name)
      if (current === this.#durable.get(name) || survives({ path: `${path}/${name}` }) === false) continue
      if (current === undefined) entries.delete(name)
      else entries.set(name, current)
    }
    this.entries = entries
    for (const [name, entry] of entries) {
      const at = `${path}/${name}`
      if (entry.kind === 'directory') entry.crash(survives, at)
      else entry.crash((page) => survives({ path: at, page }))
    }
    this.sync()
  }

  release(): void {
    for (const entry of this.entries.values()) entry.release()
  }

  /** As it would be found after a power loss now. */
  durableEntry(name: string): Stored | undefined {
    return this.#durable.get(name)
  }
}

export type Stored = StoredFile | StoredDirectory

/** Lost, or there as it was written; of a page also: these sectors of it (a bit each), noise in one of them, or what was meant for another page. */
export type PageFate = boolean | number | 'garbled' | 'misplaced'

/** What is there after a crash of something that was not synced: a page of a file, or (without `page`) a directory entry. */
export type Survives = (unsynced: { readonly path: string; readonly page?: number }) => PageFate
