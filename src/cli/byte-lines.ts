import { Fault } from './fault.ts'

/** Bytes as they come: standard input, or a file. */
export interface ByteStream extends AsyncIterable<unknown> {
  /** Ends it early. */
  destroy?(): unknown
}

/** Longest piece between two delimiters: beyond it the input is not what was meant. */
export const defaultPieceBytesMax = 256 * 1024 * 1024

/**
 * Cuts a stream at a delimiter, byte for byte; gives the pieces of each chunk together, without the delimiter. What follows the last
 * delimiter is a piece unless it is empty.
 * @throws Fault when a piece is longer than the limit
 */
export async function* bytePieces(
  stream: ByteStream,
  delimiter: Buffer = Buffer.from('\n'),
  pieceBytesMax = defaultPieceBytesMax,
): AsyncGenerator<Buffer[]> {
  let held: Buffer[] = []
  let heldBytes = 0
  /** Where the delimiter was not found yet; its first bytes may stand at the end of one chunk, its last in the next. */
  const overlap = delimiter.length - 1
  for await (const chunk of stream) {
    let bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer)
    const last = held.at(-1)
    if (overlap > 0 && last !== undefined) {
      const tail = held.pop()!
      heldBytes -= tail.length
      bytes = Buffer.concat([tail, bytes])
    }
    const pieces: Buffer[] = []
    let start = 0
    for (let at = bytes.indexOf(delimiter); at >= 0; at = bytes.indexOf(delimiter, start)) {
      const piece = bytes.subarray(start, at)
      pieces.push(held.length === 0 ? piece : Buffer.concat([...held, piece]))
      held = []
      heldBytes = 0
      start = at + delimiter.length
    }
    if (start < bytes.length) {
      const rest = bytes.subarray(start)
      heldBytes += rest.length
      if (heldBytes > pieceBytesMax) {
        yield pieces
        throw new Fault(`more than ${pieceBytesMax} bytes of input without the delimiter`)
      }
      if (overlap > 0 && rest.length > overlap) held.push(rest.subarray(0, rest.length - overlap), rest.subarray(rest.length - overlap))
      else held.push(rest)
    }
    if (pieces.length > 0) yield pieces
  }
  if (heldBytes > 0) yield [Buffer.concat(held)]
}

/** The whole stream. @throws Fault beyond the limit */
export async function readAll(stream: ByteStream, bytesMax = defaultPieceBytesMax): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream) {
    const buffer = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer)
    bytes += buffer.length
    if (bytes > bytesMax) throw new Fault(`more than ${bytesMax} bytes of input`)
    chunks.push(buffer)
  }
  return Buffer.concat(chunks)
}
