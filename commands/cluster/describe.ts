import { ClusterCommand, Flags, watchFlags } from '../../src/cli/index.ts'

interface NodeRow {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
  readonly controller: boolean
  readonly fenced: boolean
}

export default class ClusterDescribe extends ClusterCommand {
  static override summary = 'show the brokers of a cluster'
  static override examples = ['<%= config.bin %> cluster describe', '<%= config.bin %> cluster describe --output json']
  static override flags = {
    ...watchFlags,
    'include-fenced': Flags.boolean({ aliases: ['include-fenced-brokers'], summary: 'also brokers that are fenced' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.read(ClusterDescribe)
    const admin = await this.openAdmin(flags)
    const cluster = await admin.describeCluster({ includeFenced: flags['include-fenced'] })
    if (this.output === 'text' || this.output === 'wide') this.tell(`cluster ${cluster.clusterId}`)
    await this.render<NodeRow>({
      kind: 'Cluster',
      items: cluster.nodes.map((node) => ({ ...node, controller: node.id === cluster.controllerId })),
      columns: [
        { name: 'ID', value: (node) => node.id, right: true },
        { name: 'HOST', value: (node) => node.host },
        { name: 'PORT', value: (node) => node.port, right: true },
        { name: 'RACK', value: (node) => node.rack },
        { name: 'CONTROLLER', value: (node) => node.controller, text: (node) => (node.controller ? '*' : '') },
        { name: 'FENCED', value: (node) => node.fenced, wide: !flags['include-fenced'] },
      ],
    })
  }
}
