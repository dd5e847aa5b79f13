import { ClusterCommand, divide, Flags, groupIdsOf, loadGroupText, textArgs, watchFlags } from '../../src/cli/index.ts'
import { type GroupReport, loadGroupReport, type PartitionLag } from '../../src/ops/index.ts'

export default class GroupsDescribe extends ClusterCommand {
  static override summary = 'show groups with their lag and their members'
  static override examples = [
    '<%= config.bin %> groups describe billing',
    { description: 'Only partitions that are behind, of all groups:', command: '<%= config.bin %> groups describe --only-lag' },
    { description: 'What is far behind, worst first:', command: "<%= config.bin %> groups describe --filter 'lag>1000' --sort -lag" },
    { description: 'Who is in it:', command: '<%= config.bin %> groups describe billing --section members' },
  ]
  static override args = { group: textArgs('groups; default: all') }
  static override flags = {
    ...watchFlags,
    group: Flags.string({ char: 'g', multiple: true, multipleNonGreedy: true, summary: 'group', hidden: true }),
    regex: Flags.boolean({ char: 'r', summary: 'the names are regular expressions' }),
    'all-groups': Flags.boolean({ hidden: true }),
    section: Flags.option({ options: ['summary', 'topics', 'lag', 'members'] as const, multiple: true, multipleNonGreedy: true })({
      summary: 'only this part',
    }),
    members: Flags.boolean({ hidden: true }),
    state: Flags.boolean({ hidden: true }),
    offsets: Flags.boolean({ hidden: true }),
    'only-lag': Flags.boolean({ char: 'l', aliases: ['only-with-lag'], summary: 'only partitions that are behind' }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(GroupsDescribe)
    const admin = await this.openAdmin(flags)
    const ids = await groupIdsOf(admin, [...argv, ...(flags.group ?? [])], flags.regex)
    if (ids.length === 0 && flags.watch === undefined) this.tell('there are no such groups')
    const { groupReports } = await loadGroupReport()
    const { values, errors } = divide(await groupReports(admin, ids), (id) => id)
    const reports = values
      .map(({ value }) => (flags['only-lag'] ? { ...value, partitions: value.partitions.filter(({ lag }) => (lag ?? 0) > 0) } : value))
      .filter(({ partitions }) => !flags['only-lag'] || partitions.length > 0)
    const { groupText, lagColumns } = await loadGroupText()
    if (this.wantsRows) {
      await this.render<PartitionLag>({
        kind: 'PartitionLag',
        items: reports.flatMap(({ partitions }) => partitions),
        columns: lagColumns,
        errors,
      })
      return
    }
    const sections =
      flags.section ??
      (flags.members ? ['members' as const] : flags.state ? ['summary' as const] : flags.offsets ? ['lag' as const] : undefined)
    await this.render<GroupReport>({
      kind: 'GroupLag',
      items: reports,
      columns: [{ name: 'GROUP', value: (group) => group.groupId }],
      errors,
      text: (items, style) => groupText(items, style, sections),
    })
  }
}
