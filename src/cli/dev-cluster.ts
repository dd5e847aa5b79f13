import { join, resolve } from 'node:path'
import type { Host } from '../host/index.ts'
import type { QuorumKind } from '../metadata/index.ts'
import { defaultDataDirectory } from './broker-process.ts'
import { Fault, usageFault } from './fault.ts'
import { Flags } from './flags.ts'
import type { Shell } from './shell.ts'

const noteFile = 'dev.json'
const NOTE_BYTES_MAX = 64 * 1024
export const DEV_BROKERS_MAX = 9
/** From a broker's port to that of its controller, and of its status pages. */
const CONTROLLER_PORTS = 1000
const STATUS_PORTS = 2000
export const portsOf = ({ port }: DevNode): number[] => [port, port + CONTROLLER_PORTS, port + STATUS_PORTS]

export const devFlags = {
  directory: Flags.string({
    char: 'd',
    summary: 'where the cluster lies: settings, data and logs of all its nodes; default: ~/.local/share/tkafka-dev',
    helpValue: 'DIR',
  }),
}

export interface DevFlags {
  readonly directory?: string | undefined
}

/** One node of a cluster on this machine. */
export interface DevNode {
  readonly id: number
  readonly port: number
  readonly directory: string
}

/** A cluster of processes on this machine, all below one directory. */
export interface DevCluster {
  readonly directory: string
  readonly clusterId: string
  readonly nodes: readonly DevNode[]
  /** Of the nodes, in their order: with these the cluster begins with voters that can be changed. Undefined: they are fixed by the files. */
  readonly directoryIds: readonly string[] | undefined
}

export const bootstrapOf = ({ nodes }: DevCluster): string => nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')
export const propertiesFileOf = ({ directory }: DevNode): string => join(directory, 'server.properties')
export const logFileOf = ({ directory }: DevNode): string => join(directory, 'log')
export const dataOf = ({ directory }: DevNode): string => join(directory, 'data')

/**
 * `--directory`, else a folder beside the data of the node that nobody configured: within that, which is a log directory, it would be taken
 * for a partition. A cluster that was made there once is gone on with.
 */
export async function devDirectory(shell: Pick<Shell, 'env' | 'host'>, flags: DevFlags): Promise<string> {
  if (flags.directory !== undefined) return resolve(flags.directory)
  const data = resolve(defaultDataDirectory(shell))
  const { disk } = await shell.host()
  const hasCluster = async (path: string): Promise<boolean> => (await disk.stat(join(path, noteFile)).catch(() => undefined)) !== undefined
  const [beside, within] = [`${data}-dev`, join(data, 'dev')]
  return !(await hasCluster(beside)) && (await hasCluster(within)) ? within : beside
}

/** The cluster of a directory; undefined: there is none. @throws Fault when its note makes no sense */
export async function readDevCluster(host: Host, directory: string): Promise<DevCluster | undefined> {
  const path = join(directory, noteFile)
  if ((await host.disk.stat(path)) === undefined) return undefined
  try {
    const { clusterId, firstPort, count, directoryIds } = JSON.parse(Buffer.from(await host.disk.readFile(path, NOTE_BYTES_MAX)).toString())
    if (typeof clusterId !== 'string' || !isCount(count) || !Number.isInteger(firstPort) || !isIds(directoryIds, count))
      throw new Error('it lacks what it should say')
    return clusterOf(directory, clusterId, firstPort, count, directoryIds)
  } catch (cause) {
    throw new Fault(`${path} cannot be understood: ${(cause as Error).message}`, {
      cause,
      hint: `Remove ${directory} to begin anew, or name another directory with -d.`,
    })
  }
}

/** A command about the same cluster. */
export const devWords = (verb: string, flags: DevFlags): string =>
  `tkafka dev ${verb}${flags.directory === undefined ? '' : ` -d ${/^[\w./@:+-]+$/.test(flags.directory) ? flags.directory : `'${flags.directory.replaceAll("'", "'\\''")}'`}`}`

/** @throws Fault (exit code 3) when there is none */
export async function existingDevCluster(shell: Shell, flags: DevFlags): Promise<DevCluster> {
  const directory = await devDirectory(shell, flags)
  const cluster = await readDevCluster(await shell.host(), directory)
  if (cluster === undefined)
    throw new Fault(`there is no cluster in ${directory}`, { exitCode: 3, hint: `${devWords('up', flags)} makes one.` })
  return cluster
}

/** @throws Fault (usage) when none is named, or the cluster has no such node */
export function nodeNamed(cluster: DevCluster, text: string | undefined): DevNode {
  if (text === undefined) throw usageFault('which node?', `The nodes are ${cluster.nodes.map(({ id }) => id).join(', ')}.`)
  const node = cluster.nodes.find(({ id }) => String(id) === text)
  if (node === undefined) throw usageFault(`there is no node ${text}`, `The nodes are ${cluster.nodes.map(({ id }) => id).join(', ')}.`)
  return node
}

const isCount = (count: unknown): count is number => Number.isInteger(count) && Number(count) >= 1 && Number(count) <= DEV_BROKERS_MAX

/** Clusters that were made with fixed voters have none. */
const isIds = (ids: unknown, count: number): ids is string[] | undefined =>
  ids === undefined || (Array.isArray(ids) && ids.length === count && ids.every((id) => typeof id === 'string'))

const clusterOf = (
  directory: string,
  clusterId: string,
  firstPort: number,
  count: number,
  directoryIds: readonly string[] | undefined,
): DevCluster => {
  const ids = Array.from({ length: count }, (_, index) => index + 1)
  const nodes = ids.map((id) => ({ id, port: firstPort + id - 1, directory: join(directory, `node-${id}`) }))
  return { directory, clusterId, nodes, directoryIds }
}

/**
 * What `makeDevCluster` would make; nothing is made yet.
 * @throws Fault (usage) when the directory cannot be named in a setting, or holds such a node already
 */
export async function newDevCluster(host: Host, directory: string, count: number, firstPort: number): Promise<DevCluster> {
  if (/[,\r\n]/.test(directory))
    throw usageFault(`${directory} cannot be in log.dirs, which commas divide`, 'Name another directory with -d.')
  const { randomUuid } = await import('../base/index.ts')
  const directoryIds = Array.from({ length: count }, () => randomUuid(host.random))
  const cluster = clusterOf(directory, randomUuid(host.random), firstPort, count, directoryIds)
  // Whose it is nobody knows: it is neither started nor, after a start that failed, taken away.
  for (const node of cluster.nodes)
    if ((await host.disk.stat(node.directory)) !== undefined)
      throw usageFault(`${node.directory} is there already, and no ${noteFile} says of which cluster`, 'Name another directory with -d.')
  return cluster
}

/** Notes a cluster and makes its nodes; nothing is started. */
export async function makeDevCluster(host: Host, cluster: DevCluster): Promise<void> {
  const { directory, clusterId, nodes, directoryIds } = cluster
  const note = { clusterId, firstPort: nodes[0]!.port, count: nodes.length, directoryIds }
  await host.disk.makeDirectory(directory)
  // The first: whoever was interrupted goes on with the same cluster.
  await host.disk.replaceFile(join(directory, noteFile), Buffer.from(`${JSON.stringify(note)}\n`))
  await makeNodes(host, cluster)
}

/** Takes away what `makeDevCluster` has made; a directory that was there before stays. */
export async function unmakeDevCluster(host: Host, cluster: DevCluster, wasThere: boolean): Promise<void> {
  if (!wasThere) return host.disk.removeTree(cluster.directory)
  await host.disk.remove(join(cluster.directory, noteFile))
  for (const node of cluster.nodes) await host.disk.removeTree(node.directory)
}

/** Formats the directories of nodes that have no settings yet, and writes those. */
export async function makeNodes(host: Host, cluster: DevCluster): Promise<void> {
  const { formatStorage } = await import('../metadata/index.ts')
  for (const node of cluster.nodes) {
    if ((await host.disk.stat(propertiesFileOf(node)).catch(() => undefined)) !== undefined) continue
    await host.disk.makeDirectory(dataOf(node))
    await formatStorage(host, {
      ...{ clusterId: cluster.clusterId, nodeId: node.id, directories: [dataOf(node)], metadataLogDir: dataOf(node) },
      ...{ quorum: quorumOf(cluster), controllerListenerName: 'CONTROLLER', ignoreFormatted: true },
    })
    await host.disk.replaceFile(propertiesFileOf(node), Buffer.from(propertiesText(cluster, node)))
  }
}

const quorumOf = ({ nodes, directoryIds }: DevCluster): QuorumKind => {
  if (directoryIds === undefined) return { kind: 'static' }
  const controllers = nodes.map(({ id, port }, index) => ({
    nodeId: id,
    host: '127.0.0.1',
    port: port + CONTROLLER_PORTS,
    directoryId: directoryIds[index]!,
  }))
  return { kind: 'initial-controllers', controllers }
}

/** What a server.properties of Apache Kafka would say: one may take a node's place. */
const propertiesText = (cluster: DevCluster, node: DevNode): string => {
  const copies = Math.min(3, cluster.nodes.length)
  const controllers = cluster.nodes.map(({ id, port }) => ({ id, address: `127.0.0.1:${port + CONTROLLER_PORTS}` }))
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    ...(cluster.directoryIds === undefined
      ? { 'controller.quorum.voters': controllers.map(({ id, address }) => `${id}@${address}`).join(',') }
      : { 'controller.quorum.bootstrap.servers': controllers.map(({ address }) => address).join(',') }),
    listeners: `PLAINTEXT://127.0.0.1:${node.port},CONTROLLER://127.0.0.1:${node.port + CONTROLLER_PORTS}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': dataOf(node).replaceAll('\\', '\\\\'),
    'default.replication.factor': copies,
    'min.insync.replicas': Math.max(1, copies - 1),
    'offsets.topic.replication.factor': copies,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': Math.max(1, copies - 1),
    'group.initial.rebalance.delay.ms': 0,
    'tkafka.status.listener': `127.0.0.1:${node.port + STATUS_PORTS}`,
  }
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}
