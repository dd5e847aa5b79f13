import type { Admin, GroupDescription, ItemResult, ShareOffset, TopicPartition } from '../../client/index.ts'
import { allAnswered, answered } from '../java/client-failure.ts'
import { padded, widest } from '../java/padded.ts'
import type { CommandLine } from '../options/command-line.ts'
import type { ToolIo } from '../tool.ts'
import { asRuntime, assignmentText } from './consumer-group-description.ts'

const missing = '-'

/** Prints offsets, members or states, group by group in the order of their names. @throws JavaException */
export async function describeShareGroups(line: CommandLine, admin: Admin, groupIds: readonly string[]): Promise<void> {
  const timeoutMs = Number(line.required('timeout'))
  const described = await allAnswered('shareGroupDescribe', admin.describeShareGroups(groupIds, { timeoutMs }))
  const groups = [...described].sort((a, b) => (a.groupId < b.groupId ? -1 : 1))
  const verbose = line.has('verbose')
  if (line.has('members')) for (const group of groups) printMembers(line.io, group, verbose)
  else if (line.has('state')) await printStates(line.io, admin, groups, verbose)
  else {
    const ids = groups.map(({ groupId }) => groupId)
    const offsets = await allAnswered('listShareGroupOffsets', admin.listShareGroupOffsets(ids, { timeoutMs })).catch((error: unknown) => {
      throw asRuntime(error)
    })
    for (const [index, groupId] of ids.entries()) printOffsets(line.io, groupId, offsets[index] ?? [], verbose)
  }
}

/** Says what is unusual about a group; whether there is anything to print. */
function hasRows(io: ToolIo, { groupId, state }: GroupDescription, count: number): boolean {
  if (state === 'Dead') io.out(`\nError: Share group '${groupId}' does not exist.\n`)
  else if (state === 'Empty') io.err(`\nShare group '${groupId}' has no active members.\n`)
  return state !== 'Dead' && count > 0
}

function printOffsets(io: ToolIo, groupId: string, results: readonly ItemResult<TopicPartition, ShareOffset>[], verbose: boolean): void {
  const offsets = results.flatMap(({ value }) => (value === null ? [] : [value]))
  if (offsets.length === 0) {
    io.out(`\nShare group '${groupId}' has no offset information.\n`)
    return
  }
  offsets.sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
  const topics = offsets.map(({ topic }) => topic)
  const widths = [Math.max(15, groupId.length), widest(15, topics), 10, 13, ...(verbose ? [13] : []), 0]
  io.out(`\n${padded(widths, ['GROUP', 'TOPIC', 'PARTITION', ...(verbose ? ['LEADER-EPOCH'] : []), 'START-OFFSET', 'LAG'])}`)
  for (const each of offsets) {
    // Where the group has not begun nothing is known.
    const known = (value: number | bigint): string => (each.startOffset < 0 || value < 0 ? missing : String(value))
    const epoch = verbose ? [known(each.leaderEpoch)] : []
    io.out(`\n${padded(widths, [groupId, each.topic, each.partition, ...epoch, known(each.startOffset), known(each.lag)])}`)
  }
  io.out('\n')
}

async function printStates(io: ToolIo, admin: Admin, groups: readonly GroupDescription[], verbose: boolean): Promise<void> {
  const { nodes } = await answered('listNodes', admin.describeCluster())
  for (const group of groups) {
    hasRows(io, group, 1)
    const node = nodes.find(({ id }) => id === group.coordinator)
    const coordinator = `${node?.host}:${node?.port}  (${group.coordinator})`
    const widths = [Math.max(15, group.groupId.length), Math.max(25, coordinator.length), 15, ...(verbose ? [12, 17] : []), 0]
    const epochs = (...values: readonly (string | number)[]): readonly (string | number)[] => (verbose ? values : [])
    io.out(`\n${padded(widths, ['GROUP', 'COORDINATOR (ID)', 'STATE', ...epochs('GROUP-EPOCH', 'ASSIGNMENT-EPOCH'), '#MEMBERS'])}`)
    const values = [group.groupId, coordinator, group.state, ...epochs(group.groupEpoch, group.assignmentEpoch), group.members.length]
    io.out(`\n${padded(widths, values)}\n`)
  }
}

function printMembers(io: ToolIo, group: GroupDescription, verbose: boolean): void {
  if (!hasRows(io, group, group.members.length)) return
  const members = [...group.members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1))
  const column = (value: (member: (typeof members)[number]) => string): number => widest(15, members.map(value))
  const widths = [
    ...[Math.max(15, group.groupId.length), column(({ memberId }) => memberId), column(({ clientHost }) => clientHost)],
    ...[column(({ clientId }) => clientId), 12, ...(verbose ? [13] : []), 0],
  ]
  const header = ['GROUP', 'CONSUMER-ID', 'HOST', 'CLIENT-ID', '#PARTITIONS', ...(verbose ? ['MEMBER-EPOCH'] : []), 'ASSIGNMENT']
  io.out(`\n${padded(widths, header)}`)
  for (const { memberId, clientHost, clientId, memberEpoch, assignment } of members) {
    const epoch = verbose ? [memberEpoch] : []
    const text = assignment.length === 0 ? '' : assignmentText(assignment)
    io.out(`\n${padded(widths, [group.groupId, memberId, clientHost, clientId, assignment.length, ...epoch, text])}`)
  }
  io.out('\n')
}
