import { assert, crc32c, Turns } from '../base/index.ts'
import { type DirectoryEntry, type Disk, DiskError, type File, type FileLock, type OpenMode } from '../host/index.ts'
import { pageBytes, type Stored, StoredDirectory, StoredFile, type Survives } from './storage.ts'
import type { Life, World } from './world.ts'

const readFileBytesMax = 64 * 1024 * 1024
/** What calls take when no fault says otherwise, milliseconds. */
const callMs = 0.02
const syncMs = 0.5

/** What a host's disk holds; outlives the host. */
export class Storage {
  readonly root = new StoredDirectory()
  capacityBytes = 2 ** 40
  survives: Survives = () => false

  crash(survives = this.survives): void {
    this.root.crash(survives, '')
  }

  /** The process is gone, its locks with it. What it wrote and did not sync stays for the next one, until the power goes. */
  settle(): void {
    this.root.release()
  }

  /** What a power loss now would surely leave of a file; undefined: not even its name. */
  durable(path: string): Buffer | undefined {
    let entry: Stored | undefined = this.root
    for (const name of namesOf(path)) entry = entry?.kind === 'directory' ? entry.durableEntry(name) : undefined
    return entry?.kind === 'file' ? entry.durable() : undefined
  }

  /** All files by their paths, in order. */
  files(directory = this.root, path = ''): [string, StoredFile][] {
    return [...directory.entries]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, entry]) =>
        entry.kind === 'file' ? [[`${path}/${name}`, entry] satisfies [string, StoredFile]] : this.files(entry, `${path}/${name}`),
      )
  }

  /** Durably, by somebody who has the disk while no host does. */
  remove(path: string): void {
    const name = nameOf(path)
    let entry: Stored | undefined = this.root
    for (const each of namesOf(parentOf(path))) entry = entry?.kind === 'directory' ? entry.entries.get(each) : undefined
    if (entry?.kind === 'directory') entry.remove(name)
  }

  usedBytes(directory = this.root): number {
    let bytes = 0
    for (const entry of directory.entries.values())
      bytes += entry.kind === 'directory' ? this.usedBytes(entry) : entry.pageCount * pageBytes
    return bytes
  }
}

/** The memory disk of one life of a host. */
export class SimDisk implements Disk {
  readonly storage: Storage
  #world: World
  #life: Life
  #replacing = new Turns<string>()

  constructor(world: World, life: Life, storage: Storage) {
    this.#world = world
    this.#life = life
    this.storage = storage
  }

  /** Loses what is not synced, as a power loss does. The processes of the host go on, which only a crash of the host prevents. */
  crash(): void {
    this.storage.crash()
  }

  open(path: string, mode: OpenMode): Promise<File> {
    return this.call('open', path, 0, () => this.#openNow(path, mode))
  }

  readFile(path: string, limitBytes = readFileBytesMax): Promise<Uint8Array> {
    return this.call('readFile', path, 0, () => {
      const file = this.#file('readFile', path)
      if (file.bytes > limitBytes) throw new DiskError('EINVAL', 'readFile', path)
      const bytes = Buffer.alloc(file.bytes)
      file.read(bytes, 0)
      return bytes
    })
  }

  replaceFile(path: string, bytes: Uint8Array): Promise<void> {
    return this.#replacing.take(path, () => this.#replaceOnce(path, bytes))
  }

  async #replaceOnce(path: string, bytes: Uint8Array): Promise<void> {
    const temporary = `${path}.tmp`
    await this.remove(temporary)
    const file = await this.open(temporary, 'create')
    try {
      await file.write([bytes], 0)
      await file.sync()
      await file.close()
      await this.rename(temporary, path)
    } catch (error) {
      await this.remove(temporary).catch(() => {})
      throw error
    }
    await this.syncDirectory(parentOf(path))
  }

  list(path: string): Promise<DirectoryEntry[]> {
    return this.call('list', path, 0, () =>
      [...this.#directory('list', path).entries]
        .map(([name, entry]) => ({ name, kind: entry.kind as DirectoryEntry['kind'] }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    )
  }

  stat(path: string): Promise<{ kind: DirectoryEntry['kind']; bytes: number; modifiedMs: number } | undefined> {
    return this.call('stat', path, 0, () => {
      const entry = this.#find('stat', path)
      return entry && { kind: entry.kind, bytes: entry.bytes, modifiedMs: Math.floor(entry.modifiedMs) }
    })
  }

  makeDirectory(path: string): Promise<void> {
    return this.call('makeDirectory', path, 0, () => {
      let directory = this.storage.root
      for (const name of namesOf(path)) {
        let next = directory.entries.get(name)
        if (next === undefined) this.#put(directory, name, (next = new StoredDirectory()))
        if (next.kind !== 'directory') throw new DiskError('EEXIST', 'makeDirectory', path)
        directory = next
      }
    })
  }

  rename(from: string, to: string): Promise<void> {
    return this.call('rename', from, 0, () => {
      const source = this.#parent('rename', from)
      const target = this.#parent('rename', to)
      const entry = source.entries.get(nameOf(from))
      if (entry === undefined) throw new DiskError('ENOENT', 'rename', from)
      const there = target.entries.get(nameOf(to))
      if (there === entry) return
      if (there?.kind === 'directory') {
        if (entry.kind === 'file') throw new DiskError('EISDIR', 'rename', from)
        if (there.entries.size > 0) throw new DiskError('ENOTEMPTY', 'rename', from)
      } else if (there !== undefined && entry.kind === 'directory') throw new DiskError('ENOTDIR', 'rename', from)
      source.entries.delete(nameOf(from))
      this.#put(target, nameOf(to), entry)
    })
  }

  remove(path: string): Promise<void> {
    return this.call('remove', path, 0, () => {
      const entry = this.#find('remove', path)
      if (entry === undefined) return
      if (entry.kind === 'directory') throw new DiskError('EISDIR', 'remove', path)
      this.#parent('remove', path).entries.delete(nameOf(path))
    })
  }

  removeTree(path: string): Promise<void> {
    return this.call('removeTree', path, 0, () => {
      if (this.#find('removeTree', path) !== undefined) this.#parent('removeTree', path).entries.delete(nameOf(path))
    })
  }

  syncDirectory(path: string): Promise<void> {
    const sync = (lies: boolean): void => {
      const directory = this.#directory('syncDirectory', path)
      if (!lies) directory.sync()
    }
    return this.call('syncDirectory', path, 0, sync, syncMs)
  }

  lock(path: string): Promise<FileLock> {
    return this.call('lock', path, 0, () => {
      this.#openNow(path, 'write')
      const file = this.#file('lock', path)
      if (file.locked) throw new DiskError('ELOCKED', 'lock', path)
      file.locked = true
      let held = true
      return {
        release: () => {
          if (held) file.locked = false
          held = false
          return Promise.resolve()
        },
      }
    })
  }

  space(path: string): Promise<{ totalBytes: number; usableBytes: number }> {
    return this.call('space', path, 0, () => {
      if (this.#find('space', path) === undefined) throw new DiskError('ENOENT', 'space', path)
      const { capacityBytes } = this.storage
      return { totalBytes: capacityBytes, usableBytes: Math.max(0, capacityBytes - this.storage.usedBytes()) }
    })
  }

  /**
   * Does a call a moment later; `act` runs at the last instant a caller may count on. A life that ends before never hears of it.
   * @internal
   */
  call<T>(operation: string, path: string, bytes: number, act: (lies: boolean) => T, tookMs = callMs): Promise<T> {
    const fault = this.#world.faults.disk?.({ host: this.#life.name, operation, path, bytes })
    return new Promise((resolve, reject) => {
      this.#world.schedule(fault?.delayMs ?? tookMs, this.#life, operation, () => {
        if (fault?.error !== undefined) return reject(new DiskError(fault.error, operation, path))
        try {
          resolve(act(fault?.lies === true))
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  /** @internal */
  faultNow(operation: string, path: string, bytes: number): void {
    const error = this.#world.faults.disk?.({ host: this.#life.name, operation, path, bytes })?.error
    if (error !== undefined) throw new DiskError(error, operation, path)
  }

  /** @internal */
  wrote(part: Uint8Array): void {
    this.#world.note(crc32c(Buffer.from(part.buffer, part.byteOffset, part.length)))
  }

  /** @internal */
  touch(entry: Stored): void {
    entry.modifiedMs = this.#world.nowMs
  }

  /** @internal */
  full(bytes: number): boolean {
    const { capacityBytes } = this.storage
    return capacityBytes < 2 ** 40 && this.storage.usedBytes() + bytes > capacityBytes
  }

  #openNow(path: string, mode: OpenMode): SimFile {
    const parent = this.#parent('open', path)
    let entry = parent.entries.get(nameOf(path))
    if (entry === undefined) {
      if (mode === 'read') throw new DiskError('ENOENT', 'open', path)
      this.#put(parent, nameOf(path), (entry = new StoredFile()))
    } else if (mode === 'create') throw new DiskError('EEXIST', 'open', path)
    if (entry.kind !== 'file') throw new DiskError('EISDIR', 'open', path)
    return new SimFile(this, path, entry, mode !== 'read')
  }

  #put(directory: StoredDirectory, name: string, entry: Stored): void {
    directory.entries.set(name, entry)
    this.touch(directory)
  }

  #find(operation: string, path: string): Stored | undefined {
    let entry: Stored | undefined = this.storage.root
    for (const name of namesOf(path)) {
      if (entry === undefined) return undefined
      if (entry.kind !== 'directory') throw new DiskError('ENOTDIR', operation, path)
      entry = entry.entries.get(name)
    }
    return entry
  }

  #directory(operation: string, path: string): StoredDirectory {
    const entry = this.#find(operation, path)
    if (entry === undefined) throw new DiskError('ENOENT', operation, path)
    if (entry.kind !== 'directory') throw new DiskError('ENOTDIR', operation, path)
    return entry
  }

  #parent(operation: string, path: string): StoredDirectory {
    return this.#directory(operation, parentOf(path))
  }

  #file(operation: string, path: string): StoredFile {
    const entry = this.#find(operation, path)
    if (entry === undefined) throw new DiskError('ENOENT', operation, path)
    if (entry.kind !== 'file') throw new DiskError('EISDIR', operation, path)
    return entry
  }
}

class SimFile implements File {
  readonly path: string
  #disk: SimDisk
  #stored: StoredFile
  #writable: boolean
  #underWay = new Set<Promise<unknown>>()
  #closing: Promise<void> | undefined

  constructor(disk: SimDisk, path: string, stored: StoredFile, writable: boolean) {
    this.#disk = disk
    this.path = path
    this.#stored = stored
    this.#writable = writable
  }

  write(parts: readonly Uint8Array[], position: number): Promise<void> {
    let bytes = 0
    for (const part of parts) bytes += part.length
    return this.#call('write', position, bytes, () => {
      if (!this.#writable) throw new DiskError('EIO', 'write', this.path)
      if (this.#disk.full(bytes)) throw new DiskError('ENOSPC', 'write', this.path)
      let at = position
      for (const part of parts) {
        this.#stored.write(part, at)
        this.#disk.wrote(part)
        at += part.length
      }
      this.#disk.touch(this.#stored)
    })
  }

  read(into: Uint8Array, position: number): Promise<number> {
    return this.#call('read', position, into.length, () => this.#stored.read(into, position))
  }

  readNow(into: Uint8Array, position: number): number {
    this.#open('read', position)
    this.#disk.faultNow('read', this.path, into.length)
    return this.#stored.read(into, position)
  }

  async sync(): Promise<void> {
    this.#open('sync', 0)
    const end = this.#stored.beginSync()
    try {
      await this.#call('sync', 0, 0, (lies) => end(!lies), syncMs)
    } finally {
      end(false)
    }
  }

  truncate(bytes: number): Promise<void> {
    return this.#call('truncate', bytes, 0, () => {
      if (!this.#writable) throw new DiskError('EINVAL', 'truncate', this.path)
      this.#stored.truncate(bytes)
      this.#disk.touch(this.#stored)
    })
  }

  size(): Promise<number> {
    return this.#call('size', 0, 0, () => this.#stored.bytes)
  }

  close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#underWay).then(() => this.#disk.call('close', this.path, 0, () => {}))
    return this.#closing
  }

  async #call<T>(operation: string, position: number, bytes: number, act: (lies: boolean) => T, tookMs?: number): Promise<T> {
    this.#open(operation, position)
    const call = this.#disk.call(operation, this.path, bytes, act, tookMs)
    this.#underWay.add(call)
    try {
      return await call
    } finally {
      this.#underWay.delete(call)
    }
  }

  #open(operation: string, position: number): void {
    assert(Number.isSafeInteger(position) && position >= 0, 'a file position is a whole number from 0')
    if (this.#closing !== undefined) throw new DiskError('ECLOSED', operation, this.path)
  }
}

function namesOf(path: string): string[] {
  const names: string[] = []
  for (const name of path.split('/')) {
    if (name === '..') names.pop()
    else if (name !== '' && name !== '.') names.push(name)
  }
  return names
}

function parentOf(path: string): string {
  return namesOf(path).slice(0, -1).join('/')
}

function nameOf(path: string): string {
  const name = namesOf(path).at(-1)
  assert(name !== undefined, 'the root is no file')
  return name
}
