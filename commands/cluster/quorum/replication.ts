import { ClusterCommand, Flags, loadQuorumText, QUORUM_LOOK_MS_MAX, voterLagFlag, voterLagMs, watchFlags } from '../../../src/cli/index.ts'
import { loadQuorumReport, type QuorumReplicaReport } from '../../../src/ops/index.ts'

export default class ClusterQuorumReplication extends ClusterCommand {
  static override summary = 'show how far each replica of the metadata log is'
  static override description =
    'Times are distances from the leader, by its clock. The exit code is 3 when a voter is behind, or silent, for longer than --max-lag.'
  static override examples = [
    '<%= config.bin %> cluster quorum replication --watch',
    { description: 'Only who is behind:', command: "<%= config.bin %> cluster quorum replication --filter 'lag>0'" },
  ]
  static override flags = { ...watchFlags, ...voterLagFlag, 'human-readable': Flags.boolean({ hidden: true }) }

  async run(): Promise<void> {
    const { flags } = await this.read(ClusterQuorumReplication)
    const lagMsMax = voterLagMs(flags)
    const admin = await this.openAdmin(flags)
    const { quorumReport, voterFaults } = await loadQuorumReport()
    const report = await quorumReport(admin, { lagMsMax, timeoutMs: Math.min(QUORUM_LOOK_MS_MAX, this.timeoutMs(flags)) })
    const { replicaColumns } = await loadQuorumText()
    await this.render<QuorumReplicaReport>({ kind: 'QuorumReplication', items: report.replicas, columns: replicaColumns })
    if (voterFaults(report).length > 0) this.answerNo()
  }
}
