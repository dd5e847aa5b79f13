import { BaseCommand, type DevReport, devColumns, devFlags, devReports, existingDevCluster, servingNodes } from '../../src/cli/index.ts'

export default class DevStatus extends BaseCommand {
  static override summary = 'show the nodes of a cluster on this machine'
  static override description = 'Exit code 3 when not all of them serve.'
  static override examples = ['<%= config.bin %> dev status']
  static override flags = devFlags

  async run(): Promise<void> {
    const { flags } = await this.read(DevStatus)
    const host = await this.shell.host()
    const cluster = await existingDevCluster(this.shell, flags)
    const items = await devReports(host, cluster, await servingNodes(host, cluster.nodes))
    await this.render<DevReport>({ kind: 'DevCluster', items, columns: devColumns })
    if (items.some(({ state }) => state !== 'serving')) this.shell.exitCode = 3
  }
}
