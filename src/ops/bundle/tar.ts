export interface TarFile {
  /** At most 100 bytes, no `..` and no slash in front. */
  readonly path: string
  readonly bytes: Uint8Array
}

const BLOCK = 512
const PATH_BYTES_MAX = 100

/** Files as a tar archive of POSIX.1-1988 (ustar), which every tar reads. `timeMs`: when all of them were written, since 1970. */
export function tarOf(files: readonly TarFile[], timeMs: number): Buffer {
  const parts: Uint8Array[] = []
  for (const { path, bytes } of files) {
    parts.push(headerOf(path, bytes.length, timeMs), bytes)
    const over = bytes.length % BLOCK
    if (over > 0) parts.push(Buffer.alloc(BLOCK - over))
  }
  // Two blocks of zeros end it.
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)])
}

/**
 *   0 name 100 · mode 8 · uid 8 · gid 8 · size 12 · mtime 12 · checksum 8 · type 1 · link 100 · magic 6 · version 2 · user 32 · group 32 · …
 */
function headerOf(path: string, size: number, timeMs: number): Buffer {
  const name = Buffer.from(path)
  if (name.length > PATH_BYTES_MAX) throw new RangeError(`${path} is too long a name for a tar archive`)
  const header = Buffer.alloc(BLOCK)
  const octal = (value: number, at: number, digits: number): void => {
    header.write(`${Math.floor(value).toString(8).padStart(digits, '0')}\0`, at, 'latin1')
  }
  header.set(name, 0)
  octal(0o600, 100, 7)
  octal(0, 108, 7)
  octal(0, 116, 7)
  octal(size, 124, 11)
  octal(timeMs / 1000, 136, 11)
  header.fill(' ', 148, 156)
  header.write('0', 156, 'latin1')
  header.write('ustar\0' + '00', 257, 'latin1')
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return header
}
