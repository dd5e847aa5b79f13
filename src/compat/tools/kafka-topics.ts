import type { Admin, OngoingReassignment, PartitionDescription, TopicDescription } from '../../client/index.ts'
import { loadProperties, type Properties, withAdmin, withBootstrap } from '../admin-session.ts'
import { options } from '../declared/kafka-topics.ts'
import { allAnswered, answered } from '../java/client-failure.ts'
import { adminCommandFailed, adminOperation, illegalArgument, JavaException } from '../java/exception.ts'
import { textOrder } from '../java/hash-order.ts'
import { CommandLine } from '../options/command-line.ts'
import { executing, guarded, messageAndTrace, type Tool } from '../tool.ts'
import { validateTopicConfigs } from './topic-configs.ts'
import { includeList, isInternal } from './topic-names.ts'

const actions = ['alter', 'create', 'describe', 'list', 'delete']
const reports = ['under-replicated-partitions', 'under-min-isr-partitions', 'at-min-isr-partitions', 'unavailable-partitions']
const seeConfigs = ' (To alter topic configurations, the kafka-configs tool can be used.)'

export const kafkaTopics: Tool = (args, io) =>
  guarded(async () => {
    const line = CommandLine.parse(options, args, io)
    checkArguments(line)
    const properties = withBootstrap(await loadProperties(io, line.text('command-config')), line.required('bootstrap-server'))
    return executing(io, 'Error while executing topic command : ', 'org.apache.kafka.tools.TopicCommand', () => execute(line, properties))
  }, messageAndTrace(io))

function checkArguments(line: CommandLine): void {
  if (line.args.length === 0) line.usage('Create, delete, describe, or change a topic.')
  line.helpOrVersion('This tool helps to create, delete, describe, or change a topic.')
  if (line.count(...actions) !== 1) line.usage('Command must include exactly one action: --list, --describe, --create, --alter or --delete')
  if (line.has('delete-config'))
    line.io.err(
      'delete-config option is no longer supported and deprecated since version 4.0. The config will be fully removed in future releases.\n',
    )
  checkRequired(line)
  checkInvalid(line)
}

function checkRequired(line: CommandLine): void {
  if (!line.has('bootstrap-server')) throw illegalArgument('--bootstrap-server must be specified')
  if (line.has('describe') && line.has('if-exists')) {
    if (!line.has('topic') && !line.has('topic-id')) line.usage('--topic or --topic-id is required to describe a topic')
    if (line.has('topic') && line.has('topic-id'))
      line.io.out('Only topic id will be used when both --topic and --topic-id are specified and topicId is not Uuid.ZERO_UUID\n')
  }
  if (!line.has('list') && !line.has('describe')) line.checkRequired('topic')
  if (line.has('alter')) {
    line.checkInvalidTogether(['bootstrap-server', 'config'], '[[config], [bootstrap-server]]', ['alter'], seeConfigs)
    line.checkRequired('partitions')
  }
}

function checkInvalid(line: CommandLine): void {
  const only = (option: string, allowed: readonly string[], also: readonly string[] = []): void =>
    line.checkInvalid(option, ...actions.filter((action) => !allowed.includes(action)), ...also)
  only('config', ['alter', 'create'])
  only('partitions', ['alter', 'create'])
  only('replication-factor', ['create'])
  only('replica-assignment', ['alter', 'create'])
  if (line.has('create')) line.checkInvalid('replica-assignment', 'partitions', 'replication-factor')
  for (const report of reports) only(report, ['describe'], ['topics-with-overrides'])
  only('topics-with-overrides', ['describe'], reports)
  only('if-exists', ['alter', 'delete', 'describe'])
  only('if-not-exists', ['create'])
  only('exclude-internal', ['list', 'describe'])
}

function execute(line: CommandLine, properties: Properties): Promise<void> {
  return withAdmin(line.io, properties, async (admin) => {
    if (line.has('create')) await create(line, admin)
    else if (line.has('alter')) await alter(line, admin)
    else if (line.has('list')) line.io.out(`${(await topicsOf(line, admin)).join('\n')}\n`)
    else if (line.has('describe')) await describe(line, admin)
    else {
      const topics = await existingTopics(line, admin)
      await allAnswered('deleteTopics', admin.deleteTopics(topics))
    }
  })
}

/** @throws JavaException */
function replicaAssignment(text: string | undefined): number[][] | undefined {
  if (text === undefined || text === '') return undefined
  const assignment: number[][] = []
  for (const [partition, list] of text.split(',').entries()) {
    const brokers = list.split(':').map((each) => integer(each.trim()))
    const duplicates = [...new Set(brokers.filter((broker, index) => brokers.indexOf(broker) !== index))]
    if (duplicates.length > 0)
      throw adminCommandFailed(`Partition replica lists may not contain duplicate entries: ${duplicates.join(',')}`)
    if (brokers.length !== (assignment[0] ?? brokers).length)
      throw adminOperation(`Partition ${partition} has different replication factor: [${brokers.join(', ')}]`)
    assignment.push(brokers)
  }
  return assignment
}

function integer(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new JavaException('java.lang.NumberFormatException', `For input string: "${text}"`)
  return Number(text)
}

async function create(line: CommandLine, admin: Admin): Promise<void> {
  const name = line.required('topic')
  const assignments = replicaAssignment(line.text('replica-assignment'))
  const configs = validateTopicConfigs(line.all('config'))
  const partitions = line.number('partitions')
  const factor = line.number('replication-factor')
  if (/[._]/.test(name))
    line.io.out(
      "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could collide. " +
        'To avoid issues it is best to use either, but not both.\n',
    )
  if (factor !== undefined && (factor > 32_767 || factor < 1))
    throw illegalArgument('The replication factor must be between 1 and 32767 inclusive')
  if (partitions !== undefined && partitions < 1) throw illegalArgument('The partitions must be greater than 0')
  const topic = {
    name,
    configs,
    ...(assignments === undefined
      ? {
          ...(partitions === undefined ? {} : { partitionCount: partitions }),
          ...(factor === undefined ? {} : { replicationFactor: factor }),
        }
      : { assignments }),
  }
  try {
    await allAnswered('createTopics', admin.createTopics([topic]))
  } catch (error) {
    if (line.has('if-not-exists') && error instanceof JavaException && error.causedBy?.is('TopicExistsException') === true) return
    throw error
  }
  line.io.out(`Created topic ${name}.\n`)
}

async function topicsOf(line: CommandLine, admin: Admin): Promise<string[]> {
  const excludeInternal = line.has('exclude-internal')
  const listings = await answered('listTopics', admin.listTopics({ includeInternal: !excludeInternal }))
  const wanted = line.text('topic')
  const isAllowed = wanted === undefined ? (topic: string) => !(isInternal(topic) && excludeInternal) : includeList(wanted)
  return listings.map(({ name }) => name).filter((name) => isAllowed(name, excludeInternal))
}

/** @throws JavaException when a topic was named and there is none, unless --if-exists */
async function existingTopics(line: CommandLine, admin: Admin): Promise<string[]> {
  const topics = await topicsOf(line, admin)
  const wanted = line.text('topic') ?? ''
  if (wanted !== '' && !line.has('if-exists') && topics.length === 0) throw illegalArgument(`Topic '${wanted}' does not exist as expected`)
  return topics
}

async function alter(line: CommandLine, admin: Admin): Promise<void> {
  const assignment = replicaAssignment(line.text('replica-assignment'))
  validateTopicConfigs(line.all('config'))
  const totalCount = line.number('partitions') ?? 0
  const topics = await existingTopics(line, admin)
  if (topics.length === 0) return
  const described = assignment === undefined ? [] : await allAnswered('describeTopicPartitions', admin.describeTopics(topics))
  const more = topics.map((topic, index) =>
    assignment === undefined
      ? { topic, totalCount }
      : { topic, totalCount, assignments: assignment.slice(described[index]?.partitions.length) },
  )
  await allAnswered('createPartitions', admin.createPartitions(more))
}

interface Described {
  readonly description: TopicDescription
  readonly configs: readonly { readonly name: string; readonly value: string | null; readonly source: string }[]
}

async function describe(line: CommandLine, admin: Admin): Promise<void> {
  const descriptions = await descriptionsOf(line, admin)
  const names = descriptions.map(({ name }) => name)
  const configs = await allAnswered('describeConfigs', admin.describeConfigs(names.map((name) => ({ type: 'topic', name }))))
  const live = new Set((await answered('listNodes', admin.describeCluster())).nodes.map(({ id }) => id))
  const reassignments = await ongoing(admin, descriptions)
  for (const [index, description] of descriptions.entries()) {
    const topic = { description, configs: configs[index] ?? [] }
    describeTopic(line, topic, reassignments)
    if (line.has('topics-with-overrides')) continue
    for (const partition of description.partitions) {
      const reassignment = reassignments.get(`${description.name}-${partition.partition}`)
      if (isWanted(line, topic, partition, reassignment, live)) line.io.out(partitionText(description.name, partition, reassignment))
    }
  }
}

async function descriptionsOf(line: CommandLine, admin: Admin): Promise<TopicDescription[]> {
  const topicId = line.text('topic-id')
  if (topicId !== undefined && topicId !== 'AAAAAAAAAAAAAAAAAAAAAA') {
    const listings = await answered('listTopics', admin.listTopics({ includeInternal: !line.has('exclude-internal') }))
    const found = listings.find((listing) => listing.topicId === topicId)
    if (found === undefined && !line.has('if-exists')) throw illegalArgument(`TopicId '${topicId}' does not exist as expected`)
    const described = found === undefined ? [] : await allAnswered('describeTopicsWithIds', admin.describeTopics([found.name]))
    // Asked by id, the answer does not tell of eligible leader replicas.
    return described.map((topic) => ({
      ...topic,
      partitions: topic.partitions.map((each) => ({ ...each, eligibleLeaderReplicas: null, lastKnownElr: null })),
    }))
  }
  const topics = await existingTopics(line, admin)
  const partitionsPerPage = line.number('partition-size-limit-per-response') ?? 2000
  const described = await allAnswered('describeTopicPartitions', admin.describeTopics(topics, { partitionsPerPage }))
  const byName = new Map(described.map((each) => [each.name, each]))
  return textOrder(topics, topics.length).map((name) => byName.get(name)!)
}

async function ongoing(admin: Admin, descriptions: readonly TopicDescription[]): Promise<Map<string, OngoingReassignment>> {
  const partitions = descriptions.flatMap(({ name, partitions }) => partitions.map(({ partition }) => ({ topic: name, partition })))
  try {
    const list = await answered('listPartitionReassignments', admin.listReassignments({ partitions }))
    return new Map(list.map((each) => [`${each.topic}-${each.partition}`, each]))
  } catch (error) {
    const cause = error instanceof JavaException ? error.causedBy : undefined
    if (cause?.is('UnsupportedVersionException') || cause?.is('ClusterAuthorizationException')) return new Map()
    throw error
  }
}

function replicationFactor(partition: PartitionDescription, reassignment: OngoingReassignment | undefined): number {
  const { replicas } = partition
  const isChanging =
    reassignment !== undefined && replicas.some((id) => reassignment.adding.includes(id) || reassignment.removing.includes(id))
  return isChanging ? reassignment.replicas.filter((id) => !reassignment.adding.includes(id)).length : replicas.length
}

function describeTopic(line: CommandLine, topic: Described, reassignments: ReadonlyMap<string, OngoingReassignment>): void {
  if (line.count(...reports) > 0) return
  const { name, topicId, partitions } = topic.description
  const byName = new Map(topic.configs.map((each) => [each.name, each]))
  const own = textOrder([...byName.keys()])
    .flatMap((key) => byName.get(key)!)
    .filter(({ source }) => source !== 'DEFAULT_CONFIG')
  if (line.has('topics-with-overrides') && own.length === 0) return
  const factor = partitions[0] === undefined ? 0 : replicationFactor(partitions[0], reassignments.get(`${name}-${partitions[0].partition}`))
  const configs = own.map((each) => `${each.name}=${each.value}`).join(',')
  line.io.out(
    `Topic: ${name}\tTopicId: ${topicId}\tPartitionCount: ${partitions.length}\tReplicationFactor: ${factor}\tConfigs: ${configs}\n`,
  )
}

function isWanted(
  line: CommandLine,
  { configs }: Described,
  partition: PartitionDescription,
  reassignment: OngoingReassignment | undefined,
  live: ReadonlySet<number>,
): boolean {
  if (line.count(...reports) === 0) return true
  const minIsr = Number(configs.find(({ name }) => name === 'min.insync.replicas')?.value)
  const hasLeader = partition.leader >= 0
  const inSync = partition.isr.length
  return (
    (line.has('under-replicated-partitions') && replicationFactor(partition, reassignment) > inSync) ||
    (line.has('unavailable-partitions') && (!hasLeader || !live.has(partition.leader))) ||
    (line.has('under-min-isr-partitions') && (!hasLeader || inSync < minIsr)) ||
    (line.has('at-min-isr-partitions') && inSync === minIsr)
  )
}

function partitionText(topic: string, partition: PartitionDescription, reassignment: OngoingReassignment | undefined): string {
  const { leader, replicas, isr, eligibleLeaderReplicas: elr, lastKnownElr } = partition
  const moving =
    reassignment === undefined
      ? ''
      : `\tAdding Replicas: ${reassignment.adding.join(',')}\tRemoving Replicas: ${reassignment.removing.join(',')}`
  return (
    `\tTopic: ${topic}\tPartition: ${partition.partition}\tLeader: ${leader >= 0 ? leader : 'none'}` +
    `\tReplicas: ${replicas.join(',')}\tIsr: ${isr.join(',')}${moving}` +
    `\tElr: ${elr === null ? 'N/A' : elr.join(',')}\tLastKnownElr: ${lastKnownElr === null ? 'N/A' : lastKnownElr.join(',')}\n`
  )
}
