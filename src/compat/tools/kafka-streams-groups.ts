import type { Admin, GroupListing } from '../../client/index.ts'
import { loadProperties, withAdmin } from '../admin-session.ts'
import { options } from '../declared/kafka-streams-groups.ts'
import { resultException } from '../java/client-failure.ts'
import { illegalArgument, illegalState, type JavaException, namedException } from '../java/exception.ts'
import { textOrder } from '../java/hash-order.ts'
import { padded, widest } from '../java/padded.ts'
import { CommandLine } from '../options/command-line.ts'
import { guarded, printError, type Tool, type ToolIo } from '../tool.ts'
import { asRuntime } from './consumer-group-description.ts'
import { groupStates, listGroupsOf, stateOf } from './group-listings.ts'
import { deletePartitionOffsets, partitionsNamed } from './group-offsets-deletion.ts'
import { describeStreamsGroups } from './streams-group-description.ts'
import { inputPartitions, resetStreamsGroups } from './streams-group-reset.ts'
import { internalTopics } from './streams-group-topics.ts'

const actions = ['list', 'describe', 'delete', 'reset-offsets', 'delete-offsets']
const scenarios = ['to-offset', 'to-datetime', 'by-duration', 'to-earliest', 'to-latest', 'to-current', 'shift-by', 'from-file']
const scopes = '[all-groups], [group]'
const legalStates = ['Empty', 'NotReady', 'Stable', 'Assigning', 'Reconciling', 'Dead']

export const kafkaStreamsGroups: Tool = (args, io) => {
  let line: CommandLine | undefined
  return guarded(
    async () => {
      line = CommandLine.parse(options, args, io)
      checkArguments(line)
      if (line.count(...actions) !== 1)
        throw illegalArgument(
          'Command must include exactly one action: --list, --describe, --delete, --reset-offsets, or --delete-offsets.',
        )
      await run(line)
      return 0
    },
    (exception) => {
      if (exception.is('IllegalArgumentException') || exception.type.startsWith('joptsimple.')) {
        if (line !== undefined) line.usage(`${exception.text}`)
        io.err(`${exception.text}\n`)
      } else printError(io, `Executing streams group command failed due to ${exception.text}`, exception)
      return 1
    },
  )
}

function checkArguments(line: CommandLine): void {
  line.helpOrVersion('This tool helps to list, or describe streams groups.')
  line.checkRequired('bootstrap-server')
  const hasScope = line.count('group', 'all-groups') > 0
  if (line.has('describe')) {
    if (!hasScope) line.usage(`Option [describe] takes one of these options: ${scopes}`)
    if (line.count('members', 'offsets', 'state') > 1)
      line.usage('Option [describe] takes at most one of these options: [members], [offsets], [state]')
    if (line.has('state') && line.text('state') !== undefined) line.usage('Option [describe] does not take a value for [state]')
  }
  if (line.has('delete')) {
    if (!hasScope) line.usage(`Option [delete] takes one of these options: ${scopes}`)
    if (line.count('input-topic', 'all-input-topics') > 0)
      line.usage('Kafka Streams does not support topic-specific offset deletion from a streams group.')
  }
  if (line.has('delete-offsets')) {
    if (line.count('input-topic', 'all-input-topics') === 0 || !line.has('group'))
      line.usage('Option [delete-offsets] takes the [group] and one of these options: [all-input-topics], [input-topic]')
    if (line.all('group').length > 1)
      line.usage(`Option [delete-offsets] supports only one [group] at a time, but found: [${line.all('group').join(', ')}]`)
  }
  if (line.has('reset-offsets')) checkReset(line, hasScope)
  checkInternalTopics(line)
  if (line.count('dry-run', 'execute') > 0 && !line.has('reset-offsets'))
    line.usage('Only Option [reset-offsets] accepts [execute] or [dry-run]')
  line.checkInvalid('list', 'members', 'offsets')
  line.checkInvalid('group', 'all-groups')
  line.checkInvalid('group', 'list')
  line.checkInvalid('input-topic', 'list', 'describe', 'delete')
}

function checkReset(line: CommandLine, hasScope: boolean): void {
  if (line.count('dry-run', 'execute') === 2) line.usage('Option [reset-offsets] only accepts one of [execute] and [dry-run]')
  if (line.count('dry-run', 'execute') === 0) line.usage('Option [reset-offsets] takes the option: [execute] or [dry-run]')
  if (!hasScope) line.usage(`Option [reset-offsets] takes one of these options: ${scopes}`)
  for (const scenario of scenarios) line.checkInvalid(scenario, ...scenarios.filter((other) => other !== scenario))
}

function checkInternalTopics(line: CommandLine): void {
  if (line.has('delete-all-internal-topics')) {
    if (line.count('reset-offsets', 'delete') === 0)
      line.usage('Option [delete-all-internal-topics] takes one of these options: [delete], [reset-offsets]')
    if (line.has('reset-offsets') && !line.has('execute'))
      line.usage('Option [delete-all-internal-topics] takes [execute] when [reset-offsets] is used.')
  } else if (line.has('delete-internal-topic') && line.count('reset-offsets', 'execute') < 2)
    line.usage('Option [delete-internal-topic] takes [reset-offsets] when [execute] is used.')
}

async function run(line: CommandLine): Promise<void> {
  const file = await loadProperties(line.io, line.text('command-config')).catch((error: unknown) => {
    throw asRuntime(error)
  })
  await withAdmin(line.io, { ...file, 'bootstrap.servers': line.required('bootstrap-server') }, async (admin) => {
    // Kafka's tool reads these first, whatever it is to do.
    line.all('to-offset')
    for (const name of ['by-duration', 'shift-by', 'timeout']) line.text(name)
    if (line.has('list')) await list(line, admin)
    else if (line.has('describe')) await describeStreamsGroups(line, admin, await groupIdsOf(line, admin))
    else if (line.has('reset-offsets')) await resetStreamsGroups(line, admin, await groupIdsOf(line, admin))
    else if (line.has('delete')) await deleteGroups(line, admin, await groupIdsOf(line, admin))
    else await deleteOffsets(line, admin)
  })
}

const timeoutOf = (line: CommandLine): number => Number(line.required('timeout'))

const groupsIn = (line: CommandLine, admin: Admin, states: readonly string[]): Promise<GroupListing[]> =>
  listGroupsOf(admin, { states, types: ['streams'], timeoutMs: timeoutOf(line) })

async function allGroups(line: CommandLine, admin: Admin): Promise<GroupListing[]> {
  try {
    return await groupsIn(line, admin, [])
  } catch (error) {
    throw asRuntime(error)
  }
}

/** What --group says, each as often as it was said, or all that are there. */
const groupIdsOf = async (line: CommandLine, admin: Admin): Promise<readonly string[]> =>
  line.has('all-groups') ? (await allGroups(line, admin)).map(({ groupId }) => groupId) : line.all('group')

async function list(line: CommandLine, admin: Admin): Promise<void> {
  if (!line.has('state')) {
    for (const { groupId } of await allGroups(line, admin)) line.io.out(`${groupId}\n`)
    return
  }
  const groups = await groupsIn(line, admin, statesOf(line.text('state') ?? ''))
  const ids = groups.map(({ groupId }) => groupId)
  const widths = [widest(15, ids), 0]
  line.io.out(`${padded(widths, ['GROUP', 'STATE'])}\n`)
  for (const group of groups) line.io.out(`${padded(widths, [group.groupId, stateOf(group)])}\n`)
}

/** @throws JavaException */
function statesOf(text: string): string[] {
  if (text === '') return []
  const states = text.split(',').map((each) => groupStates.find((state) => state.toLowerCase() === each.trim().toLowerCase()))
  if (!states.every((state) => state !== undefined && legalStates.includes(state)))
    throw illegalArgument(`Invalid state list '${text}'. Valid states are: ${legalStates.join(', ')}`)
  return states as string[]
}

/** Why a group is not deleted, which its broker need not be asked. */
function refusal(groupId: string, listed: GroupListing | undefined): JavaException | undefined {
  if (listed === undefined) return illegalArgument(`Group '${groupId}' does not exist or is not a streams group.`)
  if (listed.state === 'Dead') return illegalState(`Streams group '${groupId}' group state is DEAD.`)
  if (listed.state !== 'Empty') return namedException('GroupNotEmptyException', `Streams group '${groupId}' is not EMPTY.`)
  return undefined
}

async function deleteGroups(line: CommandLine, admin: Admin, groupIds: readonly string[]): Promise<void> {
  const timeoutMs = timeoutOf(line)
  const listed = new Map((await allGroups(line, admin)).map((group) => [group.groupId, group]))
  const failed = new Map<string, JavaException>()
  const empty: string[] = []
  for (const groupId of new Set(groupIds)) {
    const reason = refusal(groupId, listed.get(groupId))
    if (reason === undefined) empty.push(groupId)
    else failed.set(groupId, reason)
  }
  const deletesTopics = line.has('delete-all-internal-topics') && empty.length > 0
  const topics = deletesTopics ? await internalTopics(line.io, admin, empty, timeoutMs) : new Map<string, string[]>()
  const deleted: string[] = []
  for (const { item, error } of empty.length === 0 ? [] : await admin.deleteGroups(empty, { timeoutMs })) {
    if (error === null) deleted.push(item)
    else failed.set(item, resultException(error, 'deleteConsumerGroups'))
  }
  const inOrder = textOrder(deleted)
  const ofTopics = new Map<string, JavaException>()
  for (const groupId of inOrder) {
    const failure = await deleteTopics(line.io, admin, topics.get(groupId) ?? [], timeoutMs)
    if (failure !== undefined) ofTopics.set(groupId, failure)
  }
  const names = inOrder.join("', '")
  if (failed.size === 0) line.io.out(`Deletion of requested streams groups ('${names}') was successful.\n`)
  else {
    printError(line.io, 'Deletion of some streams groups failed:')
    for (const groupId of textOrder([...failed.keys()]))
      line.io.out(`* Group '${groupId}' could not be deleted due to: ${failed.get(groupId)}\n`)
    if (deleted.length > 0) line.io.out(`\nThese streams groups were deleted successfully: '${names}'.\n`)
  }
  if (topics.size > 0 && deleted.length > 0) sayOfTopics(line.io, topics, inOrder, ofTopics)
}

async function deleteTopics(io: ToolIo, admin: Admin, topics: readonly string[], timeoutMs: number): Promise<JavaException | undefined> {
  const results = topics.length === 0 ? [] : await admin.deleteTopics(topics, { timeoutMs })
  const failed = results.filter(({ error }) => error !== null)
  for (const topic of textOrder(failed.map(({ item }) => item))) io.out(`Failed to delete internal topic: ${topic}\n`)
  return failed[0] === undefined ? undefined : resultException(failed[0].error!, 'deleteTopics')
}

function sayOfTopics(
  io: ToolIo,
  topics: ReadonlyMap<string, readonly string[]>,
  deleted: readonly string[],
  failed: ReadonlyMap<string, JavaException>,
): void {
  if (failed.size === 0) {
    const names = deleted.filter((groupId) => topics.has(groupId)).join("', '")
    io.out(`Deletion of associated internal topics of the streams groups ('${names}') was successful.\n`)
    return
  }
  io.out('Deletion of some associated internal topics failed:\n')
  for (const [groupId, failure] of failed)
    io.out(`* Internal topics of the streams group '${groupId}' could not be deleted due to: ${failure}\n`)
}

async function deleteOffsets(line: CommandLine, admin: Admin): Promise<void> {
  const timeoutMs = timeoutOf(line)
  const named = line.has('all-input-topics')
    ? { partitions: await inputPartitions(admin, line.required('group'), timeoutMs), failed: [] }
    : await partitionsNamed(admin, line.all('input-topic'), timeoutMs)
  await deletePartitionOffsets(line, admin, named)
}
