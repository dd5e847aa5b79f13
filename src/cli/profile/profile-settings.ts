import { Fault } from '../fault.ts'
import type { Shell } from '../shell.ts'
import { plainSecretsOf } from './profile.ts'
import type { ChosenProfile } from './profile-files.ts'
import { hintFor, referencesIn } from './secret-keys.ts'
import { withSecrets } from './secrets.ts'

/** The client configuration that a profile stands for, secrets and all. @throws Fault */
export async function profileSettings(shell: Shell, { profile, file }: ChosenProfile): Promise<Record<string, string>> {
  const { name, properties, bootstrapServers } = profile
  const [plain] = plainSecretsOf(profile)
  if (plain !== undefined)
    throw new Fault(`${file.path}: ${name}.${plain} holds a secret as it is`, {
      hint: hintFor(name),
    })
  const [key] = Object.entries(properties).find(([, value]) => referencesIn(value).length > 0) ?? []
  // Whoever comes into a directory trusts neither its commands nor what it would send where.
  if (file.scope === 'project' && key !== undefined)
    throw new Fault(`${file.path}: ${name}.properties.${key} refers to a secret, which a file of a working directory may not`, {
      hint: 'Keep the profile in your own file, and name it there with current: NAME; or set TKAFKA_X_….',
    })
  const values = await withSecrets(shell, properties, { whose: `profile ${name}`, path: file.path })
  return bootstrapServers === null ? values : { ...values, 'bootstrap.servers': bootstrapServers }
}
