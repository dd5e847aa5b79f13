import { join } from 'node:path'
import { Fault, messageOf } from './fault.ts'
import type { Shell } from './shell.ts'

/** Writes texts by their names into a directory, which is made when it is missing; gives their paths. @throws Fault when that is not possible */
export async function writeFiles(shell: Shell, directory: string, texts: ReadonlyMap<string, string>): Promise<string[]> {
  const { disk } = await shell.host()
  try {
    await disk.makeDirectory(directory)
    const paths: string[] = []
    for (const [name, text] of texts) {
      const path = join(directory, name)
      await disk.replaceFile(path, Buffer.from(text))
      paths.push(path)
    }
    return paths
  } catch (error) {
    throw new Fault(`cannot write to ${directory}: ${messageOf(error)}`, { cause: error, hint: 'Name a directory that you may write to.' })
  }
}
