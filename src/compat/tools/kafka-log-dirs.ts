import type { Admin, LogDirDescription } from '../../client/index.ts'
import { Errors } from '../../protocol/index.ts'
import { loadProperties, withAdmin } from '../admin-session.ts'
import { options } from '../declared/kafka-log-dirs.ts'
import { allAnswered, answered } from '../java/client-failure.ts'
import { javaErrorOf } from '../java/errors.ts'
import { JavaException } from '../java/exception.ts'
import { hashOrder, partitionHash, textOrder } from '../java/hash-order.ts'
import { CommandLine } from '../options/command-line.ts'
import { guarded, messageAndTrace, type Tool, ToolExit } from '../tool.ts'

export const kafkaLogDirs: Tool = (args, io) =>
  guarded(async () => {
    const line = CommandLine.parse(options, args, io)
    line.helpOrVersion('This tool helps to query log directory usage on the specified brokers.')
    line.checkRequired('bootstrap-server', 'describe')
    const file = await loadProperties(io, line.text('command-config'))
    const properties = { 'client.id': 'log-dirs-tool', ...file, 'bootstrap.servers': line.required('bootstrap-server') }
    await withAdmin(io, properties, (admin) => describe(line, admin))
    return 0
  }, messageAndTrace(io))

const listOf = (line: CommandLine, option: string): string[] => (line.text(option) ?? '').split(',').filter((each) => each !== '')

function brokerIds(texts: readonly string[]): number[] {
  for (const text of texts)
    if (!/^[+-]?\d+$/.test(text)) throw new JavaException('java.lang.NumberFormatException', `For input string: "${text}"`)
  return [...new Set(texts.map(Number))]
}

const idOrder = (ids: readonly number[]): number[] => hashOrder(ids, (id) => id)

async function describe(line: CommandLine, admin: Admin): Promise<void> {
  const topics = new Set(listOf(line, 'topic-list'))
  const known = (await answered('listNodes', admin.describeCluster())).nodes.map(({ id }) => id)
  const wanted = brokerIds(listOf(line, 'broker-list'))
  const unknown = wanted.filter((id) => !known.includes(id))
  if (unknown.length > 0) {
    line.io.err(
      `ERROR: The given brokers do not exist from --broker-list: ${idOrder(unknown).join(',')}. Current existent brokers: ${idOrder(known).join(',')}\n`,
    )
    throw new ToolExit(1)
  }
  line.io.out('Querying brokers for log directories information\n')
  const brokers = idOrder(wanted.length === 0 ? known : wanted)
  const directories = await allAnswered('describeLogDirs', admin.describeLogDirs({ brokers }))
  line.io.out(`Received log directory information from brokers ${brokers.join(',')}\n`)
  const described = brokers.map((broker, index) => ({ broker, logDirs: directoriesJson(directories[index] ?? [], topics) }))
  line.io.out(`${JSON.stringify({ brokers: described, version: 1 })}\n`)
}

/** Fields and directories in the order of Java's maps. */
function directoriesJson(directories: readonly LogDirDescription[], topics: ReadonlySet<string>): object[] {
  const byPath = new Map(directories.map((each) => [each.path, each]))
  return textOrder([...byPath.keys()], directories.length).map((path) => {
    const { errorCode, replicas } = byPath.get(path)!
    const wanted = replicas.filter(({ topic }) => topics.size === 0 || topics.has(topic))
    return {
      partitions: hashOrder(
        hashOrder(replicas, partitionHash).filter((each) => wanted.includes(each)),
        partitionHash,
      ).map((each) => ({
        partition: `${each.topic}-${each.partition}`,
        size: each.bytes,
        offsetLag: each.offsetLag,
        isFuture: each.future,
      })),
      error: errorCode === Errors.NONE ? null : javaErrorOf(errorCode).type,
      logDir: path,
    }
  })
}
