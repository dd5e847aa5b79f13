import { ClusterCommand, divide, durationText, Flags, textArgs, usageFault, watchFlags } from '../../src/cli/index.ts'
import type { TransactionDescription } from '../../src/client/index.ts'

export default class TxnsDescribe extends ClusterCommand {
  static override summary = 'show what a transaction is doing, since when, and where it has written'
  static override examples = ['<%= config.bin %> txns describe billing-1']
  static override args = { id: textArgs('transactional ids') }
  static override flags = { ...watchFlags, 'transactional-id': Flags.string({ multiple: true, multipleNonGreedy: true, hidden: true }) }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(TxnsDescribe)
    const ids = [...argv, ...(flags['transactional-id'] ?? [])]
    if (ids.length === 0) throw usageFault('which transactional ids?', 'See tkafka txns list.')
    const admin = await this.openAdmin(flags)
    const { values, errors } = divide(await admin.describeTransactions(ids), (id) => id)
    const nowMs = (await this.shell.host()).clock.now()
    const ageOf = ({ startTimeMs }: TransactionDescription): number | null => (Number(startTimeMs) < 0 ? null : nowMs - Number(startTimeMs))
    const ageText = (ageMs: number | null): string => (ageMs === null ? '-' : durationText(Math.max(0, ageMs)))
    await this.render<TransactionDescription>({
      kind: 'TransactionDescription',
      items: values.map(({ value }) => value),
      errors,
      columns: [
        { name: 'TRANSACTIONAL-ID', value: (each) => each.transactionalId },
        { name: 'STATE', value: (each) => each.state },
        { name: 'PRODUCER-ID', value: (each) => each.producerId, right: true },
        { name: 'EPOCH', value: (each) => each.producerEpoch, right: true },
        { name: 'COORDINATOR', value: (each) => each.coordinator, right: true },
        { name: 'RUNNING', value: ageOf, text: (each) => ageText(ageOf(each)), right: true },
        { name: 'TIMEOUT', value: (each) => each.timeoutMs, text: (each) => durationText(each.timeoutMs), right: true },
        {
          name: 'PARTITIONS',
          value: ({ partitions }) => partitions.map(({ topic, partition }) => `${topic}-${partition}`).join(',') || null,
          narrow: 'shorten',
        },
      ],
    })
  }
}
