import type { Disk } from '../../host/index.ts'

const FILE_BYTES_MAX = 256 * 1024

/** The text of a file that the kernel makes while it is read, and which therefore has no size. Undefined: it is not there, or not for us. */
export async function machineFile(disk: Disk, path: string, bytesMax = FILE_BYTES_MAX): Promise<string | undefined> {
  try {
    const file = await disk.open(path, 'read')
    try {
      const into = Buffer.alloc(bytesMax)
      const got = await file.read(into, 0)
      return into.toString('utf8', 0, got)
    } finally {
      await file.close()
    }
  } catch {
    return undefined
  }
}

/** Reads a file of this machine; tests have one of their own. */
export type ReadMachine = (path: string) => Promise<string | undefined>
