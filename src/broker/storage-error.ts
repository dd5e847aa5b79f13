/** The node's log directories cannot be used as they are; the message says why and what to do. */
export class StorageError extends Error {
  override name = 'StorageError'
}
