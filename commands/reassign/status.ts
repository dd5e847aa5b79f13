import { loadReassignmentText, ReassignCommand, rateText, watchFlags } from '../../src/cli/index.ts'
import { loadReassignment, type MoveProgress, type Throttle } from '../../src/ops/index.ts'

export default class ReassignStatus extends ReassignCommand {
  static override summary = 'show which partitions are being moved, and how far they are'
  static override description =
    'Whatever tool began the moves. When nothing is being moved any more, the throttles that an earlier command of this user has left go; those of others are named.'
  static override examples = ['<%= config.bin %> reassign status', '<%= config.bin %> reassign status --watch=10s']
  static override flags = watchFlags

  #looked = false

  async run(): Promise<void> {
    const { flags } = await this.read(ReassignStatus)
    const admin = await this.openAdmin(flags)
    const { describeThrottles, moveProgress } = await loadReassignment()
    const items = await moveProgress(admin)
    if (items.length === 0) {
      this.tell('no partition is being moved')
      await this.settleThrottles(admin)
      if (!this.#looked) await this.tellLeftovers(admin)
      this.#looked = true
    } else for (const line of throttleNotes((await describeThrottles(admin, [])).throttles)) this.tell(line)
    const { progressColumns } = await loadReassignmentText()
    await this.render<MoveProgress>({ kind: 'Reassignments', items, columns: progressColumns })
  }
}

/** `throttled: broker 1, 2, 3 to 50 MB/s` */
function throttleNotes(throttles: readonly Throttle[]): string[] {
  const rates = Map.groupBy(throttles, ({ values }) => Math.min(...Object.values(values).map(Number)))
  return [...rates].map(([rate, list]) => `throttled: broker ${list.map(({ name }) => name).join(', ')} to ${rateText(rate)}`)
}
