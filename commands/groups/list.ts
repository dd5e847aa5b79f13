import { ClusterCommand, divide, Flags, textArgs, watchFlags } from '../../src/cli/index.ts'
import type { GroupListing } from '../../src/client/index.ts'
import { loadTopicSelection } from '../../src/ops/index.ts'

export default class GroupsList extends ClusterCommand {
  static override summary = 'list groups'
  static override examples = [
    '<%= config.bin %> groups list',
    { description: 'Consumer groups that nobody is in:', command: '<%= config.bin %> groups list --state Empty' },
    { description: 'Names alone, for a script:', command: '<%= config.bin %> groups list --output awk --columns group' },
  ]
  static override args = { pattern: textArgs('regular expressions for whole names; default: all groups') }
  static override flags = {
    ...watchFlags,
    state: Flags.string({ aliases: ['states'], summary: 'only in these states', helpValue: 'STATE,…' }),
    type: Flags.string({ aliases: ['group-type'], summary: 'only of these types: classic, consumer, share, streams', helpValue: 'TYPE,…' }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(GroupsList)
    const admin = await this.openAdmin(flags)
    const words = (text: string | undefined): string[] => text?.split(',').map((word) => word.trim()) ?? []
    const { groups, failures } = await admin.listGroups({ states: words(flags.state), types: words(flags.type) })
    if (flags.state === undefined && flags.type === undefined && failures.length === 0)
      await this.remember(
        flags,
        'groups',
        groups.map(({ groupId }) => groupId),
      )
    const { wholePattern } = await loadTopicSelection()
    const wanted = argv.map(wholePattern)
    const items = wanted.length === 0 ? groups : groups.filter(({ groupId }) => wanted.some((pattern) => pattern.test(groupId)))
    if (items.length === 0 && failures.length === 0 && flags.watch === undefined) this.tell('there are no such groups')
    await this.render<GroupListing>({
      kind: 'GroupList',
      items,
      errors: divide(failures, (broker) => `broker ${broker}`).errors,
      columns: [
        { name: 'GROUP', value: (group) => group.groupId },
        { name: 'STATE', value: (group) => group.state },
        { name: 'TYPE', value: (group) => group.type },
        { name: 'PROTOCOL', value: (group) => group.protocolType, narrow: 'leave out' },
        { name: 'COORDINATOR', value: (group) => group.coordinator, right: true },
      ],
    })
  }
}
