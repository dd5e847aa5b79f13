/**
 * Bytes that are not in memory yet: a slice of a file. A response carries it until the socket takes it, piece by piece
 * through pooled buffers.
 */
export interface ByteSource {
  readonly bytes: number
  /** Fills `into` from `position` (0 ≤ position < bytes); gives the bytes read, at once where that is cheap. */
  read(into: Buffer, position: number): Promise<number> | number
  /** Its bytes, where they lie in memory already: they may be sent as they are, and stay what they are until `release`. */
  readonly views?: readonly Buffer[] | undefined
  /** Called once when nobody will read again, so that the file may go. */
  release?(): void
}
