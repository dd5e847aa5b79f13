import type { Host } from '../host/index.ts'
import { type BrokerProcess, birthOf, findBroker, isThere } from './broker-process.ts'
import { type DevCluster, type DevNode, dataOf, logFileOf, portsOf, propertiesFileOf } from './dev-cluster.ts'
import { Fault } from './fault.ts'
import type { Column } from './render/view.ts'

/** Whoever serves answers at once. */
const ASK_MS = 700
const PAUSE_MS = 100

/** The process of a node, when one runs. */
export async function processOf(host: Host, node: DevNode): Promise<BrokerProcess | undefined> {
  const found = await findBroker(host, dataOf(node))
  return found?.running === true ? found : undefined
}

/** Starts the node's process, which goes on when this command has ended. */
export async function launchNode(node: DevNode): Promise<BrokerProcess> {
  const { launchDetached } = await import('../host/node/index.ts')
  const pid = await launchDetached(process.execPath, [process.argv[1]!, 'broker', 'start', propertiesFileOf(node)], logFileOf(node))
  return { pid, dataDirectory: dataOf(node), running: true, birth: await birthOf(pid) }
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

/** `serving`: the ids of the nodes that serve. */
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
 * Those of the nodes that serve. Each is asked itself: what one says of the others right after a start may be from before the stop. Whoever
 * does not serve yet does not answer, which is not waited for.
 */
export async function servingNodes(host: Host, nodes: readonly DevNode[]): Promise<ReadonlySet<number>> {
  const { openAdmin } = await import('../client/admin/index.ts')
  const serves = async (node: DevNode): Promise<boolean> => {
    const { id, port } = node
    if ((await processOf(host, node)) === undefined) return false
    const settings = { 'bootstrap.servers': `127.0.0.1:${port}`, 'request.timeout.ms': ASK_MS, 'default.api.timeout.ms': ASK_MS }
    const admin = openAdmin(host, settings, { connectAttempts: 1 })
    try {
      await admin.cluster.refresh([], ASK_MS)
      return admin.cluster.nodes.has(id)
    } catch {
      return false
    } finally {
      admin.close()
    }
  }
  const answers = await Promise.all(nodes.map(async (node) => ((await serves(node)) ? [node.id] : [])))
  return new Set(answers.flat())
}

/** Ports of these nodes at which somebody listens already. */
export async function takenPorts(host: Host, nodes: readonly DevNode[]): Promise<number[]> {
  const isTaken = async (port: number): Promise<boolean> => {
    try {
      const listener = await host.network.listen({ host: '127.0.0.1', port }, (connection) => connection.destroy())
      await listener.close()
      return false
    } catch {
      return true
    }
  }
  const ports = nodes.flatMap(portsOf)
  const taken = await Promise.all(ports.map(isTaken))
  return ports.filter((_port, place) => taken[place])
}

/** Until all these nodes serve. @throws Fault when one has ended, or after `timeoutMs` */
export async function untilServing(host: Host, running: ReadonlyMap<DevNode, BrokerProcess>, timeoutMs: number): Promise<void> {
  const deadlineMs = host.clock.monotonic() + timeoutMs
  const nodes = [...running.keys()]
  for (;;) {
    const serving = await servingNodes(host, nodes)
    if (serving.size === nodes.length) return
    const missing = nodes.filter(({ id }) => !serving.has(id))
    for (const node of missing) {
      if (!(await isThere(running.get(node)!))) throw new Fault(`node ${node.id} has ended:\n${await lastWords(host, node)}`)
    }
    if (host.clock.monotonic() >= deadlineMs) {
      const told = await Promise.all(missing.map(async (node) => `node ${node.id}:\n${await lastWords(host, node)}`))
      throw new Fault(`not serving after ${timeoutMs / 1000} s: ${told.join('\n')}`)
    }
    await new Promise<void>((resolve) => void host.clock.after(PAUSE_MS, resolve))
  }
}

/** The end of a node's log, for whoever has to know why it did not start. */
async function lastWords(host: Host, node: DevNode): Promise<string> {
  if ((await host.disk.stat(logFileOf(node)).catch(() => undefined)) === undefined) return `it has no log at ${logFileOf(node)}`
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
