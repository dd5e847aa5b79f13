import type {
  Admin,
  CommittedOffset,
  StreamsAssignment,
  StreamsGroupDescription,
  StreamsMember,
  Subtopology,
  TopicPartition,
} from '../../client/index.ts'
import { allAnswered, answered } from '../java/client-failure.ts'
import { illegalArgument } from '../java/exception.ts'
import { hashOrder, partitionHash } from '../java/hash-order.ts'
import { padded, widest } from '../java/padded.ts'
import type { CommandLine } from '../options/command-line.ts'
import { printError, type ToolIo } from '../tool.ts'
import { asRuntime, committedOffsets, logOffsets } from './consumer-group-description.ts'
import { keyOf } from './topic-partitions.ts'

/** Prints offsets, members or the state of each group as it is described. @throws JavaException */
export async function describeStreamsGroups(line: CommandLine, admin: Admin, groupIds: readonly string[]): Promise<void> {
  const timeoutMs = Number(line.required('timeout'))
  const verbose = line.has('verbose')
  for (const groupId of groupIds) {
    const group = await streamsGroup(admin, groupId, timeoutMs)
    if (line.has('members')) printMembers(line.io, group, verbose)
    else if (line.has('state')) await printState(line.io, admin, group, verbose)
    else await printOffsets(line.io, admin, group, verbose, timeoutMs)
  }
}

/** @throws JavaException */
export async function streamsGroup(admin: Admin, groupId: string, timeoutMs: number): Promise<StreamsGroupDescription> {
  const [group] = await allAnswered('DescribeStreamsGroups', admin.describeStreamsGroups([groupId], { timeoutMs }))
  return group!
}

export const topicsRead = ({ sourceTopics, repartitionSourceTopics }: Subtopology): readonly string[] => [
  ...sourceTopics,
  ...repartitionSourceTopics,
]

/** What the group committed of topics that `topicsOf` its subtopologies names. @throws JavaException */
export async function committedOf(
  admin: Admin,
  groupId: string,
  topicsOf: (part: Subtopology) => readonly string[],
  timeoutMs: number,
): Promise<Map<string, CommittedOffset>> {
  const { subtopologies } = await streamsGroup(admin, groupId, timeoutMs).catch((error: unknown) => {
    throw asRuntime(error)
  })
  const topics = new Set(subtopologies.flatMap(topicsOf))
  return new Map([...(await committedOffsets(admin, groupId, timeoutMs))].filter(([, { topic }]) => topics.has(topic)))
}

function sayIfNobody(io: ToolIo, { groupId, state }: StreamsGroupDescription): void {
  if (state === 'Dead') printError(io, `Streams group '${groupId}' does not exist.`)
  else if (state === 'Empty') printError(io, `Streams group '${groupId}' has no active members.`)
}

function printMembers(io: ToolIo, group: StreamsGroupDescription, verbose: boolean): void {
  const { members, groupId } = group
  if (group.state === 'Dead' || members.length === 0) return
  sayIfNobody(io, group)
  const column = (value: (member: StreamsMember) => string): number => widest(15, members.map(value))
  const [groupWidth, memberWidth] = [Math.max(15, groupId.length), column(({ memberId }) => memberId)]
  const rest = [column(({ processId }) => processId), column(({ clientId }) => clientId), 0]
  if (!verbose) {
    const widths = [groupWidth, memberWidth, ...rest]
    io.out(`${padded(widths, ['GROUP', 'MEMBER', 'PROCESS', 'CLIENT-ID', 'ASSIGNMENTS'])}\n`)
    for (const { memberId, processId, clientId, tasks } of members)
      io.out(`${padded(widths, [groupId, memberId, processId, clientId, tasksText(tasks)])}\n`)
    return
  }
  // No blank stands between an epoch and the member after it.
  const row = (group: string, epochs: readonly (string | number)[], values: readonly (string | number)[]): string =>
    `${padded([groupWidth, 25, 15], [group, ...epochs])}${padded([memberWidth, 15, 15, ...rest], values)}\n`
  const header = ['MEMBER', 'MEMBER-PROTOCOL', 'MEMBER-EPOCH', 'PROCESS', 'CLIENT-ID', 'ASSIGNMENTS']
  io.out(row('GROUP', ['TARGET-ASSIGNMENT-EPOCH', 'TOPOLOGY-EPOCH'], header))
  for (const { memberId, isClassic, memberEpoch, processId, clientId, tasks, targetTasks } of members) {
    const text = `${tasksText(tasks)}${tasksText(targetTasks, 'TARGET-')}`
    const values = [memberId, isClassic ? 'classic' : 'streams', memberEpoch, processId, clientId, text]
    io.out(row(groupId, [group.assignmentEpoch, group.topologyEpoch], values))
  }
}

/** `ACTIVE: 0:[0,1]; 1:[0]; STANDBY: …`. */
function tasksText({ activeTasks, standbyTasks, warmupTasks }: StreamsAssignment, prefix = ''): string {
  const kinds = [
    ['ACTIVE', activeTasks],
    ['STANDBY', standbyTasks],
    ['WARMUP', warmupTasks],
  ] as const
  return kinds
    .filter(([, tasks]) => tasks.length > 0)
    .map(([kind, tasks]) => `${prefix}${kind}: ${tasks.map((each) => `${each.subtopologyId}:[${each.partitions.join(',')}]; `).join('')}`)
    .join('')
}

async function printState(io: ToolIo, admin: Admin, group: StreamsGroupDescription, verbose: boolean): Promise<void> {
  sayIfNobody(io, group)
  const { nodes } = await answered('listNodes', admin.describeCluster())
  const node = nodes.find(({ id }) => id === group.coordinator)
  const coordinator = `${node?.host}:${node?.port} (${group.coordinator})`
  const widths = [Math.max(15, group.groupId.length), Math.max(25, coordinator.length), 25, ...(verbose ? [15, 25] : []), 0]
  const epochs = (...values: readonly (string | number)[]): readonly (string | number)[] => (verbose ? values : [])
  io.out(`${padded(widths, ['GROUP', 'COORDINATOR (ID)', 'STATE', ...epochs('GROUP-EPOCH', 'TARGET-ASSIGNMENT-EPOCH'), '#MEMBERS'])}\n`)
  const values = [group.groupId, coordinator, group.state, ...epochs(group.groupEpoch, group.assignmentEpoch), group.members.length]
  io.out(`${padded(widths, values)}\n`)
}

/** What the active tasks of its members read, in the order of a map of Java's. @throws JavaException */
function partitionsRead({ members, subtopologies }: StreamsGroupDescription): TopicPartition[] {
  const parts = new Map(subtopologies.map((part) => [part.subtopologyId, part]))
  const read = new Map<string, TopicPartition>()
  for (const { subtopologyId, partitions } of members.flatMap(({ tasks }) => tasks.activeTasks)) {
    const part = parts.get(subtopologyId)
    if (part === undefined) throw illegalArgument(`Subtopology ${subtopologyId} not found in group description!`)
    for (const topic of topicsRead(part)) for (const partition of partitions) read.set(keyOf({ topic, partition }), { topic, partition })
  }
  return hashOrder([...read.values()], partitionHash)
}

async function printOffsets(io: ToolIo, admin: Admin, group: StreamsGroupDescription, verbose: boolean, timeoutMs: number): Promise<void> {
  const { groupId } = group
  const partitions = partitionsRead(group)
  const starts = await logOffsets(admin, partitions, 'earliest', timeoutMs)
  const ends = await logOffsets(admin, partitions, 'latest', timeoutMs)
  const committed = await committedOf(admin, groupId, topicsRead, timeoutMs)
  if (group.state === 'Dead' || group.members.length === 0) return
  sayIfNobody(io, group)
  const topics = partitions.map(({ topic }) => topic)
  const widths = [Math.max(15, groupId.length), widest(15, topics), 10, ...(verbose ? [15, 15, 15, 15] : [0])]
  const wide = verbose ? ['CURRENT-OFFSET', 'LEADER-EPOCH', 'LOG-END-OFFSET'] : []
  io.out(`${padded(widths, ['GROUP', 'TOPIC', 'PARTITION', ...wide, 'OFFSET-LAG'])}\n`)
  for (const each of partitions) {
    const [start = 0, end = 0] = [starts.get(keyOf(each)), ends.get(keyOf(each))]
    const offset = committed.get(keyOf(each))
    const epoch = offset === undefined || offset.leaderEpoch < 0 ? '-' : offset.leaderEpoch
    const values = verbose ? [String(offset?.offset ?? '-'), epoch, end] : []
    const lag = end - Number(offset?.offset ?? start)
    io.out(`${padded(widths, [groupId, each.topic, each.partition, ...values, lag])}\n`)
  }
}
