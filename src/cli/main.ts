import { join } from 'node:path'

/** Runs one command line; `bin/run.js` and `bin/dev.js` call it. Loads oclif late, so that nothing else pays for it. */
export async function main(argv: readonly string[]): Promise<void> {
  const { flush, handle, run } = await import('@oclif/core')
  const root = join(import.meta.dirname, import.meta.filename.endsWith('.ts') ? '../..' : '../../..')
  try {
    await run([...argv], { root })
    await flush()
  } catch (error) {
    await handle(error as Error)
  }
}
