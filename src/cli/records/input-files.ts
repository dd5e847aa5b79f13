import type { ByteStream } from '../byte-lines.ts'
import { Fault, messageOf } from '../fault.ts'
import type { Shell } from '../shell.ts'

const pieceBytes = 256 * 1024

/** A file as a stream; `-` is standard input. */
export function inputStream(shell: Shell, path: string): ByteStream {
  return path === '-' ? shell.stdin : fileBytes(shell, path)
}

async function* fileBytes(shell: Shell, path: string): AsyncGenerator<Buffer> {
  const { disk } = await shell.host()
  const file = await disk.open(path, 'read').catch((error: unknown) => {
    throw unreadable(path, error)
  })
  try {
    for (let position = 0; ; ) {
      const into = Buffer.allocUnsafe(pieceBytes)
      const bytes = await file.read(into, position).catch((error: unknown) => {
        throw unreadable(path, error)
      })
      if (bytes === 0) return
      position += bytes
      yield into.subarray(0, bytes)
    }
  } finally {
    await file.close()
  }
}

const unreadable = (path: string, error: unknown): Fault => {
  const isDirectory = (error as { code?: string }).code === 'EISDIR'
  const hint = isDirectory ? `Name the files in it: ${path.replace(/\/$/, '')}/*` : ''
  return new Fault(`cannot read ${path}: ${messageOf(error)}`, { cause: error, hint })
}
