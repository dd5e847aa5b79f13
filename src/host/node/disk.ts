import fs from 'node:fs'
import path from 'node:path'
import { Turns } from '../../base/index.ts'
import { type DirectoryEntry, type Disk, DiskError, type File, type OpenMode } from '../disk.ts'
import { called } from './calls.ts'
import { asDisk } from './disk-errors.ts'
import { type FileOptions, NodeFile, ReadStalls } from './file.ts'
import { lockFile } from './lock.ts'

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC } = fs.constants
const flags: Record<OpenMode, number> = { read: O_RDONLY, write: O_RDWR | O_CREAT, create: O_RDWR | O_CREAT | O_EXCL }
const readFileBytesMax = 64 * 1024 * 1024

export function nodeDisk(given: FileOptions = {}): Disk {
  const options = { stalls: new ReadStalls(), ...given }
  /** Replacements of one path follow each other: they share the name of the temporary file. */
  const replacing = new Turns<string>()

  function open(at: string, mode: number, permissions = 0o644): Promise<NodeFile> {
    return asDisk('open', at, async () => {
      const fd = await called<number>((done) => fs.open(at, mode, permissions, done))
      return new NodeFile(at, fd, options)
    })
  }

  async function syncDirectory(at: string): Promise<void> {
    // Windows cannot open a directory, and makes renames durable by itself.
    if (process.platform === 'win32') return
    const directory = await open(at, O_RDONLY)
    try {
      await asDisk('sync', at, () => called<void>((done) => fs.fsync(directory.descriptor, done as fs.NoParamCallback)))
    } finally {
      await directory.close()
    }
  }

  async function replaceOnce(at: string, bytes: Uint8Array, access?: 'private'): Promise<void> {
    const temporary = `${at}.tmp`
    // One that is left over keeps its permissions when it is opened again.
    if (access === 'private') await called<void>((done) => fs.rm(temporary, { force: true }, done as fs.NoParamCallback))
    const file = await open(temporary, O_RDWR | O_CREAT | O_TRUNC, access === 'private' ? 0o600 : undefined)
    try {
      try {
        await file.write([bytes], 0)
        await asDisk('sync', temporary, () => called<void>((done) => fs.fsync(file.descriptor, done as fs.NoParamCallback)))
      } finally {
        await file.close()
      }
      await asDisk('rename', at, () => called<void>((done) => fs.rename(temporary, at, done as fs.NoParamCallback)))
    } catch (error) {
      await called<void>((done) => fs.unlink(temporary, done as fs.NoParamCallback)).catch(() => {})
      throw error
    }
    await syncDirectory(path.dirname(at))
  }

  return {
    open: (at, mode): Promise<File> => open(at, flags[mode]),
    readFile: (at, limitBytes = readFileBytesMax) => readWhole(at, limitBytes, open),
    replaceFile: (at, bytes, access) => replacing.take(at, () => replaceOnce(at, bytes, access)),
    list: (at) =>
      asDisk('list', at, async () => {
        const entries = await called<fs.Dirent[]>((done) => fs.readdir(at, { withFileTypes: true }, done))
        return entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) })).sort((a, b) => (a.name < b.name ? -1 : 1))
      }),
    stat: (at) =>
      asDisk('stat', at, async () => {
        const stats = await called<fs.Stats | undefined>((done) =>
          fs.lstat(at, (error, found) => (error?.code === 'ENOENT' ? done(null, undefined) : done(error, found))),
        )
        return stats && { kind: kindOf(stats), bytes: stats.size, modifiedMs: Math.floor(stats.mtimeMs) }
      }),
    makeDirectory: (at) => asDisk('makeDirectory', at, () => makeDirectory(path.resolve(at))),
    rename: (from, to) => asDisk('rename', from, () => called<void>((done) => fs.rename(from, to, done as fs.NoParamCallback))),
    remove: (at) =>
      asDisk('remove', at, () =>
        called<void>((done) => fs.unlink(at, (error) => (error?.code === 'ENOENT' ? done(null, undefined) : done(error, undefined)))),
      ),
    removeTree: (at) =>
      asDisk('removeTree', at, () => called<void>((done) => fs.rm(at, { recursive: true, force: true }, done as fs.NoParamCallback))),
    syncDirectory,
    lock: lockFile,
    space: (at) =>
      asDisk('space', at, async () => {
        const stats = await called<fs.StatsFs>((done) => fs.statfs(at, done))
        return { totalBytes: stats.bsize * stats.blocks, usableBytes: stats.bsize * stats.bavail }
      }),
  }
}

/**
 * With its parents. Not Node's `recursive`: that never ends below a directory that says ENOENT whatever is there, as /proc does.
 */
async function makeDirectory(at: string): Promise<void> {
  const make = (): Promise<void> => called<void>((done) => fs.mkdir(at, done as fs.NoParamCallback))
  try {
    await make().catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT' || path.dirname(at) === at) throw error
      await makeDirectory(path.dirname(at))
      await make()
    })
  } catch (error) {
    const found = await called<fs.Stats>((done) => fs.stat(at, done)).catch(() => undefined)
    if (found?.isDirectory() !== true) throw error
  }
}

async function readWhole(at: string, limitBytes: number, open: (at: string, mode: number) => Promise<NodeFile>): Promise<Uint8Array> {
  const file = await open(at, O_RDONLY)
  try {
    const size = await file.size()
    if (size > limitBytes) throw new DiskError('EINVAL', 'readFile', at, new Error(`${size} bytes, the limit is ${limitBytes}`))
    const bytes = Buffer.allocUnsafe(size)
    const got = await file.read(bytes, 0)
    return bytes.subarray(0, got)
  } finally {
    await file.close()
  }
}

function kindOf(entry: Pick<fs.Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): DirectoryEntry['kind'] {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'directory'
  return entry.isSymbolicLink() ? 'link' : 'other'
}
