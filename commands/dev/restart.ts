import {
  BaseCommand,
  devDirectory,
  devFlags,
  existingDevCluster,
  Flags,
  launchNode,
  nodeNamed,
  parseDurationMs,
  processOf,
  stopBroker,
  textArg,
  usageFault,
} from '../../src/cli/index.ts'

export default class DevRestart extends BaseCommand {
  static override summary = 'stop a node of a cluster on this machine cleanly, and start it again'
  static override description = 'A node that is down is started.'
  static override examples = ['<%= config.bin %> dev restart 2']
  static override args = { node: textArg('node id') }
  static override flags = {
    ...devFlags,
    timeout: Flags.string({ summary: 'how long to wait until it has stopped', default: '60s', helpValue: 'TIME' }),
  }

  async run(): Promise<void> {
    const { flags, args } = await this.read(DevRestart)
    if (args.node === undefined) throw usageFault('which node?', 'Name its id: see tkafka dev status.')
    const host = await this.shell.host()
    const node = nodeNamed(await existingDevCluster(host, devDirectory(this.shell, flags)), args.node)
    const found = await processOf(host, node)
    if (found !== undefined)
      await stopBroker(host, found, parseDurationMs(flags.timeout, '--timeout'), {
        hint: 'Wait longer with --timeout, or end it with tkafka dev kill.',
      })
    await launchNode(node)
    this.tell(`node ${node.id} is starting: see tkafka dev status`)
  }
}
