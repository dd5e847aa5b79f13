import type { Admin, GroupListing } from '../../client/index.ts'
import { loadProperties, withAdmin } from '../admin-session.ts'
import { options } from '../declared/kafka-share-groups.ts'
import { allAnswered, answered, resultException } from '../java/client-failure.ts'
import { illegalArgument, illegalState, JavaException, namedException } from '../java/exception.ts'
import { textOrder } from '../java/hash-order.ts'
import { padded, widest } from '../java/padded.ts'
import { CommandLine } from '../options/command-line.ts'
import { guarded, printError, type Tool, ToolExit, uncaught } from '../tool.ts'
import { asRuntime } from './consumer-group-description.ts'
import { checkPartitions, namedPartitions, newOffsets, printOffsets } from './consumer-group-reset.ts'
import { groupStates, listGroupsOf, stateOf } from './group-listings.ts'
import { describeShareGroups } from './share-group-description.ts'

const actions = ['list', 'describe', 'delete', 'reset-offsets', 'delete-offsets']
const scenarios = ['to-datetime', 'to-earliest', 'to-latest']
const scopes = '[all-groups], [group]'
const legalStates = ['Empty', 'Stable', 'Dead']

export const kafkaShareGroups: Tool = (args, io) =>
  guarded(async () => {
    const line = CommandLine.parse(options, args, io)
    checkArguments(line)
    if (line.count(...actions) !== 1)
      line.usage(`Command must include exactly one action: ${actions.map((action) => `--${action}`).join(', ')}.`)
    return guarded(
      async () => {
        await run(line)
        return 0
      },
      (exception) => {
        if (exception.is('IllegalArgumentException') || exception.type.startsWith('joptsimple.')) line.usage(`${exception.text}`)
        // The exit code stays 0.
        printError(io, `Executing share group command failed due to ${exception.text}`, exception)
        return 0
      },
    )
  }, uncaught(io))

function checkArguments(line: CommandLine): void {
  line.helpOrVersion('This tool helps to list, describe, reset and delete share groups.')
  line.checkRequired('bootstrap-server')
  const hasScope = line.count('group', 'all-groups') > 0
  if (line.has('describe')) {
    if (!hasScope) line.usage(`Option [describe] takes one of these options: ${scopes}`)
    if (line.count('members', 'offsets', 'state') > 1)
      line.usage('Option [describe] takes at most one of these options: [members], [offsets], [state]')
    if (line.has('state') && line.text('state') !== undefined) line.usage('Option [describe] does not take a value for [state]')
  }
  if (line.has('delete')) {
    if (!hasScope) line.usage('Option [delete] takes the options [group] or [all-groups]')
    if (line.count('group', 'all-groups') === 2) line.usage('Option [delete] takes either [group] or [all-groups], not both.')
    if (line.has('topic')) line.usage('Option [delete] does not take the option: [topic]')
  }
  if (line.has('delete-offsets') && line.count('group', 'topic') < 2)
    line.usage('Option [delete-offsets] takes the following options: [group], [topic]')
  if (line.has('reset-offsets')) checkReset(line)
  line.checkInvalid('group', 'all-groups')
  line.checkInvalid('group', 'list')
  line.checkInvalid('topic', 'list', 'describe')
}

function checkReset(line: CommandLine): void {
  if (line.count('dry-run', 'execute') === 2) line.usage('Option [reset-offsets] only accepts one of [execute] and [dry-run]')
  if (line.count('dry-run', 'execute') === 0) line.usage('Option [reset-offsets] takes the option: [execute] or [dry-run]')
  if (!line.has('group')) line.usage('Option [reset-offsets] takes the option: [group]')
  if (line.count('topic', 'all-topics') === 0) line.usage('Option [reset-offsets] takes one of these options: [all-topics], [topic]')
  if (line.count(...scenarios) === 0)
    line.usage(`Option [reset-offsets] takes one of these options: ${scenarios.map((each) => `[${each}]`).join(', ')}`)
  for (const scenario of scenarios) line.checkInvalid(scenario, ...scenarios.filter((other) => other !== scenario))
}

async function run(line: CommandLine): Promise<void> {
  const file = await loadProperties(line.io, line.text('command-config')).catch((error: unknown) => {
    throw asRuntime(error)
  })
  await withAdmin(line.io, { ...file, 'bootstrap.servers': line.required('bootstrap-server') }, async (admin) => {
    if (line.has('list')) await list(line, admin)
    else if (line.has('describe')) await describeShareGroups(line, admin, await groupIdsOf(line, admin))
    else if (line.has('delete')) await deleteGroups(line, admin)
    else if (line.has('reset-offsets')) await resetOffsets(line, admin)
    else await deleteOffsets(line, admin)
  })
}

const timeoutOf = (line: CommandLine): number => Number(line.required('timeout'))

const listShareGroups = (line: CommandLine, admin: Admin, states: readonly string[] = []): Promise<GroupListing[]> =>
  listGroupsOf(admin, { states, types: ['share'], timeoutMs: timeoutOf(line) })

async function plainList(line: CommandLine, admin: Admin): Promise<GroupListing[]> {
  try {
    return await listShareGroups(line, admin)
  } catch (error) {
    throw asRuntime(error)
  }
}

const groupIdsOf = async (line: CommandLine, admin: Admin): Promise<readonly string[]> =>
  line.has('all-groups') ? (await plainList(line, admin)).map(({ groupId }) => groupId) : [...new Set(line.all('group'))]

async function list(line: CommandLine, admin: Admin): Promise<void> {
  if (!line.has('state')) {
    for (const { groupId } of await plainList(line, admin)) line.io.out(`${groupId}\n`)
    return
  }
  const groups = await listShareGroups(line, admin, statesOf(line.text('state') ?? ''))
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

const quotedList = (ids: readonly string[]): string => ids.map((id) => `'${id}'`).join(', ')

async function deleteGroups(line: CommandLine, admin: Admin): Promise<void> {
  const listed = new Map((await plainList(line, admin)).map((group) => [group.groupId, group]))
  const groupIds = line.has('all-groups') ? [...listed.keys()] : [...new Set(line.all('group'))]
  const failed = new Map<string, JavaException>()
  for (const groupId of groupIds) {
    const state = listed.get(groupId)?.state
    if (state === undefined) failed.set(groupId, illegalArgument(`Group '${groupId}' is not a share group.`))
    else if (state === 'Dead') failed.set(groupId, illegalState(`Share group '${groupId}' group state is DEAD.`))
    else if (state !== 'Empty') failed.set(groupId, namedException('GroupNotEmptyException', `Share group '${groupId}' is not EMPTY.`))
  }
  const empty = groupIds.filter((groupId) => !failed.has(groupId))
  const deleted: string[] = []
  for (const { item, error } of empty.length === 0 ? [] : await admin.deleteGroups(empty, { timeoutMs: timeoutOf(line) })) {
    if (error === null) deleted.push(item)
    else failed.set(item, resultException(error, 'deleteConsumerGroups'))
  }
  const names = quotedList(textOrder(deleted))
  if (failed.size === 0) {
    line.io.out(`Deletion of requested share groups (${names}) was successful.\n`)
    return
  }
  printError(line.io, 'Deletion of some share groups failed:')
  for (const groupId of textOrder([...failed.keys()]))
    line.io.out(`* Group '${groupId}' could not be deleted due to: ${failed.get(groupId)}\n`)
  if (deleted.length > 0) line.io.out(`\nThese share groups were deleted successfully: ${names}\n`)
}

/** Errors of the group as a whole; those of single topics stand beside the topics. */
const ofGroup = new Set(['INVALID_GROUP_ID', 'GROUP_ID_NOT_FOUND', 'GROUP_AUTHORIZATION_FAILED', 'NON_EMPTY_GROUP'])
const ofTopic = new Set(['TOPIC_AUTHORIZATION_FAILED', 'UNKNOWN_TOPIC_OR_PARTITION'])

async function deleteOffsets(line: CommandLine, admin: Admin): Promise<void> {
  const topics = [...new Set(line.all('topic'))].sort()
  const question = admin.deleteShareGroupOffsets(line.required('group'), topics, { timeoutMs: timeoutOf(line) })
  const { error, value } = await answered('deleteShareGroupOffsets', question)
  const first = error ?? value.find((each) => each.error !== null)?.error ?? null
  if (first !== null && !ofTopic.has(first.name)) {
    const exception = resultException(first, 'deleteShareGroupOffsets')
    printError(line.io, ofGroup.has(first.name) ? `${exception.text}` : `Encounter some unknown error: ${exception}`)
  }
  const answers = new Map((value ?? []).map((each) => [each.item, each.error]))
  const widths = [widest(15, topics), 0]
  line.io.out(`\n${padded(widths, ['TOPIC', 'STATUS'])}`)
  for (const topic of topics) {
    const failure = error ?? answers.get(topic) ?? null
    const status = failure === null ? 'Successful' : `Error: ${resultException(failure, 'deleteShareGroupOffsets').text}`
    line.io.out(`\n${padded(widths, [topic, status])}`)
  }
  line.io.out('\n')
}

async function resetOffsets(line: CommandLine, admin: Admin): Promise<void> {
  const groupId = line.required('group')
  const timeoutMs = timeoutOf(line)
  const fail = (text: string): never => {
    line.io.err(`${text}\n`)
    throw new ToolExit(1)
  }
  const [group] = await answered('shareGroupDescribe', admin.describeShareGroups([groupId], { timeoutMs }))
  const { error, value } = group!
  if (error !== null && error.name !== 'GROUP_ID_NOT_FOUND') fail(`${resultException(error, 'shareGroupDescribe').text}`)
  const state = value?.state ?? 'Dead'
  if (state !== 'Empty' && state !== 'Dead') fail(`Share group '${groupId}' is not empty.`)
  try {
    const partitions = line.has('topic')
      ? await namedPartitions(admin, line.all('topic'), timeoutMs)
      : await partitionsBegun(admin, groupId, timeoutMs)
    await checkPartitions(admin, partitions, timeoutMs)
    const offsets = await newOffsets(line, admin, groupId, partitions, timeoutMs)
    if (line.has('execute')) await allAnswered('alterShareGroupOffsets', admin.alterShareGroupOffsets(groupId, offsets, { timeoutMs }))
    printOffsets(line.io, new Map([[groupId, offsets]]))
  } catch (failure) {
    throw failure instanceof JavaException && failure.is('ExecutionException') ? failure.causedBy : failure
  }
}

async function partitionsBegun(admin: Admin, groupId: string, timeoutMs: number) {
  const [offsets = []] = await allAnswered('listShareGroupOffsets', admin.listShareGroupOffsets([groupId], { timeoutMs }))
  return offsets.filter(({ error }) => error === null).map(({ item }) => item)
}
