import { divide, preserveThrottlesFlag, ReassignCommand, reassignmentFileFlags, textArg } from '../../src/cli/index.ts'
import { loadReassignment, type Verdict } from '../../src/ops/index.ts'

export default class ReassignVerify extends ReassignCommand {
  static override summary = 'tell whether the moves of a plan are done'
  static override description =
    'The exit code is 3 while some are not. When nothing is being moved any more, between brokers or between directories, the throttles are taken away.'
  static override examples = ['<%= config.bin %> reassign verify drain3.json']
  static override args = { file: textArg('the plan') }
  static override flags = { ...preserveThrottlesFlag, ...reassignmentFileFlags }

  async run(): Promise<void> {
    const { flags, args } = await this.read(ReassignVerify)
    const targets = await this.targets(args.file, flags)
    const admin = await this.openAdmin(flags)
    const { verifyTargets } = await loadReassignment()
    const { values, errors } = divide(await verifyTargets(admin, targets), ({ topic, partition }) => `${topic}-${partition}`)
    const items = values.map(({ value }) => value)
    await this.render<Verdict>({
      kind: 'ReassignmentVerdicts',
      items,
      errors,
      columns: [
        { name: 'TOPIC', value: ({ topic }) => topic },
        { name: 'PARTITION', value: ({ partition }) => partition, right: true },
        { name: 'PLANNED', value: ({ planned }) => planned.join(',') },
        { name: 'REPLICAS', value: ({ replicas }) => replicas.join(',') },
        { name: 'STATE', value: ({ state }) => state.toUpperCase() },
      ],
    })
    if (!flags['preserve-throttles']) await this.clearThrottles(admin, targets)
    if (items.some(({ state }) => state !== 'complete')) this.answerNo()
  }
}
