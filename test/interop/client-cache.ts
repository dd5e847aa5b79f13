import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { exclusively } from '../apache/exclusively.ts'

/** A folder with a client in it, or why there is none. */
export type Installed = { readonly folder: string } | { readonly missing: string }

const root = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tkafka-clients')
const here = import.meta.dirname

/** Whether a client may be missing here: with TKAFKA_REQUIRE_CLIENTS=1 nothing passes by being skipped. */
const isRequired = process.env.TKAFKA_REQUIRE_CLIENTS === '1'

/** For `describe(name, { skip }, …)`: false, or the reason. @throws when clients are required */
export const skipWithout = (installed: Installed): string | false => {
  if ('folder' in installed) return false
  if (isRequired) throw new Error(installed.missing)
  return installed.missing
}

export const hasCommand = (command: string, ...args: string[]): boolean => spawnSync(command, args, { stdio: 'ignore' }).status === 0

interface Recipe {
  readonly name: string
  /** Of this folder; a change of one makes a new installation. */
  readonly files: readonly string[]
  /** In the folder of the installation, which holds copies of the files. */
  readonly steps: readonly (readonly [command: string, ...args: string[]])[]
}

/** Installs once into a folder of the cache that is named after what is installed; other processes wait meanwhile. */
const install = async ({ name, files, steps }: Recipe): Promise<Installed> => {
  const content = createHash('sha256')
  for (const file of files) content.update(readFileSync(join(here, file)))
  const folder = join(root, `${name}-${content.digest('hex').slice(0, 12)}`)
  const complete = join(folder, '.complete')
  const fill = (): Installed => {
    mkdirSync(folder, { recursive: true })
    for (const file of files) cpSync(join(here, file), join(folder, basename(file)))
    process.stderr.write(`installing the clients of ${name} into ${folder}\n`)
    for (const [command, ...args] of steps) {
      const { status, error } = spawnSync(command, args, { cwd: folder, stdio: ['ignore', 2, 2], timeout: 300_000 })
      if (status !== 0) return { missing: `${command} ${args.join(' ')} failed (${error?.message ?? `exit code ${status}`})` }
    }
    writeFileSync(complete, '')
    return { folder }
  }
  mkdirSync(root, { recursive: true })
  return (await exclusively(join(root, `.${name}`), () => existsSync(complete), fill)) ?? { folder }
}

export const npmClients = (): Promise<Installed> =>
  install({
    name: 'npm',
    files: ['package.json', 'package-lock.json'],
    steps: [['npm', 'ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']],
  })

export const pythonClients = async (): Promise<Installed> => {
  if (!hasCommand('python3', '-c', 'import venv, ensurepip')) return { missing: 'needs python3 with venv' }
  const steps = [
    ['python3', '-m', 'venv', 'venv'],
    ['venv/bin/pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary', ':all:', '-r', 'requirements.txt'],
  ] as const
  return install({ name: 'python', files: ['clients/requirements.txt'], steps })
}

export const goClients = async (): Promise<Installed> => {
  if (!hasCommand('go', 'version')) return { missing: 'needs go' }
  const files = ['go.mod', 'go.sum', 'main.go', 'admin.go'].map((file) => `clients/franz-go/${file}`)
  return install({ name: 'go', files, steps: [['go', 'build', '-o', 'client', '.']] })
}
