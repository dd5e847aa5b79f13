import { type ClientError, type Delivery, Producer } from '../../client/index.ts'
import { loadProperties, type Properties } from '../admin-session.ts'
import { options } from '../declared/kafka-console-producer.ts'
import { clientException } from '../java/client-failure.ts'
import { executionException, illegalState, JavaException, stackTrace } from '../java/exception.ts'
import { CommandLine } from '../options/command-line.ts'
import { keyValues, mergeOption } from '../options/key-values.ts'
import { guarded, logException, type Tool, type ToolIo } from '../tool.ts'
import { checkBootstrapServer } from './bootstrap-address.ts'
import { lineReader } from './line-reader.ts'
import { textLines } from './text-lines.ts'

const defaultReader = 'org.apache.kafka.tools.LineMessageReader'

/** Old names of options (KIP-1147), each with the new one. */
const renamed = [
  ['producer-property', 'command-property'],
  ['producer.config', 'command-config'],
  ['property', 'reader-property'],
] as const

export const kafkaConsoleProducer: Tool = (args, io) =>
  guarded(
    async () => {
      const line = CommandLine.parseOrUsage(options, args, io)
      checkArguments(line)
      const reader = line.required('line-reader')
      if (reader !== defaultReader) throw new JavaException('java.lang.ClassNotFoundException', reader)
      const file = await loadProperties(io, line.text('reader-config'))
      const read = lineReader({
        ...file,
        topic: line.required('topic'),
        ...keyValues(line.all(given(line, 'property', 'reader-property'))),
      })
      await produce(line, await producerProperties(line), read)
      return 0
    },
    (exception) => {
      io.err(exception.type.startsWith('joptsimple.') ? `${exception.text}\n` : stackTrace(exception))
      return 1
    },
  )

const given = (line: CommandLine, old: string, now: string): string => (line.has(old) ? old : now)

function checkArguments(line: CommandLine): void {
  line.helpOrVersion('This tool helps to read data from standard input and publish it to Kafka.')
  line.checkRequired('topic')
  if (line.count('command-config', 'producer.config') === 2)
    line.usage('Options --command-config and --producer.config cannot be specified together.')
  if (line.count('command-property', 'producer-property') === 2)
    line.usage('Options --command-property and --producer-property cannot be specified together.')
  if (line.count('reader-property', 'property') === 2) line.usage('Options --reader-property and --property cannot be specified together.')
  for (const [old, now] of renamed)
    if (line.has(old)) line.io.out(`Warning: --${old} is deprecated and will be removed in a future version. Use --${now} instead.\n`)
  if (line.has('max-partition-memory-bytes'))
    line.io.out('Warning: --max-partition-memory-bytes is deprecated and will be removed in Apache Kafka 5.0. Use --batch-size instead.\n')
  checkBootstrapServer(line, line.text('bootstrap-server'))
}

/** The keys that options stand for, in the order in which they are looked at. */
const optionKeys = [
  ['linger.ms', 'timeout'],
  ['acks', 'request-required-acks'],
  ['request.timeout.ms', 'request-timeout-ms'],
  ['retries', 'message-send-max-retries'],
  ['retry.backoff.ms', 'retry-backoff-ms'],
  ['send.buffer.bytes', 'socket-buffer-size'],
  ['buffer.memory', 'max-memory-bytes'],
  ['batch.size', 'batch-size'],
  ['batch.size', 'max-partition-memory-bytes'],
  ['metadata.max.age.ms', 'metadata-expiry-ms'],
  ['max.block.ms', 'max-block-ms'],
] as const

async function producerProperties(line: CommandLine): Promise<Properties> {
  const codec = line.has('compression-codec') ? line.text('compression-codec') || 'gzip' : 'none'
  const properties: Properties = {
    'client.id': 'console-producer',
    ...(await loadProperties(line.io, line.text(given(line, 'producer.config', 'command-config')))),
    ...keyValues(line.all(given(line, 'producer-property', 'command-property'))),
    'bootstrap.servers': line.required('bootstrap-server'),
    'compression.type': codec,
  }
  for (const [key, option] of optionKeys) mergeOption(properties, key, line, option)
  return properties
}

/** As nobody begins a transaction here. */
const notBegun = (topic: string): JavaException =>
  illegalState(`Cannot add partition ${topic}-0 to transaction before completing a call to initTransactions`)

async function produce(line: CommandLine, properties: Properties, read: ReturnType<typeof lineReader>): Promise<void> {
  const { io } = line
  const stop = io.stopSignal()
  const producer = openProducer(await io.host(), properties)
  const reports: Promise<void>[] = []
  const sync = line.has('sync')
  try {
    for await (const text of textLines(io.stdin, stop)) {
      const record = read(text)
      if (sync)
        await producer.sendAsync(record).catch((error: unknown) => Promise.reject(executionException(clientException(error, 'send'))))
      else {
        const callback = (error: Error | null, _delivery: Delivery | null): void => {
          if (error !== null) reports.push(reportFailure(io, record, error))
        }
        try {
          while (!stop.aborted && !producer.send(record, callback)) await producer.ready(record.topic)
        } catch (error) {
          if ((error as Partial<ClientError>).errorName === 'INVALID_TXN_STATE') throw notBegun(record.topic)
          reports.push(reportFailure(io, record, error as Error))
        }
      }
    }
  } finally {
    await producer.close()
    await Promise.all(reports)
  }
}

function openProducer(host: ConstructorParameters<typeof Producer>[0], properties: Properties): Producer {
  try {
    return new Producer(host, properties)
  } catch (error) {
    throw new JavaException('org.apache.kafka.common.config.ConfigException', (error as Error).message)
  }
}

type Sent = ReturnType<ReturnType<typeof lineReader>>

function reportFailure(io: ToolIo, { topic, key, value }: Sent, error: Error): Promise<void> {
  const bytes = (content: Buffer | null): string => (content === null ? 'null' : `${content.length} bytes`)
  const text = `Error when sending message to topic ${topic} with key: ${bytes(key)}, value: ${bytes(value)} with error:`
  return logException(io, text, clientException(error, 'send'), 'org.apache.kafka.clients.producer.internals.ErrorLoggingCallback')
}
