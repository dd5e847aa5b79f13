import {
  ClusterCommand,
  divide,
  dryRunFlag,
  type FailedItem,
  Flags,
  parseCount,
  parsePairs,
  parseReplicaAssignment,
  textArgs,
  usageFault,
} from '../../src/cli/index.ts'
import type { CreatedTopic, NewTopic } from '../../src/client/index.ts'
import { loadTopicReport } from '../../src/ops/index.ts'

export default class TopicsCreate extends ClusterCommand {
  static override summary = 'create topics'
  static override examples = [
    '<%= config.bin %> topics create orders -p 6 -r 3',
    {
      description: 'With settings of its own:',
      command: '<%= config.bin %> topics create orders -p 6 -c cleanup.policy=compact -c min.insync.replicas=2',
    },
    { description: 'As another one is, settings included:', command: '<%= config.bin %> topics create orders-v2 --like orders' },
    {
      description: 'Replicas chosen by hand, one list a partition:',
      command: '<%= config.bin %> topics create orders --replica-assignment 1:2,2:3,3:1',
    },
  ]
  static override args = { topic: textArgs('names of the topics') }
  static override flags = {
    topic: Flags.string({ multiple: true, multipleNonGreedy: true, hidden: true }),
    partitions: Flags.string({ char: 'p', summary: 'number of partitions; -1: the cluster’s default', helpValue: 'N' }),
    'replication-factor': Flags.string({ char: 'r', summary: 'replicas of each partition; -1: the cluster’s default', helpValue: 'N' }),
    config: Flags.string({
      char: 'c',
      charAliases: ['k'],
      aliases: ['topic-config'],
      multiple: true,
      multipleNonGreedy: true,
      summary: 'a setting',
      helpValue: 'KEY=VALUE',
    }),
    'replica-assignment': Flags.string({
      summary: 'replicas by hand',
      helpValue: '1:2,2:3',
      exclusive: ['partitions', 'replication-factor'],
    }),
    like: Flags.string({ summary: 'take what is not given from this topic', helpValue: 'TOPIC' }),
    'if-not-exists': Flags.boolean({ summary: 'a topic that is there already is no failure' }),
    'dry-run': dryRunFlag,
  }

  protected override nextStep(failure: FailedItem): Promise<string> {
    const isSetting = failure.name === 'INVALID_CONFIG' && failure.item !== ''
    return isSetting ? Promise.resolve('What topics can have: tkafka configs describe topics --all.') : super.nextStep(failure)
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(TopicsCreate)
    const names = [...new Set([...argv, ...(flags.topic ?? [])])]
    if (names.length === 0) throw usageFault('which topics?', 'Name at least one.')
    const { partitions, 'replication-factor': factor, 'replica-assignment': assignment } = flags
    const given = {
      ...(partitions === undefined ? {} : { partitionCount: parseCount(partitions, '--partitions', -1, 0x7fffffff) }),
      ...(factor === undefined ? {} : { replicationFactor: parseCount(factor, '--replication-factor', -1, 32767) }),
      ...(assignment === undefined ? {} : { assignments: parseReplicaAssignment(assignment) }),
    }
    const configs = parsePairs(flags.config ?? [], '--config')
    const admin = await this.openAdmin(flags)
    const model: Partial<NewTopic> = flags.like === undefined ? {} : await (await loadTopicReport()).topicModel(admin, flags.like)
    const wanted = names.map((name) => ({ ...model, ...given, name, configs: { ...model.configs, ...configs } }))
    const { values, errors } = divide(await admin.createTopics(wanted, { validateOnly: flags['dry-run'] }), ({ name }) => name)
    const failed = errors.filter(({ name }) => !(flags['if-not-exists'] && name === 'TOPIC_ALREADY_EXISTS'))
    for (const error of errors) if (!failed.includes(error)) this.tell(`topic ${error.item} exists already`)
    await this.render<CreatedTopic & { name: string }>({
      kind: 'CreatedTopics',
      items: values.map(({ item, value }) => ({ name: item.name, ...value })),
      errors: failed,
      columns: [
        { name: 'TOPIC', value: (topic) => topic.name },
        { name: 'PARTITIONS', value: (topic) => (topic.partitionCount < 0 ? null : topic.partitionCount), right: true },
        { name: 'REPLICAS', value: (topic) => (topic.replicationFactor < 0 ? null : topic.replicationFactor), right: true },
        { name: 'STATUS', value: () => (flags['dry-run'] ? 'VALID' : 'CREATED') },
        { name: 'ID', value: (topic) => topic.topicId, wide: true },
      ],
    })
  }
}
