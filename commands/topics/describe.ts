import { ClusterCommand, divide, Flags, loadTopicText, textArgs, usageFault, watchFlags } from '../../src/cli/index.ts'
import { loadTopicReport, loadTopicSelection, type PartitionReport, type TopicReport } from '../../src/ops/index.ts'

export default class TopicsDescribe extends ClusterCommand {
  static override summary = 'show topics with partitions, health, offsets and settings'
  static override description =
    'Without names: all topics. A health filter (--under-replicated and the like) shows only what is concerned, and answers with exit code 3 when there is any.'
  static override examples = [
    '<%= config.bin %> topics describe orders',
    { description: 'What is not well, in the whole cluster:', command: '<%= config.bin %> topics describe --under-replicated' },
    {
      description: 'All settings, not only those that were changed:',
      command: '<%= config.bin %> topics describe orders --section configs --all',
    },
  ]
  static override args = { topic: textArgs('topics') }
  static override flags = {
    ...watchFlags,
    topic: Flags.string({ multiple: true, multipleNonGreedy: true, hidden: true }),
    regex: Flags.boolean({ char: 'r', summary: 'the names are regular expressions' }),
    section: Flags.option({ options: ['summary', 'partitions', 'configs'] as const, multiple: true, multipleNonGreedy: true })({
      summary: 'only this part',
    }),
    all: Flags.boolean({ aliases: ['all-configs'], summary: 'all partitions and settings, also when there are many' }),
    'under-replicated': Flags.boolean({ aliases: ['under-replicated-partitions'], summary: 'only partitions with missing replicas' }),
    unavailable: Flags.boolean({ aliases: ['unavailable-partitions'], summary: 'only partitions without a leader' }),
    'under-min-isr': Flags.boolean({ aliases: ['under-min-isr-partitions'], summary: 'only partitions below min.insync.replicas' }),
    'at-min-isr': Flags.boolean({ aliases: ['at-min-isr-partitions'], summary: 'only partitions exactly at min.insync.replicas' }),
    'with-overrides': Flags.boolean({ aliases: ['topics-with-overrides'], summary: 'only topics with settings of their own' }),
    'topic-id': Flags.string({ summary: 'the topic with this id', helpValue: 'ID' }),
    'exclude-internal': Flags.boolean({ summary: 'without the topics that Kafka keeps for itself' }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(TopicsDescribe)
    const admin = await this.openAdmin(flags)
    const { topicReports } = await loadTopicReport()
    const { selectTopics } = await loadTopicSelection()
    const given = [...argv, ...(flags.topic ?? [])]
    let names: string[]
    if (flags['topic-id'] === undefined)
      names = await selectTopics(admin, given, { regex: flags.regex, internal: !flags['exclude-internal'] })
    else {
      const found = (await admin.listTopics({ includeInternal: true })).find((each) => each.topicId === flags['topic-id'])
      if (found === undefined) throw usageFault(`no topic has the id ${flags['topic-id']}`)
      names = [found.name]
    }
    if (names.length === 0 && flags.watch === undefined) this.tell('there are no such topics')
    const { values, errors } = divide(await topicReports(admin, names), (name) => name)
    const health = (['under-replicated', 'unavailable', 'under-min-isr', 'at-min-isr'] as const).filter((name) => flags[name])
    const concerned = (each: PartitionReport): boolean => health.length === 0 || health.some((name) => each[healthField[name]])
    const reports = values
      .map(({ value }) => ({ ...value, partitions: value.partitions.filter(concerned) }))
      .filter((report) => health.length === 0 || report.partitions.length > 0)
      .filter((report) => !flags['with-overrides'] || report.configs.some(({ source }) => source === 'DYNAMIC_TOPIC_CONFIG'))
    const { partitionColumns, topicText } = await loadTopicText()
    if (this.wantsRows) {
      const items = reports.flatMap((report) => report.partitions)
      await this.render<PartitionReport>({ kind: 'PartitionList', items, columns: partitionColumns, errors })
    } else {
      const all = flags.all || health.length > 0
      await this.render<TopicReport>({
        kind: 'TopicDescription',
        items: reports,
        columns: [{ name: 'TOPIC', value: (report) => report.name }],
        errors,
        text: (items, style) => topicText(items, style, { all, sections: flags.section }),
      })
    }
    if (health.length > 0 && reports.length > 0) this.answerNo()
  }
}

const healthField = {
  'under-replicated': 'underReplicated',
  unavailable: 'unavailable',
  'under-min-isr': 'underMinIsr',
  'at-min-isr': 'atMinIsr',
} as const
