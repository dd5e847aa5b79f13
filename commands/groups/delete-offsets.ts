import {
  ClusterCommand,
  confirmFlags,
  counted,
  dryRunFlag,
  Fault,
  Flags,
  textArg,
  topicPartitionsOf,
  usageFault,
} from '../../src/cli/index.ts'

export default class GroupsDeleteOffsets extends ClusterCommand {
  static override summary = 'delete committed offsets of a group'
  static override examples = [
    { description: 'Of a whole topic:', command: '<%= config.bin %> groups delete-offsets billing -t orders' },
    { description: 'Of two partitions:', command: '<%= config.bin %> groups delete-offsets billing -t orders:0,1 --yes' },
  ]
  static override args = { group: textArg('group') }
  static override flags = {
    ...confirmFlags,
    group: Flags.string({ char: 'g', hidden: true }),
    topic: Flags.string({
      char: 't',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'topic, or topic:partitions',
      helpValue: 'T[:0,1]',
    }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<void> {
    const { flags, args } = await this.read(GroupsDeleteOffsets)
    const group = args.group ?? flags.group
    if (group === undefined) throw usageFault('which group?', 'Name one.')
    if (flags.topic === undefined) throw usageFault('which topics?', 'Say --topic T or --topic T:0,1.')
    const admin = await this.openAdmin(flags)
    const chosen = await topicPartitionsOf(admin, flags.topic, { perhapsGone: true })
    const [committed] = await admin.listGroupOffsets([group], { partitions: chosen })
    if (committed?.error) return this.renderChanges('OffsetDeletion', 'GROUP', [committed], (id) => id, '')
    const nameOf = ({ topic, partition }: { topic: string; partition: number }): string => `${topic}-${partition}`
    const has = new Map((committed?.value ?? []).map(({ item, value }) => [nameOf(item), value?.offset]))
    const partitions = chosen.filter((each) => has.has(nameOf(each)))
    if (partitions.length === 0)
      throw new Fault(`group ${group} has committed no offsets there`, { hint: `See tkafka groups describe ${group}.` })
    const missing = chosen.length - partitions.length
    if (missing > 0) this.tell(`of ${counted(missing, 'other partition')} there is no offset`)
    if (flags['dry-run']) {
      const results = partitions.map((item) => ({ item, error: null, value: null }))
      return this.renderChanges('OffsetDeletion', 'PARTITION', results, nameOf, 'WOULD-DELETE')
    }
    const plan = partitions.map((each) => `${nameOf(each)}: ${has.get(nameOf(each))}`)
    await this.confirm(flags, plan, `Delete ${counted(partitions.length, 'offset')} of group ${group}?`)
    const results = await admin.deleteGroupOffsets(group, partitions)
    await this.renderChanges('OffsetDeletion', 'PARTITION', results, nameOf, 'DELETED')
  }
}
