import type { Admin, TopicPartition } from '../../client/index.ts'
import { loadProperties, readText, withAdmin } from '../admin-session.ts'
import { options } from '../declared/kafka-leader-election.ts'
import { answered, resultException } from '../java/client-failure.ts'
import { adminCommandFailed, adminOperation, JavaException } from '../java/exception.ts'
import { hashOrder, partitionHash } from '../java/hash-order.ts'
import { CommandLine } from '../options/command-line.ts'
import { guarded, messageAndTrace, type Tool, type ToolIo } from '../tool.ts'
import { arrayField, integerField, objectOf, parseJson, textField } from './json-file.ts'
import { keyOf } from './topic-partitions.ts'

type ElectionType = 'PREFERRED' | 'UNCLEAN'

export const kafkaLeaderElection: Tool = (args, io) =>
  guarded(async () => {
    const line = CommandLine.parse(options, args, io)
    line.helpOrVersion(
      'This tool attempts to elect a new leader for a set of topic partitions. The type of elections supported are preferred replicas and unclean replicas.',
    )
    validate(line)
    const type = electionType(line.required('election-type'))
    const partitions = await partitionsOf(line)
    if (line.has('admin.config'))
      io.out('Option --admin.config has been deprecated and will be removed in a future version. Use --command-config instead.\n')
    const file = await loadProperties(io, line.text(line.has('admin.config') ? 'admin.config' : 'command-config'))
    const properties = {
      'default.api.timeout.ms': '30000',
      'request.timeout.ms': '15000',
      ...file,
      'bootstrap.servers': line.required('bootstrap-server'),
    }
    await withAdmin(io, properties, (admin) => elect(io, admin, type, partitions))
    return 0
  }, messageAndTrace(io))

/** @throws JavaException */
function validate(line: CommandLine): void {
  const missing = ['bootstrap-server', 'election-type'].filter((name) => !line.has(name))
  if (missing.length > 0) throw adminCommandFailed(`Missing required option(s): ${missing.join(', ')}`)
  line.checkInvalid('admin.config', 'command-config')
  const choices = ['topic', 'all-topic-partitions', 'path-to-json-file']
  if (line.count(...choices) !== 1) throw adminCommandFailed(`One and only one of the following options is required: ${choices.join(', ')}`)
  if (line.has('topic') && !line.has('partition')) throw adminCommandFailed('Missing required option(s): partition')
  if (!line.has('topic') && line.has('partition')) throw adminCommandFailed('Option partition is only allowed if topic is used')
}

/** @throws JavaException */
function electionType(text: string): ElectionType {
  const type = text.toUpperCase()
  if (type === 'PREFERRED' || type === 'UNCLEAN') return type
  const cause = new JavaException('joptsimple.ValueConversionException', `Value [${text}] is not one of [[PREFERRED,UNCLEAN]]`)
  const message = `Cannot parse argument '${text}' of option election-type`
  throw new JavaException('joptsimple.OptionArgumentConversionException', message, { causedBy: cause })
}

/** Null: all of the cluster. */
async function partitionsOf(line: CommandLine): Promise<TopicPartition[] | null> {
  const path = line.text('path-to-json-file')
  if (path === undefined) {
    const topic = line.text('topic')
    return topic === undefined ? null : [{ topic, partition: line.number('partition') ?? 0 }]
  }
  const partitions = arrayField(objectOf(parseJson(await readText(line.io, path))), 'partitions')
  if (partitions === undefined) throw adminOperation('Replica election data is missing "partitions" field')
  const wanted = partitions.map((each) => ({
    topic: textField(objectOf(each), 'topic'),
    partition: integerField(objectOf(each), 'partition'),
  }))
  const keys = wanted.map(keyOf)
  const duplicates = new Set(keys.filter((key, index) => keys.indexOf(key) !== index))
  if (duplicates.size > 0) throw adminOperation(`Replica election data contains duplicate partitions: [${[...duplicates].join(', ')}]`)
  return wanted
}

async function elect(io: ToolIo, admin: Admin, type: ElectionType, partitions: readonly TopicPartition[] | null): Promise<void> {
  const question = admin.electLeaders(type === 'PREFERRED' ? 'preferred' : 'unclean', partitions)
  const results = await answered('electLeaders', question).catch((error: unknown) => explain(io, error))
  const inOrder = hashOrder(results, ({ item }) => partitionHash(item))
  const succeeded = inOrder.filter(({ error }) => error === null)
  const noop = inOrder.filter(({ error }) => error?.name === 'ELECTION_NOT_NEEDED')
  const failed = inOrder.filter(({ error }) => error !== null && error.name !== 'ELECTION_NOT_NEEDED')
  const listed = (list: typeof results): string => list.map(({ item }) => keyOf(item)).join(', ')
  if (succeeded.length > 0) io.out(`Successfully completed leader election (${type}) for partitions ${listed(succeeded)}\n`)
  if (noop.length > 0) io.out(`Valid replica already elected for partitions ${listed(noop)}\n`)
  if (failed.length === 0) return
  const exceptions = failed.map(({ error }) => resultException(error!, 'electLeaders'))
  for (const [index, { item }] of failed.entries())
    io.out(`Error completing leader election (${type}) for partition: ${keyOf(item)}: ${exceptions[index]}\n`)
  throw adminCommandFailed(`${failed.length} replica(s) could not be elected`, exceptions)
}

function explain(io: ToolIo, error: unknown): never {
  const cause = error instanceof JavaException ? error.causedBy : undefined
  const message = cause?.is('TimeoutException')
    ? 'Timeout waiting for election results'
    : cause?.is('ClusterAuthorizationException')
      ? 'Not authorized to perform leader election'
      : undefined
  if (message !== undefined) {
    io.out(`${message}\n`)
    throw new JavaException('org.apache.kafka.tools.AdminCommandFailedException', message, cause === undefined ? {} : { causedBy: cause })
  }
  if (!(error instanceof JavaException)) throw error
  throw new JavaException('java.lang.RuntimeException', error.toString(), { causedBy: error })
}
