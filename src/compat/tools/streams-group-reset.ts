import type { Admin, TopicPartition } from '../../client/index.ts'
import { allAnswered, answered, resultException } from '../java/client-failure.ts'
import { executionException, JavaException } from '../java/exception.ts'
import { hashOrder, partitionHash, textOrder } from '../java/hash-order.ts'
import { padded } from '../java/padded.ts'
import type { CommandLine } from '../options/command-line.ts'
import { printError, type ToolIo } from '../tool.ts'
import { asRuntime, committedOffsets } from './consumer-group-description.ts'
import { checkPartitions, type NewOffset, namedPartitions, newOffsets } from './consumer-group-reset.ts'
import { csvLine } from './reset-plan.ts'
import { committedOf, topicsRead } from './streams-group-description.ts'
import { internalTopics, sayNotSupported } from './streams-group-topics.ts'
import { keyOf } from './topic-partitions.ts'

/** @throws JavaException */
export async function resetStreamsGroups(line: CommandLine, admin: Admin, groupIds: readonly string[]): Promise<void> {
  const timeoutMs = Number(line.required('timeout'))
  const described = await answered('DescribeStreamsGroups', admin.describeStreamsGroups([...new Set(groupIds)], { timeoutMs }))
  const byId = new Map(described.map((each) => [each.item, each]))
  const reset = new Map<string, readonly NewOffset[]>()
  for (const groupId of textOrder([...byId.keys()])) {
    const { error, value } = byId.get(groupId)!
    if (error !== null && error.name !== 'GROUP_ID_NOT_FOUND')
      throw asRuntime(executionException(resultException(error, 'DescribeStreamsGroups')))
    const state = value?.state ?? 'Dead'
    if (state === 'Empty' || state === 'Dead') {
      reset.set(groupId, await resetInactive(line, admin, groupId, timeoutMs))
      if (value !== null && line.has('execute')) await deleteInternalTopics(line, admin, groupId, timeoutMs)
    } else {
      printError(line.io, `Assignments can only be reset if the group '${groupId}' is inactive, but the current state is ${state}.`)
      reset.set(groupId, [])
    }
  }
  const inOrder = new Map(textOrder([...reset.keys()]).map((groupId) => [groupId, reset.get(groupId)!]))
  if (line.has('export')) {
    const isSingle = line.all('group').length === 1
    const lines = [...inOrder].flatMap(([groupId, offsets]) => offsets.map((each) => csvLine(isSingle ? undefined : groupId, each)))
    line.io.out(`${lines.join('')}\n`)
  } else printReset(line.io, inOrder)
}

function printReset(io: ToolIo, reset: ReadonlyMap<string, readonly NewOffset[]>): void {
  const widths = [30, 30, 10, 15]
  if (reset.size > 0) io.out(`\n${padded(widths, ['GROUP', 'TOPIC', 'PARTITION', 'NEW-OFFSET'])}`)
  for (const [groupId, offsets] of reset)
    for (const { topic, partition, offset } of offsets) io.out(`\n${padded(widths, [groupId, topic, partition, offset])}`)
  io.out('\n')
}

async function resetInactive(line: CommandLine, admin: Admin, groupId: string, timeoutMs: number): Promise<readonly NewOffset[]> {
  try {
    const partitions = await partitionsToReset(line, admin, groupId, timeoutMs)
    // Where it stands is asked of the group as one of streams, which it may not be.
    if (line.count('shift-by', 'to-current') > 0) await committedOf(admin, groupId, topicsRead, timeoutMs)
    const offsets = await newOffsets(line, admin, groupId, partitions, timeoutMs)
    if (line.has('execute')) await allAnswered('alterConsumerGroupOffsets', admin.alterGroupOffsets(groupId, offsets, { timeoutMs }))
    return offsets
  } catch (error) {
    throw error instanceof JavaException && error.is('ExecutionException') ? error.causedBy : error
  }
}

async function partitionsToReset(line: CommandLine, admin: Admin, groupId: string, timeoutMs: number): Promise<readonly TopicPartition[]> {
  if (line.has('all-input-topics')) return inputPartitions(admin, groupId, timeoutMs)
  if (!line.has('input-topic')) {
    if (!line.has('from-file')) line.usage('One of the reset scopes should be defined: --all-topics, --topic.')
    return []
  }
  const partitions = await namedPartitions(admin, line.all('input-topic'), timeoutMs)
  await checkPartitions(admin, partitions, timeoutMs)
  const committed = await committedOffsets(admin, groupId, timeoutMs)
  if (partitions.every((each) => committed.has(keyOf(each)))) return partitions
  printError(line.io, `One or more topics are not part of the group '${groupId}'.`)
  return []
}

/** What the group committed of the topics that its application reads, without those that it made for itself. @throws JavaException */
export async function inputPartitions(admin: Admin, groupId: string, timeoutMs: number): Promise<readonly TopicPartition[]> {
  const committed = await committedOf(admin, groupId, ({ sourceTopics }) => sourceTopics, timeoutMs)
  return hashOrder([...committed.values()], partitionHash)
}

async function deleteInternalTopics(line: CommandLine, admin: Admin, groupId: string, timeoutMs: number): Promise<void> {
  const topics = line.has('delete-all-internal-topics')
    ? (await internalTopics(line.io, admin, [groupId], timeoutMs)).get(groupId)
    : line.all('delete-internal-topic')
  if (topics === undefined)
    throw new JavaException('java.lang.NullPointerException', 'Cannot invoke "java.util.List.isEmpty()" because "internalTopics" is null')
  if (topics.length === 0) return
  try {
    await allAnswered('deleteTopics', admin.deleteTopics(topics, { timeoutMs }))
  } catch (error) {
    if (!(error instanceof JavaException)) throw error
    const cause = error.causedBy
    if (cause?.is('UnknownTopicOrPartitionException') === true)
      printError(line.io, `Deleting internal topics for group '${groupId}' failed because the topics do not exist.`)
    else if (cause?.is('UnsupportedVersionException') === true) sayNotSupported(line.io, 'Deleting', topics, cause)
    else printError(line.io, `Deleting internal topics for group '${groupId}' failed due to ${error.text}`, error)
  }
}
