import type { Admin, TopicPartition } from '../../client/index.ts'
import { allAnswered, answered, exceptionOf, resultException } from '../java/client-failure.ts'
import { executionException, illegalArgument, JavaException } from '../java/exception.ts'
import { hashOrder, partitionHash, textOrder } from '../java/hash-order.ts'
import { padded, widest } from '../java/padded.ts'
import type { CommandLine } from '../options/command-line.ts'
import { log, type ToolIo } from '../tool.ts'
import { asRuntime, committedOffsets, logOffsets, partitionsWithoutLeader } from './consumer-group-description.ts'
import { durationMs, instantMs } from './moments.ts'
import { csvLine, type ResetPlan, readResetPlan } from './reset-plan.ts'
import { describeTopicsOf, keyOf, parseTopicPartitions } from './topic-partitions.ts'

/** A partition and the offset that it gets, in the order of a map of Java's. */
export type NewOffset = TopicPartition & { readonly offset: number }

const scenarioList = '[to-offset], [to-datetime], [by-duration], [to-earliest], [to-latest], [to-current], [shift-by], [from-file]'

export async function resetConsumerGroups(line: CommandLine, admin: Admin, groupIds: readonly string[]): Promise<void> {
  const timeoutMs = Number(line.required('timeout'))
  const described = await answered('describeGroups', admin.describeGroups(groupIds, { timeoutMs }))
  const byId = new Map(described.map((each) => [each.item, each]))
  const reset = new Map<string, NewOffset[]>()
  for (const groupId of textOrder(groupIds)) {
    const { error, value } = byId.get(groupId)!
    if (error !== null && error.name !== 'GROUP_ID_NOT_FOUND') throw asRuntime(executionException(resultException(error, 'describeGroups')))
    const state = value?.state ?? 'Dead'
    if (state === 'Empty' || state === 'Dead') reset.set(groupId, await resetInactive(line, admin, groupId, timeoutMs))
    else {
      line.io.out(`\nError: Assignments can only be reset if the group '${groupId}' is inactive, but the current state is ${state}.\n`)
      reset.set(groupId, [])
    }
  }
  if (line.has('export')) {
    const isSingle = line.all('group').length === 1
    const lines = [...reset].flatMap(([groupId, offsets]) => offsets.map((each) => csvLine(isSingle ? undefined : groupId, each)))
    line.io.out(`${lines.join('')}\n`)
  } else printOffsets(line.io, reset)
}

export function printOffsets(io: ToolIo, reset: ReadonlyMap<string, readonly NewOffset[]>): void {
  const topics = [...reset.values()].flat().map(({ topic }) => topic)
  const widths = [widest(15, [...reset.keys()]), widest(15, topics), 10]
  if (reset.size > 0) io.out(`\n${padded(widths, ['GROUP', 'TOPIC', 'PARTITION', 'NEW-OFFSET'])}`)
  for (const [groupId, offsets] of reset)
    for (const { topic, partition, offset } of offsets) io.out(`\n${padded(widths, [groupId, topic, partition, offset])}`)
  io.out('\n')
}

async function resetInactive(line: CommandLine, admin: Admin, groupId: string, timeoutMs: number): Promise<NewOffset[]> {
  try {
    const partitions = await partitionsToReset(line, admin, groupId, timeoutMs)
    await checkPartitions(admin, partitions, timeoutMs)
    const offsets = await newOffsets(line, admin, groupId, partitions, timeoutMs)
    if (line.has('execute')) await allAnswered('alterConsumerGroupOffsets', admin.alterGroupOffsets(groupId, offsets, { timeoutMs }))
    return offsets
  } catch (error) {
    throw error instanceof JavaException && error.is('ExecutionException') ? error.causedBy : error
  }
}

async function partitionsToReset(line: CommandLine, admin: Admin, groupId: string, timeoutMs: number): Promise<TopicPartition[]> {
  if (line.has('all-topics')) return [...(await committedOffsets(admin, groupId, timeoutMs)).values()]
  if (!line.has('topic')) {
    if (!line.has('from-file')) line.usage('One of the reset scopes should be defined: --all-topics, --topic.')
    return []
  }
  return namedPartitions(admin, line.all('topic'), timeoutMs)
}

/** Those of `topic:0,1` as they are, those of a topic after them. @throws JavaException */
export async function namedPartitions(admin: Admin, named: readonly string[], timeoutMs: number): Promise<TopicPartition[]> {
  const listed = named.filter((topic) => topic.includes(':')).flatMap(parseTopicPartitions)
  const whole = named.filter((topic) => !topic.includes(':'))
  const described = await allAnswered('describeTopicPartitions', describeTopicsOf(admin, whole, timeoutMs))
  return [...listed, ...described.flatMap(({ name, partitions }) => partitions.map(({ partition }) => ({ topic: name, partition })))]
}

/** @throws JavaException */
export async function checkPartitions(admin: Admin, partitions: readonly TopicPartition[], timeoutMs: number): Promise<void> {
  const topics = [...new Set(partitions.map(({ topic }) => topic))]
  const described = await allAnswered('describeTopicPartitions', describeTopicsOf(admin, topics, timeoutMs))
  const known = new Set(described.flatMap(({ name, partitions: list }) => list.map(({ partition }) => keyOf({ topic: name, partition }))))
  const unknown = partitions.map(keyOf).filter((key) => !known.has(key))
  if (unknown.length > 0) throw exceptionOf(3, `The partitions "${unknown.join(',')}" do not exist`)
  const leaderless = await partitionsWithoutLeader(admin, partitions, timeoutMs)
  const stuck = partitions.map(keyOf).filter((key) => leaderless.has(key))
  if (stuck.length > 0) throw exceptionOf(5, `The partitions "${stuck.join(',')}" have no leader`)
}

export async function newOffsets(
  line: CommandLine,
  admin: Admin,
  groupId: string,
  partitions: readonly TopicPartition[],
  timeoutMs: number,
): Promise<NewOffset[]> {
  const at = async (place: 'earliest' | 'latest'): Promise<NewOffset[]> =>
    offsetsAt(partitions, await logOffsets(admin, partitions, place, timeoutMs))
  const within = (wanted: readonly NewOffset[]): Promise<NewOffset[]> => withinLog(line.io, admin, wanted, timeoutMs)
  if (line.has('to-offset')) {
    const offset = Number(line.all('to-offset')[0])
    return within(partitions.map(({ topic, partition }) => ({ topic, partition, offset })))
  }
  if (line.has('to-earliest')) return at('earliest')
  if (line.has('to-latest')) return at('latest')
  if (line.has('shift-by')) return within(await shifted(admin, groupId, partitions, Number(line.required('shift-by')), timeoutMs))
  if (line.has('to-datetime')) return atTime(line.io, admin, partitions, instantMs(line.all('to-datetime')[0] ?? ''), timeoutMs)
  if (line.has('by-duration')) {
    const { clock } = await line.io.host()
    return atTime(line.io, admin, partitions, clock.now() - durationMs(line.required('by-duration')), timeoutMs)
  }
  if (line.has('from-file'))
    return within(fromPlan(line, await readResetPlan(line.io, line.required('from-file'), line.all('group')), groupId))
  if (line.has('to-current')) return current(admin, groupId, partitions, timeoutMs)
  return line.usage(`Option '[reset-offsets]' requires one of the following scenarios: [${scenarioList}]`)
}

const inMapOrder = (offsets: readonly NewOffset[]): NewOffset[] => hashOrder(offsets, partitionHash)

const offsetsAt = (partitions: readonly TopicPartition[], offsets: ReadonlyMap<string, number>): NewOffset[] =>
  inMapOrder(partitions.map((each) => ({ topic: each.topic, partition: each.partition, offset: offsets.get(keyOf(each)) ?? -1 })))

/** What lies outside of a log becomes its start or end. */
async function withinLog(io: ToolIo, admin: Admin, wanted: readonly NewOffset[], timeoutMs: number): Promise<NewOffset[]> {
  const starts = await logOffsets(admin, wanted, 'earliest', timeoutMs)
  const ends = await logOffsets(admin, wanted, 'latest', timeoutMs)
  const bounded: NewOffset[] = []
  for (const each of inMapOrder(wanted)) {
    const [start = 0, end = 0] = [starts.get(keyOf(each)), ends.get(keyOf(each))]
    const offset = each.offset > end ? end : each.offset < start ? start : each.offset
    if (offset !== each.offset) {
      const side = each.offset > end ? 'higher than latest' : 'lower than earliest'
      const text = `New offset (${each.offset}) is ${side} offset for topic partition ${keyOf(each)}. Value will be set to ${offset}`
      await log(io, 'WARN', text, 'org.apache.kafka.tools.OffsetsUtils')
    }
    bounded.push({ ...each, offset })
  }
  return inMapOrder(bounded)
}

async function shifted(
  admin: Admin,
  groupId: string,
  partitions: readonly TopicPartition[],
  by: number,
  timeoutMs: number,
): Promise<NewOffset[]> {
  const committed = await committedOffsets(admin, groupId, timeoutMs)
  return partitions.map((each) => {
    const offset = committed.get(keyOf(each))?.offset
    if (offset === undefined)
      throw illegalArgument(`Cannot shift offset for partition ${keyOf(each)} since there is no current committed offset`)
    return { topic: each.topic, partition: each.partition, offset: Number(offset) + by }
  })
}

async function atTime(
  io: ToolIo,
  admin: Admin,
  partitions: readonly TopicPartition[],
  timestampMs: number,
  timeoutMs: number,
): Promise<NewOffset[]> {
  const found = await logOffsets(admin, partitions, Math.max(0, timestampMs), timeoutMs)
  const none = hashOrder(
    partitions.filter((each) => found.get(keyOf(each)) === -1),
    partitionHash,
  )
  for (const { topic, partition } of none)
    io.out(`\nWarn: Partition ${partition} from topic ${topic} is empty. Falling back to latest known offset.\n`)
  const ends = await logOffsets(admin, none, 'latest', timeoutMs)
  return offsetsAt(partitions, new Map([...found, ...ends]))
}

async function current(admin: Admin, groupId: string, partitions: readonly TopicPartition[], timeoutMs: number): Promise<NewOffset[]> {
  const committed = await committedOffsets(admin, groupId, timeoutMs)
  const without = partitions.filter((each) => !committed.has(keyOf(each)))
  const ends = await logOffsets(admin, without, 'latest', timeoutMs)
  const offsets = new Map([...ends, ...[...committed].map(([key, { offset }]) => [key, Number(offset)] as const)])
  const known = partitions.filter((each) => committed.has(keyOf(each)))
  return offsetsAt([...known, ...without], offsets)
}

function fromPlan(line: CommandLine, plan: ResetPlan, groupId: string): NewOffset[] {
  const offsets = plan.get(groupId)
  if (offsets !== undefined) return offsets
  line.io.out(`\nError: No reset plan for group ${groupId} found\n`)
  return []
}
