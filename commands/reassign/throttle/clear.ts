import { confirmFlags, counted, dryRunFlag, ReassignCommand, textArgs } from '../../../src/cli/index.ts'
import { loadReassignment } from '../../../src/ops/index.ts'

export default class ReassignThrottleClear extends ReassignCommand {
  static override summary = 'take the throttles of replication away, whoever has set them'
  static override description =
    'Those of all brokers and topics, or of the topics named and all brokers. While partitions are being moved it asks first.'
  static override examples = ['<%= config.bin %> reassign throttle clear', '<%= config.bin %> reassign throttle clear orders --dry-run']
  static override args = { topic: textArgs('topics; default: all') }
  static override flags = { ...confirmFlags, 'dry-run': dryRunFlag }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(ReassignThrottleClear)
    const admin = await this.openAdmin(flags)
    const { activeMoves, clearThrottles, describeThrottles } = await loadReassignment()
    const active = await activeMoves(admin)
    const named = argv.length === 0 ? undefined : argv
    if (active.length === 0 && named === undefined && !flags['dry-run']) await this.settleThrottles(admin)
    const { throttles, failures: unread } = await describeThrottles(admin, named)
    if (throttles.length + unread.length === 0) this.tell('nothing is throttled')
    else if (throttles.length === 0) this.tell('nothing that can be seen is throttled')
    else if (active.length > 0 && !flags['dry-run'])
      await this.confirm(
        flags,
        throttles.map(({ type, name }) => `${type} ${name}`),
        `${counted(active.length, 'partition')} being moved: let them take what they can get?`,
      )
    const cleared = flags['dry-run'] ? { failures: [] } : await clearThrottles(admin, throttles)
    const failures = [...unread, ...cleared.failures]
    if (!flags['dry-run'] && named === undefined && failures.length === 0) await this.forgetThrottles(admin)
    await this.render({
      kind: 'ClearedThrottles',
      items: throttles.map(({ type, name, values }) => ({ type, name, values, status: flags['dry-run'] ? 'WOULD-CLEAR' : 'CLEARED' })),
      errors: failures.map(({ type, name, message }) => ({ item: `${type} ${name}`, code: null, name: null, message, retriable: false })),
      columns: [
        { name: 'TYPE', value: ({ type }) => type },
        { name: 'NAME', value: ({ name }) => name },
        { name: 'STATUS', value: ({ status }) => status },
      ],
    })
  }
}
