import {
  BaseCommand,
  bootstrapOf,
  counted,
  DEV_BROKERS_MAX,
  type DevCluster,
  type DevNode,
  type DevReport,
  devColumns,
  devDirectory,
  devFlags,
  devReports,
  Fault,
  Flags,
  isAlive,
  lastWords,
  launchNode,
  makeDevCluster,
  makeNodes,
  parseCount,
  parseDurationMs,
  processOf,
  readDevCluster,
  servingNodes,
  usageFault,
} from '../../src/cli/index.ts'
import type { Host } from '../../src/host/index.ts'

const DEFAULT_BROKERS = 3
const DEFAULT_PORT = 19_092
const ASK_MS = 1000
const PAUSE_MS = 100

export default class DevUp extends BaseCommand {
  static override summary = 'start a cluster on this machine, one process a node'
  static override description =
    'Each node is broker and controller, with its settings, data and log below one directory. The processes go on when the command has ended: see dev status, kill, restart and down. A cluster that is there already is started as it is.'
  static override examples = [
    '<%= config.bin %> dev up',
    { description: 'Five nodes elsewhere:', command: '<%= config.bin %> dev up --brokers 5 -d /tmp/five --port 29092' },
  ]
  static override flags = {
    ...devFlags,
    brokers: Flags.string({ summary: 'how many nodes a new cluster has', helpValue: 'N' }),
    port: Flags.string({ summary: 'of the first broker; the others follow, controllers are 1000 above', helpValue: 'PORT' }),
    timeout: Flags.string({ summary: 'how long to wait until all serve', default: '60s', helpValue: 'TIME' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.read(DevUp)
    const host = await this.shell.host()
    const directory = devDirectory(this.shell, flags)
    const known = await readDevCluster(host, directory)
    const count = flags.brokers === undefined ? undefined : parseCount(flags.brokers, '--brokers', 1, DEV_BROKERS_MAX)
    const port = flags.port === undefined ? undefined : parseCount(flags.port, '--port', 1, 60_000)
    if (known !== undefined) {
      const differs = (count !== undefined && count !== known.nodes.length) || (port !== undefined && port !== known.nodes[0]!.port)
      if (differs)
        throw usageFault(
          `the cluster in ${directory} has ${counted(known.nodes.length, 'node')} from port ${known.nodes[0]!.port}`,
          'Name another directory with -d, or take this one away with tkafka dev down --delete.',
        )
    }
    if (known !== undefined) await makeNodes(host, known)
    const cluster = known ?? (await makeDevCluster(host, directory, count ?? DEFAULT_BROKERS, port ?? DEFAULT_PORT))
    const stopped = []
    for (const node of cluster.nodes) if ((await processOf(host, node)) === undefined) stopped.push(node)
    if (stopped.length > 0) this.tell(`starting ${counted(stopped.length, 'node')} …`)
    const launched = new Map<DevNode, number>()
    for (const node of stopped) launched.set(node, await launchNode(node))
    await this.untilAllServe(host, cluster, launched, parseDurationMs(flags.timeout, '--timeout'))
    const serving = new Set(cluster.nodes.map(({ id }) => id))
    await this.render<DevReport>({ kind: 'DevCluster', items: await devReports(host, cluster, serving), columns: devColumns })
    this.tell(`bootstrap.servers=${bootstrapOf(cluster)}`)
  }

  private async untilAllServe(host: Host, cluster: DevCluster, launched: ReadonlyMap<DevNode, number>, timeoutMs: number): Promise<void> {
    const deadlineMs = host.clock.monotonic() + timeoutMs
    for (;;) {
      const serving = await servingNodes(host, cluster, ASK_MS)
      if (serving.size >= cluster.nodes.length) return
      for (const [node, pid] of launched) {
        if (!(await isAlive(pid)))
          throw new Fault(`node ${node.id} has ended:\n${await lastWords(host, node)}`, { hint: `The whole log: ${node.directory}/log` })
      }
      if (host.clock.monotonic() >= deadlineMs) {
        const missing = cluster.nodes.filter(({ id }) => !serving.has(id)).map(({ id }) => id)
        throw new Fault(`after ${timeoutMs / 1000} s these nodes do not serve: ${missing.join(', ')}`, {
          hint: `Their logs are in ${cluster.directory}/node-*/log.`,
        })
      }
      await new Promise<void>((resolve) => void host.clock.after(PAUSE_MS, resolve))
    }
  }
}
