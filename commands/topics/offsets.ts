import { ClusterCommand, divide, Flags, parsePartitions, textArgs, timeText, usageFault, watchFlags } from '../../src/cli/index.ts'
import { loadPartitionPlaces, loadTopicSelection, parseTime } from '../../src/ops/index.ts'

const specs = {
  latest: 'latest',
  '-1': 'latest',
  end: 'latest',
  earliest: 'earliest',
  '-2': 'earliest',
  start: 'earliest',
  'max-timestamp': 'maxTimestamp',
  '-3': 'maxTimestamp',
  'earliest-local': 'earliestLocal',
  '-4': 'earliestLocal',
  'latest-tiered': 'latestTiered',
  '-5': 'latestTiered',
  'earliest-pending-upload': 'earliestPendingUpload',
  '-6': 'earliestPendingUpload',
} as const

export default class TopicsOffsets extends ClusterCommand {
  static override summary = 'show first and last offsets of partitions, or those of a time'
  static override examples = [
    '<%= config.bin %> topics offsets orders',
    { description: 'Where the last two hours begin:', command: '<%= config.bin %> topics offsets orders --time -2h' },
    { description: 'The newest record by timestamp:', command: '<%= config.bin %> topics offsets orders --time max-timestamp' },
  ]
  static override args = { topic: textArgs('topics; default: all') }
  static override flags = {
    ...watchFlags,
    topic: Flags.string({ multiple: true, multipleNonGreedy: true, hidden: true }),
    partitions: Flags.string({ char: 'p', summary: 'only these partitions', helpValue: '0,2-4' }),
    time: Flags.string({
      char: 't',
      summary:
        'latest, earliest, max-timestamp, earliest-local, latest-tiered, earliest-pending-upload, or a time (ms, date, RFC 3339, -2h)',
    }),
    'isolation-level': Flags.option({ options: ['read_uncommitted', 'read_committed'] as const })({
      summary: 'whether the end is that of decided transactions',
      default: 'read_uncommitted',
    }),
    regex: Flags.boolean({ char: 'r', summary: 'the names are regular expressions' }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(TopicsOffsets)
    const { clock } = await this.shell.host()
    const at =
      flags.time === undefined
        ? undefined
        : Object.hasOwn(specs, flags.time)
          ? specs[flags.time as keyof typeof specs]
          : parseTime(flags.time.replace(/^@/, ''), clock.now())
    if (flags.time !== undefined && at === undefined)
      throw usageFault(
        `--time ${flags.time} is no time`,
        `One of ${Object.keys(specs)
          .filter((name) => !name.startsWith('-'))
          .join(', ')}, or a time.`,
      )
    const chosen = flags.partitions === undefined ? undefined : parsePartitions(flags.partitions, '--partitions')
    const admin = await this.openAdmin(flags)
    const { selectTopics } = await loadTopicSelection()
    const { partitionBounds, partitionsOfAll } = await loadPartitionPlaces()
    const names = await selectTopics(admin, [...argv, ...(flags.topic ?? [])], { regex: flags.regex })
    const found = await partitionsOfAll(admin, names, chosen)
    const nameOf = ({ topic, partition }: { topic: string; partition: number }): string => `${topic}-${partition}`
    const missing = divide(found.failures, (name) => name).errors
    const isolationLevel = flags['isolation-level']
    const place = [
      { name: 'TOPIC', value: (each: { topic: string }) => each.topic },
      { name: 'PARTITION', value: (each: { partition: number }) => each.partition, right: true },
    ] as const
    if (at === undefined) {
      const { values, errors } = divide(await partitionBounds(admin, found.partitions, isolationLevel), nameOf)
      await this.render({
        kind: 'PartitionOffsets',
        items: values.map(({ item, value }) => ({ ...item, ...value })),
        errors: [...missing, ...errors],
        columns: [
          ...place,
          { name: 'START', value: (each) => each.startOffset, right: true },
          { name: 'END', value: (each) => each.endOffset, right: true },
          { name: 'RECORDS', value: (each) => each.endOffset - each.startOffset, right: true },
        ],
      })
      return
    }
    const queries = found.partitions.map(({ topic, partition }) => ({ topic, partition, at }))
    const { values, errors } = divide(await admin.listOffsets(queries, { isolationLevel }), nameOf)
    await this.render({
      kind: 'TimeOffsets',
      items: values.map(({ item, value }) => {
        const { offset, timestamp, leaderEpoch } = value
        return {
          topic: item.topic,
          partition: item.partition,
          offset: offset < 0 ? null : offset,
          timestamp: timestamp < 0 ? null : timestamp,
          leaderEpoch,
        }
      }),
      errors: [...missing, ...errors],
      columns: [
        ...place,
        { name: 'OFFSET', value: (each) => each.offset, right: true },
        { name: 'TIMESTAMP', value: (each) => each.timestamp, text: (each) => (each.timestamp === null ? '-' : timeText(each.timestamp)) },
        { name: 'EPOCH', value: (each) => each.leaderEpoch, right: true, wide: true },
      ],
    })
  }
}
