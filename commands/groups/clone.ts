import { dryRunFlag, NewGroupCommand, requiredArg } from '../../src/cli/index.ts'

export default class GroupsClone extends NewGroupCommand {
  static override summary = 'create a group that goes on where another one is'
  static override examples = ['<%= config.bin %> groups clone billing billing-v2']
  static override args = { source: requiredArg('the group that is there'), target: requiredArg('the new one') }
  static override flags = { 'dry-run': dryRunFlag }

  async run(): Promise<void> {
    const { flags, args } = await this.read(GroupsClone)
    const admin = await this.openAdmin(flags)
    await this.begin(admin, { group: args.target, target: { kind: 'group', group: args.source }, chosen: undefined }, flags['dry-run'])
  }
}
