import {
  bytesText,
  ClusterCommand,
  countText,
  divide,
  Flags,
  orStopped,
  parseCount,
  parsePartitions,
  textArgs,
  usageFault,
  watchFlags,
} from '../../src/cli/index.ts'
import { loadTopicAnalysis, loadTopicReading, loadTopicSelection, type PartitionAnalysis } from '../../src/ops/index.ts'

const POLL_MS = 1000
const DEFAULT_COUNT = 10_000

export default class TopicsAnalyze extends ClusterCommand {
  static override summary = 'tell what records of topics are like: batches, compression, keys'
  static override description =
    'Reads the end of each partition. Small batches cost brokers and disks much for little; one key with many of the records makes one partition, and whoever reads it, slow.'
  static override examples = [
    '<%= config.bin %> topics analyze orders',
    {
      description: 'Of more records, the partition with the most frequent key first:',
      command: '<%= config.bin %> topics analyze orders -n 100000 --sort -top-key',
    },
  ]
  static override args = { topic: textArgs('topics') }
  static override flags = {
    ...watchFlags,
    num: Flags.string({
      char: 'n',
      aliases: ['records'],
      summary: `[default: ${DEFAULT_COUNT}] so many records of each partition`,
      helpValue: 'N',
    }),
    partitions: Flags.string({ char: 'p', summary: 'only these partitions', helpValue: '0,2-4' }),
    regex: Flags.boolean({ char: 'r', summary: 'the names are regular expressions' }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(TopicsAnalyze)
    if (argv.length === 0) throw usageFault('which topics?', 'Name at least one.')
    const count = flags.num === undefined ? DEFAULT_COUNT : parseCount(flags.num, '--num', 1)
    const partitions = flags.partitions === undefined ? undefined : parsePartitions(flags.partitions, '--partitions')
    const admin = await this.openAdmin(flags)
    const { selectTopics } = await loadTopicSelection()
    const topics = await selectTopics(admin, argv, { regex: flags.regex, internal: false })
    if (topics.length === 0) throw usageFault(`no topic matches ${argv.join(', ')}`)
    const { Consumer } = await import('../../src/client/index.ts')
    const { values } = await this.settings(flags)
    const stop = this.shell.stopSignal()
    await using consumer = new Consumer(await this.shell.host(), { ...values, 'group.id': null, 'enable.auto.commit': 'false' })
    const { RangeReading } = await loadTopicReading()
    const range = { from: { kind: 'before end', count }, until: { kind: 'end' } } as const
    const reading = await RangeReading.open(admin, consumer, { topics, partitions, range, isolationLevel: 'read_uncommitted' })
    const { skewOf, TopicAnalysis } = await loadTopicAnalysis()
    const analysis = new TopicAnalysis()
    const { clock } = await this.shell.host()
    const silentMsMax = this.timeoutMs(flags)
    const read = async (): Promise<void> => {
      for (let heardMs = clock.monotonic(); !reading.done && !stop.aborted && clock.monotonic() - heardMs < silentMsMax; ) {
        const portions = await reading.poll(Math.min(POLL_MS, silentMsMax))
        for (const portion of portions) analysis.add(portion)
        if (portions.length > 0) heardMs = clock.monotonic()
      }
    }
    await orStopped(read(), stop)
    const items = analysis.results()
    const silent = stop.aborted ? [] : reading.silent(silentMsMax)
    const { errors } = divide(silent, ({ topic, partition }) => `${topic}-${partition}`)
    if (items.length + errors.length === 0) this.tell('there are no records')
    await this.render<PartitionAnalysis>({
      kind: 'TopicAnalysis',
      items,
      errors,
      columns: [
        { name: 'TOPIC', value: ({ topic }) => topic, narrow: 'shorten' },
        { name: 'PARTITION', value: ({ partition }) => partition, right: true },
        { name: 'RECORDS', value: ({ records }) => records, text: ({ records }) => countText(records), right: true },
        { name: 'RATE', value: (each) => each.recordsPerSecond, text: (each) => rateText(each.recordsPerSecond), right: true },
        { name: 'RECORD-SIZE', value: (each) => each.recordBytes, text: (each) => sizeText(each.recordBytes), right: true },
        { name: 'PER-BATCH', value: (each) => each.recordsPerBatch, text: (each) => decimal(each.recordsPerBatch), right: true },
        { name: 'BATCH-SIZE', value: (each) => each.batchBytes, text: (each) => sizeText(each.batchBytes), right: true },
        { name: 'CODEC', value: ({ codecs }) => codecs.join(',') },
        {
          name: 'RATIO',
          value: ({ compression }) => compression,
          text: ({ compression }) => (compression === null ? '-' : `${decimal(compression)}x`),
          right: true,
        },
        { name: 'KEYS', value: ({ keys }) => keys, text: ({ keys }) => countText(keys), right: true },
        { name: 'TOP-KEY', value: (each) => each.topKeyShare, text: (each) => percent(each.topKeyShare), right: true },
        {
          name: 'NO-KEY',
          value: (each) => each.withoutKey / each.records,
          text: (each) => percent(each.withoutKey / each.records),
          right: true,
        },
        { name: 'TOMBSTONES', value: ({ tombstones }) => tombstones, right: true, wide: true },
      ],
    })
    for (const [topic, list] of Map.groupBy(items, (each) => each.topic)) {
      const skew = skewOf(list.map((each) => each.recordsPerSecond))
      if (skew !== null && list.length > 1)
        this.tell(`${topic}: its busiest partition gets ${decimal(skew)} times as many records as one gets on average`)
    }
  }
}

const decimal = (value: number | null): string => (value === null ? '-' : value.toFixed(1))
const sizeText = (bytes: number | null): string => (bytes === null ? '-' : bytesText(Math.round(bytes)))
const percent = (share: number | null): string => (share === null ? '-' : `${Math.round(share * 100)}%`)
const rateText = (rate: number | null): string => (rate === null ? '-' : `${rate < 10 ? rate.toFixed(1) : countText(Math.round(rate))}/s`)
