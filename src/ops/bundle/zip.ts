import { crc32, deflateRawSync } from 'node:zlib'

export interface ZipFile {
  /** With slashes, and none in front. */
  readonly path: string
  readonly bytes: Uint8Array
}

/** Of the format that knows deflate and folders. */
const VERSION = 20
const UNIX = 3
const PRIVATE_FILE = 0o100600
const DEFLATE = 8
const UTF8_NAMES = 0x0800

/**
 * Files as a zip archive (APPNOTE.TXT of PKWARE, without the extensions that archives of 4 GiB need).
 * `timeMs`: when all of them were written, since 1970.
 *
 *   header name bytes · header name bytes · …   entry name · entry name · …   end
 *   each file                                   the directory
 */
export function zipOf(files: readonly ZipFile[], timeMs: number): Buffer {
  const parts: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let at = 0
  for (const { path, bytes } of files) {
    const name = Buffer.from(path)
    const packed = deflateRawSync(bytes)
    const about = aboutFile(bytes, packed.length, name.length, timeMs)
    const header = Buffer.concat([numbers([4, 0x04034b50]), about])
    // Comment, disk, attributes inside and outside; then where the file begins.
    const entry = numbers(
      [4, 0x02014b50],
      [2, (UNIX << 8) | VERSION],
      [0, about],
      [2, 0],
      [2, 0],
      [2, 0],
      [4, PRIVATE_FILE * 0x10000],
      [4, at],
    )
    directory.push(entry, name)
    parts.push(header, name, packed)
    at += header.length + name.length + packed.length
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0)
  const end = numbers([4, 0x06054b50], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, size], [4, at], [2, 0])
  return Buffer.concat([...parts, ...directory, end])
}

/** What the header of a file and its entry in the directory have in common. */
function aboutFile(bytes: Uint8Array, packedBytes: number, nameBytes: number, timeMs: number): Buffer {
  const { date, time } = dosTime(timeMs)
  return numbers(
    [2, VERSION],
    [2, UTF8_NAMES],
    [2, DEFLATE],
    [2, time],
    [2, date],
    [4, crc32(bytes)],
    [4, packedBytes],
    [4, bytes.length],
    [2, nameBytes],
    [2, 0],
  )
}

/** Two seconds are the least that it knows, and 1980 is when it begins. */
function dosTime(timeMs: number): { date: number; time: number } {
  const at = new Date(timeMs)
  return {
    date: ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(),
    time: (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1),
  }
}

/** Little-endian, each as wide as it says; 0: bytes as they are. */
function numbers(...fields: readonly (readonly [width: 2 | 4, value: number] | readonly [width: 0, bytes: Buffer])[]): Buffer {
  return Buffer.concat(
    fields.map((field) => {
      if (field[0] === 0) return field[1]
      const bytes = Buffer.alloc(field[0])
      bytes.writeUIntLE(field[1], 0, field[0])
      return bytes
    }),
  )
}
