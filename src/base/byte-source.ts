/**
 * Bytes that are not in memory yet: a slice of a file. A response carries it until the socket takes it, piece by piece
 * through pooled buffers.
 */
export interface ByteSource {
  readonly bytes: number
  /** Fills `into` from `position` (0 ≤ position < bytes); gives the bytes read, at once where that is cheap. */
  read(into: Buffer, position: number): Promise<number> | number
  /** Called once when nobody will read again, so that the file may go. */
  release?(): void
}
