import { createInterface } from 'node:readline/promises'
import type { Shell } from './shell.ts'

/** Asks on standard error; only `y` and `yes` mean yes. */
export async function ask(shell: Shell, question: string): Promise<boolean> {
  const lines = createInterface({ input: shell.stdin, output: shell.stderr })
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim())
  } finally {
    lines.close()
  }
}
