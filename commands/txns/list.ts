import { ClusterCommand, divide, Flags, parseCount, parseDurationMs, watchFlags } from '../../src/cli/index.ts'
import type { TransactionListing } from '../../src/client/index.ts'

export default class TxnsList extends ClusterCommand {
  static override summary = 'list transactional ids, and what their transactions are doing'
  static override examples = [
    '<%= config.bin %> txns list',
    { description: 'What has been running for long:', command: '<%= config.bin %> txns list --state Ongoing --running-longer 10m' },
  ]
  static override flags = {
    ...watchFlags,
    state: Flags.string({ aliases: ['states'], summary: 'only in these states: Empty, Ongoing, PrepareCommit, …', helpValue: 'STATE,…' }),
    'producer-id': Flags.string({ summary: 'only of these producer ids', helpValue: 'N,…' }),
    'running-longer': Flags.string({
      aliases: ['duration-filter'],
      summary: 'only those that have been running for longer',
      helpValue: 'TIME',
    }),
    pattern: Flags.string({
      aliases: ['transactional-id-pattern'],
      summary: 'only ids that this regular expression (RE2) matches',
      helpValue: 'RE',
    }),
  }

  async run(): Promise<void> {
    const { flags } = await this.read(TxnsList)
    const words = (text: string | undefined): string[] => text?.split(',').map((word) => word.trim()) ?? []
    const longer = flags['running-longer']
    const filter = {
      states: words(flags.state),
      producerIds: words(flags['producer-id']).map((text) => parseCount(text, '--producer-id')),
      ...(longer !== undefined && { runningLongerMs: parseDurationMs(longer, '--running-longer') }),
      ...(flags.pattern !== undefined && { pattern: flags.pattern }),
    }
    const admin = await this.openAdmin(flags)
    const { transactions, failures } = await admin.listTransactions(filter)
    if (transactions.length + failures.length === 0 && flags.watch === undefined) this.tell('there are no such transactions')
    await this.render<TransactionListing>({
      kind: 'TransactionList',
      items: transactions,
      errors: divide(failures, (broker) => `broker ${broker}`).errors,
      columns: [
        { name: 'TRANSACTIONAL-ID', value: (each) => each.transactionalId },
        { name: 'STATE', value: (each) => each.state },
        { name: 'PRODUCER-ID', value: (each) => each.producerId, right: true },
        { name: 'COORDINATOR', value: (each) => each.coordinator, right: true },
      ],
    })
  }
}
