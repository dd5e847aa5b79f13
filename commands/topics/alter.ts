import {
  ClusterCommand,
  configChangeFlags,
  configOperations,
  divide,
  dryRunFlag,
  type FailedItem,
  Flags,
  parseCount,
  textArgs,
  usageFault,
} from '../../src/cli/index.ts'

export default class TopicsAlter extends ClusterCommand {
  static override summary = 'add partitions to topics, change their settings'
  static override examples = [
    { description: 'Eight partitions in all:', command: '<%= config.bin %> topics alter orders --partitions 8' },
    '<%= config.bin %> topics alter orders --set retention.ms=86400000',
    { description: 'Back to the default:', command: '<%= config.bin %> topics alter orders --delete compression.type' },
    { description: 'One more element of a list:', command: '<%= config.bin %> topics alter orders --append cleanup.policy=compact' },
  ]
  static override args = { topic: textArgs('topics') }
  static override flags = {
    ...configChangeFlags,
    topic: Flags.string({ multiple: true, multipleNonGreedy: true, hidden: true }),
    partitions: Flags.string({ char: 'p', summary: 'how many partitions there shall be', helpValue: 'N' }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(TopicsAlter)
    const names = [...new Set([...argv, ...(flags.topic ?? [])])]
    if (names.length === 0) throw usageFault('which topics?', 'Name at least one.')
    const operations = configOperations(flags)
    if (operations.length === 0 && flags.partitions === undefined)
      throw usageFault('what shall change?', 'Say --partitions, --set, --delete, --append or --subtract.')
    const totalCount = flags.partitions === undefined ? undefined : parseCount(flags.partitions, '--partitions', 1, 0x7fffffff)
    const admin = await this.openAdmin(flags)
    const options = { validateOnly: flags['dry-run'] }
    const errors: FailedItem[] = []
    const items: { name: string; change: string; status: string }[] = []
    const status = flags['dry-run'] ? 'VALID' : 'CHANGED'
    if (totalCount !== undefined) {
      const answer = divide(
        await admin.createPartitions(
          names.map((topic) => ({ topic, totalCount })),
          options,
        ),
        ({ topic }) => topic,
      )
      items.push(...answer.values.map(({ item }) => ({ name: item.topic, change: `partitions=${totalCount}`, status })))
      errors.push(...answer.errors)
    }
    if (operations.length > 0) {
      const changes = names.map((name) => ({ type: 'topic' as const, name, operations }))
      const answer = divide(await admin.incrementalAlterConfigs(changes, options), ({ name }) => name)
      const words = operations.map(({ operation, name, value }) => `${operation} ${name}${value === null ? '' : `=${value}`}`).join(', ')
      items.push(...answer.values.map(({ item }) => ({ name: item.name, change: words, status })))
      errors.push(...answer.errors)
    }
    await this.render({
      kind: 'TopicChanges',
      items,
      errors,
      columns: [
        { name: 'TOPIC', value: ({ name }) => name },
        { name: 'CHANGE', value: ({ change }) => change },
        { name: 'STATUS', value: (item) => item.status },
      ],
    })
  }
}
