import { dirname, join } from 'node:path'
import { Fault } from '../fault.ts'
import type { Shell } from '../shell.ts'
import { textOf } from './profile-files.ts'

export type ImportFormat = 'rpk' | 'kaf' | 'kcl' | 'kafkactl' | 'properties'

/** What the files of all these programs say of one cluster. */
export interface ForeignCluster {
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
  /** What it says besides, and cannot be taken over. */
  readonly remarks?: readonly string[]
}

type Table = Readonly<Record<string, unknown>>

const table = (value: unknown): Table | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Table) : undefined
const tables = (value: unknown): Table[] => (Array.isArray(value) ? value.map(table).filter((each) => each !== undefined) : [])
const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(text) : text(value) === '' ? [] : text(value).split(','))
const orNone = (value: unknown): string | undefined => text(value) || undefined

/** The clusters that a file of another program knows, and the one that is in use there. @throws Fault */
export async function foreignClusters(
  shell: Shell,
  format: ImportFormat,
  source: string,
  path: string,
): Promise<{ clusters: ForeignCluster[]; current: string | undefined }> {
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
  if (format === 'kafkactl') return { clusters: kafkactlClusters(content), current: await kafkactlContext(shell, content, path) }
  if (format === 'rpk') return { clusters: rpkClusters(content), current: orNone(content.current_profile) }
  if (format === 'kaf') return { clusters: kafClusters(content), current: orNone(content['current-cluster']) }
  return { clusters: kclClusters(content), current: orNone(content.current_profile) }
}

function rpkClusters(content: Table): ForeignCluster[] {
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

function kafClusters(content: Table): ForeignCluster[] {
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
function kclClusters(content: Table): ForeignCluster[] {
  const profiles = Object.entries(table(content.profiles) ?? {}).flatMap(([name, value]) => {
    const each = table(value)
    return each === undefined ? [] : [kclCluster(name, each)]
  })
  return profiles.length > 0 ? profiles : [kclCluster('kcl', content)]
}

function kclCluster(name: string, content: Table): ForeignCluster {
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

/** Its keys are the same in any case, and lists of addresses may be one text with blanks. */
function kafkactlClusters(content: Table): ForeignCluster[] {
  const contexts = Object.entries(table(withLowerKeys(content).contexts) ?? {})
  return contexts.flatMap(([name, value]) => {
    const context = table(withLowerKeys(table(value) ?? {}))
    if (context === undefined) return []
    const part = (key: string): Table => withLowerKeys(table(context[key]) ?? {})
    const [tls, sasl, registry, avro] = [part('tls'), part('sasl'), part('schemaregistry'), part('avro')]
    const url = text(registry.url) || text(avro.schemaregistry)
    const login = registry.url === undefined ? avro : registry
    const mechanism = text(sasl.mechanism).toLowerCase().replace(/[-_]/g, '')
    const clientId = text(context.clientid)
    const ms = goDurationMs(text(context.requesttimeout))
    return [
      {
        name,
        brokers: typeof context.brokers === 'string' ? context.brokers.split(/[\s,]+/).filter(Boolean) : texts(context.brokers),
        tls: isOn(tls.enabled)
          ? { ca: orNone(tls.ca), cert: orNone(tls.cert), key: orNone(tls.certkey), insecure: isOn(tls.insecure) }
          : undefined,
        sasl: isOn(sasl.enabled)
          ? { mechanism: kafkactlMechanisms[mechanism] ?? text(sasl.mechanism), user: text(sasl.username), password: text(sasl.password) }
          : undefined,
        registry:
          url === ''
            ? undefined
            : {
                url: withScheme(url, isOn(table(withLowerKeys(table(login.tls) ?? {}))?.enabled) ? {} : undefined),
                user: orNone(login.username),
                password: orNone(login.password),
              },
        properties: clientId === '' ? {} : { 'client.id': clientId },
        timeout: ms === undefined ? undefined : `${ms}ms`,
        remarks: isOn(part('kubernetes').enabled)
          ? ['it is reached from within Kubernetes there: its addresses may lead nowhere from here']
          : [],
      },
    ]
  })
}

const kafkactlMechanisms: Readonly<Record<string, string>> = {
  '': 'PLAIN',
  plain: 'PLAIN',
  plaintext: 'PLAIN',
  scramsha256: 'SCRAM-SHA-256',
  scramsha512: 'SCRAM-SHA-512',
  oauth: 'OAUTHBEARER',
}

const isOn = (value: unknown): boolean => value === true || text(value).toLowerCase() === 'true'
const withLowerKeys = (given: Table): Table => Object.fromEntries(Object.entries(given).map(([key, value]) => [key.toLowerCase(), value]))

/** Newer versions keep it in a file beside the one that people write. */
async function kafkactlContext(shell: Shell, content: Table, path: string): Promise<string | undefined> {
  const own = orNone(withLowerKeys(content)['current-context'])
  if (own !== undefined) return own
  const beside = await textOf(shell, join(dirname(path), 'current-context.yml')).catch(() => undefined)
  return /^["']?current-context["']?:\s*["']?([^"'\s#]+)/im.exec(beside ?? '')?.[1]
}

/** `1m30s`, as Go writes durations; undefined: it is none. */
function goDurationMs(written: string): number | undefined {
  const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(written)) return undefined
  const parts = [...written.matchAll(/([\d.]+)(ms|s|m|h)/g)]
  return Math.round(parts.reduce((sum, [, count, unit]) => sum + Number(count) * unitsMs[unit!]!, 0))
}
