import { Consumer, type RecordChunk } from '../../client/index.ts'
import { loadProperties, type Properties } from '../admin-session.ts'
import { options } from '../declared/kafka-console-consumer.ts'
import { clientException } from '../java/client-failure.ts'
import { JavaException } from '../java/exception.ts'
import { CommandLine } from '../options/command-line.ts'
import { keyValues, mergeOption } from '../options/key-values.ts'
import { guarded, log, logException, type Tool, ToolExit, uncaught } from '../tool.ts'
import { formatterOf } from './console-formatter.ts'
import type { Formatter } from './message-formatter.ts'

const logger = 'org.apache.kafka.tools.consumer.ConsoleConsumer'
const protocolNote =
  'The consumer rebalance protocol (KIP-848) is production-ready! Set group.protocol=consumer to try it out. ' +
  'See https://kafka.apache.org/documentation/#consumer_rebalance_protocol\n'

export const kafkaConsoleConsumer: Tool = (args, io) =>
  guarded(async () => {
    const line = CommandLine.parseOrUsage(options, args, io)
    line.helpOrVersion('This tool helps to read data from Kafka topics and outputs it to standard output.')
    checkArguments(line)
    const properties = await consumerProperties(line)
    const place = startPlace(line)
    const format = await formatterOf(line)
    return guarded(
      () => consume(line, properties, place, format),
      async (exception) => {
        await logException(io, 'Unknown error when running consumer: ', exception, logger)
        return 1
      },
    )
  }, uncaught(io))

function checkArguments(line: CommandLine): void {
  line.checkOneOf('topic', 'include')
  if (line.has('partition')) {
    line.number('partition')
    if (!line.has('topic')) line.usage('The topic is required when partition is specified.')
    if (line.has('from-beginning') && line.has('offset')) line.usage('Options from-beginning and offset cannot be specified together.')
  } else if (line.has('offset')) line.usage('The partition is required when offset is specified.')
  line.checkRequired('bootstrap-server')
  if (line.count('consumer-property', 'command-property') === 2)
    line.usage('Options --consumer-property and --command-property cannot be specified together.')
  if (line.count('consumer.config', 'command-config') === 2)
    line.usage('Options --consumer.config and --command-config cannot be specified together.')
  if (line.has('consumer-property'))
    line.io.out('Option --consumer-property is deprecated and will be removed in a future version. Use --command-property instead.\n')
  if (line.has('consumer.config'))
    line.io.out('Option --consumer.config is deprecated and will be removed in a future version. Use --command-config instead.\n')
}

async function consumerProperties(line: CommandLine): Promise<Properties> {
  const file = await loadProperties(line.io, line.text(line.has('consumer.config') ? 'consumer.config' : 'command-config'))
  const extra = keyValues(line.all(line.has('consumer-property') ? 'consumer-property' : 'command-property'))
  const groups = [...new Set([line.text('group'), file['group.id'], extra['group.id']].filter((id) => id !== undefined))]
  if (groups.length > 1)
    line.usage(
      "The group ids provided in different places (directly using '--group', via '--consumer-property', or via '--consumer.config') do not match. " +
        `Detected group ids: ${groups.map((id) => `'${id}'`).join(', ')}`,
    )
  if (groups.length > 0 && line.has('partition')) line.usage('Options group and partition cannot be specified together.')
  const properties: Properties = { 'client.id': 'console-consumer', ...file, ...extra }
  const reset = properties['auto.offset.reset']
  if (reset !== undefined && line.has('from-beginning') && reset !== 'earliest') {
    line.io.err(`Can't simultaneously specify --from-beginning and 'auto.offset.reset=${reset}', please remove one option\n`)
    throw new ToolExit(1)
  }
  properties['auto.offset.reset'] = reset ?? (line.has('from-beginning') ? 'earliest' : 'latest')
  properties['bootstrap.servers'] = line.required('bootstrap-server')
  mergeOption(properties, 'isolation.level', line, 'isolation-level')
  if (groups[0] !== undefined) properties['group.id'] = groups[0]
  else {
    const { random } = await line.io.host()
    properties['group.id'] = `console-consumer-${random.below(100_000)}`
    properties['enable.auto.commit'] ??= 'false'
  }
  return properties
}

type Place = 'earliest' | 'latest' | number

function startPlace(line: CommandLine): Place {
  const text = line.text('offset')
  if (!line.has('offset') || text === undefined) return line.has('from-beginning') ? 'earliest' : 'latest'
  const lower = text.toLowerCase()
  if (lower === 'earliest' || lower === 'latest') return lower
  if (/^\+?\d+$/.test(text)) return Number(text)
  return line.usage(`The provided offset value '${text}' is incorrect. Valid values are 'earliest', 'latest', or a non-negative long.`)
}

async function consume(line: CommandLine, properties: Properties, place: Place, format: Formatter): Promise<number> {
  const { io } = line
  const consumer = await openConsumer(line, properties)
  if (!line.has('partition')) io.err(protocolNote)
  const reading = new Reading(line, consumer, format)
  try {
    const topic = line.text('topic')
    const partition = line.number('partition')
    if (topic === undefined) consumer.subscribe(new RegExp(`^(?:${line.required('include')})$`))
    else if (partition === undefined) consumer.subscribe([topic])
    else {
      const item = { topic, partition }
      consumer.assign([item])
      if (typeof place === 'number') consumer.seek(item, place)
      else consumer.seekTo(place, [item])
    }
    await reading.run()
  } finally {
    reading.leaveUnread()
    await consumer.close().catch(() => {})
    io.err(`Processed a total of ${reading.count} messages\n`)
  }
  return 0
}

async function openConsumer(line: CommandLine, properties: Properties): Promise<Consumer> {
  const { 'group.protocol': protocol, ...others } = properties
  if (protocol?.toLowerCase() === 'consumer')
    await log(line.io, 'WARN', 'group.protocol=consumer is not there yet: reading as a member of a classic group', logger)
  try {
    return new Consumer(await line.io.host(), others)
  } catch (error) {
    throw new JavaException('org.apache.kafka.common.config.ConfigException', (error as Error).message)
  }
}

/** How long to wait for records when nothing has come for so long: not past the timeout, within which others have to give up as well. */
export const nextPollMs = (timeoutMs: number, waitedMs: number): number => Math.min(1000, Math.max(0, timeoutMs - waitedMs))

/** Poll, print, and remember what was polled but not printed. */
class Reading {
  count = 0
  readonly #line: CommandLine
  readonly #consumer: Consumer
  readonly #format: Formatter
  readonly #timeoutMs: number
  readonly #countMax: number
  #unread: { readonly chunk: RecordChunk; next: number }[] = []

  constructor(line: CommandLine, consumer: Consumer, format: Formatter) {
    this.#line = line
    this.#consumer = consumer
    this.#format = format
    const timeoutMs = line.number('timeout-ms') ?? -1
    this.#timeoutMs = timeoutMs >= 0 ? timeoutMs : Number.POSITIVE_INFINITY
    const countMax = line.number('max-messages') ?? -1
    this.#countMax = countMax === -1 ? Number.POSITIVE_INFINITY : countMax
  }

  async run(): Promise<void> {
    const { io } = this.#line
    const stop = io.stopSignal()
    const wake = (): void => this.#consumer.wakeup()
    stop.addEventListener('abort', wake)
    const { clock } = await io.host()
    let waitsSinceMs = clock.monotonic()
    try {
      while (this.count < this.#countMax && !stop.aborted) {
        const chunks = await this.#consumer.poll(nextPollMs(this.#timeoutMs, clock.monotonic() - waitsSinceMs))
        if (chunks.length === 0 && clock.monotonic() - waitsSinceMs > this.#timeoutMs)
          throw new JavaException('org.apache.kafka.common.errors.TimeoutException', null)
        if (chunks.length === 0) continue
        this.#unread = chunks.map((chunk) => ({ chunk, next: chunk.startOffset }))
        await this.#print(stop)
        waitsSinceMs = clock.monotonic()
      }
    } catch (error) {
      const exception = clientException(error, 'poll')
      await logException(io, 'Error processing message, terminating consumer process: ', exception, logger)
    }
    if (stop.reason === 'output closed') io.err('Unable to write to standard out, closing consumer.\n')
    stop.removeEventListener('abort', wake)
  }

  async #print(stop: AbortSignal): Promise<void> {
    const { io } = this.#line
    for (const place of this.#unread) {
      const { chunk } = place
      while (this.count < this.#countMax && !stop.aborted && chunk.next()) {
        this.count++
        place.next = chunk.cursor.offset + 1
        const bytes = this.#format(chunk)
        if (bytes.length > 0) await io.out(bytes)
      }
      if (this.count >= this.#countMax || stop.aborted) return
      place.next = chunk.endOffset
    }
  }

  /** What was not printed shall not be committed. */
  leaveUnread(): void {
    const mine = new Set(this.#consumer.assignment().map(({ topic, partition }) => `${topic}-${partition}`))
    for (const { chunk, next } of this.#unread) {
      if (next < chunk.endOffset && mine.has(`${chunk.topic}-${chunk.partition}`)) this.#consumer.seek(chunk, next)
    }
  }
}
