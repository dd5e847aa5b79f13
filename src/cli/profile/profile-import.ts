import { join } from 'node:path'
import { Fault, usageFault } from '../fault.ts'
import type { Shell } from '../shell.ts'
import { type ForeignCluster, foreignClusters, type ImportFormat } from './foreign-clusters.ts'
import { emptyProfile, isProfileName, type Profile, profileFile } from './profile.ts'
import { textOf } from './profile-files.ts'

export interface Imported {
  readonly profiles: readonly Profile[]
  /** The one that was in use there. */
  readonly current: string | undefined
  /** What could not be taken over, in words. */
  readonly remarks: readonly string[]
}

/** The profiles that another program's file comes to; secrets are in them as they are. @throws Fault */
export async function importedProfiles(
  shell: Shell,
  format: ImportFormat,
  given: string | undefined,
  name: string | undefined,
): Promise<Imported> {
  const [source, path] = await sourceOf(shell, given === undefined ? usualPlaces(shell, format) : [given])
  const { clusters, current } = await foreignClusters(shell, format, source, path)
  const nameOf = (cluster: ForeignCluster): string =>
    name === undefined ? cluster.name : clusters.length === 1 ? name : `${name}-${cluster.name}`
  const remarks: string[] = []
  const profiles = clusters.map((cluster) => profileOf({ ...cluster, name: profileName(nameOf(cluster)) }, remarks))
  // The rules of our own file hold for them too.
  profileFile({ profiles: profiles.map(({ name: each, bootstrapServers }) => ({ name: each, bootstrapServers })) }, path, 'user')
  const used =
    clusters.find((cluster) => cluster.name === current) ?? clusters.find(({ name: each }) => each.toLowerCase() === current?.toLowerCase())
  return { profiles, current: used === undefined ? undefined : profileName(nameOf(used)), remarks }
}

function profileName(wanted: string): string {
  const name = wanted
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64)
  return isProfileName(name) ? name : 'imported'
}

/** The first of these files that is there. @throws Fault */
async function sourceOf(shell: Shell, paths: readonly string[]): Promise<[source: string, path: string]> {
  for (const path of paths) {
    const source = await textOf(shell, path)
    if (source !== undefined) return [source, path]
  }
  if (paths.length === 0) throw usageFault('which file?', 'Name it.')
  throw new Fault(`there is no ${paths[0]}`, { hint: 'Name the file.' })
}

/** Where the programs look for them. */
function usualPlaces({ env }: Shell, format: ImportFormat): string[] {
  const home = env.HOME ?? ''
  const config = env.XDG_CONFIG_HOME || join(home, '.config')
  switch (format) {
    case 'rpk':
      return [env.RPK_CONFIG || join(config, 'rpk', 'rpk.yaml')]
    case 'kaf':
      return [join(home, '.kaf', 'config')]
    case 'kcl':
      return [env.KCL_CONFIG_PATH || join(env.KCL_CONFIG_DIR || join(config, 'kcl'), env.KCL_CONFIG_FILE || 'config.toml')]
    case 'kafkactl': {
      const folders = [
        join(home, '.config', 'kafkactl'),
        join(home, '.kafkactl'),
        ...(env.APPDATA ? [join(env.APPDATA, 'kafkactl')] : []),
        '/etc/kafkactl',
      ]
      return env.KAFKA_CTL_CONFIG
        ? [env.KAFKA_CTL_CONFIG]
        : folders.flatMap((folder) => ['config.yml', 'config.yaml'].map((name) => join(folder, name)))
    }
    case 'properties':
      return []
  }
}

const modules: Readonly<Record<string, string>> = {
  PLAIN: 'org.apache.kafka.common.security.plain.PlainLoginModule',
  'SCRAM-SHA-256': 'org.apache.kafka.common.security.scram.ScramLoginModule',
  'SCRAM-SHA-512': 'org.apache.kafka.common.security.scram.ScramLoginModule',
}

function profileOf(
  { name, brokers, tls, sasl, registry, properties = {}, timeout, remarks: said = [] }: ForeignCluster,
  remarks: string[],
): Profile {
  remarks.push(...said.map((remark) => `${name}: ${remark}`))
  const mechanism = sasl?.mechanism.toUpperCase() ?? ''
  const isKnown = sasl !== undefined && modules[mechanism] !== undefined
  if (sasl !== undefined && mechanism !== '' && !isKnown)
    remarks.push(`${name}: the login with ${mechanism} is not taken over: set sasl.jaas.config yourself`)
  if (tls?.insecure === true) remarks.push(`${name}: the certificate of the brokers is checked, which was switched off there`)
  const escaped = (value: string): string => value.replace(/["\\]/g, '\\$&')
  const own: Record<string, string> = {}
  if (tls !== undefined || isKnown) own['security.protocol'] = `${isKnown ? 'SASL_' : ''}${tls === undefined ? 'PLAINTEXT' : 'SSL'}`
  if (isKnown) {
    own['sasl.mechanism'] = mechanism
    own['sasl.jaas.config'] = `${modules[mechanism]} required username="${escaped(sasl.user)}" password="${escaped(sasl.password)}";`
  }
  if (own['security.protocol'] === 'SASL_PLAINTEXT' && tls === undefined)
    remarks.push(`${name}: the login goes over the network without TLS`)
  if (tls?.ca !== undefined) Object.assign(own, { 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': tls.ca })
  if (tls?.cert !== undefined && tls.key !== undefined)
    Object.assign(own, {
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.certificate.chain': `file:${tls.cert}`,
      'ssl.keystore.key': `file:${tls.key}`,
    })
  const auth = registry?.user === undefined ? null : `${registry.user}:${registry.password ?? ''}`
  return {
    ...emptyProfile(name),
    bootstrapServers: brokers.length === 0 ? null : brokers.join(','),
    properties: { ...properties, ...own },
    registry: registry === undefined ? null : { url: registry.url, auth },
    defaults: { output: null, timeout: timeout ?? null },
  }
}
