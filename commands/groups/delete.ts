import { ClusterCommand, confirmFlags, counted, divide, dryRunFlag, Flags, groupIdsOf, textArgs, usageFault } from '../../src/cli/index.ts'

export default class GroupsDelete extends ClusterCommand {
  static override summary = 'delete groups with their offsets'
  static override examples = [
    '<%= config.bin %> groups delete billing-old',
    { description: 'What a pattern would hit:', command: "<%= config.bin %> groups delete --regex 'tmp-.*' --dry-run" },
  ]
  static override args = { group: textArgs('groups') }
  static override flags = {
    ...confirmFlags,
    group: Flags.string({ char: 'g', multiple: true, multipleNonGreedy: true, hidden: true }),
    regex: Flags.boolean({ char: 'r', summary: 'the names are regular expressions' }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(GroupsDelete)
    const given = [...argv, ...(flags.group ?? [])]
    if (given.length === 0) throw usageFault('which groups?', 'Name at least one.')
    const admin = await this.openAdmin(flags)
    const ids = await groupIdsOf(admin, given, flags.regex)
    const name = (id: string): string => id
    if (flags['dry-run']) {
      const described = await admin.describeGroups(ids)
      return this.renderChanges('GroupDeletion', 'GROUP', described, name, 'WOULD-DELETE')
    }
    if (!flags.yes) {
      const found = divide(await admin.describeGroups(ids), name).values.filter(({ value }) => value.state !== 'Dead')
      const plan = found.map(({ item, value }) => `${item}: ${value.state}, ${counted(value.members.length, 'member')}`)
      if (plan.length > 0)
        await this.confirm(
          flags,
          ['to be deleted:', ...plan.map((line) => `  ${line}`)],
          `Delete ${counted(plan.length, 'group')} with all offsets?`,
        )
    }
    await this.renderChanges('GroupDeletion', 'GROUP', await admin.deleteGroups(ids), name, 'DELETED')
  }
}
