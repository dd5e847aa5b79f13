import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUuid } from '../base/index.ts'
import { Fault, usageFault } from './fault.ts'
import type { Shell } from './shell.ts'

/**
 * Has the user edit a text with VISUAL or EDITOR, which may carry arguments. Gives what it is then; undefined when it is as it was.
 * @throws Fault when there is no editor, or it fails
 */
export async function editText(shell: Shell, name: string, text: string): Promise<string | undefined> {
  const editor =
    [shell.env.VISUAL, shell.env.EDITOR].find((each) => each !== undefined && each !== '') ?? (shell.stdin.isTTY === true ? 'vi' : '')
  if (editor === '') throw usageFault('with which editor?', 'Set EDITOR.')
  const host = await shell.host()
  const folder = join(tmpdir(), `tkafka-${randomUuid(host.random)}`)
  const path = join(folder, name)
  const { runOnTerminal } = await import('../host/node/index.ts')
  await host.disk.makeDirectory(folder)
  try {
    await host.disk.replaceFile(path, Buffer.from(text), 'private')
    // As git does it: the shell parts the words of EDITOR, and the path is one word whatever is in it.
    const code = await runOnTerminal('sh', ['-c', `${editor} "$1"`, 'tkafka', path])
    if (code !== 0)
      throw new Fault(`${editor} ended with ${code === null ? 'nothing' : `exit code ${code}`}: nothing was changed`, {
        hint: 'Set VISUAL or EDITOR.',
      })
    const edited = Buffer.from(await host.disk.readFile(path)).toString()
    return edited === text ? undefined : edited
  } finally {
    await host.disk.removeTree(folder)
  }
}
