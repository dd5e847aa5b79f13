import {
  ClusterCommand,
  divide,
  Flags,
  parseCount,
  textArgs,
  timeText,
  topicPartitionsOf,
  usageFault,
  watchFlags,
} from '../../src/cli/index.ts'
import type { ProducerState, TopicPartition } from '../../src/client/index.ts'

export type ProducerItem = TopicPartition & ProducerState

export default class TxnsProducers extends ClusterCommand {
  static override summary = 'show which producers a partition remembers, and their open transactions'
  static override examples = ['<%= config.bin %> txns producers orders:0,1']
  static override args = { topic: textArgs('topics, or partitions of them: TOPIC:0,1') }
  static override flags = {
    ...watchFlags,
    topic: Flags.string({ hidden: true }),
    partition: Flags.string({ hidden: true }),
    open: Flags.boolean({ summary: 'only those with an open transaction' }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(TxnsProducers)
    const kafka =
      flags.topic === undefined
        ? []
        : [flags.partition === undefined ? flags.topic : `${flags.topic}:${parseCount(flags.partition, '--partition')}`]
    // TOPIC/PARTITION is a way to say it too.
    const named = [...argv, ...kafka].map((text) => text.replace(/\/(\d[\d,-]*)$/, ':$1'))
    if (named.length === 0) throw usageFault('of which partitions?', 'Name topics, or TOPIC:PARTITION.')
    const admin = await this.openAdmin(flags)
    const partitions = await topicPartitionsOf(admin, named)
    const { values, errors } = divide(await admin.describeProducers(partitions), ({ topic, partition }) => `${topic}-${partition}`)
    const items = values
      .flatMap(({ item: { topic, partition }, value }) => value.map((producer): ProducerItem => ({ topic, partition, ...producer })))
      .filter(({ currentTransactionStartOffset }) => !flags.open || currentTransactionStartOffset >= 0)
    if (items.length + errors.length === 0 && flags.watch === undefined) this.tell('there are no such producers')
    const known = (value: number): number | null => (value < 0 ? null : value)
    await this.render<ProducerItem>({
      kind: 'ProducerList',
      items,
      errors,
      columns: [
        { name: 'TOPIC', value: ({ topic }) => topic },
        { name: 'PARTITION', value: ({ partition }) => partition, right: true },
        { name: 'PRODUCER-ID', value: (each) => each.producerId, right: true },
        { name: 'EPOCH', value: (each) => each.producerEpoch, right: true },
        { name: 'COORDINATOR-EPOCH', value: (each) => known(each.coordinatorEpoch), right: true },
        { name: 'LAST-SEQUENCE', value: (each) => known(each.lastSequence), right: true },
        { name: 'LAST-TIMESTAMP', value: (each) => Number(each.lastTimestamp), text: (each) => timeText(Number(each.lastTimestamp)) },
        { name: 'TXN-START-OFFSET', value: (each) => known(each.currentTransactionStartOffset), right: true },
      ],
    })
  }
}
