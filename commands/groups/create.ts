import {
  dryRunFlag,
  Flags,
  NewGroupCommand,
  readResetTarget,
  requiredArg,
  resetFlags,
  topicPartitionsOf,
  usageFault,
} from '../../src/cli/index.ts'

export default class GroupsCreate extends NewGroupCommand {
  static override summary = 'create a group that begins where it shall'
  static override description = 'Before its first member comes, which else begins where auto.offset.reset says.'
  static override examples = [
    '<%= config.bin %> groups create billing --topic orders --to @-1h',
    '<%= config.bin %> groups create audit --topic orders:0,1 --to start',
  ]
  static override args = { group: requiredArg('the group') }
  static override flags = {
    to: resetFlags.to,
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
    const { flags, args } = await this.read(GroupsCreate)
    if (flags.topic === undefined) throw usageFault('which topics?', 'Say --topic T, or --topic T:0,1.')
    const target = await readResetTarget(this.shell, { to: flags.to ?? 'start' }, args.group)
    const admin = await this.openAdmin(flags)
    await this.begin(admin, { group: args.group, target, chosen: await topicPartitionsOf(admin, flags.topic) }, flags['dry-run'])
  }
}
