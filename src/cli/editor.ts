import { dirname } from 'node:path'
import { Fault } from './fault.ts'
import type { Shell } from './shell.ts'

/** Has somebody edit a text, in a file that stays until the caller removes it. @throws Fault when the editor fails */
export async function runEditor(shell: Shell, path: string, text: string): Promise<string> {
  const { disk } = await shell.host()
  await disk.makeDirectory(dirname(path))
  await disk.replaceFile(path, Buffer.from(text), 'private')
  const editor = shell.env.VISUAL || shell.env.EDITOR || 'vi'
  const { runOnTerminal } = await import('../host/node/index.ts')
  // An editor may have arguments of its own, as in EDITOR='code --wait'.
  const code = await runOnTerminal('/bin/sh', ['-c', `${editor} "$1"`, 'sh', path])
  if (code !== 0)
    throw new Fault(`the editor ${editor} ended with ${code === null ? 'nothing' : `exit code ${code}`}`, { hint: 'Set VISUAL or EDITOR.' })
  return Buffer.from(await disk.readFile(path, 1 << 20)).toString()
}
