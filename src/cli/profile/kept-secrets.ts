import { dirname, join, resolve, sep } from 'node:path'
import { Fault, messageOf } from '../fault.ts'
import type { Shell } from '../shell.ts'
import { type Profile, plainSecretsOf } from './profile.ts'
import { userFile } from './profile-files.ts'
import { referencesIn } from './secret-keys.ts'

/** Profiles that refer to their secrets, which lie in files that only their owner may read. With `dryRun` nothing is written. */
export async function keepSecrets(shell: Shell, profiles: readonly Profile[], dryRun: boolean): Promise<Profile[]> {
  const folder = dirname(userFile(shell))
  const kept: Profile[] = []
  for (const profile of profiles) {
    const properties = { ...profile.properties }
    let { registry } = profile
    for (const field of plainSecretsOf(profile)) {
      const file = join('secrets', `${profile.name}.${field.replace(/^properties\./, '')}`)
      const key = field.replace(/^properties\./, '')
      const secret = field === 'registry.auth' ? registry!.auth! : properties[key]!
      if (!dryRun) await writeSecret(shell, join(folder, file), secret)
      if (field === 'registry.auth') registry = { ...registry!, auth: `file:${file}` }
      else properties[key] = `file:${file}`
    }
    kept.push({ ...profile, properties, registry })
  }
  return kept
}

async function writeSecret(shell: Shell, path: string, secret: string): Promise<void> {
  const { writePrivateFile } = await import('../../host/node/index.ts')
  const { disk } = await shell.host()
  try {
    await disk.remove(path)
    writePrivateFile(path, `${secret}\n`)
  } catch (error) {
    throw new Fault(`cannot write ${path}: ${messageOf(error)}`, { cause: error })
  }
}

const folderOf = (shell: Shell): string => join(dirname(userFile(shell)), 'secrets')

/** The files in the folder of `keepSecrets` that these profiles refer to and none of the others does. */
export function keptSecrets(shell: Shell, profiles: readonly Profile[], others: readonly Profile[]): string[] {
  const folder = folderOf(shell)
  const referred = ({ properties, registry }: Profile): string[] =>
    [...Object.values(properties), registry?.auth ?? '']
      .flatMap(referencesIn)
      .flatMap(({ kind, what }) => (kind === 'file' ? [resolve(dirname(folder), what)] : []))
  const needed = new Set(others.flatMap(referred))
  return [...new Set(profiles.flatMap(referred))].filter((path) => path.startsWith(folder + sep) && !needed.has(path))
}
