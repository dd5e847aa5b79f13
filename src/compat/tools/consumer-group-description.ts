import type { Admin, CommittedOffset, GroupDescription, GroupMember, TopicPartition } from '../../client/index.ts'
import { allAnswered, answered } from '../java/client-failure.ts'
import { JavaException, runtimeException } from '../java/exception.ts'
import { padded, widest } from '../java/padded.ts'
import type { CommandLine } from '../options/command-line.ts'
import type { ToolIo } from '../tool.ts'
import { describeTopicsOf, keyOf } from './topic-partitions.ts'

const missing = '-'

/** Prints offsets, members or states, group by group in the order of their names. @throws JavaException */
export async function describeConsumerGroups(line: CommandLine, admin: Admin, groupIds: readonly string[]): Promise<void> {
  const timeoutMs = Number(line.required('timeout'))
  const described = await allAnswered('describeGroups', admin.describeGroups(groupIds, { timeoutMs }))
  const groups = [...described].sort((a, b) => (a.groupId < b.groupId ? -1 : 1))
  const verbose = line.has('verbose')
  if (line.has('offsets') || line.count('members', 'state') === 0) {
    // All is asked before anything is printed.
    const rows = new Map<string, OffsetRow[]>()
    for (const group of groups) rows.set(group.groupId, await offsetRows(admin, group, timeoutMs))
    for (const group of groups) printOffsets(line.io, group, rows.get(group.groupId) ?? [], verbose)
  } else if (line.has('members')) for (const group of groups) printMembers(line.io, group, verbose)
  else await printStates(line.io, admin, groups, verbose)
}

/** Says what is unusual about a group; whether there is anything to print. @throws JavaException */
function hasRows(io: ToolIo, { groupId, state }: GroupDescription, count: number): boolean {
  switch (state) {
    case 'Dead':
      io.out(`\nError: Consumer group '${groupId}' does not exist.\n`)
      return false
    case 'Empty':
      io.err(`\nConsumer group '${groupId}' has no active members.\n`)
      break
    case 'PreparingRebalance':
    case 'CompletingRebalance':
    case 'Assigning':
    case 'Reconciling':
      io.err(`\nWarning: Consumer group '${groupId}' is rebalancing.\n`)
      break
    case 'Stable':
      break
    default:
      throw new JavaException('org.apache.kafka.common.KafkaException', `Expected a valid consumer group state, but found '${state}'.`)
  }
  return count > 0
}

interface OffsetRow {
  readonly topic: string
  readonly partition: string
  readonly leaderEpoch: string
  readonly offset: string
  readonly end: string
  readonly lag: string
  readonly consumerId: string
  readonly host: string
  readonly clientId: string
}

type Consumer = Pick<OffsetRow, 'consumerId' | 'host' | 'clientId'>

async function offsetRows(admin: Admin, group: GroupDescription, timeoutMs: number): Promise<OffsetRow[]> {
  const committed = await committedOffsets(admin, group.groupId, timeoutMs)
  const rows: OffsetRow[] = []
  const assigned = new Set<string>()
  const members = group.members.filter(({ assignment }) => assignment.length > 0)
  for (const member of [...members].sort((a, b) => b.assignment.length - a.assignment.length)) {
    for (const partition of member.assignment) assigned.add(keyOf(partition))
    const consumer = { consumerId: member.memberId, host: member.clientHost, clientId: member.clientId }
    rows.push(...(await rowsOf(admin, member.assignment, committed, consumer, timeoutMs)))
  }
  const unassigned = [...committed.values()].filter((each) => !assigned.has(keyOf(each)))
  if (unassigned.length > 0) rows.push(...(await rowsOf(admin, unassigned, committed, nobody, timeoutMs)))
  return rows
}

const nobody: Consumer = { consumerId: missing, host: missing, clientId: missing }

/** By partition; those that failed are left out. @throws JavaException */
export async function committedOffsets(admin: Admin, groupId: string, timeoutMs: number): Promise<Map<string, CommittedOffset>> {
  try {
    const [partitions = []] = await allAnswered('listConsumerGroupOffsets', admin.listGroupOffsets([groupId], { timeoutMs }))
    return new Map(partitions.flatMap(({ item, value }) => (value === null ? [] : [[keyOf(item), value] as const])))
  } catch (error) {
    throw asRuntime(error)
  }
}

export function asRuntime(error: unknown): unknown {
  if (!(error instanceof JavaException)) return error
  return new JavaException('java.lang.RuntimeException', error.toString(), { causedBy: error })
}

async function rowsOf(
  admin: Admin,
  partitions: readonly TopicPartition[],
  committed: ReadonlyMap<string, CommittedOffset>,
  consumer: Consumer,
  timeoutMs: number,
): Promise<OffsetRow[]> {
  const leaderless = await partitionsWithoutLeader(admin, partitions, timeoutMs)
  const led = partitions.filter((each) => !leaderless.has(keyOf(each)))
  const ends = await logOffsets(admin, led, 'latest', timeoutMs)
  return [...partitions]
    .sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
    .map((partition) => {
      const offset = committed.get(keyOf(partition))
      const end = ends.get(keyOf(partition))
      return {
        topic: partition.topic,
        partition: String(partition.partition),
        leaderEpoch: offset === undefined || offset.leaderEpoch < 0 ? missing : String(offset.leaderEpoch),
        offset: offset === undefined ? missing : String(offset.offset),
        end: end === undefined ? missing : String(end),
        lag: offset === undefined || end === undefined || offset.offset === -1 ? missing : String(Number(end) - Number(offset.offset)),
        ...consumer,
      }
    })
}

/** @throws JavaException */
export async function partitionsWithoutLeader(
  admin: Admin,
  partitions: readonly TopicPartition[],
  timeoutMs: number,
): Promise<Set<string>> {
  const leaderless = new Set<string>()
  for (const { item, error, value } of await describeTopicsOf(admin, [...new Set(partitions.map(({ topic }) => topic))], timeoutMs)) {
    if (error !== null) throw runtimeException(`${error.message}: ${item}`)
    for (const { partition, leader } of value.partitions) if (leader < 0) leaderless.add(keyOf({ topic: item, partition }))
  }
  return leaderless
}

/** @throws JavaException */
export async function logOffsets(
  admin: Admin,
  partitions: readonly TopicPartition[],
  at: 'earliest' | 'latest' | number,
  timeoutMs: number,
): Promise<Map<string, number>> {
  try {
    const queries = partitions.map((each) => ({ topic: each.topic, partition: each.partition, at }))
    const found = await allAnswered('listOffsets', admin.listOffsets(queries, { timeoutMs }))
    return new Map(queries.map((query, index) => [keyOf(query), found[index]!.offset]))
  } catch (error) {
    throw asRuntime(error)
  }
}

function printOffsets(io: ToolIo, group: GroupDescription, rows: readonly OffsetRow[], verbose: boolean): void {
  if (!hasRows(io, group, rows.length)) return
  const widths = [
    Math.max(15, group.groupId.length),
    widest(
      15,
      rows.map(({ topic }) => topic),
    ),
    ...[10, ...(verbose ? [15] : []), 15, 15, 15],
    widest(
      15,
      rows.map(({ consumerId }) => consumerId),
    ),
    widest(
      15,
      rows.map(({ host }) => host),
    ),
  ]
  const epoch = (value: string): string[] => (verbose ? [value] : [])
  const header = ['GROUP', 'TOPIC', 'PARTITION', ...epoch('LEADER-EPOCH'), 'CURRENT-OFFSET', 'LOG-END-OFFSET', 'LAG', 'CONSUMER-ID', 'HOST']
  io.out(`\n${padded(widths, [...header, 'CLIENT-ID'])}`)
  for (const row of rows) {
    const { topic, partition, leaderEpoch, offset, end, lag, consumerId, host, clientId } = row
    io.out(`\n${padded(widths, [group.groupId, topic, partition, ...epoch(leaderEpoch), offset, end, lag, consumerId, host, clientId])}`)
  }
  io.out('\n')
}

function printMembers(io: ToolIo, group: GroupDescription, verbose: boolean): void {
  const { members } = group
  const isKnown = hasRows(io, group, members.length)
  const rows = members.map((member) => ({
    member,
    current: assignmentText(member.assignment),
    target: assignmentText(member.targetAssignment),
  }))
  const shown = isKnown ? rows : []
  const column = (least: number, value: (row: (typeof rows)[number]) => string): number => widest(least, shown.map(value))
  const hasInstances = shown.some(({ member }) => (member.groupInstanceId ?? '') !== '')
  const instance = <T>(value: T): T[] => (hasInstances ? [value] : [])
  const widths = [
    column(15, () => group.groupId),
    column(15, ({ member }) => member.memberId),
    ...instance(column(17, ({ member }) => member.groupInstanceId ?? '')),
    column(15, ({ member }) => member.clientHost),
    column(15, ({ member }) => member.clientId),
    15,
  ]
  const wideWidths = [15, column(20, ({ current }) => current), 15, column(20, ({ target }) => target)]
  const wide = (values: readonly string[]): string => (verbose ? padded(wideWidths, values) : '')
  const header = ['GROUP', 'CONSUMER-ID', ...instance('GROUP-INSTANCE-ID'), 'HOST', 'CLIENT-ID', '#PARTITIONS']
  io.out(`\n${padded(widths, header)} ${wide(['CURRENT-EPOCH', 'CURRENT-ASSIGNMENT', 'TARGET-EPOCH', 'TARGET-ASSIGNMENT'])}\n`)
  const modern = group.type === 'consumer'
  for (const { member, current, target } of rows) {
    const { memberId, groupInstanceId, clientHost, clientId, assignment } = member
    const values = [group.groupId, memberId, ...instance(groupInstanceId ?? ''), clientHost, clientId, assignment.length]
    const epochs = [modern ? String(member.memberEpoch) : missing, current, modern ? String(group.assignmentEpoch) : missing, target]
    io.out(`${padded(widths, values)} ${wide(epochs)}\n`)
  }
}

/** `a:0,1;b:2`. */
export function assignmentText(assignment: GroupMember['targetAssignment']): string {
  if (assignment === null || assignment.length === 0) return missing
  const topics = new Map<string, number[]>()
  for (const { topic, partition } of assignment) topics.set(topic, [...(topics.get(topic) ?? []), partition])
  return [...topics]
    .map(([topic, partitions]) => `${topic}:${partitions.sort((a, b) => a - b).join(',')}`)
    .sort()
    .join(';')
}

async function printStates(io: ToolIo, admin: Admin, groups: readonly GroupDescription[], verbose: boolean): Promise<void> {
  const { nodes } = await answered('listNodes', admin.describeCluster())
  for (const group of groups) {
    if (!hasRows(io, group, 1)) continue
    const node = nodes.find(({ id }) => id === group.coordinator)
    const coordinator = `${node?.host}:${node?.port}  (${group.coordinator})`
    const widths = [Math.max(15, group.groupId.length), Math.max(25, coordinator.length), 20, 20, ...(verbose ? [15, 25] : [])]
    const epochs = (values: readonly string[]): readonly string[] => (verbose ? values : [])
    const modern = group.type === 'consumer'
    const epoch = (value: number): string => (modern ? String(value) : missing)
    const header = ['GROUP', 'COORDINATOR (ID)', 'ASSIGNMENT-STRATEGY', 'STATE', ...epochs(['GROUP-EPOCH', 'TARGET-ASSIGNMENT-EPOCH'])]
    io.out(`\n${padded(widths, [...header, '#MEMBERS'])}`)
    const values = [group.groupId, coordinator, group.assignor === '' ? missing : group.assignor, group.state]
    io.out(`\n${padded(widths, [...values, ...epochs([epoch(group.groupEpoch), epoch(group.assignmentEpoch)]), group.members.length])}`)
    io.out('\n')
  }
}
