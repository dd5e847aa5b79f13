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
import { loadReplicationChange, type ReplicaMove } from '../../src/ops/index.ts'

export default class TopicsAlter extends ClusterCommand {
  static override summary = 'add partitions to topics, change their replicas and settings'
  static override examples = [
    { description: 'Eight partitions in all:', command: '<%= config.bin %> topics alter orders --partitions 8' },
    '<%= config.bin %> topics alter orders --set retention.ms=86400000',
    { description: 'Back to the default:', command: '<%= config.bin %> topics alter orders --delete compression.type' },
    { description: 'Three replicas of each partition:', command: '<%= config.bin %> topics alter orders -r 3 --dry-run' },
    { description: 'One more element of a list:', command: '<%= config.bin %> topics alter orders --append cleanup.policy=compact' },
  ]
  static override args = { topic: textArgs('topics') }
  static override flags = {
    ...configChangeFlags,
    topic: Flags.string({ multiple: true, multipleNonGreedy: true, hidden: true }),
    partitions: Flags.string({ char: 'p', summary: 'how many partitions there shall be', helpValue: 'N' }),
    'replication-factor': Flags.string({ char: 'r', summary: 'how many replicas each partition shall have', helpValue: 'N' }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(TopicsAlter)
    const names = [...new Set([...argv, ...(flags.topic ?? [])])]
    if (names.length === 0) throw usageFault('which topics?', 'Name at least one.')
    const operations = configOperations(flags)
    const factorText = flags['replication-factor']
    if (operations.length === 0 && flags.partitions === undefined && factorText === undefined)
      throw usageFault('what shall change?', 'Say --partitions, --replication-factor, --set, --delete, --append or --subtract.')
    if (flags.partitions !== undefined && factorText !== undefined)
      throw usageFault('--partitions and --replication-factor do not go together', 'Add the partitions first.')
    const factor = factorText === undefined ? undefined : parseCount(factorText, '--replication-factor', 1, 32767)
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
    if (factor !== undefined) {
      const { changeReplication } = await loadReplicationChange()
      const answer = divide(await changeReplication(admin, names, factor, options), (item) => item)
      items.push(...answer.values.flatMap(({ item, value }) => replicaRows(item, value, flags['dry-run'])))
      errors.push(...answer.errors)
      if (!flags['dry-run'] && items.some((item) => item.status === 'STARTED'))
        this.tell('the replicas are copied in the background: see tkafka topics describe')
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

function replicaRows(topic: string, moves: readonly ReplicaMove[], isDryRun: boolean): { name: string; change: string; status: string }[] {
  if (moves.length === 0) return [{ name: topic, change: 'none needed', status: 'UNCHANGED' }]
  return moves.map(({ partition, from, to }) => ({
    ...{ name: `${topic}-${partition}`, change: `replicas ${from.join(',')} → ${to.join(',')}`, status: isDryRun ? 'VALID' : 'STARTED' },
  }))
}
