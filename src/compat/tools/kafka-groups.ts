import type { GroupListing } from '../../client/index.ts'
import { loadProperties, withAdmin } from '../admin-session.ts'
import { options } from '../declared/kafka-groups.ts'
import { illegalArgument } from '../java/exception.ts'
import { padded, widest } from '../java/padded.ts'
import { CommandLine } from '../options/command-line.ts'
import { executing, guarded, messageAndTrace, type Tool } from '../tool.ts'
import { groupTypes, listGroupsOf } from './group-listings.ts'

const about = 'This tool helps to list groups of all types.'

export const kafkaGroups: Tool = (args, io) =>
  guarded(async () => {
    const line = CommandLine.parseOrUsage(options, args, io)
    line.helpOrVersion(about)
    if (!line.has('list')) line.usage('Command must include exactly one action: --list.')
    const groupType = line.text('group-type')?.toLowerCase()
    if (groupType !== undefined && groupTypes[groupType] === undefined) throw illegalArgument('--group-type must be a valid group type.')
    line.checkInvalid('consumer', 'group-type', 'protocol', 'share', 'streams')
    line.checkInvalid('share', 'consumer', 'group-type', 'protocol', 'streams')
    line.checkInvalid('streams', 'consumer', 'group-type', 'protocol', 'share')
    const file = await loadProperties(io, line.text('command-config'))
    return executing(io, 'Error while executing groups command : ', 'org.apache.kafka.tools.GroupsCommand', () =>
      withAdmin(io, { ...file, 'bootstrap.servers': line.required('bootstrap-server') }, async (admin) => {
        const groups = (await listGroupsOf(admin, {})).filter((group) => isWanted(line, groupType, group))
        const rows = groups.map(({ groupId, type, protocolType }) => [groupId, groupTypes[type] ?? '', protocolType])
        const width = widest(20, rows.flat())
        io.out(`${padded([width, width, width], ['GROUP', 'TYPE', 'PROTOCOL'])}\n`)
        for (const row of rows) io.out(`${padded([width, width, width], row)} \n`)
      }),
    )
  }, messageAndTrace(io))

function isWanted(line: CommandLine, groupType: string | undefined, { type, protocolType }: GroupListing): boolean {
  const protocol = line.text('protocol')
  if (groupType !== undefined) return type === groupType && (protocol === undefined || protocol === protocolType)
  if (protocol !== undefined) return protocol === protocolType
  if (line.has('consumer')) return protocolType === 'consumer' || protocolType === '' || type === 'consumer'
  if (line.has('share')) return type === 'share'
  return !line.has('streams') || type === 'streams'
}
