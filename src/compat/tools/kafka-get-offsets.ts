import type { Admin, OffsetQuery, TopicPartition } from '../../client/index.ts'
import { loadProperties, withAdmin } from '../admin-session.ts'
import { options } from '../declared/kafka-get-offsets.ts'
import { allAnswered, answered, resultException } from '../java/client-failure.ts'
import { JavaException, stackTrace } from '../java/exception.ts'
import { CommandLine } from '../options/command-line.ts'
import { optionHelp } from '../options/option-help.ts'
import { guarded, type Tool, ToolExit } from '../tool.ts'
import { checkBootstrapServer } from './bootstrap-address.ts'
import { includeList } from './topic-names.ts'

const usageText = 'An interactive shell for getting topic-partition offsets.'

/** One that a tool says in one line. */
const terse = (text: string): JavaException => new JavaException('org.apache.kafka.tools.TerseException', text)

export const kafkaGetOffsets: Tool = (args, io) =>
  guarded(
    async () => {
      if (args.length === 0) {
        io.err(`${usageText}\n${optionHelp(options)}`)
        throw new ToolExit(1)
      }
      const line = CommandLine.parse(options, args, io)
      line.helpOrVersion(usageText)
      line.checkRequired('bootstrap-server')
      checkBootstrapServer(line, line.required('bootstrap-server'))
      await getOffsets(line)
      return 0
    },
    (exception) => {
      const isTerse = exception.is('TerseException') || exception.type.startsWith('joptsimple.')
      io.err(`Error occurred: ${exception.text}\n${isTerse ? '' : `${stackTrace(exception)}\n`}`)
      return 1
    },
  )

async function getOffsets(line: CommandLine): Promise<void> {
  if (line.has('topic-partitions') && line.count('topic', 'partitions') > 0)
    throw terse('--topic-partitions cannot be used with --topic or --partitions')
  const at = offsetSpec(line.required('time'))
  const isWanted = partitionFilter(line)
  const properties = {
    ...(await loadProperties(line.io, line.text('command-config'))),
    'bootstrap.servers': line.required('bootstrap-server'),
    'client.id': 'GetOffsetShell',
  }
  await withAdmin(line.io, properties, async (admin) => {
    const partitions = await partitionsOf(line, admin, isWanted)
    if (partitions.length === 0) throw terse('Could not match any topic-partitions with the specified filters')
    const results = await answered('listOffsets', admin.listOffsets(partitions.map((each) => ({ ...each, at }))))
    const lines: [key: string, text: string][] = []
    for (const { item, error, value } of results) {
      const key = `${item.topic}-${item.partition}`
      if (error !== null) {
        const cause = resultException(error, 'listOffsets')
        line.io.err(`Skip getting offsets for topic-partition ${key} due to error: ${cause}\n`)
      } else if (value.offset !== -1) lines.push([key, `${item.topic}:${item.partition}:${value.offset}\n`])
    }
    lines.sort(([a], [b]) => (a < b ? -1 : 1))
    for (const [, text] of lines) line.io.out(text)
  })
}

const places: Readonly<Record<string, OffsetQuery['at']>> = {
  earliest: 'earliest',
  latest: 'latest',
  'max-timestamp': 'maxTimestamp',
  'earliest-local': 'earliestLocal',
  'latest-tiered': 'latestTiered',
  'earliest-pending-upload': 'earliestPendingUpload',
}

function offsetSpec(text: string): OffsetQuery['at'] {
  const place = places[text]
  if (place !== undefined) return place
  // -1 to -6 stand for the places on the wire as well.
  if (/^[+-]?\d+$/.test(text)) return Number(text)
  throw terse(
    `Malformed time argument ${text}. Please use -1 or latest / -2 or earliest / -3 or max-timestamp / -4 or earliest-local / ` +
      '-5 or latest-tiered / -6 or earliest-pending-upload, or a specified long format timestamp',
  )
}

type Wanted = (topic: string, partition: number) => boolean

function partitionFilter(line: CommandLine): Wanted {
  const list = line.text('topic-partitions')
  if (list !== undefined) {
    const rules = list.split(',').map(rule)
    return (topic, partition) => rules.some((isWanted) => isWanted(topic, partition))
  }
  const isTopic = includeList(line.text('topic') ?? '.*')
  const ids = partitionIds(line.text('partitions') ?? '')
  return (topic, partition) => isTopic(topic, false) && (ids.size === 0 || ids.has(partition))
}

function partitionIds(text: string): Set<number> {
  if (text === '') return new Set()
  const parts = text.split(',')
  if (!parts.every((part) => /^[+-]?\d+$/.test(part)))
    throw terse(`--partitions expects a comma separated list of numeric partition ids, but received: ${text}`)
  return new Set(parts.map(Number))
}

/** `topic`, `topic:1`, `topic:0-3`, `topic:5-`, `:-3`; the upper bound is not part of it. */
function rule(text: string): Wanted {
  const match = /^([^:,]*)(?::(?:([0-9]*)|(?:([0-9]*)-([0-9]*))))?$/.exec(text)
  if (match === null) {
    const cause = terse(`Invalid rule specification: ${text}`)
    throw new JavaException('java.lang.RuntimeException', cause.toString(), { causedBy: cause })
  }
  const [, name, only, from, to] = match
  const isTopic = includeList(name === undefined || name === '' ? '.*' : name)
  if (only !== undefined && only !== '') return (topic, partition) => isTopic(topic, false) && partition === Number(only)
  const lower = Number(from || 0)
  const upper = Number(to || 2 ** 31 - 1)
  return (topic, partition) => isTopic(topic, false) && partition >= lower && partition < upper
}

async function partitionsOf(line: CommandLine, admin: Admin, isWanted: Wanted): Promise<TopicPartition[]> {
  const includeInternal = !line.has('exclude-internal-topics')
  const listings = await answered('listTopics', admin.listTopics({ includeInternal }))
  const names = listings.filter(({ name, partitionCount }) => indices(partitionCount).some((index) => isWanted(name, index)))
  const described = await allAnswered('describeTopicPartitions', admin.describeTopics(names.map(({ name }) => name)))
  return described.flatMap(({ name, partitions }) =>
    partitions.filter((each) => isWanted(name, each.partition)).map(({ partition }) => ({ topic: name, partition })),
  )
}

const indices = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
