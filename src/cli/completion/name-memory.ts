import { join } from 'node:path'
import { cacheDirectory } from '../profile/profile-files.ts'
import type { Shell } from '../shell.ts'

/** What completion offers: names that a command listed the last time. */
export type NamedThing = 'topics' | 'groups' | 'brokers'

/** More are not kept: nobody completes among so many, and a shell reads them at each key. */
const NAMES_MAX = 10_000
const FILE_BYTES_MAX = 4 << 20

/** Which cluster was meant, as far as the words and the environment of a command line say, which is all that a shell sees. */
export interface ClusterWords {
  readonly profile?: string | undefined
  readonly 'bootstrap-server'?: string | undefined
}

/** The file's name without its ending; the scripts of completion say the same. */
export function memoryKey({ env }: Pick<Shell, 'env'>, flags: ClusterWords): string {
  const plain = (text: string): string => text.replace(/[^A-Za-z0-9.-]/g, '_')
  if (flags['bootstrap-server']) return `server-${plain(flags['bootstrap-server'])}`
  if (flags.profile) return `profile-${plain(flags.profile)}`
  if (env.TKAFKA_BOOTSTRAP_SERVER) return `server-${plain(env.TKAFKA_BOOTSTRAP_SERVER)}`
  if (env.TKAFKA_PROFILE) return `profile-${plain(env.TKAFKA_PROFILE)}`
  return 'default'
}

const folderOf = (shell: Pick<Shell, 'env'>): string | undefined => {
  const folder = cacheDirectory(shell)
  return folder === undefined ? undefined : join(folder, 'names')
}

/** Keeps names for the next completion, one a line. What cannot be kept is not missed. */
export async function rememberNames(shell: Shell, flags: ClusterWords, thing: NamedThing, names: readonly string[]): Promise<void> {
  const folder = folderOf(shell)
  if (folder === undefined) return
  // Only what a shell can show on one line and take for one word.
  const kept = names.filter((name) => /^[^\s\p{Cc}\p{Cf}]+$/u.test(name)).slice(0, NAMES_MAX)
  const bytes = Buffer.from(kept.map((name) => `${name}\n`).join(''))
  const path = join(folder, `${memoryKey(shell, flags)}.${thing}`)
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

/** What was remembered for whoever names no cluster, which is another one now. */
export async function forgetDefaultNames(shell: Shell): Promise<void> {
  const folder = folderOf(shell)
  if (folder === undefined) return
  const { disk } = await shell.host()
  for (const thing of ['topics', 'groups', 'brokers']) await disk.remove(join(folder, `default.${thing}`)).catch(() => {})
}
