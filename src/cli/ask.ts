import { createInterface } from 'node:readline/promises'
import { interruptedFault } from './fault.ts'
import { type Shell, writeTo } from './shell.ts'

/** Asks on standard error for a name to be typed. */
export async function askForName(shell: Shell, question: string, name: string): Promise<boolean> {
  return (await answerTo(shell, `${question} This is production: type ${JSON.stringify(name)} to go ahead: `)) === name
}

/** Asks on standard error; only `y` and `yes` mean yes. @throws Fault when interrupted */
export async function ask(shell: Shell, question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await answerTo(shell, `${question} [y/N] `))
}

async function answerTo(shell: Shell, prompt: string): Promise<string> {
  const lines = createInterface({ input: shell.stdin, output: shell.stderr })
  try {
    return (await lines.question(prompt)).trim()
  } catch (error) {
    // Ctrl-C, or Ctrl-D: the line has no end.
    if ((error as Error).name !== 'AbortError') throw error
    await writeTo(shell.stderr, '\n')
    if ((error as Error).message.includes('Ctrl+D')) return ''
    throw interruptedFault()
  } finally {
    lines.close()
  }
}
