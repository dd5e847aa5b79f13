import { join } from 'node:path'
import { Fault, usageFault } from '../fault.ts'
import type { Shell } from '../shell.ts'
import { emptyProfile, isProfileName, type Profile, profileFile } from './profile.ts'
import { textOf } from './profile-files.ts'

export type ImportFormat = 'rpk' | 'kaf' | 'kcl' | 'properties'

export interface Imported {
  readonly profiles: readonly Profile[]
  /** The one that was in use there. */
  readonly current: string | undefined
  /** What could not be taken over, in words. */
  readonly remarks: readonly string[]
}

/** What the files of all these programs say of one cluster. */
interface Cluster {
  readonly name: string
  readonly brokers: readonly string[]
  readonly tls?:
    | {
        readonly ca?: string | undefined
        readonly cert?: string | undefined
        readonly key?: string | undefined
        readonly insecure?: boolean
      }
    | undefined
  readonly sasl?: { readonly mechanism: string; readonly user: string; readonly password: string } | undefined
  readonly registry?: { readonly url: string; readonly user?: string | undefined; readonly password?: string | undefined } | undefined
  readonly properties?: Readonly<Record<string, string>>
  readonly timeout?: string | undefined
}

type Table = Readonly<Record<string, unknown>>

const table = (value: unknown): Table | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Table) : undefined
const tables = (value: unknown): Table[] => (Array.isArray(value) ? value.map(table).filter((each) => each !== undefined) : [])
const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(text) : text(value) === '' ? [] : text(value).split(','))
const orNone = (value: unknown): string | undefined => text(value) || undefined

/** The profiles that another program's file comes to; secrets are in them as they are. @throws Fault */
export async function importedProfiles(
  shell: Shell,
  format: ImportFormat,
  given: string | undefined,
  name: string | undefined,
): Promise<Imported> {
  const path = given ?? usualPlace(shell, format)
  if (path === undefined) throw usageFault('which file?', 'Name it.')
  const source = await textOf(shell, path)
  if (source === undefined) throw new Fault(`there is no ${path}`, { hint: 'Name the file.' })
  const { clusters, current } = await clustersIn(format, source, path)
  const nameOf = (cluster: Cluster): string =>
    name === undefined ? cluster.name : clusters.length === 1 ? name : `${name}-${cluster.name}`
  const remarks: string[] = []
  const profiles = clusters.map((cluster) => profileOf({ ...cluster, name: profileName(nameOf(cluster)) }, remarks))
  // The rules of our own file hold for them too.
  profileFile({ profiles: profiles.map(({ name: each, bootstrapServers }) => ({ name: each, bootstrapServers })) }, path, 'user')
  const used = clusters.find((cluster) => cluster.name === current)
  return { profiles, current: used === undefined ? undefined : profileName(nameOf(used)), remarks }
}

function profileName(wanted: string): string {
  const name = wanted
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64)
  return isProfileName(name) ? name : 'imported'
}

function usualPlace({ env }: Shell, format: ImportFormat): string | undefined {
  const home = env.HOME ?? ''
  const config = env.XDG_CONFIG_HOME || join(home, '.config')
  if (format === 'rpk') return env.RPK_CONFIG || join(config, 'rpk', 'rpk.yaml')
  if (format === 'kaf') return join(home, '.kaf', 'config')
  if (format === 'kcl') return env.KCL_CONFIG_PATH || join(env.KCL_CONFIG_DIR || join(config, 'kcl'), env.KCL_CONFIG_FILE || 'config.toml')
  return undefined
}

async function clustersIn(
  format: ImportFormat,
  source: string,
  path: string,
): Promise<{ clusters: Cluster[]; current: string | undefined }> {
  if (format === 'properties') {
    const { parseProperties } = await import('../../config/index.ts')
    const { 'bootstrap.servers': servers, ...properties } = Object.fromEntries(parseProperties(source))
    const [file = ''] = path.split('/').slice(-1)
    return { clusters: [{ name: file.replace(/\.[^.]*$/, ''), brokers: texts(servers), properties }], current: undefined }
  }
  let content: Table
  try {
    const parsed = format === 'kcl' ? (await import('smol-toml')).parse(source) : (await import('yaml')).parse(source)
    content = table(parsed) ?? {}
  } catch (error) {
    // The message of a parser quotes what it cannot read, which may be a secret.
    const { line, linePos } = error as { line?: number; linePos?: { line: number }[] }
    throw new Fault(`${path}:${line ?? linePos?.[0]?.line ?? 1}: is no ${format === 'kcl' ? 'TOML' : 'YAML'}`)
  }
  if (format === 'rpk') return { clusters: rpkClusters(content), current: orNone(content.current_profile) }
  if (format === 'kaf') return { clusters: kafClusters(content), current: orNone(content['current-cluster']) }
  return { clusters: kclClusters(content), current: orNone(content.current_profile) }
}

function rpkClusters(content: Table): Cluster[] {
  return tables(content.profiles).map((profile) => {
    const api = table(profile.kafka_api) ?? {}
    const registry = table(profile.schema_registry)
    const tls = table(api.tls)
    const sasl = table(api.sasl)
    return {
      name: text(profile.name),
      brokers: texts(api.brokers),
      tls: tls && {
        ca: orNone(tls.ca_file),
        cert: orNone(tls.cert_file),
        key: orNone(tls.key_file),
        insecure: tls.insecure_skip_verify === true,
      },
      sasl: sasl && { mechanism: text(sasl.mechanism), user: text(sasl.user), password: text(sasl.password) },
      registry:
        registry && texts(registry.addresses)[0] !== undefined
          ? { url: withScheme(texts(registry.addresses)[0]!, registry.tls) }
          : undefined,
    }
  })
}

const withScheme = (address: string, tls: unknown): string =>
  /^https?:/.test(address) ? address : `${tls === undefined || tls === null ? 'http' : 'https'}://${address}`

function kafClusters(content: Table): Cluster[] {
  return tables(content.clusters).map((cluster) => {
    const tls = table(cluster.TLS) ?? (/SSL$/.test(text(cluster['security-protocol'])) ? {} : undefined)
    const sasl = table(cluster.SASL)
    const login = table(cluster['schema-registry-credentials'])
    const url = text(cluster['schema-registry-url'])
    return {
      name: text(cluster.name),
      brokers: texts(cluster.brokers),
      tls: tls && { ca: orNone(tls.cafile), cert: orNone(tls.clientfile), key: orNone(tls.clientkeyfile), insecure: tls.insecure === true },
      sasl: sasl && { mechanism: text(sasl.mechanism) || 'PLAIN', user: text(sasl.username), password: text(sasl.password) },
      registry: url === '' ? undefined : { url, user: orNone(login?.username), password: orNone(login?.password) },
    }
  })
}

/** One cluster in the file, or several below [profiles]. */
function kclClusters(content: Table): Cluster[] {
  const profiles = Object.entries(table(content.profiles) ?? {}).flatMap(([name, value]) => {
    const each = table(value)
    return each === undefined ? [] : [kclCluster(name, each)]
  })
  return profiles.length > 0 ? profiles : [kclCluster('kcl', content)]
}

function kclCluster(name: string, content: Table): Cluster {
  const tls = table(content.tls)
  const sasl = table(content.sasl)
  const methods: Readonly<Record<string, string>> = {
    plain: 'PLAIN',
    plaintext: 'PLAIN',
    scramsha256: 'SCRAM-SHA-256',
    scramsha512: 'SCRAM-SHA-512',
  }
  const method = text(sasl?.method)
  return {
    name,
    brokers: texts(content.seed_brokers),
    tls: tls && { ca: orNone(tls.ca_cert_path), cert: orNone(tls.client_cert_path), key: orNone(tls.client_key_path) },
    sasl: sasl && {
      mechanism: methods[method.toLowerCase().replace(/[-_]/g, '')] ?? method,
      user: text(sasl.user),
      password: text(sasl.pass),
    },
    timeout: content.timeout_ms === undefined ? undefined : `${text(content.timeout_ms)}ms`,
  }
}

const modules: Readonly<Record<string, string>> = {
  PLAIN: 'org.apache.kafka.common.security.plain.PlainLoginModule',
  'SCRAM-SHA-256': 'org.apache.kafka.common.security.scram.ScramLoginModule',
  'SCRAM-SHA-512': 'org.apache.kafka.common.security.scram.ScramLoginModule',
}

function profileOf({ name, brokers, tls, sasl, registry, properties = {}, timeout }: Cluster, remarks: string[]): Profile {
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
