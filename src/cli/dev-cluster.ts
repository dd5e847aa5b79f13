import { join, resolve } from 'node:path'
import type { Host } from '../host/index.ts'
import { type BrokerProcess, defaultDataDirectory, findBroker } from './broker-process.ts'
import { Fault, usageFault } from './fault.ts'
import { Flags } from './flags.ts'
import type { Column } from './render/view.ts'
import type { Shell } from './shell.ts'

const noteFile = 'dev.json'
const NOTE_BYTES_MAX = 64 * 1024
export const DEV_BROKERS_MAX = 9
/** From a broker's port to that of its controller, and of its status pages. */
const CONTROLLER_PORTS = 1000
const STATUS_PORTS = 2000

export const devFlags = {
  directory: Flags.string({ char: 'd', summary: 'where the cluster lies: settings, data and logs of all its nodes', helpValue: 'DIR' }),
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
}

export const bootstrapOf = ({ nodes }: DevCluster): string => nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')
export const propertiesFileOf = ({ directory }: DevNode): string => join(directory, 'server.properties')
export const logFileOf = ({ directory }: DevNode): string => join(directory, 'log')
const dataOf = ({ directory }: DevNode): string => join(directory, 'data')

/** `--directory`, else a folder of its own beside the data of the node that nobody configured. */
export const devDirectory = (shell: Pick<Shell, 'env'>, flags: { readonly directory?: string | undefined }): string =>
  resolve(flags.directory ?? join(defaultDataDirectory(shell), 'dev'))

/** The cluster of a directory; undefined: there is none. @throws Fault when its note makes no sense */
export async function readDevCluster(host: Host, directory: string): Promise<DevCluster | undefined> {
  const path = join(directory, noteFile)
  if ((await host.disk.stat(path)) === undefined) return undefined
  try {
    const { clusterId, firstPort, count } = JSON.parse(Buffer.from(await host.disk.readFile(path, NOTE_BYTES_MAX)).toString())
    if (typeof clusterId !== 'string' || !isCount(count) || !Number.isInteger(firstPort)) throw new Error('it lacks what it should say')
    return clusterOf(directory, clusterId, firstPort, count)
  } catch (cause) {
    throw new Fault(`${path} cannot be understood: ${(cause as Error).message}`, {
      cause,
      hint: `Remove ${directory} to begin anew, or name another directory with -d.`,
    })
  }
}

/** @throws Fault (exit code 3) when there is none */
export async function existingDevCluster(host: Host, directory: string): Promise<DevCluster> {
  const cluster = await readDevCluster(host, directory)
  if (cluster === undefined) throw new Fault(`there is no cluster in ${directory}`, { exitCode: 3, hint: 'tkafka dev up makes one.' })
  return cluster
}

/** @throws Fault (usage) when the cluster has no such node */
export function nodeNamed(cluster: DevCluster, text: string): DevNode {
  const node = cluster.nodes.find(({ id }) => String(id) === text)
  if (node === undefined) throw usageFault(`there is no node ${text}`, `The nodes are ${cluster.nodes.map(({ id }) => id).join(', ')}.`)
  return node
}

const isCount = (count: unknown): count is number => Number.isInteger(count) && Number(count) >= 1 && Number(count) <= DEV_BROKERS_MAX

const clusterOf = (directory: string, clusterId: string, firstPort: number, count: number): DevCluster => {
  const ids = Array.from({ length: count }, (_, index) => index + 1)
  return { directory, clusterId, nodes: ids.map((id) => ({ id, port: firstPort + id - 1, directory: join(directory, `node-${id}`) })) }
}

/** Notes a cluster and makes its nodes; nothing is started. @throws Fault (usage) when the directory cannot be named in a setting */
export async function makeDevCluster(host: Host, directory: string, count: number, firstPort: number): Promise<DevCluster> {
  if (/[,\r\n]/.test(directory))
    throw usageFault(`${directory} cannot be in log.dirs, which commas divide`, 'Name another directory with -d.')
  const { randomUuid } = await import('../base/index.ts')
  const cluster = clusterOf(directory, randomUuid(host.random), firstPort, count)
  const note = { clusterId: cluster.clusterId, firstPort, count }
  await host.disk.makeDirectory(directory)
  // The first: whoever was interrupted goes on with the same cluster.
  await host.disk.replaceFile(join(directory, noteFile), Buffer.from(`${JSON.stringify(note)}\n`))
  await makeNodes(host, cluster)
  return cluster
}

/** Formats the directories of nodes that have no settings yet, and writes those. */
export async function makeNodes(host: Host, cluster: DevCluster): Promise<void> {
  const { formatStorage } = await import('../metadata/index.ts')
  for (const node of cluster.nodes) {
    if ((await host.disk.stat(propertiesFileOf(node)).catch(() => undefined)) !== undefined) continue
    await host.disk.makeDirectory(dataOf(node))
    await formatStorage(host, {
      ...{ clusterId: cluster.clusterId, nodeId: node.id, directories: [dataOf(node)], metadataLogDir: dataOf(node) },
      ...{ quorum: { kind: 'static' }, controllerListenerName: 'CONTROLLER', ignoreFormatted: true },
    })
    await host.disk.replaceFile(propertiesFileOf(node), Buffer.from(propertiesText(cluster, node)))
  }
}

/** What a server.properties of Apache Kafka would say: one may take a node's place. */
const propertiesText = (cluster: DevCluster, node: DevNode): string => {
  const copies = Math.min(3, cluster.nodes.length)
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    'controller.quorum.voters': cluster.nodes.map(({ id, port }) => `${id}@127.0.0.1:${port + CONTROLLER_PORTS}`).join(','),
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

/** The process of a node, when one runs. */
export async function processOf(host: Host, node: DevNode): Promise<BrokerProcess | undefined> {
  const found = await findBroker(host, dataOf(node))
  return found?.running === true ? found : undefined
}

/** Starts the node's process, which goes on when this command has ended. Gives its id. */
export async function launchNode(node: DevNode): Promise<number> {
  const { launchDetached } = await import('../host/node/index.ts')
  return launchDetached(process.execPath, [process.argv[1]!, 'broker', 'start', propertiesFileOf(node)], logFileOf(node))
}

export interface DevReport {
  readonly node: number
  readonly state: 'serving' | 'starting' | 'stopped'
  readonly pid: number | null
  readonly address: string
  readonly directory: string
  readonly log: string
}

export const devColumns: readonly Column<DevReport>[] = [
  { name: 'NODE', value: (each) => each.node, right: true },
  { name: 'STATE', value: (each) => each.state },
  { name: 'PID', value: (each) => each.pid, right: true },
  { name: 'ADDRESS', value: (each) => each.address },
  { name: 'LOG', value: (each) => each.log },
]

/** `serving`: the ids of the brokers that the cluster names. */
export async function devReports(host: Host, cluster: DevCluster, serving: ReadonlySet<number>): Promise<DevReport[]> {
  return Promise.all(
    cluster.nodes.map(async (node) => {
      const found = await processOf(host, node)
      const state = found === undefined ? 'stopped' : serving.has(node.id) ? 'serving' : 'starting'
      const { id, port, directory } = node
      return { node: id, state, pid: found?.pid ?? null, address: `127.0.0.1:${port}`, directory, log: logFileOf(node) }
    }),
  )
}

/**
 * The nodes that serve. Each is asked itself: what one says of the others right after a start may be from before the stop, and whoever does not
 * serve yet does not answer.
 */
export async function servingNodes(host: Host, cluster: DevCluster, timeoutMs: number): Promise<ReadonlySet<number>> {
  const { openAdmin } = await import('../client/admin/index.ts')
  const serves = async ({ id, port }: DevNode): Promise<boolean> => {
    const settings = { 'bootstrap.servers': `127.0.0.1:${port}`, 'request.timeout.ms': timeoutMs, 'default.api.timeout.ms': timeoutMs }
    const admin = openAdmin(host, settings, { connectAttempts: 1 })
    try {
      const { nodes } = await admin.describeCluster()
      return nodes.some((node) => node.id === id)
    } catch {
      return false
    } finally {
      admin.close()
    }
  }
  const answers = await Promise.all(cluster.nodes.map(async (node) => ((await serves(node)) ? [node.id] : [])))
  return new Set(answers.flat())
}

/** The end of a node's log, for whoever has to know why it did not start. */
export async function lastWords(host: Host, node: DevNode): Promise<string> {
  const file = await host.disk.open(logFileOf(node), 'read')
  try {
    const size = await file.size()
    const bytes = Buffer.alloc(Math.min(size, 2000))
    await file.read(bytes, size - bytes.length)
    return bytes.toString().trim().split('\n').slice(-5).join('\n')
  } finally {
    await file.close()
  }
}
