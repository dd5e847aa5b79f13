import { join } from 'node:path'
import { Fault, messageOf, usageFault } from './fault.ts'
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

const CONTENTS_BYTES_MAX = 256 * 1024 * 1024

/** Somebody may have worked on what is there. @throws Fault (usage) naming files that say something else now */
export async function refuseOverwriting(
  shell: Shell,
  flags: { readonly overwrite: boolean },
  texts: readonly (readonly [path: string, text: string])[],
): Promise<void> {
  if (flags.overwrite) return
  const { disk } = await shell.host()
  const isOther = async (path: string, text: string): Promise<boolean> => {
    if ((await disk.stat(path).catch(() => undefined)) === undefined) return false
    const there = await disk.readFile(path, CONTENTS_BYTES_MAX).catch(() => undefined)
    return there === undefined || !Buffer.from(text).equals(there)
  }
  const judged = await Promise.all(texts.map(async ([path, text]) => ({ path, other: await isOther(path, text) })))
  const others = judged.filter(({ other }) => other).map(({ path }) => path)
  if (others.length > 0)
    throw usageFault(
      `nothing is written: ${others.join(' and ')} ${others.length === 1 ? 'is' : 'are'} there already, with other contents`,
      'Name another place, or add --overwrite.',
    )
}
