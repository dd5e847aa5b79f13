import { ClusterCommand, divide, dryRunFlag, Flags, parseCount, parsePairs, requiredArg } from '../../src/cli/index.ts'
import type { CreatedTopic } from '../../src/client/index.ts'
import { loadTopicReport } from '../../src/ops/index.ts'

export default class TopicsClone extends ClusterCommand {
  static override summary = 'create a topic like another one, without its records'
  static override description = 'As many partitions and replicas, and what is set for it itself, but for what is given here.'
  static override examples = ['<%= config.bin %> topics clone orders orders-v2 --partitions 24']
  static override args = { source: requiredArg('the topic that is there'), target: requiredArg('the new one') }
  static override flags = {
    partitions: Flags.string({ char: 'p', summary: 'so many partitions', helpValue: 'N' }),
    'replication-factor': Flags.string({ char: 'r', aliases: ['replicas'], summary: 'so many replicas', helpValue: 'N' }),
    config: Flags.string({ char: 'c', multiple: true, multipleNonGreedy: true, summary: 'another setting', helpValue: 'KEY=VALUE' }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<void> {
    const { flags, args } = await this.read(TopicsClone)
    const { partitions, 'replication-factor': factor } = flags
    const configs = parsePairs(flags.config ?? [], '--config')
    const count = partitions === undefined ? {} : { partitionCount: parseCount(partitions, '--partitions', 1, 0x7fffffff) }
    const replicas = factor === undefined ? {} : { replicationFactor: parseCount(factor, '--replication-factor', 1, 32767) }
    const admin = await this.openAdmin(flags)
    const model = await (await loadTopicReport()).topicModel(admin, args.source)
    const wanted = { ...model, ...count, ...replicas, name: args.target, configs: { ...model.configs, ...configs } }
    const { values, errors } = divide(await admin.createTopics([wanted], { validateOnly: flags['dry-run'] }), ({ name }) => name)
    await this.render<CreatedTopic & { name: string }>({
      kind: 'CreatedTopics',
      items: values.map(({ item, value }) => ({ name: item.name, ...value })),
      errors,
      columns: [
        { name: 'TOPIC', value: (topic) => topic.name },
        { name: 'PARTITIONS', value: (topic) => (topic.partitionCount < 0 ? null : topic.partitionCount), right: true },
        { name: 'REPLICAS', value: (topic) => (topic.replicationFactor < 0 ? null : topic.replicationFactor), right: true },
        { name: 'STATUS', value: () => (flags['dry-run'] ? 'VALID' : 'CREATED') },
      ],
    })
  }
}
