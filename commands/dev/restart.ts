import {
  BaseCommand,
  devFlags,
  devWords,
  existingDevCluster,
  Fault,
  Flags,
  launchNode,
  nodeNamed,
  parseDurationMs,
  processOf,
  stopBroker,
  textArg,
  untilServing,
} from '../../src/cli/index.ts'

export default class DevRestart extends BaseCommand {
  static override summary = 'stop a node of a cluster on this machine cleanly, and start it again'
  static override description = 'A node that is down is started.'
  static override examples = ['<%= config.bin %> dev restart 2']
  static override args = { node: textArg('node id') }
  static override flags = {
    ...devFlags,
    timeout: Flags.string({
      summary: 'how long to wait until it has stopped, and until it serves again',
      default: '60s',
      helpValue: 'TIME',
    }),
    detach: Flags.boolean({ aliases: ['no-wait'], summary: 'do not wait until it serves' }),
  }

  async run(): Promise<void> {
    const { flags, args } = await this.read(DevRestart)
    const host = await this.shell.host()
    const node = nodeNamed(await existingDevCluster(this.shell, flags), args.node)
    const timeoutMs = parseDurationMs(flags.timeout, '--timeout')
    const found = await processOf(host, node)
    if (found !== undefined)
      await stopBroker(host, found, timeoutMs, {
        hint: `Wait longer with --timeout, or end it: ${devWords(`kill ${node.id}`, flags)}`,
      })
    const launched = await launchNode(node)
    if (flags.detach) return this.tell(`node ${node.id} is starting: see ${devWords('status', flags)}`)
    this.tell(`node ${node.id} is starting …`)
    try {
      await untilServing(host, new Map([[node, launched]]), timeoutMs)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      // It may still come to serve: it is left as it is.
      throw new Fault(error.message, { hint: `A node serves when a majority of them runs: see ${devWords('status', flags)}` })
    }
    this.tell(`node ${node.id} serves`)
  }
}
