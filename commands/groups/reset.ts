import {
  ClusterCommand,
  counted,
  divide,
  Fault,
  Flags,
  parseDurationMs,
  readResetTarget,
  resetFlags,
  textArg,
  topicPartitionsOf,
  usageFault,
} from '../../src/cli/index.ts'
import { loadOffsetReset, type ResetStep } from '../../src/ops/index.ts'

export default class GroupsReset extends ClusterCommand {
  static override summary = 'move a group to other offsets'
  static override description =
    'Shows what would be committed; --execute (or --yes) commits it and reads it back. Offsets are held within what a partition has. A group with members is refused.'
  static override examples = [
    '<%= config.bin %> groups reset billing --to-earliest --topic orders',
    {
      description: 'An hour back, for everything it consumes, for good:',
      command: '<%= config.bin %> groups reset billing --to @-1h --all-topics --execute',
    },
    { description: 'Where another group is:', command: '<%= config.bin %> groups reset billing-v2 --to-group billing --execute' },
    {
      description: 'Save offsets and bring them back:',
      command: '<%= config.bin %> groups reset billing --to-current --all-topics --export > offsets.csv',
    },
  ]
  static override args = { group: textArg('group') }
  static override flags = {
    ...resetFlags,
    group: Flags.string({ char: 'g', hidden: true }),
    topic: Flags.string({
      char: 't',
      aliases: ['topics'],
      multiple: true,
      multipleNonGreedy: true,
      summary: 'topic, or topic:partitions',
      helpValue: 'T[:0,1]',
    }),
    'all-topics': Flags.boolean({ summary: 'every partition that the group has committed' }),
    execute: Flags.boolean({ summary: 'commit it', aliases: ['yes', 'force'], char: 'y' }),
    'dry-run': Flags.boolean({ aliases: ['validate-only', 'dry'], summary: 'only show it, which is the default' }),
    export: Flags.boolean({ summary: 'print lines of topic,partition,offset that --from-file reads' }),
    'wait-empty': Flags.string({ summary: 'wait this long until the members have left', helpValue: 'TIME' }),
  }

  async run(): Promise<void> {
    const { flags, args } = await this.read(GroupsReset)
    const group = args.group ?? flags.group
    if (group === undefined) throw usageFault('which group?', 'Name one.')
    const target = await readResetTarget(this.shell, flags, group)
    const needsTopics = target.kind === 'place' || target.kind === 'current' || target.kind === 'shift'
    if (needsTopics && flags.topic === undefined && !flags['all-topics'])
      throw usageFault('which topics?', 'Say --topic T, --topic T:0,1 or --all-topics.')
    const waitMs = flags['wait-empty'] === undefined ? 0 : parseDurationMs(flags['wait-empty'], '--wait-empty')
    const admin = await this.openAdmin(flags)
    const { applyReset, groupState, planReset, waitUntilEmpty } = await loadOffsetReset()
    const chosen = flags.topic === undefined ? undefined : await topicPartitionsOf(admin, flags.topic)
    const nameOf = ({ topic, partition }: { topic: string; partition: number }): string => `${topic}-${partition}`
    const execute = flags.execute && !flags['dry-run']
    if (execute) {
      const empty = await waitUntilEmpty(admin, await this.shell.host(), group, waitMs)
      if (!empty) throw activeGroup(group, (await groupState(admin, group)).group?.members ?? [])
    }
    const planned = divide(await planReset(admin, { group, target, chosen }), nameOf)
    const steps = planned.values.map(({ value }) => value)
    if (steps.length === 0 && planned.errors.length === 0) {
      const close = await this.closeGroup(group)
      throw new Fault(`group ${group} has committed no offsets`, {
        hint: `${close === undefined ? '' : `Did you mean ${close}? `}Say where it shall begin: --topic T, or --topic T:0,1.`,
      })
    }
    for (const step of steps) {
      if (step.askedOffset === null) continue
      const side = step.askedOffset > step.newOffset ? 'ends' : 'begins'
      this.tell(`${nameOf(step)}: ${step.askedOffset} is out of range, the partition ${side} at ${step.newOffset}`)
    }
    if (execute)
      await this.confirmNamed(
        steps.map((step) => `${nameOf(step)}: ${step.priorOffset ?? 'none'} → ${step.newOffset}`),
        `Move group ${group}?`,
      )
    const applied = execute ? divide(await applyReset(admin, group, steps), nameOf) : { values: [], errors: [] }
    const items = execute ? applied.values.map(({ item }) => item) : steps
    const errors = [...planned.errors, ...applied.errors]
    if (flags.export) {
      await this.write(items.map((step) => `${step.topic},${step.partition},${step.newOffset}\n`).join(''))
      await this.reportFailures(errors)
      return
    }
    await this.render<ResetStep>({
      kind: 'OffsetReset',
      items,
      errors,
      columns: [
        { name: 'GROUP', value: (step) => step.group, narrow: 'leave out' },
        { name: 'TOPIC', value: (step) => step.topic, narrow: 'shorten' },
        { name: 'PARTITION', value: (step) => step.partition, right: true },
        { name: 'PRIOR-OFFSET', value: (step) => step.priorOffset, right: true },
        { name: 'NEW-OFFSET', value: (step) => step.newOffset, right: true },
      ],
    })
    if (execute) return
    const { active, group: held } = await groupState(admin, group)
    if (!active) return this.tell('nothing was changed: add --execute to commit these offsets')
    const members = held?.members ?? []
    this.tell(`nothing was changed, and nothing could be now: group ${group} has ${membersText(members)}`)
    this.tell('  Stop them, then add --execute; or add --execute --wait-empty 2m, which waits until they are gone.')
  }
}

type Member = { readonly memberId: string; readonly clientHost: string }

function membersText(members: readonly Member[]): string {
  const named = members.slice(0, 5).map(({ memberId, clientHost }) => `${memberId} @ ${clientHost}`)
  const rest = members.length > named.length ? ` and ${members.length - named.length} more` : ''
  return `${counted(members.length, 'active member')}: ${named.join(', ')}${rest}`
}

const activeGroup = (group: string, members: readonly Member[]): Fault =>
  new Fault(`group ${group} has ${membersText(members)} [NON_EMPTY_GROUP 68]`, { hint: 'Stop them, or add --wait-empty 2m.' })
