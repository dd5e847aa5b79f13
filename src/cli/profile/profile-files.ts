import { join } from 'node:path'
import { nearest } from '../../base/index.ts'
import { Fault, messageOf, usageFault } from '../fault.ts'
import type { Shell } from '../shell.ts'
import { isProfileName, type Profile, type ProfileFile, plainSecretsOf, profileFile } from './profile.ts'

const FILE_BYTES_MAX = 1 << 20
/** In the working directory, for those who work there. */
export const projectFile = '.tkafka.yaml'

const directory = ({ env }: Pick<Shell, 'env'>, variable: 'XDG_CONFIG_HOME' | 'XDG_CACHE_HOME', home: string): string | undefined => {
  const base = env[variable] || (env.HOME ? join(env.HOME, home) : undefined)
  return base === undefined ? undefined : join(base, 'tkafka')
}

/** Undefined: nobody has a home here. */
export const configDirectory = (shell: Pick<Shell, 'env'>): string | undefined => directory(shell, 'XDG_CONFIG_HOME', '.config')
export const cacheDirectory = (shell: Pick<Shell, 'env'>): string | undefined => directory(shell, 'XDG_CACHE_HOME', '.cache')

/** @throws Fault (usage) where nobody has a home */
export function userFile(shell: Pick<Shell, 'env'>): string {
  const folder = configDirectory(shell)
  if (folder === undefined) throw usageFault('profiles need a place', 'Set HOME or XDG_CONFIG_HOME.')
  return join(folder, 'profiles.yaml')
}

export interface ProfileFiles {
  readonly user: ProfileFile | undefined
  readonly project: ProfileFile | undefined
}

/** Both files, as far as they are there. @throws Fault */
export async function readProfileFiles(shell: Shell): Promise<ProfileFiles> {
  const user = configDirectory(shell) === undefined ? undefined : await textOf(shell, userFile(shell))
  const project = await textOf(shell, projectFile)
  return {
    user: user === undefined ? undefined : profileFile(await yamlOf(shell, userFile(shell), user), userFile(shell), 'user'),
    project: project === undefined ? undefined : profileFile(await parseYaml(projectFile, project), projectFile, 'project'),
  }
}

/** Undefined: there is no such file. @throws Fault */
export async function textOf(shell: Shell, path: string): Promise<string | undefined> {
  const { disk } = await shell.host()
  try {
    return Buffer.from(await disk.readFile(path, FILE_BYTES_MAX)).toString()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as { code?: string }).code ?? '')) return undefined
    throw new Fault(`cannot read the profiles in ${path}: ${messageOf(error)}`, { cause: error })
  }
}

async function parseYaml(path: string, text: string): Promise<unknown> {
  const { parse } = await import('yaml')
  try {
    return parse(text)
  } catch (error) {
    // Only the place: what stands there may be a secret.
    const { linePos, code } = error as { linePos?: { line: number; col: number }[]; code?: string }
    const place = linePos?.[0] === undefined ? '' : `:${linePos[0].line}:${linePos[0].col}`
    throw new Fault(`${path}${place}: is no YAML${code === undefined ? '' : ` (${code})`}`, { hint: 'tkafka profile edit opens the file.' })
  }
}

/** What a text says, remembered beside it: a command that starts every second need not load the parser. */
async function yamlOf(shell: Shell, path: string, text: string): Promise<unknown> {
  const folder = cacheDirectory(shell)
  const memory = folder === undefined ? undefined : join(folder, 'profiles.json')
  const { disk } = await shell.host()
  if (memory !== undefined) {
    try {
      const { source, value } = JSON.parse(Buffer.from(await disk.readFile(memory, 2 * FILE_BYTES_MAX)).toString())
      if (source === text) return value
    } catch {
      // It is made anew.
    }
  }
  const value = await parseYaml(path, text)
  if (memory !== undefined && profileFile(value, path, 'user').profiles.some((each) => plainSecretsOf(each).length > 0))
    await disk.remove(memory).catch(() => {})
  else if (memory !== undefined) {
    await disk.makeDirectory(folder!).catch(() => {})
    await disk.replaceFile(memory, Buffer.from(JSON.stringify({ source: text, value })), 'private').catch(() => {})
    await disk.makeDirectory(join(folder!, 'names')).catch(() => {})
    await disk.replaceFile(join(folder!, 'names', 'profiles'), Buffer.from(namesIn(value))).catch(() => {})
  }
  return value
}

/** For completion, one a line. */
function namesIn(value: unknown): string {
  const list = (value as { profiles?: unknown } | null)?.profiles
  const names = Array.isArray(list) ? list.map((each) => (each as { name?: unknown } | null)?.name) : []
  return names
    .filter((name) => typeof name === 'string' && isProfileName(name))
    .map((name) => `${name}\n`)
    .join('')
}

export interface ChosenProfile {
  readonly profile: Profile
  readonly file: ProfileFile
}

/** What decides about the profile on a command line. */
export interface ProfileFlags {
  readonly profile?: string | undefined
  readonly 'command-config'?: string | undefined
}

/**
 * --profile, TKAFKA_PROFILE, the current one of the working directory, the current one of the user. A command that names a configuration
 * file and no profile means that file: it must not meet the addresses of another cluster, nor its credentials.
 * @throws Fault
 */
export async function chosenProfile(shell: Shell, flags: ProfileFlags): Promise<ChosenProfile | undefined> {
  if (flags.profile === undefined && flags['command-config'] !== undefined) return undefined
  const named = flags.profile ?? (shell.env.TKAFKA_PROFILE || undefined)
  if (named === 'none') return undefined
  const files = await readProfileFiles(shell)
  const current = files.project?.current ?? files.user?.current ?? undefined
  const name = named ?? current
  if (name === undefined || name === 'none') return undefined
  const found = findProfile(files, name)
  if (found !== undefined) return found
  const known = profilesIn(files).map(({ profile }) => profile.name)
  const close = nearest(name, known)
  const where = named !== undefined ? '' : `, which is current in ${(files.project?.current == null ? files.user : files.project)!.path}`
  throw usageFault(`there is no profile ${name}${where}`, close === undefined ? 'See tkafka profile list.' : `Did you mean ${close}?`)
}

/** A profile of the working directory comes before one of the user's with the same name. */
export const profilesIn = ({ project, user }: ProfileFiles): ChosenProfile[] => {
  const all = [project, user].flatMap((file) => (file?.profiles ?? []).map((profile) => ({ profile, file: file! })))
  return all.filter(({ profile }, index) => all.findIndex((each) => each.profile.name === profile.name) === index)
}

export const findProfile = (files: ProfileFiles, name: string): ChosenProfile | undefined =>
  profilesIn(files).find(({ profile }) => profile.name === name)
