import { assert } from '../base/index.ts'
import { type Disk, type File, isDiskError } from '../host/index.ts'

/** The directory that a partition's files lie in; renamed as a whole, so every file asks it for its path. */
export interface FileHome {
  path: string
}

/** The file was removed while someone was about to read it: look again, it is not the log's any more. */
export class FileRetired extends Error {
  override name = 'FileRetired'
}

/**
 * A file that opens when first needed and may be closed again by `OpenFiles` while nobody pins it. A pinned file stays
 * readable whatever happens to its name: slices in flight outlive the removal of their segment.
 */
export class PooledFile {
  name: string
  readonly home: FileHome
  readonly #pool: OpenFiles
  #file: File | undefined
  #opening: Promise<File> | undefined
  #moving: Promise<void> | undefined
  #pins = 0
  #retired = false
  /** Second-chance mark of the pool. */
  recent = false

  constructor(pool: OpenFiles, home: FileHome, name: string) {
    this.#pool = pool
    this.home = home
    this.name = name
  }

  get path(): string {
    return `${this.home.path}/${this.name}`
  }

  get pinned(): boolean {
    return this.#pins > 0
  }

  /** The open file, or undefined when `open` must be awaited first. */
  get opened(): File | undefined {
    this.recent = true
    return this.#file
  }

  /** Opens for reading and writing; creates an empty file when there is none. Pin before, when the file must stay open. */
  open(): Promise<File> {
    this.recent = true
    if (this.#file !== undefined) return Promise.resolve(this.#file)
    this.#opening ??= this.#openNow().finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  async #openNow(): Promise<File> {
    await this.#moving
    if (this.#retired) throw new FileRetired(this.path)
    const file = await this.#pool.openPath(this.path)
    this.#file = file
    this.#pool.opened(this)
    return file
  }

  pin(): void {
    this.#pins++
  }

  unpin(): void {
    assert(this.#pins > 0, 'a file is unpinned once per pin')
    if (--this.#pins === 0 && this.#retired) void this.#closeNow().catch(() => {})
  }

  /** Runs with the file open and pinned. */
  async using<T>(action: (file: File) => Promise<T>): Promise<T> {
    this.pin()
    try {
      return await action(await this.open())
    } finally {
      this.unpin()
    }
  }

  /** Renames on disk; an open descriptor stays valid. */
  async rename(name: string): Promise<void> {
    await this.#opening?.catch(() => {})
    this.#moving = this.#pool.disk.rename(this.path, `${this.home.path}/${name}`).then(() => {
      this.name = name
    })
    try {
      await this.#moving
    } finally {
      this.#moving = undefined
    }
  }

  /** Closes at once when nobody reads, otherwise with the last unpin. No one opens it again. */
  async retire(): Promise<void> {
    this.#retired = true
    await this.#opening?.catch(() => {})
    if (this.#pins === 0) await this.#closeNow()
  }

  /** Closes the descriptor unless someone uses it; the next use opens it again. Decided at once: no pin can come in between. */
  close(): Promise<void> {
    return this.#pins > 0 || this.#file === undefined ? Promise.resolve() : this.#closeNow()
  }

  async #closeNow(): Promise<void> {
    const file = this.#file
    if (file === undefined) return
    this.#file = undefined
    this.#pool.closed(this)
    await file.close()
  }
}

/** Bounds the descriptors of all logs: beyond the maximum, files that nobody pins or used lately are closed. */
export class OpenFiles {
  readonly disk: Disk
  readonly maximum: number
  readonly #open = new Set<PooledFile>()

  constructor(disk: Disk, maximum: number) {
    this.disk = disk
    this.maximum = maximum
  }

  get count(): number {
    return this.#open.size
  }

  file(home: FileHome, name: string): PooledFile {
    return new PooledFile(this, home, name)
  }

  /** Out of descriptors: what nobody uses is closed, and then it is tried once more. */
  async openPath(path: string): Promise<File> {
    try {
      return await this.disk.open(path, 'write')
    } catch (error) {
      if (!isDiskError(error, 'EMFILE')) throw error
      await Promise.all([...this.#open].filter((file) => !file.pinned).map((file) => file.close().catch(() => {})))
      return this.disk.open(path, 'write')
    }
  }

  opened(file: PooledFile): void {
    this.#open.add(file)
    if (this.#open.size > this.maximum) this.#evict(file)
  }

  closed(file: PooledFile): void {
    this.#open.delete(file)
  }

  /** Second chance: a set keeps insertion order, so re-inserting moves a file to the back. Bounded by two rounds. */
  #evict(newest: PooledFile): void {
    let steps = this.#open.size * 2
    for (const file of this.#open) {
      if (this.#open.size <= this.maximum || --steps < 0) return
      if (file === newest || file.pinned || file.recent) {
        file.recent = false
        this.#open.delete(file)
        this.#open.add(file)
      } else void file.close().catch(() => {})
    }
  }
}
