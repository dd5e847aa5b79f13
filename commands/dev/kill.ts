import { BaseCommand, devFlags, existingDevCluster, Fault, killBroker, nodeNamed, processOf, textArg } from '../../src/cli/index.ts'

export default class DevKill extends BaseCommand {
  static override summary = 'end a node of a cluster on this machine as a crash would'
  static override description = 'kill -9. The node stays down until dev restart, or dev up.'
  static override examples = ['<%= config.bin %> dev kill 2']
  static override args = { node: textArg('node id') }
  static override flags = devFlags

  async run(): Promise<void> {
    const { flags, args } = await this.read(DevKill)
    const host = await this.shell.host()
    const node = nodeNamed(await existingDevCluster(this.shell, flags), args.node)
    const found = await processOf(host, node)
    if (found === undefined) throw new Fault(`node ${node.id} does not run`, { exitCode: 3 })
    await killBroker(host, found)
    this.tell(`node ${node.id}, process ${found.pid}, is killed`)
  }
}
