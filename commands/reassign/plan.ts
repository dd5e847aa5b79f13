import {
  ClusterCommand,
  counted,
  Fault,
  Flags,
  loadReassignmentFile,
  loadReassignmentText,
  messageOf,
  overwriteFlags,
  parseCount,
  parsePartitions,
  refuseOverwriting,
  textArgs,
  usageFault,
} from '../../src/cli/index.ts'
import type { Admin } from '../../src/client/index.ts'
import {
  loadReassignmentPlan,
  loadTopicSelection,
  type PlannedMove,
  type PlanOptions,
  type ReassignmentGoal,
  type ReassignmentPlan,
} from '../../src/ops/index.ts'

export default class ReassignPlan extends ClusterCommand {
  static override summary = 'plan which replicas move where; nothing is changed'
  static override description =
    'With few moves, racks kept apart. The plan is a file of kafka-reassign-partitions, for reassign apply; beside it is one that takes it back. Without topics: all of them.'
  static override examples = [
    { description: 'Before broker 3 goes:', command: '<%= config.bin %> reassign plan --drain 3 -f drain3.json' },
    { description: 'After broker 4 has come:', command: '<%= config.bin %> reassign plan --brokers 1,2,3,4 -f scale.json' },
    {
      description: 'The same bytes on every broker, with what is there:',
      command: '<%= config.bin %> reassign plan --balance size -f even.json',
    },
    { description: 'Replicas that share a rack:', command: '<%= config.bin %> reassign plan --racks' },
    { description: 'Three replicas of some topics:', command: '<%= config.bin %> reassign plan orders payments --replication-factor 3' },
  ]
  static override args = { topic: textArgs('topics') }
  static override flags = {
    ...overwriteFlags,
    drain: Flags.string({ summary: 'leave nothing on these brokers', helpValue: 'BROKERS' }),
    brokers: Flags.string({
      aliases: ['broker-list', 'to-brokers'],
      summary: 'everything on these brokers, or on all, and evenly',
      helpValue: '1,2,3|all',
    }),
    balance: Flags.option({ options: ['count', 'size', 'leaders'] as const })({
      summary: 'as many replicas, bytes or preferred leaders on each broker',
    }),
    racks: Flags.boolean({ aliases: ['rack-aware'], summary: 'no two replicas of a partition in one rack' }),
    'disable-rack-aware': Flags.boolean({ summary: 'take all brokers for equals, wherever they stand' }),
    'replication-factor': Flags.string({ summary: 'so many replicas of each partition', helpValue: 'N' }),
    regex: Flags.boolean({ char: 'r', summary: 'the names are regular expressions' }),
    file: Flags.string({ char: 'f', summary: 'where to write the plan; - is standard output', helpValue: 'FILE' }),
    'topics-to-move-json-file': Flags.string({ hidden: true }),
    topic: Flags.string({ multiple: true, multipleNonGreedy: true, hidden: true }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(ReassignPlan)
    const { file } = flags
    const goal = goalOf(flags)
    const { movesJson, readTopicsToMove, rollbackPath } = await loadReassignmentFile()
    const listed = flags['topics-to-move-json-file']
    const named = [...argv, ...(flags.topic ?? []), ...(listed === undefined ? [] : await readTopicsToMove(this.shell, listed))]
    if (goal.kind === 'factor' && named.length === 0)
      throw usageFault('which topics?', "Name those that shall have so many replicas; --regex '.*' means all.")
    const admin = await this.openAdmin(flags)
    const { selectTopics } = await loadTopicSelection()
    const topics = await selectTopics(admin, named, { regex: flags.regex, internal: true })
    if (topics.length === 0 && named.length > 0)
      throw new Fault(`no topic matches ${named.join(', ')}`, { hint: 'See tkafka topics list.' })
    const { moves, shares } = await this.#plan(admin, topics, goal, { disableRackAware: flags['disable-rack-aware'] })
    if (moves.length === 0) this.tell('nothing has to move')
    if (file === '-') return void (await this.write(movesJson(moves, 'to')))
    const { moveColumns, planText } = await loadReassignmentText()
    await this.render<PlannedMove>({
      kind: 'ReassignmentPlan',
      items: moves,
      columns: moveColumns,
      text: (items, style) => (items.length === 0 ? '' : planText(items, shares, style)),
    })
    if (moves.length === 0) return
    if (file === undefined) this.tell('nothing is written: -f FILE keeps the plan for tkafka reassign apply')
    else {
      const back = rollbackPath(file)
      const texts = [[file, movesJson(moves, 'to')] as const, [back, movesJson(moves, 'from')] as const]
      await refuseOverwriting(this.shell, flags, texts)
      for (const [path, text] of texts) await this.#write(path, text)
      this.tell(`${file} has ${counted(moves.length, 'move')}, ${back} takes them back: see tkafka reassign apply`)
    }
  }

  async #plan(admin: Admin, topics: readonly string[], goal: ReassignmentGoal, options: PlanOptions): Promise<ReassignmentPlan> {
    const { PlanError, planReassignment } = await loadReassignmentPlan()
    try {
      return await planReassignment(admin, topics, goal, options)
    } catch (error) {
      if (!(error instanceof PlanError)) throw error
      const hint = 'See tkafka cluster describe, and tkafka reassign status.'
      throw new Fault(error.message, { hint })
    }
  }

  async #write(path: string, text: string): Promise<void> {
    try {
      await (await this.shell.host()).disk.replaceFile(path, Buffer.from(text))
    } catch (error) {
      throw new Fault(`cannot write ${path}: ${messageOf(error)}`, { cause: error })
    }
  }
}

function goalOf(flags: {
  readonly drain?: string | undefined
  readonly brokers?: string | undefined
  readonly balance?: 'count' | 'size' | 'leaders' | undefined
  readonly racks: boolean
  readonly 'replication-factor'?: string | undefined
}): ReassignmentGoal {
  const { drain, brokers, balance, racks, 'replication-factor': factor } = flags
  const goals = Object.entries({ drain, brokers, balance, racks: racks || undefined, 'replication-factor': factor })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => `--${name}`)
    // Evenly is how the former is done.
    .filter((name) => name !== '--balance' || brokers === undefined)
  if (goals.length > 1) throw usageFault(`${goals.join(' and ')} exclude each other`, 'Plan and apply the one, then the other.')
  if (goals.length === 0)
    throw usageFault('what is the goal?', 'Say one of --drain, --brokers, --balance, --racks and --replication-factor.')
  if (drain !== undefined) return { kind: 'drain', brokers: parsePartitions(drain, '--drain') }
  if (racks) return { kind: 'racks' }
  if (factor !== undefined) return { kind: 'factor', factor: parseCount(factor, '--replication-factor', 1, 32767) }
  const chosen = brokers === undefined || brokers === 'all' ? undefined : parsePartitions(brokers, '--brokers')
  return { kind: 'brokers', brokers: chosen, balance: balance ?? 'count' }
}
