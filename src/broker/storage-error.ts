import type { DiskError } from '../host/index.ts'

/** The node's log directories cannot be used as they are; the message says why and what to do. */
export class StorageError extends Error {
  override name = 'StorageError'
}

/** One of the node's directories cannot be made, read or written. */
export class DirectoryError extends Error {
  override name = 'DirectoryError'
  /** Which names it: log.dirs, log.dir or metadata.log.dir. */
  readonly key: string
  readonly path: string
  override readonly cause: DiskError
  constructor(key: string, path: string, cause: DiskError) {
    super(`${key}: the directory ${path} cannot be used: ${cause.message}`)
    this.key = key
    this.path = path
    this.cause = cause
  }
}
