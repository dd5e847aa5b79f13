import { Fault, messageOf } from './fault.ts'
import type { Shell } from './shell.ts'

/** The whole text; `-` is standard input. @throws Fault when it cannot be read */
export async function readTextFile(shell: Shell, path: string): Promise<string> {
  try {
    if (path === '-') return Buffer.concat(await shell.stdin.toArray()).toString()
    const { disk } = await shell.host()
    return Buffer.from(await disk.readFile(path)).toString()
  } catch (error) {
    throw new Fault(`cannot read ${path}: ${messageOf(error)}`, { cause: error })
  }
}
