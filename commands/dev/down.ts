import {
  BaseCommand,
  confirmFlags,
  counted,
  devFlags,
  existingDevCluster,
  Flags,
  nodeNamed,
  parseDurationMs,
  processOf,
  stopBroker,
  textArg,
  usageFault,
} from '../../src/cli/index.ts'

export default class DevDown extends BaseCommand {
  static override summary = 'stop a cluster on this machine, or one of its nodes, cleanly'
  static override examples = [
    '<%= config.bin %> dev down',
    { description: 'One node, which dev restart starts again:', command: '<%= config.bin %> dev stop 2' },
    { description: 'With all that it holds:', command: '<%= config.bin %> dev down --delete' },
  ]
  static override args = { node: textArg('node id; default: all of them') }
  static override flags = {
    ...devFlags,
    ...confirmFlags,
    timeout: Flags.string({ summary: 'how long to wait', default: '60s', helpValue: 'TIME' }),
    delete: Flags.boolean({ summary: 'remove its directory with all records' }),
  }

  async run(): Promise<void> {
    const { flags, args } = await this.read(DevDown)
    const host = await this.shell.host()
    const cluster = await existingDevCluster(this.shell, flags)
    const timeoutMs = parseDurationMs(flags.timeout, '--timeout')
    if (args.node !== undefined && flags.delete)
      throw usageFault('--delete takes the whole cluster away', 'Leave out the node, or --delete.')
    const nodes = args.node === undefined ? cluster.nodes : [nodeNamed(cluster, args.node)]
    if (flags.delete) await this.confirm(flags, [`to be removed: ${cluster.directory}`], 'Delete the cluster with all records?')
    const found = await Promise.all(nodes.map((node) => processOf(host, node)))
    const running = found.filter((each) => each !== undefined)
    if (running.length > 0) this.tell(`stopping ${counted(running.length, 'node')} …`)
    // Together: one that stops alone hands over to others that are about to stop.
    await Promise.all(running.map((each) => stopBroker(host, each, timeoutMs, 'kill')))
    if (flags.delete) await host.disk.removeTree(cluster.directory)
    this.tell(`${counted(running.length, 'node')} stopped${flags.delete ? `, ${cluster.directory} removed` : ''}`)
  }
}
