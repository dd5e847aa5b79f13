import { type Disk, type FileLock, isDiskError } from '../host/index.ts'
import { StorageError } from './storage-error.ts'

const LOCK_FILE = '.lock'

/**
 * The locks of a node's directories, held from before the first byte is read until after the last one is written: the metadata log among
 * them is open for longer than the partitions' logs, and two nodes that write one log destroy it.
 */
export class DirectoryLocks {
  private readonly held: Map<string, FileLock>

  private constructor(held: Map<string, FileLock>) {
    this.held = held
  }

  /** Directories that cannot be locked for another reason than somebody else's lock are left to those who open them. @throws StorageError */
  static async take(disk: Disk, directories: Iterable<string>): Promise<DirectoryLocks> {
    const locks = new DirectoryLocks(new Map())
    for (const directory of directories) {
      const path = `${directory}/${LOCK_FILE}`
      try {
        locks.held.set(path, await disk.lock(path))
      } catch (error) {
        if (!isDiskError(error, 'ELOCKED')) continue
        await locks.release()
        throw new StorageError(
          `${directory} is in use by another process (${path} is locked): stop that broker, or give this one a directory of its own`,
        )
      }
    }
    return locks
  }

  /** The disk as those see it who lock their directories themselves: a lock that is held here is theirs too, and outlives their release. */
  diskWithin(disk: Disk): Disk {
    return {
      open: (path, mode) => disk.open(path, mode),
      readFile: (path, limitBytes) => disk.readFile(path, limitBytes),
      replaceFile: (path, bytes) => disk.replaceFile(path, bytes),
      list: (path) => disk.list(path),
      stat: (path) => disk.stat(path),
      makeDirectory: (path) => disk.makeDirectory(path),
      rename: (from, to) => disk.rename(from, to),
      remove: (path) => disk.remove(path),
      removeTree: (path) => disk.removeTree(path),
      syncDirectory: (path) => disk.syncDirectory(path),
      lock: async (path) => (this.held.has(path) ? { release: async () => {} } : disk.lock(path)),
      space: (path) => disk.space(path),
    }
  }

  async release(): Promise<void> {
    for (const lock of this.held.values()) await lock.release().catch(() => {})
    this.held.clear()
  }
}
