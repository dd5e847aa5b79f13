import { type AcknowledgeType, type ShareChunk, ShareConsumer } from '../../client/index.ts'
import { loadProperties, type Properties } from '../admin-session.ts'
import { options } from '../declared/kafka-console-share-consumer.ts'
import { clientException } from '../java/client-failure.ts'
import { JavaException } from '../java/exception.ts'
import { CommandLine } from '../options/command-line.ts'
import { keyValues } from '../options/key-values.ts'
import { guarded, logException, type Tool, uncaught } from '../tool.ts'
import { formatterOf } from './console-formatter.ts'
import { nextPollMs } from './kafka-console-consumer.ts'
import type { Formatter } from './message-formatter.ts'

const logger = 'org.apache.kafka.tools.consumer.ConsoleShareConsumer'

export const kafkaConsoleShareConsumer: Tool = (args, io) =>
  guarded(async () => {
    const line = CommandLine.parseOrUsage(options, args, io)
    line.helpOrVersion('This tool helps to read data from Kafka topics using share groups and outputs it to standard output.')
    checkArguments(line)
    const properties = await consumerProperties(line)
    const format = await formatterOf(line)
    const code = await guarded(
      () => consume(line, properties, format),
      async (exception) => {
        await logException(io, 'Unknown error when running consumer: ', exception, logger)
        return 1
      },
    )
    if (line.has('enable-systest-events')) io.out('shutdown_complete\n')
    return code
  }, uncaught(io))

function checkArguments(line: CommandLine): void {
  if (!line.has('topic')) line.usage('--topic is a required argument')
  line.checkRequired('bootstrap-server')
  if (line.count('reject', 'release') === 2) line.usage('At most one of --reject and --release may be specified.')
  for (const [old, now] of [
    ['consumer-property', 'command-property'],
    ['consumer-config', 'command-config'],
  ] as const) {
    if (line.count(old, now) === 2) line.usage(`Options --${old} and --${now} cannot be specified together.`)
  }
  for (const [old, now] of [
    ['consumer-property', 'command-property'],
    ['consumer-config', 'command-config'],
  ] as const) {
    if (line.has(old)) line.io.out(`Option --${old} is deprecated and will be removed in a future version. Use --${now} instead.\n`)
  }
}

async function consumerProperties(line: CommandLine): Promise<Properties> {
  const file = await loadProperties(line.io, line.text(line.has('consumer-config') ? 'consumer-config' : 'command-config'))
  const extra = keyValues(line.all(line.has('consumer-property') ? 'consumer-property' : 'command-property'))
  const groups = [...new Set([line.text('group'), file['group.id'], extra['group.id']].filter((id) => id !== undefined))]
  if (groups.length > 1)
    line.usage(
      "The group ids provided in different places (directly using '--group', via '--consumer-property', or via '--consumer-config') do not match. " +
        `Detected group ids: ${groups.map((id) => `'${id}'`).join(', ')}`,
    )
  return {
    'client.id': 'console-share-consumer',
    ...file,
    ...extra,
    'bootstrap.servers': line.required('bootstrap-server'),
    'group.id': groups[0] ?? 'console-share-consumer',
    'share.acknowledgement.mode': 'explicit',
  }
}

async function consume(line: CommandLine, properties: Properties, format: Formatter): Promise<number> {
  const { io } = line
  const timeoutMs = line.number('timeout-ms') ?? -1
  const host = await io.host()
  const consumer = openConsumer(() => new ShareConsumer(host, properties))
  const reading = new Reading(line, consumer, format, timeoutMs >= 0 ? timeoutMs : Number.POSITIVE_INFINITY)
  try {
    consumer.subscribe([line.required('topic')])
    await reading.run()
  } finally {
    await consumer.close().catch(() => {})
    io.err(`Processed a total of ${reading.count} messages\n`)
  }
  return 0
}

/** What a share consumer does not take is told as Java tells it. */
export function openConsumer(open: () => ShareConsumer): ShareConsumer {
  try {
    return open()
  } catch (error) {
    throw new JavaException('org.apache.kafka.common.config.ConfigException', (error as Error).message)
  }
}

/** Poll, print, and acknowledge what was printed; the rest goes to others. */
class Reading {
  count = 0
  readonly #line: CommandLine
  readonly #consumer: ShareConsumer
  readonly #format: Formatter
  readonly #timeoutMs: number
  #countMax = Number.POSITIVE_INFINITY
  readonly #type: AcknowledgeType

  constructor(line: CommandLine, consumer: ShareConsumer, format: Formatter, timeoutMs: number) {
    this.#line = line
    this.#consumer = consumer
    this.#format = format
    this.#timeoutMs = timeoutMs
    this.#type = line.has('reject') ? 'reject' : line.has('release') ? 'release' : 'accept'
  }

  async run(): Promise<void> {
    const { io } = this.#line
    const countMax = this.#line.number('max-messages') ?? -1
    if (countMax !== -1) this.#countMax = countMax
    const stop = io.stopSignal()
    const wake = (): void => this.#consumer.wakeup()
    stop.addEventListener('abort', wake)
    const { clock } = await io.host()
    let waitsSinceMs = clock.monotonic()
    while (this.count < this.#countMax && !stop.aborted) {
      let chunks: ShareChunk[]
      try {
        chunks = await this.#consumer.poll(nextPollMs(this.#timeoutMs, clock.monotonic() - waitsSinceMs))
        if (chunks.length === 0 && clock.monotonic() - waitsSinceMs > this.#timeoutMs)
          throw new JavaException('org.apache.kafka.common.errors.TimeoutException', null)
      } catch (error) {
        const exception = clientException(error, 'poll')
        await logException(io, 'Error processing message, terminating consumer process: ', exception, logger)
        break
      }
      if (chunks.length === 0) continue
      for (const chunk of chunks) await this.#print(chunk, stop)
      waitsSinceMs = clock.monotonic()
    }
    if (stop.reason === 'output closed') io.err('Unable to write to standard out, closing consumer.\n')
    stop.removeEventListener('abort', wake)
  }

  async #print(chunk: ShareChunk, stop: AbortSignal): Promise<void> {
    const { io } = this.#line
    while (this.count < this.#countMax && !stop.aborted && chunk.next()) {
      this.count++
      try {
        const bytes = this.#format(chunk)
        if (bytes.length > 0) await io.out(bytes)
        chunk.acknowledge(this.#type)
      } catch (error) {
        if (!(error instanceof JavaException) || !this.#line.has('reject-message-on-error')) throw error
        await logException(io, 'Error processing message, rejecting this message: ', error, logger)
        chunk.acknowledge('reject')
      }
    }
  }
}
