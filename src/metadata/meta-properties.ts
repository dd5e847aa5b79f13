import { isReservedUuid, parseUuid, type Uuid } from '../base/index.ts'
import { parseProperties } from '../config/index.ts'
import { type Disk, isDiskError } from '../host/index.ts'

export const metaPropertiesFile = 'meta.properties'
const bytesMax = 1 << 20

/** What a formatted log directory says of itself. Version 1, which KRaft writes, always has cluster and node. */
export interface MetaProperties {
  readonly version: 0 | 1
  readonly clusterId: string | undefined
  readonly nodeId: number | undefined
  /** KIP-858; absent in directories that older releases formatted. */
  readonly directoryId: Uuid | undefined
}

/** @throws Error that says which property is wrong */
export const parseMetaProperties = (text: string): MetaProperties => {
  const properties = parseProperties(text)
  const version = properties.get('version') ?? '0'
  if (version !== '0' && version !== '1') throw new Error(`version ${version} is not supported: 0 and 1 are`)
  const isFirst = version === '0'
  const node = properties.get(isFirst ? 'broker.id' : 'node.id')
  const clusterId = properties.get('cluster.id')
  if (!isFirst && clusterId === undefined) throw new Error('cluster.id was not found')
  if (!isFirst && node === undefined) throw new Error('node.id was not found')
  if (node !== undefined && (!/^[+-]?\d{1,10}$/.test(node) || Math.abs(Number(node)) > 0x7fffffff)) {
    throw new Error(`node.id ${node} is not a base-10 number`)
  }
  const directory = properties.get('directory.id')
  const directoryId = directory === undefined ? undefined : parseUuid(directory)
  if (directory !== undefined && directoryId === undefined) throw new Error(`directory.id ${directory} is not a uuid`)
  return { version: isFirst ? 0 : 1, clusterId, nodeId: node === undefined ? undefined : Number(node), directoryId }
}

/** As Apache Kafka writes it, the order of its lines included. `now` is wall clock; the comment gives it in UTC. */
export const formatMetaProperties = (properties: MetaProperties, now: number): string => {
  const { version, clusterId, nodeId, directoryId } = properties
  const lines = ['#', `#${javaDate(now)}`]
  const add = (key: string, value: string | number | undefined): void => {
    if (value !== undefined) lines.push(`${key}=${escapeValue(String(value))}`)
  }
  if (version === 0) add('broker.id', nodeId)
  else add('node.id', nodeId)
  add('directory.id', directoryId)
  add('version', version)
  add('cluster.id', clusterId)
  return `${lines.join('\n')}\n`
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** java.util.Date.toString, in UTC. */
const javaDate = (now: number): string => {
  const date = new Date(now)
  const day = String(date.getUTCDate()).padStart(2, '0')
  return `${days[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${day} ${date.toISOString().slice(11, 19)} UTC ${date.getUTCFullYear()}`
}

const escapes: Record<string, string> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\f': '\\f' }
/** java.util.Properties.store: special characters get a backslash, and so does a space at the beginning. */
const escapeValue = (value: string): string =>
  value
    .replace(/[\\=:#!]/g, '\\$&')
    .replace(/[\t\n\r\f]/g, (char) => escapes[char]!)
    .replace(/^ /, '\\ ')

/** A log directory and what its meta.properties says. */
export type DirectoryState =
  | { readonly path: string; readonly kind: 'formatted'; readonly properties: MetaProperties }
  /** Not there, or without a meta.properties. */
  | { readonly path: string; readonly kind: 'empty' }
  | { readonly path: string; readonly kind: 'failed'; readonly error: Error }

/** Reads the meta.properties of all log directories, by path (MetaPropertiesEnsemble.Loader). */
export const readDirectories = async (disk: Disk, paths: Iterable<string>): Promise<DirectoryState[]> => {
  const states: DirectoryState[] = []
  for (const path of [...new Set(paths)].sort()) states.push(await readDirectory(disk, path))
  return states
}

const readDirectory = async (disk: Disk, path: string): Promise<DirectoryState> => {
  try {
    const bytes = await disk.readFile(`${path}/${metaPropertiesFile}`, bytesMax)
    return { path, kind: 'formatted', properties: parseMetaProperties(Buffer.from(bytes).toString('utf8')) }
  } catch (error) {
    if (isDiskError(error, 'ENOENT')) return { path, kind: 'empty' }
    return { path, kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) }
  }
}

export interface ExpectedDirectories {
  readonly clusterId?: string
  readonly nodeId?: number
  /** At least one directory must be formatted: a node that starts, not one that is formatted. */
  readonly someFormatted?: boolean
  /** It must be readable. */
  readonly metadataLogDir?: string
}

/**
 * Whether the directories belong together and to the node (MetaPropertiesEnsemble.verify): one cluster, one node, directory ids that are
 * neither reserved nor twice. Gives what is wrong, or undefined.
 */
export const directoriesProblem = (states: readonly DirectoryState[], expected: ExpectedDirectories): string | undefined => {
  let { clusterId, nodeId } = expected
  const seen = new Map<Uuid, string>()
  if (expected.someFormatted === true && !states.some(({ kind }) => kind === 'formatted')) return 'No readable meta.properties files found.'
  for (const state of states) {
    if (state.kind !== 'formatted') continue
    const { properties, path } = state
    const file = `${path}/${metaPropertiesFile}`
    clusterId ??= properties.clusterId
    if (properties.clusterId !== undefined && properties.clusterId !== clusterId) {
      return `Invalid cluster.id in: ${file}. Expected ${clusterId}, but read ${properties.clusterId}`
    }
    nodeId ??= properties.nodeId
    if (properties.nodeId !== undefined && properties.nodeId !== nodeId) {
      return `Stored node id ${properties.nodeId} doesn't match previous node id ${nodeId} in ${file}. If the data was moved, set node.id to match; for a new node, use empty directories.`
    }
    const { directoryId } = properties
    if (directoryId === undefined) continue
    if (isReservedUuid(directoryId)) return `Invalid reserved directory ID ${directoryId} found in ${path}`
    const twin = seen.get(directoryId)
    if (twin !== undefined) return `Duplicate directory ID ${directoryId} found. It was the ID of ${twin}, but also of ${path}`
    seen.set(directoryId, path)
  }
  const metadata = states.find(({ path }) => path === expected.metadataLogDir)
  if (metadata?.kind === 'failed') return `Encountered I/O error in metadata log directory ${metadata.path}. Cannot continue.`
  return undefined
}

/** Durable when it resolves. */
export const writeMetaProperties = async (disk: Disk, path: string, properties: MetaProperties, now: number): Promise<void> => {
  await disk.replaceFile(`${path}/${metaPropertiesFile}`, Buffer.from(formatMetaProperties(properties, now)))
}
