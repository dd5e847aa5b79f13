import { join } from 'node:path'
import type { DesiredText } from '../ops/index.ts'
import { Fault, messageOf, usageFault } from './fault.ts'
import type { Shell } from './shell.ts'
import { readTextFile } from './text-file.ts'

const FILES_MAX = 5000
const DEPTH_MAX = 10
/** As mistakes in it are told. */
export const STANDARD_INPUT = 'standard input'
const isMeant = (name: string): boolean => /\.ya?ml$/.test(name) && !name.startsWith('.')

/** The texts of files, and of those in directories whose names end in .yaml or .yml; `-` is standard input. @throws Fault */
export async function desiredTexts(shell: Shell, paths: readonly string[]): Promise<DesiredText[]> {
  const { disk } = await shell.host()
  const files: string[] = []
  const gather = async (directory: string, depth: number): Promise<void> => {
    for (const { name, kind } of await disk.list(directory)) {
      if (kind === 'directory' && !name.startsWith('.') && depth < DEPTH_MAX) await gather(join(directory, name), depth + 1)
      else if (kind !== 'directory' && isMeant(name)) files.push(join(directory, name))
      if (files.length > FILES_MAX) throw usageFault(`there are more than ${FILES_MAX} files in ${directory}`, 'Name a smaller directory.')
    }
  }
  for (const path of paths) {
    if (path === '-' || !(await isDirectory(shell, path))) {
      files.push(path)
      continue
    }
    const before = files.length
    try {
      await gather(path, 0)
    } catch (error) {
      if (error instanceof Fault) throw error
      throw new Fault(`cannot read the directory ${path}: ${messageOf(error)}`, { cause: error })
    }
    if (files.length === before)
      throw usageFault(`the directory ${path} holds no file that ends in .yaml or .yml`, 'See tkafka export -o for how to get some.')
  }
  return Promise.all(files.map(async (path) => ({ path: path === '-' ? STANDARD_INPUT : path, text: await readTextFile(shell, path) })))
}

/** Also where a link leads to one. */
export async function isDirectory(shell: Shell, path: string): Promise<boolean> {
  const { disk } = await shell.host()
  return disk.list(path).then(
    () => true,
    () => false,
  )
}
