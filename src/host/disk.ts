export type DiskErrorCode =
  | 'ENOENT'
  | 'EEXIST'
  | 'ENOTDIR'
  | 'EISDIR'
  | 'ENOTEMPTY'
  | 'EACCES'
  | 'EROFS'
  | 'ENOSPC'
  | 'EIO'
  | 'EMFILE'
  | 'ELOCKED'
  | 'EINVAL'
  /** The file was closed by its owner before this call. */
  | 'ECLOSED'

/** What a failed disk operation rejects with: a code, the operation and the path. */
export class DiskError extends Error {
  override name = 'DiskError'
  readonly code: DiskErrorCode
  readonly operation: string
  readonly path: string
  constructor(code: DiskErrorCode, operation: string, path: string, cause?: unknown) {
    super(`${operation} ${path}: ${code}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.operation = operation
    this.path = path
  }
}

export function isDiskError(error: unknown, code?: DiskErrorCode): error is DiskError {
  return error instanceof DiskError && (code === undefined || error.code === code)
}

/** `read`: must exist. `write`: created when missing, contents kept, read and write. `create`: must not exist, read and write. */
export type OpenMode = 'read' | 'write' | 'create'

export interface File {
  readonly path: string
  /**
   * Writes all bytes of the parts one after the other from `position`; several parts go out in one system call. The parts must
   * not change until it resolves. Writes under way at the same time may land in any order: never let them overlap.
   */
  write(parts: readonly Uint8Array[], position: number): Promise<void>
  /** Fills `into` from `position`; resolves to the bytes read, fewer only at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>
  /**
   * As `read`, at once and on the caller's turn: for short reads that almost surely hit the page cache
   * (index look-ups, small fetches, start-up). Never for scans.
   */
  readNow(into: Uint8Array, position: number): number
  /** Reads at once have lately waited for the device: larger ones had better go through `read` for a while. */
  readonly readsStall?: boolean
  /** fdatasync. After a rejection the file's durable content is unknown: take the directory offline, never retry. */
  sync(): Promise<void>
  /** Cuts the file, or lengthens it with zeros. */
  truncate(bytes: number): Promise<void>
  /** Length in bytes, asked of the file system. */
  size(): Promise<number>
  /** Waits for the calls that are under way. Later calls fail with ECLOSED; closing twice is harmless. */
  close(): Promise<void>
}

export interface DirectoryEntry {
  readonly name: string
  readonly kind: 'file' | 'directory' | 'link' | 'other'
}

/** An exclusive lock held by this process; the system drops it when the process dies. */
export interface FileLock {
  release(): Promise<void>
}

export interface Disk {
  open(path: string, mode: OpenMode): Promise<File>
  /** The whole file. Rejects with EINVAL beyond `limitBytes` (default 64 MiB). */
  readFile(path: string, limitBytes?: number): Promise<Uint8Array>
  /** Replaces the file as one step that survives power loss: write to `path.tmp`, sync, rename, sync the directory. `private`: only its owner may read it. */
  replaceFile(path: string, bytes: Uint8Array, access?: 'private'): Promise<void>
  /** Sorted by name. */
  list(path: string): Promise<DirectoryEntry[]>
  /** Undefined when there is nothing there; does not follow links. */
  stat(path: string): Promise<{ readonly kind: DirectoryEntry['kind']; readonly bytes: number; readonly modifiedMs: number } | undefined>
  /** Makes missing parents too; no error when the directory is there. */
  makeDirectory(path: string): Promise<void>
  /** Replaces a file that is at `to`. */
  rename(from: string, to: string): Promise<void>
  /** Removes a file or link; no error when it is missing. */
  remove(path: string): Promise<void>
  /** Removes a directory with all in it; no error when it is missing. */
  removeTree(path: string): Promise<void>
  /** Makes entries created, renamed or removed in this directory survive power loss. */
  syncDirectory(path: string): Promise<void>
  /** Takes the lock that Apache Kafka takes on `.lock`, or rejects with ELOCKED. */
  lock(path: string): Promise<FileLock>
  /** Room on the file system that holds `path`, bytes. */
  space(path: string): Promise<{ readonly totalBytes: number; readonly usableBytes: number }>
}
