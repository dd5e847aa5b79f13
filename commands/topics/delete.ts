import { bytesText, ClusterCommand, confirmFlags, counted, dryRunFlag, Flags, textArgs, usageFault } from '../../src/cli/index.ts'
import { loadTopicReport, loadTopicSelection } from '../../src/ops/index.ts'

export default class TopicsDelete extends ClusterCommand {
  static override summary = 'delete topics with everything in them'
  static override examples = [
    '<%= config.bin %> topics delete orders-v1',
    { description: 'What a pattern would hit:', command: "<%= config.bin %> topics delete --regex 'tmp-.*' --dry-run" },
    { description: 'In a script, where nobody can be asked:', command: '<%= config.bin %> topics delete orders-v1 --yes --if-exists' },
  ]
  static override args = { topic: textArgs('topics') }
  static override flags = {
    ...confirmFlags,
    topic: Flags.string({ multiple: true, multipleNonGreedy: true, hidden: true }),
    regex: Flags.boolean({ char: 'r', summary: 'the names are regular expressions for whole names' }),
    'if-exists': Flags.boolean({ summary: 'a topic that is not there is no failure' }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(TopicsDelete)
    const given = [...argv, ...(flags.topic ?? [])]
    if (given.length === 0) throw usageFault('which topics?', 'Name at least one.')
    const admin = await this.openAdmin(flags)
    const { selectTopics } = await loadTopicSelection()
    const names = await selectTopics(admin, given, { regex: flags.regex, internal: false })
    if (flags['dry-run']) {
      const known = new Set((await admin.listTopics({ includeInternal: true })).map(({ name }) => name))
      await this.renderChanges('TopicDeletion', 'TOPIC', names.filter((name) => known.has(name)).map(done), (name) => name, 'WOULD-DELETE')
      for (const name of names) if (!known.has(name)) this.tell(`topic ${name} does not exist`)
      return
    }
    if (!flags.yes) {
      const { topicOverviews } = await loadTopicReport()
      const found = (await topicOverviews(admin, { internal: true, sizes: true })).filter(({ name }) => names.includes(name))
      const plan = found.map(({ name, partitionCount, sizeBytes }) => {
        const size = sizeBytes === null ? '' : `, ${bytesText(sizeBytes)}`
        return `${name}: ${counted(partitionCount, 'partition')}${size}`
      })
      if (plan.length > 0)
        await this.confirm(
          flags,
          ['to be deleted:', ...plan.map((line) => `  ${line}`)],
          `Delete ${counted(plan.length, 'topic')} with all records?`,
        )
    }
    const results = await admin.deleteTopics(names)
    for (const { item, error } of results)
      if (flags['if-exists'] && error?.name === 'UNKNOWN_TOPIC_OR_PARTITION') this.tell(`topic ${item} does not exist`)
    const judged = results.filter(({ error }) => !(flags['if-exists'] && error?.name === 'UNKNOWN_TOPIC_OR_PARTITION'))
    await this.renderChanges('TopicDeletion', 'TOPIC', judged, (name) => name, 'DELETED')
  }
}

const done = (item: string) => ({ item, error: null, value: null })
