import { ClusterCommand, loadQuorumText, QUORUM_LOOK_MS_MAX, voterLagFlag, voterLagMs, watchFlags } from '../../../src/cli/index.ts'
import { loadQuorumReport, type QuorumReport } from '../../../src/ops/index.ts'

export default class ClusterQuorumStatus extends ClusterCommand {
  static override summary = 'show who leads the metadata quorum, and who takes part in it'
  static override description = 'The exit code is 3 when a voter is behind, or silent, for longer than --max-lag.'
  static override examples = [
    '<%= config.bin %> cluster quorum status',
    {
      description: 'By way of a controller, when no broker serves:',
      command: '<%= config.bin %> cluster quorum status -X bootstrap.controllers=127.0.0.1:9093',
    },
  ]
  static override flags = { ...watchFlags, ...voterLagFlag }

  async run(): Promise<void> {
    const { flags } = await this.read(ClusterQuorumStatus)
    const lagMsMax = voterLagMs(flags)
    const admin = await this.openAdmin(flags)
    const { quorumReport, voterFaults } = await loadQuorumReport()
    const report = await quorumReport(admin, { lagMsMax, timeoutMs: Math.min(QUORUM_LOOK_MS_MAX, this.timeoutMs(flags)) })
    const { quorumText } = await loadQuorumText()
    await this.render<QuorumReport>({
      kind: 'QuorumStatus',
      items: [report],
      columns: [
        { name: 'CLUSTER-ID', value: (each) => each.clusterId },
        { name: 'LEADER', value: (each) => each.leaderId, right: true },
        { name: 'EPOCH', value: (each) => each.leaderEpoch, right: true },
        { name: 'HIGH-WATERMARK', value: (each) => each.highWatermark, right: true },
        { name: 'MAX-LAG', value: (each) => each.maxFollowerLag, right: true },
        { name: 'MAX-LAG-MS', value: (each) => each.maxFollowerLagMs, right: true },
        { name: 'VOTERS', value: (each) => idsOf(each, true) },
        { name: 'OBSERVERS', value: (each) => idsOf(each, false) },
      ],
      text: async ([each], style) => (each === undefined ? '' : quorumText(each, style)),
    })
    if (voterFaults(report).length > 0) this.answerNo()
  }
}

const idsOf = ({ replicas }: QuorumReport, voters: boolean): string =>
  replicas
    .filter(({ status }) => (status !== 'Observer') === voters)
    .map(({ nodeId }) => nodeId)
    .join(',')
