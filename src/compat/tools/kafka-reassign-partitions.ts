import type { Admin } from '../../client/index.ts'
import { loadProperties, readText, withAdmin, withBootstrap } from '../admin-session.ts'
import { options } from '../declared/kafka-reassign-partitions.ts'
import { answered, resultException } from '../java/client-failure.ts'
import { adminCommandFailed, adminOperation, JavaException, namedException, stackTrace } from '../java/exception.ts'
import { hashOrder } from '../java/hash-order.ts'
import { terse } from '../options/arguments-run.ts'
import { CommandLine } from '../options/command-line.ts'
import { guarded, type Tool, type ToolIo, uncaught } from '../tool.ts'
import {
  comparePartitions,
  compareReplicas,
  directoriesOf,
  duplicatesOf,
  parseExecution,
  parseReassignment,
  parseTopics,
  reassignmentJson,
  replicaText,
  type TargetDirectory,
  type TargetPartition,
} from './reassignment-file.ts'
import {
  type CurrentPartition,
  clearThrottles,
  currentPartitions,
  moveDirectories,
  partitionsOfTopics,
  replicaPlaces,
  sortedKeys,
  throttleDirectories,
  throttleMoves,
} from './reassignment-moves.ts'
import { stripedPlacement } from './striped-placement.ts'
import { keyOf } from './topic-partitions.ts'

/** What each action needs, and what it may have besides. */
const actions: Readonly<Record<string, { readonly needs: readonly string[]; readonly takes: readonly string[] }>> = {
  generate: { needs: ['topics-to-move-json-file', 'broker-list'], takes: ['bootstrap-server', 'command-config', 'disable-rack-aware'] },
  execute: {
    needs: ['reassignment-json-file'],
    takes: [
      ...['additional', 'bootstrap-server', 'command-config', 'throttle', 'replica-alter-log-dirs-throttle', 'timeout'],
      'disallow-replication-factor-change',
    ],
  },
  verify: { needs: ['reassignment-json-file'], takes: ['bootstrap-server', 'command-config', 'preserve-throttles'] },
  cancel: {
    needs: ['reassignment-json-file'],
    takes: ['bootstrap-server', 'bootstrap-controller', 'command-config', 'preserve-throttles', 'timeout'],
  },
  list: { needs: [], takes: ['bootstrap-server', 'bootstrap-controller', 'command-config'] },
}

export const kafkaReassignPartitions: Tool = (args, io) =>
  guarded(async () => {
    const line = CommandLine.parse(options, args, io)
    const action = checkedAction(line)
    return guarded(
      async () => {
        const file = await loadProperties(io, line.text('command-config'))
        const controller = line.text('bootstrap-controller')
        const properties = withBootstrap(file, controller === undefined ? line.text('bootstrap-server') : undefined, controller)
        await withAdmin(io, { 'client.id': 'reassign-partitions-tool', ...properties }, (admin) => run(line, admin, action))
        return 0
      },
      (exception) => {
        // All of it goes to standard output.
        io.out(exception.is('TerseException') ? `${exception.text}\n` : `Error: ${exception.text}\n${stackTrace(exception)}\n`)
        return 1
      },
    )
  }, uncaught(io))

function checkedAction(line: CommandLine): string {
  line.helpOrVersion('This tool helps to move topic partitions between replicas.')
  const names = Object.keys(actions)
  const [action, ...more] = names.filter((name) => line.has(name))
  if (action === undefined || more.length > 0)
    return line.usage(`Command must include exactly one action: ${names.map((name) => `--${name}`).join(', ')}`)
  const servers = line.count('bootstrap-server', 'bootstrap-controller')
  if (servers === 2) line.usage("Please don't specify both --bootstrap-server and --bootstrap-controller")
  if (servers === 0) line.usage('Please specify either --bootstrap-server or --bootstrap-controller')
  const { needs, takes } = actions[action]!
  line.checkRequired(...needs)
  const foreign = line.order.find((name) => name !== action && !needs.includes(name) && !takes.includes(name))
  if (foreign !== undefined) line.usage(`Option "[${foreign}]" can't be used with action "[${action}]"`)
  return action
}

async function run(line: CommandLine, admin: Admin, action: string): Promise<void> {
  if (action === 'list') return listReassignments(line.io, admin)
  if (action === 'generate') return generate(line, admin)
  const text = await readText(line.io, line.required('reassignment-json-file'))
  if (action === 'verify') return verify(line, admin, parseReassignment(text))
  if (action === 'execute') return execute(line, admin, parseExecution(text))
  return cancel(line, admin, parseReassignment(text))
}

const ongoingOf = (admin: Admin) => answered('listPartitionReassignments', admin.listReassignments())

async function listReassignments(io: ToolIo, admin: Admin): Promise<void> {
  const ongoing = [...(await ongoingOf(admin))].sort(comparePartitions)
  if (ongoing.length === 0) {
    io.out('No partition reassignments found.\n')
    return
  }
  const lines = ongoing.map(({ replicas, adding, removing, ...item }) => {
    const more = `${adding.length === 0 ? '' : ` adding: ${adding.join(',')}.`}${removing.length === 0 ? '' : ` removing: ${removing.join(',')}.`}`
    return `${keyOf(item)}: replicas: ${replicas.join(',')}.${more}\n`
  })
  io.out(`Current partition reassignments:\n${lines.join('')}`)
}

async function verify(line: CommandLine, admin: Admin, targets: readonly TargetPartition[]): Promise<void> {
  const { io } = line
  const ongoing = await ongoingOf(admin)
  const moving = new Set(ongoing.map(keyOf))
  const settled = targets.filter((target) => !moving.has(keyOf(target)))
  const current = new Map((await knownPartitions(admin, settled)).map((each) => [keyOf(each), each.replicas]))
  const states = [...new Map(targets.map((target) => [keyOf(target), target])).values()].sort(comparePartitions).map((target) => {
    const key = keyOf(target)
    if (moving.has(key)) return `Reassignment of partition ${key} is still in progress.\n`
    const replicas = (current.get(key) ?? []).join(',')
    if (replicas === target.replicas.join(',')) return `Reassignment of partition ${key} is completed.\n`
    return `There is no active reassignment of partition ${key}, but replica set is ${replicas} rather than ${target.replicas.join(',')}.\n`
  })
  io.out(`Status of partition reassignment:\n${states.join('')}`)
  const moves = await directoryMoves(admin, directoriesOf(targets))
  io.out(`${moves.map(({ text }) => text).join('\n')}\n`)
  const isOver = ongoing.length === 0 && moves.every(({ isActive }) => !isActive)
  if (isOver && !line.has('preserve-throttles')) await clearThrottles(io, admin, targets)
}

/** Partitions of topics that are there. */
async function knownPartitions(admin: Admin, wanted: readonly TargetPartition[]): Promise<CurrentPartition[]> {
  const results = await answered('describeTopicPartitions', admin.describeTopics([...new Set(wanted.map(({ topic }) => topic))]))
  return results.flatMap(({ item, error, value }) => {
    if (error === null) return value.partitions.map(({ partition, replicas }) => ({ topic: item, partition, replicas }))
    if (error.name === 'UNKNOWN_TOPIC_OR_PARTITION') return []
    throw resultException(error, 'describeTopicPartitions')
  })
}

interface DirectoryMove {
  readonly replica: TargetDirectory
  readonly text: string
  readonly isActive: boolean
  readonly current: string | undefined
}

async function directoryMoves(admin: Admin, targets: readonly TargetDirectory[]): Promise<DirectoryMove[]> {
  const places = await replicaPlaces(admin, targets)
  return [...targets].sort(compareReplicas).map((replica): DirectoryMove => {
    const { current, future } = places.get(replicaText(replica)) ?? { current: undefined, future: undefined }
    const partition = `Partition ${keyOf(replica)}`
    const state = (text: string, isActive = false): DirectoryMove => ({ replica, text, isActive, current })
    if (current === undefined)
      return state(
        `${partition} is not found in any live log dir on broker ${replica.broker}. There is likely an offline log directory on the broker.`,
      )
    if (future === replica.path) return state(`Reassignment of replica ${replicaText(replica)} is still in progress.`, true)
    if (future !== undefined)
      return state(`${partition} on broker ${replica.broker} is being moved to log dir ${future} instead of ${replica.path}.`, true)
    if (current === replica.path) return state(`Reassignment of replica ${replicaText(replica)} completed successfully.`)
    return state(`${partition} on broker ${replica.broker} is not being moved from log dir ${current} to ${replica.path}.`)
  })
}

async function execute(line: CommandLine, admin: Admin, targets: readonly TargetPartition[]): Promise<void> {
  const { io } = line
  const ongoing = await ongoingOf(admin)
  if (!line.has('additional') && ongoing.length > 0)
    throw terse(
      'Cannot execute because there is an existing partition assignment.  Use --additional to override this and create a new partition ' +
        'assignment in addition to the existing one. The --additional flag can also be used to change the throttle by resubmitting the ' +
        'current reassignment.',
    )
  const known = new Set((await answered('listNodes', admin.describeCluster())).nodes.map(({ id }) => id))
  const wanted = hashOrder([...new Set(targets.flatMap(({ replicas }) => replicas))], (id) => id)
  const unknown = wanted.find((id) => !known.has(id))
  if (unknown !== undefined) throw adminCommandFailed(`Unknown broker id ${unknown}`)
  const current = await currentPartitions(admin, targets)
  const rollback = await jsonWithDirectories(admin, current)
  io.out(`Current partition replica assignment\n\n${rollback}\n\nSave this to use as the --reassignment-json-file option during rollback\n`)
  const directories = directoriesOf(targets)
  const [rate = -1, directoryRate = -1] = [line.number('throttle'), line.number('replica-alter-log-dirs-throttle')]
  if (rate >= 0 || directoryRate >= 0)
    io.out('Warning: You must run --verify periodically, until the reassignment completes, to ensure the throttle is removed.\n')
  if (rate >= 0) await throttleMoves(io, admin, ongoing, targets, current, rate)
  if (directoryRate >= 0)
    await throttleDirectories(
      io,
      admin,
      directories.map(({ broker }) => broker),
      directoryRate,
    )
  const allowReplicationFactorChange = !line.has('disallow-replication-factor-change')
  const results = await answered('alterPartitionReassignments', admin.alterReassignments(targets, { allowReplicationFactorChange }))
  throwFailed('Error reassigning partition(s):', results)
  io.out(`Successfully started partition reassignment${targets.length === 1 ? '' : 's'} for ${sortedKeys(targets)}\n`)
  if (directories.length > 0) await moveDirectories(io, admin, directories, line.number('timeout') ?? 10_000)
}

type Results = Awaited<ReturnType<Admin['alterReassignments']>>

/** @throws JavaException */
function throwFailed(heading: string, results: Results): void {
  const failed = results.filter(({ error }) => error !== null).sort((a, b) => comparePartitions(a.item, b.item))
  if (failed.length === 0) return
  const lines = failed.map(({ item, error }) => `${keyOf(item)}: ${resultException(error!, 'alterPartitionReassignments').text}`)
  throw terse([heading, ...lines].join('\n'))
}

async function jsonWithDirectories(admin: Admin, partitions: readonly CurrentPartition[]): Promise<string> {
  const replicas = partitions.flatMap(({ topic, partition, replicas: ids }) => ids.map((broker) => ({ topic, partition, broker })))
  const places = await replicaPlaces(admin, replicas)
  return reassignmentJson(partitions, (replica) => places.get(replicaText(replica))?.current)
}

async function cancel(line: CommandLine, admin: Admin, targets: readonly TargetPartition[]): Promise<void> {
  const { io } = line
  const keys = new Set(targets.map(keyOf))
  const ongoing = (await ongoingOf(admin)).filter((each) => keys.has(keyOf(each)) && each.adding.length + each.removing.length > 0)
  if (ongoing.length === 0) io.out('None of the specified partition reassignments are active.\n')
  else {
    const plural = ongoing.length === 1 ? '' : 's'
    const cancelled = ongoing.map(({ topic, partition }) => ({ topic, partition, replicas: null }))
    const results = await answered('alterPartitionReassignments', admin.alterReassignments(cancelled))
    const failures = results.filter(({ error }) => error !== null).length
    throwFailed(`Error cancelling partition reassignment${failures === 1 ? '' : 's'} for:`, results)
    io.out(`Successfully cancelled partition reassignment${plural} for: ${sortedKeys(ongoing)}\n`)
  }
  const moves = (await directoryMoves(admin, directoriesOf(targets))).filter(({ isActive }) => isActive)
  if (moves.length === 0) io.out('None of the specified partition moves are active.')
  else {
    const back = moves.flatMap(({ replica, current }) => (current === undefined ? [] : [{ ...replica, path: current }]))
    await moveDirectories(io, admin, back, line.number('timeout') ?? 10_000)
  }
  if (!line.has('preserve-throttles')) await clearThrottles(io, admin, targets)
}

async function generate(line: CommandLine, admin: Admin): Promise<void> {
  const { io } = line
  const ids = line.required('broker-list').split(',').map(brokerId)
  const topics = parseTopics(await readText(io, line.required('topics-to-move-json-file')))
  const twice = duplicatesOf(ids)
  if (twice.length > 0) throw adminCommandFailed(`Broker list contains duplicate entries: [${twice.join(', ')}]`)
  const topicsTwice = duplicatesOf(topics)
  if (topicsTwice.length > 0) throw adminCommandFailed(`List of topics to reassign contains duplicate entries: [${topicsTwice.join(', ')}]`)
  const current = await partitionsOfTopics(admin, topics)
  const currentJson = await jsonWithDirectories(admin, current)
  const isRackAware = !line.has('disable-rack-aware')
  const { nodes } = await answered('listNodes', admin.describeCluster())
  const brokers = nodes.filter(({ id }) => ids.includes(id)).map(({ id, rack }) => ({ id, rack: isRackAware ? rack : null }))
  const rackless = brokers.filter(({ rack }) => rack === null).length
  if (isRackAware && rackless !== 0 && rackless !== brokers.length)
    throw adminOperation(
      'Not all brokers have rack information. Add --disable-rack-aware in command line to make replica assignment without rack information.',
    )
  const { random } = await io.host()
  const proposed = [...new Set(topics)].flatMap((topic) => {
    const partitions = current.filter((each) => each.topic === topic)
    const factor = partitions[0]?.replicas.length ?? 0
    const placed = stripedPlacement(brokers, partitions.length, factor, random)
    if (placed === undefined)
      throw namedException(
        'InvalidReplicationFactorException',
        `The target replication factor of ${factor} cannot be reached because only ${brokers.length} broker(s) are registered or some brokers have all their log directories cordoned.`,
      )
    return placed.map((replicas, partition) => ({ topic, partition, replicas }))
  })
  io.out(`Current partition replica assignment\n${currentJson}\n\n`)
  io.out(`Proposed partition reassignment configuration\n${reassignmentJson(proposed, () => undefined)}\n`)
}

/** @throws JavaException */
function brokerId(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new JavaException('java.lang.NumberFormatException', `For input string: "${text}"`)
  return Number(text)
}
