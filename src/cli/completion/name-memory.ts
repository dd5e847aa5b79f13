import { isAbsolute, join } from 'node:path'
import type { ConnectionFlags } from '../client-settings.ts'
import { cacheDirectory, projectFile } from '../profile/profile-files.ts'
import type { Shell } from '../shell.ts'

/** What completion offers: names that a command listed the last time. */
export type NamedThing = 'topics' | 'groups' | 'brokers'

/** More are not kept: nobody completes among so many, and a shell reads them at each key. */
const NAMES_MAX = 10_000
const FILE_BYTES_MAX = 4 << 20

/** Which cluster was meant, as far as the words and the environment of a command line say, which is all that a shell sees. */
export type ClusterWords = ConnectionFlags

/** As part of a file's name: no two texts of ASCII that may stand in addresses, names and paths come to the same. */
function plain(text: string): string {
  const signs: Readonly<Record<string, string>> = { _: '__', '/': '_s', ':': '_c', ',': '_k', '@': '_a' }
  return Buffer.from(text)
    .toString('latin1')
    .replace(/[^A-Za-z0-9.-]/g, (sign) => signs[sign] ?? '_x')
}

/**
 * The file's name without its ending; the scripts of completion say the same. What is no address stands with all that could lead it elsewhere: the
 * folder that has profiles of its own, and the file of --command-config. Undefined: a shell cannot see which cluster these mean.
 */
export async function memoryKey(shell: Shell, flags: ClusterWords): Promise<string | undefined> {
  const { env } = shell
  const ofPairs = (key: string): string | undefined =>
    flags['command-property']?.findLast((each) => each.startsWith(`${key}=`))?.slice(key.length + 1)
  if (flags['bootstrap-controller'] !== undefined || ofPairs('bootstrap.controllers') !== undefined) return undefined
  const server = flags['bootstrap-server'] || ofPairs('bootstrap.servers')
  if (server) return plain(`server-${server}`)
  const named = flags.profile === 'none' ? undefined : flags.profile || undefined
  const ofEnvironment = env.TKAFKA_BOOTSTRAP_SERVER || env.TKAFKA_X_BOOTSTRAP_SERVERS || ''
  if (named === undefined && ofEnvironment !== '') return plain(`server-${ofEnvironment}`)
  const file = flags['command-config'] || env.TKAFKA_CONFIG || ''
  const isNone = flags.profile === 'none' || (named === undefined && (flags['command-config'] || env.TKAFKA_PROFILE === 'none'))
  const profile = named ?? (env.TKAFKA_PROFILE || undefined)
  const base = isNone ? 'none' : profile === undefined ? 'default' : `profile-${profile}`
  const { disk } = await shell.host()
  const isFolder = base !== 'none' && (await disk.stat(projectFile).catch(() => undefined)) !== undefined
  const places = [...(isFolder ? [process.cwd()] : []), ...(file === '' ? [] : [isAbsolute(file) ? file : `${process.cwd()}/${file}`])]
  return plain([base, ...(ofEnvironment === '' ? [] : [ofEnvironment]), ...places].join('@'))
}

const folderOf = (shell: Pick<Shell, 'env'>): string | undefined => {
  const folder = cacheDirectory(shell)
  return folder === undefined ? undefined : join(folder, 'names')
}

/** Keeps names for the next completion, one a line. What cannot be kept is not missed. */
export async function rememberNames(shell: Shell, flags: ClusterWords, thing: NamedThing, names: readonly string[]): Promise<void> {
  const folder = folderOf(shell)
  if (folder === undefined) return
  const key = await memoryKey(shell, flags)
  if (key === undefined) return
  // Only what a shell can show on one line and take for one word.
  const kept = names.filter((name) => /^[^\s\p{Cc}\p{Cf}]+$/u.test(name)).slice(0, NAMES_MAX)
  const bytes = Buffer.from(kept.map((name) => `${name}\n`).join(''))
  const path = join(folder, `${key}.${thing}`)
  const { disk } = await shell.host()
  try {
    const known = await disk.readFile(path, FILE_BYTES_MAX).catch(() => undefined)
    if (known !== undefined && bytes.equals(known)) return
    await disk.makeDirectory(folder)
    await disk.replaceFile(path, bytes)
  } catch {
    // A full disk or a home that is read-only is told by whoever needs it.
  }
}

/** What was remembered under these profiles, which are others now; null: for whoever names no cluster. */
export async function forgetNames(shell: Shell, profiles: readonly (string | null)[]): Promise<void> {
  const folder = folderOf(shell)
  if (folder === undefined) return
  const { disk } = await shell.host()
  const bases = profiles.map((name) => (name === null ? 'default' : plain(`profile-${name}`)))
  const files = await disk.list(folder).catch(() => [])
  for (const { name } of files)
    if (bases.some((base) => name.startsWith(`${base}.`) || name.startsWith(`${base}_a`)))
      await disk.remove(join(folder, name)).catch(() => {})
}
