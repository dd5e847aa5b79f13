import { ClusterCommand, loadReassignmentText, watchFlags } from '../../src/cli/index.ts'
import { loadReassignment, type MoveProgress } from '../../src/ops/index.ts'

export default class ReassignStatus extends ClusterCommand {
  static override summary = 'show which partitions are being moved, and how far they are'
  static override examples = ['<%= config.bin %> reassign status', '<%= config.bin %> reassign status --watch=10s']
  static override flags = watchFlags

  async run(): Promise<void> {
    const { flags } = await this.read(ReassignStatus)
    const admin = await this.openAdmin(flags)
    const { moveProgress } = await loadReassignment()
    const items = await moveProgress(admin)
    if (items.length === 0) this.tell('no partition is being moved')
    const { progressColumns } = await loadReassignmentText()
    await this.render<MoveProgress>({ kind: 'Reassignments', items, columns: progressColumns })
  }
}
