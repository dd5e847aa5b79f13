export const pageBytes = 4096

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

  /** Back to what is durable; pages that `survives` picks made it to the device all the same. */
  crash(survives: (page: number) => boolean): void {
    let bytes = this.#durableBytes
    for (const [index, before] of this.#dirty) {
      if (survives(index)) bytes = Math.max(bytes, Math.min(this.bytes, (index + 1) * pageBytes))
      else if (before === undefined) this.#pages.delete(index)
      else this.#pages.set(index, before)
    }
    this.bytes = bytes
    this.#durableBytes = bytes
    this.#dirty.clear()
    this.#syncs.clear()
    this.locked = false
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

export class StoredDirectory {
  readonly kind = 'directory' as const
  readonly bytes = pageBytes
  modifiedMs = 0
  entries = new Map<string, Stored>()
  #durable = new Map<string, Stored>()

  sync(): void {
    this.#durable = new Map(this.entries)
  }

  /** Entries go back to what was synced, then everything that is reachable does. */
  crash(survives: Survives, path: string): void {
    const entries = new Map(this.#durable)
    for (const name of new Set([...this.entries.keys(), ...this.#durable.keys()])) {
      const current = this.entries.get(name)
      if (current === this.#durable.get(name) || !survives({ path: `${path}/${name}` })) continue
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
}

export type Stored = StoredFile | StoredDirectory

/** Whether something that was not synced is there after a crash all the same: a page of a file, or (without `page`) a directory entry. */
export type Survives = (unsynced: { readonly path: string; readonly page?: number }) => boolean
