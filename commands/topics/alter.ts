import { isDeepStrictEqual } from 'node:util'
import {
  ClusterCommand,
  configChangeFlags,
  configOperations,
  confirmFlags,
  counted,
  deletingChanges,
  divide,
  dryRunFlag,
  type FailedItem,
  Fault,
  Flags,
  operationText,
  parseCount,
  textArgs,
  usageFault,
} from '../../src/cli/index.ts'
import type { Admin } from '../../src/client/index.ts'
import { loadReplicationChange, type ReplicaMove } from '../../src/ops/index.ts'

export default class TopicsAlter extends ClusterCommand {
  static override summary = 'add partitions to topics, change their replicas and settings'
  static override examples = [
    { description: 'Eight partitions in all:', command: '<%= config.bin %> topics alter orders --partitions 8' },
    '<%= config.bin %> topics alter orders --set retention.ms=86400000',
    { description: 'Back to the default:', command: '<%= config.bin %> topics alter orders --delete compression.type' },
    {
      description: 'Three replicas of each partition:',
      command: '<%= config.bin %> topics alter orders --replication-factor 3 --dry-run',
    },
    { description: 'One more element of a list:', command: '<%= config.bin %> topics alter orders --append cleanup.policy=compact' },
  ]
  static override args = { topic: textArgs('topics') }
  static override flags = {
    ...configChangeFlags,
    ...confirmFlags,
    topic: Flags.string({ multiple: true, multipleNonGreedy: true, hidden: true }),
    partitions: Flags.string({ char: 'p', summary: 'how many partitions there shall be', helpValue: 'N' }),
    'replication-factor': Flags.string({
      summary: 'how many replicas each partition shall have; fewer: asks first',
      helpValue: 'N',
    }),
    'dry-run': dryRunFlag,
  }

  protected override nextStep(failure: FailedItem): Promise<string> {
    const isSetting = failure.name === 'INVALID_CONFIG' && failure.item !== ''
    return isSetting ? Promise.resolve(`See tkafka configs describe topics ${failure.item} --all.`) : super.nextStep(failure)
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
    const deleting = flags['dry-run'] ? [] : deletingChanges(operations)
    if (deleting.length > 0)
      await this.confirmNamed([...deleting, 'records may be deleted by it'], `Change ${counted(names.length, 'topic')}?`)
    const options = { validateOnly: flags['dry-run'] }
    const errors: FailedItem[] = []
    const items: Change[] = []
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
      const answer = await this.#changeReplication(admin, names, factor, flags)
      items.push(...answer.items)
      errors.push(...answer.errors)
    }
    if (operations.length > 0) {
      const changes = names.map((name) => ({ type: 'topic' as const, name, operations }))
      const answer = divide(await admin.incrementalAlterConfigs(changes, options), ({ name }) => name)
      const words = operations.map(operationText).join(', ')
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

  async #changeReplication(
    admin: Admin,
    names: readonly string[],
    factor: number,
    flags: { yes: boolean; 'dry-run': boolean },
  ): Promise<{ items: Change[]; errors: FailedItem[] }> {
    const { planReplicationChange, shrinks, startReplicationChange } = await loadReplicationChange()
    const planned = divide(await planReplicationChange(admin, names, factor), (item) => item)
    const plans = planned.values.map(({ item, value }) => ({ topic: item, ...value }))
    for (const { topic, minInsyncReplicas } of plans) {
      if (minInsyncReplicas !== null && factor < minInsyncReplicas)
        this.tell(`${topic}: warning: ${factor} is less than min.insync.replicas, which is ${minInsyncReplicas}`, 'always')
    }
    const unchanged = plans
      .filter(({ moves }) => moves.length === 0)
      .map(({ topic }) => ({ name: topic, change: 'none needed', status: 'UNCHANGED' }))
    if (flags['dry-run']) {
      const valid = plans.flatMap(({ topic, moves }) => moves.map((move) => replicaChange(topic, move, 'VALID')))
      return { items: [...unchanged, ...valid], errors: planned.errors }
    }
    const lost = plans.flatMap(({ topic, moves }) => moves.filter(shrinks).map((move) => replicaChange(topic, move, '')))
    if (lost.length > 0) {
      const plan = lost.map(({ name, change }) => `${name}: ${change}`)
      await this.confirm(flags, plan, `Delete copies of ${counted(lost.length, 'partition')}?`)
      // Answering takes time: a replica that was in sync when the plan was made may be the one that is not any more.
      const now = divide(await planReplicationChange(admin, names, factor), (item) => item)
      if (!isDeepStrictEqual(now, planned))
        throw new Fault('replicas or in-sync replicas have changed since the plan was made', { hint: 'Nothing was changed: run it again.' })
    }
    const outcome = divide(await startReplicationChange(admin, plans), ({ topic, partition }) => `${topic}-${partition}`)
    const started = outcome.values.map(({ item, value }) => replicaChange(item.topic, value, 'STARTED'))
    if (outcome.values.some(({ value }) => !shrinks(value)))
      this.tell('the replicas are copied in the background: see tkafka topics describe')
    return { items: [...unchanged, ...started], errors: [...planned.errors, ...outcome.errors] }
  }
}

export interface Change {
  readonly name: string
  readonly change: string
  readonly status: string
}

const replicaChange = (topic: string, { partition, from, to }: ReplicaMove, status: string): Change => ({
  name: `${topic}-${partition}`,
  change: `replicas ${from.join(',')} → ${to.join(',')}`,
  status,
})
