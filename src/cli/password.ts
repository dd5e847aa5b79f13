import { createInterface } from 'node:readline'
import { interruptedFault, usageFault } from './fault.ts'
import { Flags } from './flags.ts'
import { type Shell, writeTo } from './shell.ts'
import { readTextFile } from './text-file.ts'

/** A password is never a word of a command line, which others of the machine can read. */
export const passwordFlags = {
  password: Flags.string({ summary: 'where the password is: a variable or a file; else it is asked for', helpValue: 'env:NAME|file:PATH' }),
  'password-stdin': Flags.boolean({ summary: 'the password is on standard input', exclusive: ['password'] }),
}

/** From where flags say, or asked for twice. @throws Fault */
export async function readPassword(
  shell: Shell,
  flags: { readonly password?: string | undefined; readonly 'password-stdin': boolean },
  whose: string,
): Promise<string> {
  const password = await (flags['password-stdin']
    ? firstLine(Buffer.concat(await shell.stdin.toArray()).toString())
    : flags.password === undefined
      ? asked(shell, whose)
      : referred(shell, flags.password))
  if (password === '') throw usageFault('the password is empty')
  return password
}

const firstLine = (text: string): string => text.replace(/\r?\n.*$/s, '')

async function referred(shell: Shell, reference: string): Promise<string> {
  const [, scheme, rest = ''] = /^(env|file):(.+)$/s.exec(reference) ?? []
  if (scheme === 'env') {
    const value = shell.env[rest]
    if (value === undefined) throw usageFault(`there is no variable ${rest}`)
    return value
  }
  if (scheme === 'file') return firstLine(await readTextFile(shell, rest))
  throw usageFault('a password on the command line can be read by others', 'Write env:NAME or file:PATH, or use --password-stdin.')
}

async function asked(shell: Shell, whose: string): Promise<string> {
  if (shell.stdin.isTTY !== true || shell.stderr.isTTY !== true)
    throw usageFault('which password? Nobody can be asked here.', 'Use --password-stdin, or --password env:NAME or file:PATH.')
  // A terminal without an output: nothing of what is typed is shown.
  const lines = createInterface({ input: shell.stdin, terminal: true })
  // What is typed, or pasted, before it is asked for is not lost.
  const entered = lines[Symbol.asyncIterator]()
  const interrupted = new Promise<never>((_resolve, reject) => lines.once('SIGINT', () => reject(interruptedFault())))
  const line = async (prompt: string): Promise<string> => {
    await writeTo(shell.stderr, prompt)
    const { value, done } = await Promise.race([entered.next(), interrupted]).finally(() => writeTo(shell.stderr, '\n'))
    if (done === true) throw usageFault('nothing was changed')
    return value
  }
  try {
    const password = await line(`Password of ${whose}: `)
    if ((await line('Again: ')) !== password) throw usageFault('the two are not the same: nothing was changed')
    return password
  } finally {
    lines.close()
  }
}
