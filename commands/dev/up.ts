import {
  BaseCommand,
  type BrokerProcess,
  bootstrapOf,
  counted,
  DEV_BROKERS_MAX,
  type DevNode,
  type DevReport,
  devColumns,
  devDirectory,
  devFlags,
  devReports,
  devWords,
  Fault,
  Flags,
  killBroker,
  launchNode,
  makeDevCluster,
  makeNodes,
  newDevCluster,
  parseCount,
  parseDurationMs,
  processOf,
  readDevCluster,
  servingNodes,
  takenPorts,
  unmakeDevCluster,
  untilServing,
  usageFault,
} from '../../src/cli/index.ts'
import type { Host } from '../../src/host/index.ts'

const DEFAULT_BROKERS = 3
const DEFAULT_PORT = 19_092

export default class DevUp extends BaseCommand {
  static override summary = 'start a cluster on this machine, one process a node'
  static override description =
    'Each node is broker and controller, with its settings, data and log below one directory. The processes go on when the command has ended: see dev status, kill, restart and down. A cluster that is there already is started as it is. When not all of them come to serve, those that this command has started are ended, and what it has made is removed.'
  static override examples = [
    '<%= config.bin %> dev up',
    { description: 'Five nodes elsewhere:', command: '<%= config.bin %> dev up --brokers 5 -d /tmp/five --port 29092' },
  ]
  static override flags = {
    ...devFlags,
    brokers: Flags.string({ char: 'n', summary: `[default: ${DEFAULT_BROKERS}] how many nodes a new cluster has`, helpValue: 'N' }),
    port: Flags.string({
      summary: `[default: ${DEFAULT_PORT}] of the first broker; the others follow, controllers are 1000 above, status pages 2000`,
      helpValue: 'PORT',
    }),
    timeout: Flags.string({ summary: 'how long to wait until all serve', default: '60s', helpValue: 'TIME' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.read(DevUp)
    const host = await this.shell.host()
    const directory = await devDirectory(this.shell, flags)
    const known = await readDevCluster(host, directory)
    const count = flags.brokers === undefined ? undefined : parseCount(flags.brokers, '--brokers', 1, DEV_BROKERS_MAX)
    const port = flags.port === undefined ? undefined : parseCount(flags.port, '--port', 1, 60_000)
    if (known !== undefined) {
      const differs = (count !== undefined && count !== known.nodes.length) || (port !== undefined && port !== known.nodes[0]!.port)
      if (differs)
        throw usageFault(
          `the cluster in ${directory} has ${counted(known.nodes.length, 'node')} from port ${known.nodes[0]!.port}`,
          `Name another directory with -d, or take this one away: ${devWords('down', flags)} --delete.`,
        )
    }
    const timeoutMs = parseDurationMs(flags.timeout, '--timeout')
    const wasThere = (await host.disk.stat(directory).catch(() => undefined)) !== undefined
    const cluster = known ?? (await newDevCluster(host, directory, count ?? DEFAULT_BROKERS, port ?? DEFAULT_PORT))
    const stopped: DevNode[] = []
    const running = new Map<DevNode, BrokerProcess>()
    for (const node of cluster.nodes) {
      const found = await processOf(host, node)
      if (found === undefined) stopped.push(node)
      else running.set(node, found)
    }
    await this.#refuseTakenPorts(host, stopped, known !== undefined)
    if (known === undefined) await makeDevCluster(host, cluster)
    else await makeNodes(host, cluster)
    const launched: BrokerProcess[] = []
    try {
      if (stopped.length > 0) this.tell(`starting ${counted(stopped.length, 'node')} …`)
      for (const node of stopped) {
        launched.push(await launchNode(node))
        running.set(node, launched.at(-1)!)
      }
      await untilServing(host, running, timeoutMs)
    } catch (error) {
      // At once: what has just failed to start may not be able to stop by itself. What cannot be ended does not hide why.
      const ended = await Promise.allSettled(launched.map((each) => killBroker(host, each)))
      if (known === undefined && ended.every(({ status }) => status === 'fulfilled')) await unmakeDevCluster(host, cluster, wasThere)
      throw error
    }
    const items = await devReports(host, cluster, await servingNodes(host, cluster.nodes))
    await this.render<DevReport>({ kind: 'DevCluster', items, columns: devColumns })
    this.tell(`bootstrap.servers=${bootstrapOf(cluster)}`)
  }

  async #refuseTakenPorts(host: Host, nodes: readonly DevNode[], isKnown: boolean): Promise<void> {
    const taken = await takenPorts(host, nodes)
    if (taken.length === 0) return
    throw new Fault(`somebody listens at ${taken.length === 1 ? 'port' : 'ports'} ${taken.join(', ')} of 127.0.0.1 already`, {
      hint: isKnown
        ? 'Stop that, or make another cluster: -d DIR and --port PORT.'
        : 'Name the port of the first broker with --port; all ports of the cluster follow it.',
    })
  }
}
