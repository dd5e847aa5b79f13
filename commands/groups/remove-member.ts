import { ClusterCommand, confirmFlags, counted, dryRunFlag, Fault, Flags, textArgs, usageFault } from '../../src/cli/index.ts'
import type { GroupMember } from '../../src/client/index.ts'

export default class GroupsRemoveMember extends ClusterCommand {
  static override summary = 'take members out of a group'
  static override description =
    'What they had goes to the others. A static member that is gone for good holds its partitions until its session ends: this ends it at once. One that still runs joins again.'
  static override examples = [
    '<%= config.bin %> groups remove-member billing billing-2',
    '<%= config.bin %> groups remove-member billing --all',
  ]
  static override args = { group: textArgs('the group, then members by id or by group.instance.id') }
  static override flags = { ...confirmFlags, 'dry-run': dryRunFlag, all: Flags.boolean({ summary: 'all members' }) }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(GroupsRemoveMember)
    const [group, ...named] = argv
    if (group === undefined) throw usageFault('which group?', 'Name it.')
    if ((named.length === 0) === !flags.all)
      throw usageFault('which members?', `Name them, or say --all: see tkafka groups describe ${group} --section members.`)
    const admin = await this.openAdmin(flags)
    const [described] = await admin.describeGroups([group])
    if (described!.error !== null) throw new Fault(`group ${group}: ${described!.error.message}`, { hint: 'See tkafka groups list.' })
    const { members } = described!.value
    const isNamed = ({ memberId, groupInstanceId }: GroupMember, name: string): boolean => memberId === name || groupInstanceId === name
    const unknown = named.filter((name) => !members.some((member) => isNamed(member, name)))
    if (unknown.length > 0)
      throw new Fault(`group ${group} has no member ${unknown.join(', ')}`, {
        hint: `See tkafka groups describe ${group} --section members.`,
      })
    const going = members.filter((member) => flags.all || named.some((name) => isNamed(member, name)))
    if (going.length === 0) this.tell(`group ${group} has no members`)
    else if (!flags['dry-run']) {
      const plan = going.map(
        ({ memberId, clientHost, assignment }) => `${memberId} @ ${clientHost}: ${counted(assignment.length, 'partition')}`,
      )
      await this.confirm(flags, plan, `Remove ${counted(going.length, 'member')} of group ${group}?`)
    }
    const wanted = going.map(({ memberId, groupInstanceId }) => (groupInstanceId === null ? { memberId } : { groupInstanceId }))
    const results =
      flags['dry-run'] || wanted.length === 0
        ? wanted.map((item) => ({ item, error: null, value: null }))
        : await admin.removeMembers(group, wanted)
    const nameOf = ({ memberId, groupInstanceId }: { memberId?: string; groupInstanceId?: string }): string =>
      groupInstanceId ?? memberId ?? ''
    await this.renderChanges('RemovedMembers', 'MEMBER', results, nameOf, flags['dry-run'] ? 'WOULD-REMOVE' : 'REMOVED')
  }
}
