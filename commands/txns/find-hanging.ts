import {
  AbortingCommand,
  confirmFlags,
  divide,
  type FailedItem,
  Flags,
  parseCount,
  parseDurationMs,
  textArgs,
  timeText,
  usageFault,
} from '../../src/cli/index.ts'
import { type HangingTransaction, loadHangingTransactions } from '../../src/ops/index.ts'

export type Found = HangingTransaction & { readonly status: 'HANGING' | 'ABORTED' }

export default class TxnsFindHanging extends AbortingCommand {
  static override summary = 'find open transactions that nobody will end, and end them'
  static override description =
    'Whoever reads committed records only waits for ever in front of them: of the producer no coordinator knows a running transaction in that partition (KIP-664). The exit code is 3 when there are any, unless they are aborted.'
  static override examples = [
    '<%= config.bin %> txns find-hanging',
    { description: 'And end them, after they were shown:', command: '<%= config.bin %> txns find-hanging orders --abort' },
  ]
  static override args = { topic: textArgs('topics; default: all') }
  static override flags = {
    ...confirmFlags,
    topic: Flags.string({ hidden: true }),
    partition: Flags.string({ summary: 'only this partition of a topic', helpValue: 'N' }),
    broker: Flags.string({ aliases: ['broker-id'], summary: 'only what this broker leads', helpValue: 'ID' }),
    'max-transaction-timeout': Flags.string({
      summary: 'older than transaction.max.timeout.ms of the brokers; a plain number is minutes, as with kafka-transactions',
      default: '15m',
      helpValue: 'TIME',
    }),
    abort: Flags.boolean({ summary: 'end what is found' }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(TxnsFindHanging)
    const topics = [...argv, ...(flags.topic === undefined ? [] : [flags.topic])]
    if (flags.partition !== undefined && topics.length === 0) throw usageFault('--partition of which topic?', 'Name it.')
    const text = flags['max-transaction-timeout']
    const admin = await this.openAdmin(flags)
    const { findHanging } = await loadHangingTransactions()
    const { hanging, failures } = await findHanging(admin, {
      topics: topics.length === 0 ? undefined : topics,
      partition: flags.partition === undefined ? undefined : parseCount(flags.partition, '--partition'),
      broker: flags.broker === undefined ? undefined : parseCount(flags.broker, '--broker'),
      idleMs: parseDurationMs(/^\d+$/.test(text) ? `${text}m` : text, '--max-transaction-timeout'),
      nowMs: (await this.shell.host()).clock.now(),
    })
    const errors: FailedItem[] = divide(failures, (item) => item).errors
    if (hanging.length + errors.length === 0) this.tell('no transaction hangs')
    if (!flags.abort || hanging.length === 0) {
      await this.#show(
        hanging.map((each) => ({ ...each, status: 'HANGING' })),
        errors,
      )
      if (hanging.length > 0) {
        this.tell('txns find-hanging --abort ends them')
        this.answerNo()
      }
      return
    }
    const ended = await this.abort(admin, hanging, flags)
    await this.#show(
      ended.values.map(({ item }) => ({ ...item, status: 'ABORTED' })),
      [...errors, ...ended.errors],
    )
  }

  #show(items: readonly Found[], errors: readonly FailedItem[]): Promise<void> {
    return this.render<Found>({
      kind: 'HangingTransactions',
      items,
      errors,
      columns: [
        { name: 'TOPIC', value: ({ topic }) => topic },
        { name: 'PARTITION', value: ({ partition }) => partition, right: true },
        { name: 'PRODUCER-ID', value: (each) => each.producerId, right: true },
        { name: 'EPOCH', value: (each) => each.producerEpoch, right: true },
        { name: 'COORDINATOR-EPOCH', value: (each) => each.coordinatorEpoch, right: true },
        { name: 'START-OFFSET', value: (each) => each.startOffset, right: true },
        { name: 'LAST-TIMESTAMP', value: (each) => each.lastTimestamp, text: (each) => timeText(each.lastTimestamp) },
        { name: 'TRANSACTIONAL-ID', value: (each) => each.transactionalId },
        { name: 'STATUS', value: ({ status }) => status },
      ],
    })
  }
}
