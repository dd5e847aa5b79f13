import {
  AbortingCommand,
  confirmFlags,
  dryRunFlag,
  Fault,
  Flags,
  parseCount,
  textArg,
  transactionText,
  usageFault,
} from '../../src/cli/index.ts'
import type { Admin, OpenTransaction, TopicPartition } from '../../src/client/index.ts'
import { loadHangingTransactions } from '../../src/ops/index.ts'

export default class TxnsAbort extends AbortingCommand {
  static override summary = 'end an open transaction in one partition, past its coordinator'
  static override description =
    'For one that hangs: txns find-hanging finds those, and ends them with --abort. A transaction that runs is ended by its producer, or by its coordinator after transaction.timeout.ms.'
  static override examples = ['<%= config.bin %> txns abort orders:0 --start-offset 4711']
  static override args = { partition: textArg('TOPIC:PARTITION') }
  static override flags = {
    ...confirmFlags,
    topic: Flags.string({ hidden: true }),
    partition: Flags.string({ hidden: true }),
    'start-offset': Flags.string({ summary: 'where it begins: see txns producers', helpValue: 'OFFSET' }),
    'producer-id': Flags.string({ summary: 'instead: of which producer', helpValue: 'N' }),
    'producer-epoch': Flags.string({ summary: 'in which epoch', helpValue: 'N' }),
    'coordinator-epoch': Flags.string({ summary: 'not below what the partition has seen', helpValue: 'N' }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<void> {
    const { flags, args } = await this.read(TxnsAbort)
    const named = flags.topic === undefined || flags.partition === undefined ? '' : `${flags.topic}:${flags.partition}`
    const [, topic, partition] = /^(.+)[:/](\d+)$/.exec(args.partition ?? named) ?? []
    if (topic === undefined) throw usageFault('in which partition?', 'Write TOPIC:PARTITION.')
    const where = { topic, partition: parseCount(partition!, 'the partition', 0, 0x7fffffff) }
    const { 'start-offset': start, 'producer-id': id, 'producer-epoch': epoch, 'coordinator-epoch': coordinatorEpoch } = flags
    if ((start === undefined) === (id === undefined))
      throw usageFault('which transaction?', 'Say --start-offset, or --producer-id, --producer-epoch and --coordinator-epoch.')
    if (id !== undefined && (epoch === undefined || coordinatorEpoch === undefined))
      throw usageFault('--producer-id needs --producer-epoch and --coordinator-epoch')
    const admin = await this.openAdmin(flags)
    const transaction: OpenTransaction =
      start !== undefined
        ? await openAt(admin, where, parseCount(start, '--start-offset'))
        : {
            ...where,
            producerId: parseCount(id!, '--producer-id'),
            producerEpoch: parseCount(epoch!, '--producer-epoch', 0, 0x7fff),
            coordinatorEpoch: parseCount(coordinatorEpoch!, '--coordinator-epoch', 0, 0x7fffffff),
          }
    const { values, errors } = flags['dry-run']
      ? { values: [{ item: transaction }], errors: [] }
      : await this.abort(admin, [transaction], flags)
    await this.render({
      kind: 'AbortedTransactions',
      items: values.map(({ item }) => ({ ...item, status: flags['dry-run'] ? 'WOULD-ABORT' : 'ABORTED' })),
      errors,
      columns: [
        { name: 'TRANSACTION', value: transactionText },
        { name: 'STATUS', value: ({ status }) => status },
      ],
    })
  }
}

/** @throws Fault when none begins there */
async function openAt(admin: Admin, where: TopicPartition, offset: number): Promise<OpenTransaction> {
  const [described] = await admin.describeProducers([where])
  if (described!.error !== null) throw new Fault(described!.error.message, { hint: 'See tkafka topics describe.' })
  const producer = described!.value.find(({ currentTransactionStartOffset }) => currentTransactionStartOffset === offset)
  if (producer === undefined)
    throw new Fault(`no open transaction begins at offset ${offset} of ${where.topic}-${where.partition}`, {
      hint: `See tkafka txns producers ${where.topic}:${where.partition} --open.`,
    })
  const { openOf } = await loadHangingTransactions()
  return openOf(where, producer)
}
