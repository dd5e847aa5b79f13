import {
  ClusterCommand,
  confirmFlags,
  counted,
  divide,
  dryRunFlag,
  Flags,
  loadPartitionFile,
  parsePartitions,
  textArgs,
  topicPartitionsOf,
  usageFault,
} from '../../src/cli/index.ts'
import type { Admin, TopicPartition } from '../../src/client/index.ts'
import { type ElectionCandidate, type ElectionType, loadLeaderElection } from '../../src/ops/index.ts'

const types = ['preferred', 'unclean'] as const

export default class TopicsElectLeaders extends ClusterCommand {
  static override summary = 'let the preferred replicas lead again, or any in need'
  static override description =
    'Without topics: all partitions whose first replica does not lead. That a partition needs no election is no failure. An unclean election gives a partition without a leader to a replica that is not in sync: records that it lacks are lost.'
  static override examples = [
    '<%= config.bin %> topics elect-leaders',
    { description: 'Who would lead what:', command: '<%= config.bin %> topics elect-leaders --dry-run' },
    { description: 'Some partitions:', command: '<%= config.bin %> topics elect-leaders orders payments:0,3-5' },
    { description: 'When those in sync will not come back:', command: '<%= config.bin %> topics elect-leaders orders:2 --unclean' },
  ]
  static override args = { topic: textArgs('topics, or partitions of them: TOPIC:0,1') }
  static override flags = {
    ...confirmFlags,
    topic: Flags.string({ multiple: true, multipleNonGreedy: true, hidden: true }),
    partition: Flags.string({ char: 'p', aliases: ['partitions'], summary: 'only these, of one topic', helpValue: '0,2-4' }),
    unclean: Flags.boolean({ summary: 'also replicas that are not in sync; asks first' }),
    type: Flags.string({ aliases: ['election-type'], summary: 'preferred or unclean', helpValue: 'TYPE' }),
    all: Flags.boolean({ aliases: ['all-topic-partitions'], summary: 'all topics; must be said for an unclean election' }),
    file: Flags.string({
      char: 'f',
      aliases: ['path-to-json-file'],
      summary: 'partitions as kafka-leader-election takes them',
      helpValue: 'FILE',
    }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(TopicsElectLeaders)
    const type = electionType(flags)
    const names = [...new Set([...argv, ...(flags.topic ?? [])])]
    if ([names.length > 0, flags.all, flags.file !== undefined].filter(Boolean).length > 1)
      throw usageFault('which partitions?', 'Name topics, or say --all, or give --file.')
    if (flags.partition !== undefined && (names.length !== 1 || names[0]!.includes(':')))
      throw usageFault('--partition goes with one topic', 'Write TOPIC:0,1 for partitions of several.')
    if (type === 'unclean' && names.length === 0 && !flags.all && flags.file === undefined)
      throw usageFault('which partitions?', 'For an unclean election name topics, or say --all.')
    const chosen = flags.partition === undefined ? names : [`${names[0]}:${parsePartitions(flags.partition, '--partition').join(',')}`]
    const fromFile = flags.file === undefined ? undefined : await this.#fileOf(flags.file)
    const admin = await this.openAdmin(flags)
    const partitions = fromFile ?? (chosen.length === 0 ? null : await topicPartitionsOf(admin, chosen))
    const { electionCandidates } = await loadLeaderElection()
    const candidates = await electionCandidates(admin, type, partitions)
    const needed = candidates.filter((each) => each.needed)
    if (flags['dry-run']) {
      await this.#show(needed.map((each) => ({ ...each, status: 'WOULD-ELECT' })))
      return
    }
    if (type === 'unclean' && needed.length > 0) await this.confirm(flags, needed.map(lossOf), `Elect ${countOf(needed)} at such a price?`)
    await this.#elect(admin, type, partitions, candidates)
  }

  async #elect(
    admin: Admin,
    type: ElectionType,
    partitions: readonly TopicPartition[] | null,
    candidates: readonly ElectionCandidate[],
  ): Promise<void> {
    const { holdElection } = await loadLeaderElection()
    const results = partitions?.length === 0 ? [] : await holdElection(admin, type, partitions, candidates)
    const { values, errors } = divide(results, ({ topic, partition }) => `${topic}-${partition}`)
    if (results.length === 0) this.tell('no partition needs an election')
    await this.#show(
      values.map(({ value: { elected, ...each } }) => ({ ...each, status: elected ? 'ELECTED' : 'NOT-NEEDED' })),
      errors,
    )
  }

  #show(items: (ElectionCandidate & { status: string })[], errors: ReturnType<typeof divide>['errors'] = []): Promise<void> {
    return this.render({
      kind: 'LeaderElection',
      items,
      errors,
      columns: [
        { name: 'TOPIC', value: ({ topic }) => topic },
        { name: 'PARTITION', value: ({ partition }) => partition, right: true },
        { name: 'PRIOR-LEADER', value: ({ leader }) => (leader < 0 ? null : leader), right: true },
        { name: 'PREFERRED', value: ({ preferredLeader }) => preferredLeader, right: true },
        { name: 'ISR', value: ({ isr }) => isr.join(',') },
        { name: 'STATUS', value: ({ status }) => status },
      ],
    })
  }

  async #fileOf(path: string): Promise<TopicPartition[]> {
    const { isTopicPartition, readPartitionsFile } = await loadPartitionFile()
    return readPartitionsFile(this.shell, path, '{"partitions":[{"topic":…,"partition":…}]}', (entry) =>
      isTopicPartition(entry) ? { topic: String(entry.topic), partition: Number(entry.partition) } : undefined,
    )
  }
}

function electionType({ unclean, type }: { readonly unclean: boolean; readonly type?: string | undefined }): ElectionType {
  const named = types.find((each) => each === type?.toLowerCase())
  if (type !== undefined && named === undefined) throw usageFault(`--type ${type} is none`, 'Say preferred or unclean.')
  if (unclean && named === 'preferred') throw usageFault('--unclean is not --type preferred', 'Leave one of them out.')
  return unclean ? 'unclean' : (named ?? 'preferred')
}

const countOf = (list: readonly unknown[]): string => (list.length === 1 ? 'a leader' : `leaders of ${counted(list.length, 'partition')}`)
const lossOf = ({ topic, partition, replicas, lastInSync }: ElectionCandidate): string =>
  `${topic}-${partition}: no leader, replicas ${replicas.join(',')}, last in sync ${lastInSync.join(',') || '-'}; what the others lack is lost`
