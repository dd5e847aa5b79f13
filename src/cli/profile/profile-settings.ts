import { Fault } from '../fault.ts'
import type { Shell } from '../shell.ts'
import { type Profile, plainSecretsOf } from './profile.ts'
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
  const field = file.scope === 'project' ? foreignField(profile) : undefined
  if (field !== undefined)
    throw new Fault(`${file.path}: ${name}.${field} refers to a secret, which a file of a working directory may not`, {
      hint: 'Keep the profile in your own file, and name it there with current: NAME; or set TKAFKA_X_….',
    })
  const values = await withSecrets(shell, properties, { whose: `profile ${name}`, path: file.path })
  return bootstrapServers === null ? values : { ...values, 'bootstrap.servers': bootstrapServers }
}

/**
 * What of a profile may not come with a directory: whoever enters one trusts neither its commands nor what it would send where. That holds
 * for variables of configuration providers (KIP-297) too, whoever declares the providers.
 */
function foreignField({ properties, bootstrapServers }: Profile): string | undefined {
  const refers = (value: string): boolean => referencesIn(value).length > 0 || /\$\{[^}]*:/.test(value)
  if (bootstrapServers !== null && refers(bootstrapServers)) return 'bootstrapServers'
  const [key] = Object.entries(properties).find(([each, value]) => /^config\.providers(\.|$)/.test(each) || refers(value)) ?? []
  return key === undefined ? undefined : `properties.${key}`
}
