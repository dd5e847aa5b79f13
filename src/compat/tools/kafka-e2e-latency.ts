import { Consumer, type OutgoingRecord, Producer, type RecordChunk } from '../../client/index.ts'
import type { Random } from '../../host/index.ts'
import { loadProperties, type Properties, withAdmin } from '../admin-session.ts'
import { options } from '../declared/kafka-e2e-latency.ts'
import { allAnswered, answered, clientException } from '../java/client-failure.ts'
import { executionException, runtimeException } from '../java/exception.ts'
import { doubleText } from '../java/number-text.ts'
import { terse } from '../options/arguments-run.ts'
import { CommandLine } from '../options/command-line.ts'
import { guarded, messageAndTrace, type Tool, type ToolIo } from '../tool.ts'
import { asRuntime } from './consumer-group-description.ts'

const POLL_TIMEOUT_MS = 60_000
const names = '--bootstrap-server, --topic, --num-records, --producer-acks, --record-size'
const required = ['bootstrap-server', 'topic', 'num-records', 'producer-acks', 'record-size']

export const kafkaE2eLatency: Tool = (args, io) =>
  guarded(
    async () => {
      const line = CommandLine.parseOrUsage(options, namedArguments(args, io), io)
      checkArguments(line)
      await measure(line)
      return 0
    },
    (exception) => {
      if (!exception.is('TerseException')) return messageAndTrace(io)(exception)
      io.err(`${exception.text}\n`)
      return 1
    },
  )

/** Values alone, in this order, are what older releases took. @throws JavaException */
function namedArguments(args: readonly string[], io: ToolIo): readonly string[] {
  if (args.length === 0 || args.some((word) => required.includes(word.replace(/^--/, '')) && word.startsWith('--'))) return args
  if (args.length !== 5 && args.length !== 6)
    throw terse(
      `Invalid number of arguments. Expected 5 or 6 positional arguments, but got ${args.length}. Usage: bootstrap-server topic num-records producer-acks record-size [optional] command-config`,
    )
  io.out(
    `WARNING: Positional argument usage is deprecated and will be removed in Apache Kafka 5.0. Please use named arguments instead: ${names}, --command-config\n`,
  )
  return args.flatMap((word, index) => [`--${required[index] ?? 'command-config'}`, word])
}

function checkArguments(line: CommandLine): void {
  line.helpOrVersion('This tool measures end-to-end latency in Kafka by sending messages and timing their reception.')
  line.checkRequired(...required)
  if (!['1', 'all'].includes(line.required('producer-acks')))
    line.usage("Invalid value for --producer-acks. Latency testing requires synchronous acknowledgement. Please use '1' or 'all'.")
  if (Number(line.required('num-records')) <= 0) line.usage('Value for --num-records must be a positive integer.')
  for (const name of ['record-size', 'record-key-size', 'record-header-key-size', 'record-header-size', 'num-headers']) {
    const isHeader = name === 'record-header-size'
    if (Number(line.required(name)) < (isHeader ? -1 : 0))
      line.usage(`Value for --${name} must be a non-negative integer${isHeader ? ' or -1 for null header value' : ''}.`)
  }
}

async function measure(line: CommandLine): Promise<void> {
  const { io } = line
  const host = await io.host()
  const properties = { ...(await loadProperties(io, line.text('command-config'))), 'bootstrap.servers': line.required('bootstrap-server') }
  const partitions = await partitionsOf(line, properties)
  const group = `test-group-${host.clock.now()}`
  const reading = { 'group.id': group, 'enable.auto.commit': 'false', 'auto.offset.reset': 'latest', 'fetch.max.wait.ms': '0' }
  const consumer = new Consumer(host, { ...properties, ...reading })
  const writing = { 'linger.ms': '0', 'max.block.ms': String(Number.MAX_SAFE_INTEGER), acks: line.required('producer-acks') }
  const producer = new Producer(host, { ...properties, ...writing })
  const stop = io.stopSignal()
  const wake = (): void => consumer.wakeup()
  stop.addEventListener('abort', wake)
  try {
    consumer.assign(partitions)
    consumer.seekTo('latest', partitions)
    for (const each of partitions) await consumer.position(each)
    const latenciesMs: number[] = []
    const count = Number(line.required('num-records'))
    for (let index = 0; index < count && !stop.aborted; index++) {
      const record = randomRecord(line, host.random)
      const beginMs = host.clock.monotonic()
      await producer.sendAsync(record).catch((error: unknown) => {
        throw executionException(clientException(error, 'send'))
      })
      const chunks = await firstRecords(consumer, host.clock, stop)
      const elapsedMs = host.clock.monotonic() - beginMs
      if (stop.aborted) return
      const fault = faultOf(record, chunks)
      if (fault !== undefined) {
        await consumer.commitSync()
        throw runtimeException(fault)
      }
      if (index % 1000 === 0) io.out(`${index}\t${doubleText(elapsedMs)}\n`)
      latenciesMs.push(elapsedMs)
    }
    io.out(summary(latenciesMs))
    await consumer.commitSync()
  } finally {
    stop.removeEventListener('abort', wake)
    await producer.close()
    await consumer.close()
  }
}

/** Those of the topic, which is made when there is none. @throws JavaException */
function partitionsOf(line: CommandLine, properties: Properties): Promise<{ topic: string; partition: number }[]> {
  const topic = line.required('topic')
  return withAdmin(line.io, properties, async (admin) => {
    const listed = await answered('listTopics', admin.listTopics({ includeInternal: true }))
    if (!listed.some(({ name }) => name === topic)) {
      line.io.out(`Topic "${topic}" does not exist. Will create topic with 1 partition(s) and replication factor = 1\n`)
      const created = admin.createTopics([{ name: topic, partitionCount: 1, replicationFactor: 1 }])
      await allAnswered('createTopics', created).catch((error: unknown) => {
        line.io.out(`Creation of topic ${topic} failed\n`)
        throw asRuntime(error)
      })
    }
    const [described] = await allAnswered('describeTopicPartitions', admin.describeTopics([topic]))
    return described!.partitions.map(({ partition }) => ({ topic, partition }))
  })
}

function randomRecord(line: CommandLine, random: Random): OutgoingRecord {
  const bytes = (sizeBytes: number): Buffer => Buffer.alloc(sizeBytes, 65 + random.below(26))
  const size = (name: string): number => Number(line.required(name))
  const headers = Array.from({ length: size('num-headers') }, () => ({
    key: bytes(size('record-header-key-size')).toString('latin1'),
    value: size('record-header-size') < 0 ? null : bytes(size('record-header-size')),
  }))
  return { topic: line.required('topic'), key: bytes(size('record-key-size')), value: bytes(size('record-size')), headers }
}

async function firstRecords(consumer: Consumer, clock: { monotonic(): number }, stop: AbortSignal): Promise<RecordChunk[]> {
  const deadlineMs = clock.monotonic() + POLL_TIMEOUT_MS
  for (;;) {
    const leftMs = deadlineMs - clock.monotonic()
    const chunks = leftMs > 0 && !stop.aborted ? await consumer.poll(leftMs) : []
    if (chunks.length > 0 || leftMs <= 0 || stop.aborted) return chunks
  }
}

/** What is wrong with what was read; undefined: it is the record, and nothing else. */
function faultOf({ key, value, headers = [] }: OutgoingRecord, chunks: readonly RecordChunk[]): string | undefined {
  const records = chunks.flatMap((chunk) => {
    const found: Pick<Required<OutgoingRecord>, 'key' | 'value' | 'headers'>[] = []
    while (chunk.next()) found.push({ key: chunk.cursor.key(), value: chunk.cursor.value(), headers: chunk.cursor.headers() })
    return found
  })
  const [read] = records
  if (read === undefined) return `poll() timed out before finding a result (timeout:[${POLL_TIMEOUT_MS}ms])`
  if (`${read.value}` !== `${value}`) return `The message value read [${read.value}] did not match the message value sent [${value}]`
  if (read.key === null) return 'Expected message key but received null'
  if (`${read.key}` !== `${key}`) return `The message key read [${read.key}] did not match the message key sent [${key}]`
  if (headers.length > 0 && read.headers.length === 0) return 'Expected message headers but received none'
  if (headers.length !== read.headers.length) return 'Header count mismatch between sent and received messages'
  for (const [index, sent] of headers.entries()) {
    const { key: name, value: content } = read.headers[index]!
    if (name !== sent.key || `${content}` !== `${sent.value}`)
      return `The message header read [${name}:${bytesText(content)}] did not match the message header sent [${sent.key}:${bytesText(sent.value)}]`
  }
  return records.length === 1 ? undefined : `Only one result was expected during this test. We found [${records.length}]`
}

const bytesText = (bytes: Buffer | null): string => (bytes === null ? 'null' : `[${[...new Int8Array(bytes)].join(', ')}]`)

function summary(latenciesMs: readonly number[]): string {
  const averageMs = latenciesMs.reduce((sum, each) => sum + each, 0) / latenciesMs.length
  const sorted = latenciesMs.map(Math.trunc).sort((a, b) => a - b)
  const at = (part: number): number => sorted[Math.trunc(sorted.length * part)]!
  return `Avg latency: ${averageMs.toFixed(4)} ms\nPercentiles: 50th = ${at(0.5)}, 99th = ${at(0.99)}, 99.9th = ${at(0.999)}\n`
}
