import type { Admin, GroupListing } from '../../client/index.ts'
import { loadProperties, withAdmin } from '../admin-session.ts'
import { options } from '../declared/kafka-consumer-groups.ts'
import { resultException } from '../java/client-failure.ts'
import { illegalArgument } from '../java/exception.ts'
import { textOrder } from '../java/hash-order.ts'
import { padded, widest } from '../java/padded.ts'
import { CommandLine } from '../options/command-line.ts'
import { guarded, printError, type Tool, type ToolIo, uncaught } from '../tool.ts'
import { describeConsumerGroups } from './consumer-group-description.ts'
import { resetConsumerGroups } from './consumer-group-reset.ts'
import { groupStates, groupTypes, listGroupsOf, stateOf, typeOf } from './group-listings.ts'
import { deletePartitionOffsets, partitionsNamed } from './group-offsets-deletion.ts'

const actions = ['list', 'describe', 'delete', 'reset-offsets', 'delete-offsets', 'validate-regex']
const scenarios = ['to-offset', 'to-datetime', 'by-duration', 'to-earliest', 'to-latest', 'to-current', 'shift-by', 'from-file']
const scopes = '[all-groups], [group]'

export const kafkaConsumerGroups: Tool = (args, io) =>
  guarded(async () => {
    const line = CommandLine.parse(options, args, io)
    checkArguments(line)
    return guarded(
      async () => {
        if (line.count(...actions) !== 1)
          line.usage(`Command must include exactly one action: ${actions.map((action) => `--${action}`).join(', ')}`)
        if (line.has('validate-regex')) validateRegex(io, line.required('validate-regex'))
        else await run(line)
        return 0
      },
      (exception) => {
        if (exception.is('IllegalArgumentException') || exception.type.startsWith('joptsimple.')) line.usage(`${exception.text}`)
        // The exit code stays 0.
        printError(io, `Executing consumer group command failed due to ${exception.text}`, exception)
        return 0
      },
    )
  }, uncaught(io))

function checkArguments(line: CommandLine): void {
  line.helpOrVersion(
    'This tool helps to list all consumer groups, describe a consumer group, delete consumer group info, or reset consumer group offsets.',
  )
  if (!line.has('validate-regex')) line.checkRequired('bootstrap-server')
  const hasScope = line.count('group', 'all-groups') > 0
  if (line.has('describe')) {
    if (!hasScope) line.usage(`Option [describe] takes one of these options: ${scopes}`)
    if (line.count('members', 'offsets', 'state') > 1)
      line.usage('Option [describe] takes at most one of these options: [members], [offsets], [state]')
    if (line.has('state') && line.text('state') !== undefined) line.usage('Option [describe] does not take a value for [state]')
  }
  if (line.has('delete')) {
    if (!hasScope) line.usage(`Option [delete] takes one of these options: ${scopes}`)
    if (line.has('topic')) line.usage('The consumer does not support topic-specific offset deletion from a consumer group.')
  }
  if (line.has('delete-offsets') && line.count('group', 'topic') < 2)
    line.usage('Option [delete-offsets] takes the following options: [group], [topic]')
  if (line.has('reset-offsets')) checkReset(line, hasScope)
  line.checkInvalid('group', 'all-groups')
  line.checkInvalid('group', 'list')
  line.checkInvalid('topic', 'list', 'describe')
}

function checkReset(line: CommandLine, hasScope: boolean): void {
  if (line.count('dry-run', 'execute') === 2) line.usage('Option [reset-offsets] only accepts one of [execute] and [dry-run]')
  if (line.count('dry-run', 'execute') === 0)
    line.io.err(
      'WARN: No action will be performed as the --execute option is missing. In version 5.0, this command will require either --dry-run or ' +
        '--execute to be specified. You should add the --dry-run option explicitly if you are scripting this command and want to keep the ' +
        'current default behavior without prompting.\n',
    )
  if (!hasScope) line.usage(`Option [reset-offsets] takes one of these options: ${scopes}`)
  for (const scenario of scenarios) line.checkInvalid(scenario, ...scenarios.filter((other) => other !== scenario))
}

function validateRegex(io: ToolIo, regex: string): void {
  let fault: string | undefined
  try {
    new RegExp(regex)
  } catch (error) {
    fault = (error as Error).message.replace(/^.*: /s, '')
  }
  io.out(`The regular expression \`${regex}\` is ${fault === undefined ? 'valid' : `invalid: ${fault}`}.\n`)
}

async function run(line: CommandLine): Promise<void> {
  const properties = {
    ...(await loadProperties(line.io, line.text('command-config'))),
    'bootstrap.servers': line.required('bootstrap-server'),
  }
  await withAdmin(line.io, properties, async (admin) => {
    if (line.has('list')) await list(line, admin)
    else if (line.has('describe')) await describeConsumerGroups(line, admin, await groupIdsOf(line, admin))
    else if (line.has('delete')) await deleteGroups(line, admin)
    else if (line.has('reset-offsets')) await resetConsumerGroups(line, admin, await groupIdsOf(line, admin))
    else await deleteOffsets(line, admin)
  })
}

/** What --group says, or all that are there. */
async function groupIdsOf(line: CommandLine, admin: Admin): Promise<readonly string[]> {
  if (!line.has('all-groups')) return [...new Set(line.all('group'))]
  return (await listConsumerGroups(line, admin)).map(({ groupId }) => groupId)
}

const listConsumerGroups = (line: CommandLine, admin: Admin, states: readonly string[] = [], types = ['consumer', 'classic']) =>
  listGroupsOf(admin, { states, types, protocols: ['', 'consumer'], timeoutMs: Number(line.required('timeout')) })

async function list(line: CommandLine, admin: Admin): Promise<void> {
  const hasType = line.has('type')
  const hasState = line.has('state')
  if (!hasType && !hasState) {
    for (const { groupId } of await listConsumerGroups(line, admin)) line.io.out(`${groupId}\n`)
    return
  }
  const types = typesOf(line.text('type') ?? '')
  const groups = await listConsumerGroups(line, admin, statesOf(line.text('state') ?? ''), types)
  const widths = [
    widest(
      15,
      groups.map(({ groupId }) => groupId),
    ) + 10,
    20,
    20,
  ]
  const row = (group: string, type: string, state: string): string =>
    `${padded(widths, [group, ...(hasType ? [type] : []), ...(hasState ? [state] : [])])}\n`
  line.io.out(row('GROUP', 'TYPE', 'STATE'))
  for (const group of groups) line.io.out(row(group.groupId, typeOf(group), stateOf(group)))
}

/** @throws JavaException */
function statesOf(text: string): string[] {
  if (text === '') return []
  const states = text.split(',').map((each) => groupStates.find((state) => state.toLowerCase() === each.trim().toLowerCase()))
  const legal = groupStates.filter((state) => state !== 'NotReady' && state !== 'Unknown')
  if (!states.every((state) => state !== undefined && legal.includes(state)))
    throw illegalArgument(`Invalid state list '${text}'. Valid states are: ${legal.join(', ')}`)
  return states as string[]
}

/** @throws JavaException */
function typesOf(text: string): string[] {
  if (text === '') return []
  const types = text.split(',').map((each) => each.trim().toLowerCase())
  if (!types.every((type) => type === 'classic' || type === 'consumer'))
    throw illegalArgument(
      `Invalid types list '${text.toLowerCase()}'. Valid types are: ${textOrder([groupTypes.classic!, groupTypes.consumer!]).join(', ')}`,
    )
  return types
}

const quotedList = (ids: readonly string[]): string => ids.map((id) => `'${id}'`).join(', ')

async function deleteGroups(line: CommandLine, admin: Admin): Promise<void> {
  const groupIds = textOrder(await groupIdsOf(line, admin))
  const results = await admin.deleteGroups(groupIds, { timeoutMs: Number(line.required('timeout')) })
  const deleted = results.filter(({ error }) => error === null).map(({ item }) => item)
  if (deleted.length === results.length) {
    line.io.out(`Deletion of requested consumer groups (${quotedList(deleted)}) was successful.\n`)
    return
  }
  printError(line.io, 'Deletion of some consumer groups failed:')
  for (const { item, error } of results)
    if (error !== null) line.io.out(`* Group '${item}' could not be deleted due to: ${resultException(error, 'deleteConsumerGroups')}\n`)
  if (deleted.length > 0) line.io.out(`\nThese consumer groups were deleted successfully: ${quotedList(deleted)}\n`)
}

async function deleteOffsets(line: CommandLine, admin: Admin): Promise<void> {
  const named = await partitionsNamed(admin, line.all('topic'), Number(line.required('timeout')))
  await deletePartitionOffsets(line, admin, named)
}

export type { GroupListing }
