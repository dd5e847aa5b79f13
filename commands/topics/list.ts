import { bytesText, ClusterCommand, Flags, textArgs, watchFlags } from '../../src/cli/index.ts'
import { loadTopicReport, loadTopicSelection, type TopicOverview } from '../../src/ops/index.ts'

export default class TopicsList extends ClusterCommand {
  static override summary = 'list topics'
  static override examples = [
    '<%= config.bin %> topics list',
    { description: 'Largest first, with sizes:', command: '<%= config.bin %> topics list --sort -size' },
    { description: 'Those whose names match, for a program:', command: "<%= config.bin %> topics list 'orders.*' --output ndjson" },
  ]
  static override args = { pattern: textArgs('regular expressions for whole names; default: all topics') }
  static override flags = {
    ...watchFlags,
    detailed: Flags.boolean({ char: 'd', summary: 'with sizes on disk, which every broker is asked for' }),
    'exclude-internal': Flags.boolean({ summary: 'without the topics that Kafka keeps for itself' }),
    regex: Flags.boolean({ char: 'r', hidden: true }),
    topic: Flags.string({ hidden: true }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(TopicsList)
    const admin = await this.openAdmin(flags)
    const { topicOverviews } = await loadTopicReport()
    const sizes = flags.detailed || /size/i.test(`${flags.sort},${flags.columns},${flags.filter}`)
    const all = await topicOverviews(admin, { internal: !flags['exclude-internal'], sizes })
    await this.remember(
      flags,
      'topics',
      all.filter(({ internal }) => !internal).map(({ name }) => name),
    )
    const patterns = [...argv, ...(flags.topic === undefined ? [] : [flags.topic])]
    const { wholePattern } = await loadTopicSelection()
    const wanted = patterns.map(wholePattern)
    const items = wanted.length === 0 ? all : all.filter(({ name }) => wanted.some((pattern) => pattern.test(name)))
    if (items.length === 0 && flags.watch === undefined)
      this.tell(wanted.length === 0 ? 'there are no topics' : `no topic matches ${patterns.join(', ')}`)
    await this.render<TopicOverview>({
      kind: 'TopicList',
      items,
      columns: [
        { name: 'TOPIC', value: (topic) => topic.name },
        { name: 'PARTITIONS', value: (topic) => topic.partitionCount, right: true },
        { name: 'REPLICAS', value: (topic) => topic.replicationFactor, right: true },
        {
          name: 'SIZE',
          value: (topic) => topic.sizeBytes,
          text: (topic) => (topic.sizeBytes === null ? '-' : bytesText(topic.sizeBytes)),
          right: true,
          wide: !sizes,
        },
        { name: 'INTERNAL', value: (topic) => topic.internal, wide: true },
        { name: 'ID', value: (topic) => topic.topicId, wide: true },
      ],
    })
  }
}
