import { ClusterCommand, printable } from '../../src/cli/index.ts'

export default class ClusterId extends ClusterCommand {
  static override summary = 'print the id of a cluster'
  static override examples = ['<%= config.bin %> cluster id -b broker-1:9092']

  async run(): Promise<void> {
    const { flags } = await this.read(ClusterId)
    const admin = await this.openAdmin(flags)
    const { clusterId } = await admin.describeCluster()
    await this.render<{ clusterId: string }>({
      kind: 'ClusterId',
      items: [{ clusterId }],
      columns: [{ name: 'CLUSTER-ID', value: (each) => each.clusterId }],
      text: () => `${printable(clusterId)}\n`,
    })
  }
}
