import { dirname, join, resolve } from 'node:path'
import { Fault, messageOf } from '../fault.ts'
import type { Shell } from '../shell.ts'
import { referencesIn, type SecretReference } from './secret-keys.ts'

const SECRET_BYTES_MAX = 64 * 1024
/** Whoever has to unlock a keyring may type a password. */
const COMMAND_MS = 60_000

/**
 * Settings with what their references stand for; whose these are comes first in what is said. Secrets that are read are remembered, so that
 * nothing prints them. @throws Fault
 */
export async function withSecrets(
  shell: Shell,
  values: Readonly<Record<string, string>>,
  from: { readonly whose: string; readonly path: string },
): Promise<Record<string, string>> {
  const resolved: Record<string, string> = {}
  for (const [key, value] of Object.entries(values)) {
    let text = value
    for (const each of referencesIn(value)) {
      const secret = await readSecret(shell, each, `${from.whose}: ${key}`, from.path)
      shell.secrets?.add(secret)
      text = text.replace(each.text, () => secret)
    }
    resolved[key] = text
  }
  return resolved
}

async function readSecret(shell: Shell, { kind, what, text }: SecretReference, place: string, path: string): Promise<string> {
  switch (kind) {
    case 'env': {
      const value = shell.env[what]
      if (value === undefined || value === '') throw new Fault(`${place}: the environment has no ${what}`, { hint: `${what}=… tkafka …` })
      return value
    }
    case 'file': {
      const file = what.startsWith('~/') ? join(shell.env.HOME ?? '', what.slice(2)) : resolve(dirname(path), what)
      const { disk } = await shell.host()
      try {
        return firstLines(Buffer.from(await disk.readFile(file, SECRET_BYTES_MAX)).toString())
      } catch (error) {
        throw new Fault(`${place}: cannot read ${file}: ${messageOf(error)}`, { cause: error })
      }
    }
    case 'command': {
      const { runProgram } = await import('../../host/node/index.ts')
      const { code, stdout } = await runProgram('/bin/sh', ['-c', what], { timeoutMs: COMMAND_MS })
      if (code !== 0) throw new Fault(`${place}: ${text} ended with exit code ${code ?? 'none: it did not start, or took too long'}`)
      if (stdout === '') throw new Fault(`${place}: ${text} printed nothing`)
      return firstLines(stdout)
    }
    case 'keyring':
      return readKeyring(what, place)
  }
}

const firstLines = (text: string): string => text.replace(/\r?\n$/, '')

/** The platform's own keyring, through its own tool. */
const keyrings: Readonly<
  Partial<Record<NodeJS.Platform, { read: (name: string) => string[]; store: (name: string) => string[]; brings: string }>>
> = {
  linux: {
    read: (name) => ['secret-tool', 'lookup', 'service', 'tkafka', 'account', name],
    store: (name) => ['secret-tool', 'store', `--label=tkafka ${name}`, 'service', 'tkafka', 'account', name],
    brings: 'the package libsecret-tools brings secret-tool',
  },
  darwin: {
    read: (name) => ['security', 'find-generic-password', '-s', 'tkafka', '-a', name, '-w'],
    // Without a value behind -w it asks for it.
    store: (name) => ['security', 'add-generic-password', '-U', '-s', 'tkafka', '-a', name, '-w'],
    brings: 'macOS has security',
  },
}

async function readKeyring(name: string, place: string): Promise<string> {
  const keyring = keyrings[process.platform]
  const other = 'Keep the secret as env:NAME, file:PATH or command:LINE instead.'
  if (keyring === undefined) throw new Fault(`${place}: there is no keyring that is known on ${process.platform}`, { hint: other })
  const { runProgram } = await import('../../host/node/index.ts')
  const [program, ...args] = keyring.read(name)
  const { code, stdout } = await runProgram(program!, args, { timeoutMs: COMMAND_MS })
  const secret = firstLines(stdout)
  if (code === null) throw new Fault(`${place}: ${program} cannot be run; ${keyring.brings}`, { hint: other })
  if (code === 0 && secret !== '') return secret
  const words = keyring.store(name).map((word) => (/[^\w.=-]/.test(word) ? `'${word}'` : word))
  throw new Fault(`${place}: the keyring has nothing called ${name}, or is locked`, { hint: `Store it: ${words.join(' ')}` })
}
