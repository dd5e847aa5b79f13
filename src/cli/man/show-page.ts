import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Shell } from '../shell.ts'

/** Hands a page to man. False: there is none. */
export async function showManPage(shell: Shell, file: string, page: string): Promise<boolean> {
  const { runOnTerminal, writePrivateFile } = await import('../../host/node/index.ts')
  const host = await shell.host()
  const folder = join(tmpdir(), `tkafka-man-${process.pid}-${host.random.below(1 << 30)}`)
  try {
    writePrivateFile(join(folder, file), page)
    return (await runOnTerminal('man', [join(folder, file)])) === 0
  } finally {
    await host.disk.removeTree(folder)
  }
}
