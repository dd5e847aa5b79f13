import { Consumer } from '../../client/index.ts'
import { KafkaError } from '../../protocol/index.ts'
import { loadProperties } from '../admin-session.ts'
import { options } from '../declared/kafka-consumer-perf-test.ts'
import { clientException } from '../java/client-failure.ts'
import { dateFormat } from '../java/date-format.ts'
import { illegalArgument } from '../java/exception.ts'
import { javaNumber } from '../java/number-text.ts'
import { CommandLine } from '../options/command-line.ts'
import { keyValues } from '../options/key-values.ts'
import { guarded, messageAndTrace, type Tool } from '../tool.ts'
import { metricTable } from './metric-table.ts'

const POLL_MS = 100
const MIB = 1024 * 1024
const tail = ', rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec\n'

export const kafkaConsumerPerfTest: Tool = async (args, io) => {
  const { random } = await io.host()
  return guarded(async () => {
    const line = CommandLine.parseOrUsage(options(`perf-consumer-${random.below(100_000)}`), args, io)
    check(line)
    await measure(line)
    return 0
  }, messageAndTrace(io))
}

function check(line: CommandLine): void {
  line.helpOrVersion('This tool is used to verify the consumer performance.')
  line.checkRequired('bootstrap-server')
  line.checkOneOf('topic', 'include')
  line.checkOneOf('messages', 'num-records')
  line.checkInvalid('consumer.config', 'command-config')
  if (line.has('messages')) line.io.out('Warning: --messages is deprecated. Use --num-records instead.\n')
  if (line.has('consumer.config')) line.io.out('Warning: --consumer.config is deprecated. Use --command-config instead.\n')
}

/** What was read by a moment, and how long the group took to share out partitions since the moment before. */
interface Progress {
  readonly atMs: number
  readonly records: number
  readonly bytes: number
}

async function measure(line: CommandLine): Promise<void> {
  const { io } = line
  const host = await io.host()
  const { clock } = host
  const detailed = line.has('show-detailed-stats')
  const first = detailed ? 'time, threadId' : 'start.time, end.time'
  if (!line.has('hide-header')) io.out(`${first}, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec${tail}`)
  const properties = await propertiesOf(line)
  const consumer = new Consumer(host, properties)
  const stop = io.stopSignal()
  const wake = (): void => consumer.wakeup()
  stop.addEventListener('abort', wake)
  try {
    const startMs = clock.now()
    const group = new GroupTime(() => clock.now())
    consumer.subscribe(line.has('topic') ? [line.required('topic')] : new RegExp(`^(?:${line.required('include')})$`), group)
    const end = await read(line, consumer, group, clock, stop).catch((error: unknown) => {
      if (error instanceof KafkaError) throw clientException(error, 'poll')
      throw error
    })
    const endMs = clock.now()
    if (!detailed) {
      const seconds = (endMs - startMs) / 1000
      const fetchMs = endMs - startMs - group.totalMs
      const format = dateFormat(line.required('date-format'))
      const [mib, text] = [end.bytes / MIB, (value: number) => javaNumber(value, 4)]
      const rates = `${text(mib)}, ${text(mib / seconds)}, ${end.records}, ${text(end.records / seconds)}`
      const fetching = `${group.totalMs}, ${fetchMs}, ${text(mib / (fetchMs / 1000))}, ${text(end.records / (fetchMs / 1000))}`
      io.out(`${format(startMs)}, ${format(endMs)}, ${rates}, ${fetching}\n`)
    }
    if (line.has('print-metrics')) {
      const { fetches, bytes, fetchLatencyMs } = consumer.metrics
      const figures = { 'fetch-total': fetches, 'bytes-consumed-total': bytes, 'fetch-latency-avg': fetchLatencyMs / Math.max(1, fetches) }
      io.out(
        metricTable('consumer-fetch-manager-metrics', String(properties['client.id']), {
          ...figures,
          'records-consumed-total': end.records,
        }),
      )
    }
  } finally {
    stop.removeEventListener('abort', wake)
    await consumer.close()
  }
}

async function propertiesOf(line: CommandLine): Promise<Record<string, string>> {
  const file = await loadProperties(line.io, line.text(line.has('consumer.config') ? 'consumer.config' : 'command-config'))
  return {
    'client.id': 'perf-consumer-client',
    ...file,
    ...keyValues(line.all('command-property')),
    'bootstrap.servers': line.required('bootstrap-server'),
    'group.id': line.required('group'),
    'max.partition.fetch.bytes': line.required('fetch-size'),
    'auto.offset.reset': line.has('from-latest') ? 'latest' : 'earliest',
    'check.crcs': 'false',
  }
}

/** How long the group took until this member had partitions. */
class GroupTime {
  totalMs = 0
  /** Since the last line. */
  recentMs = 0
  #sinceMs: number
  readonly #owned = new Set<string>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
    this.#sinceMs = now()
  }

  revoked(partitions: readonly { topic: string; partition: number }[]): void {
    for (const { topic, partition } of partitions) this.#owned.delete(`${topic}-${partition}`)
    if (this.#owned.size === 0) this.#sinceMs = this.#now()
  }

  assigned(partitions: readonly { topic: string; partition: number }[]): void {
    if (this.#owned.size === 0) {
      const ms = this.#now() - this.#sinceMs
      this.totalMs += ms
      this.recentMs += ms
    }
    for (const { topic, partition } of partitions) this.#owned.add(`${topic}-${partition}`)
  }
}

async function read(
  line: CommandLine,
  consumer: Consumer,
  group: GroupTime,
  clock: { now(): number },
  stop: AbortSignal,
): Promise<Progress> {
  const wanted = Number(line.has('messages') ? line.required('messages') : line.required('num-records'))
  const silenceMs = line.number('timeout')!
  const intervalMs = line.number('reporting-interval')!
  if (intervalMs <= 0) throw illegalArgument('Reporting interval must be greater than 0.')
  const format = dateFormat(line.required('date-format'))
  let nowMs = clock.now()
  let heardMs = nowMs
  let last: Progress = { atMs: nowMs, records: 0, bytes: 0 }
  let [records, bytes] = [0, 0]
  while (records < wanted && nowMs - heardMs <= silenceMs && !stop.aborted) {
    const chunks = await consumer.poll(POLL_MS)
    nowMs = clock.now()
    if (chunks.length > 0) heardMs = nowMs
    for (const chunk of chunks) {
      while (chunk.next()) {
        records++
        bytes += Math.max(0, chunk.cursor.keyLength) + Math.max(0, chunk.cursor.valueLength)
        if (nowMs - last.atMs < intervalMs) continue
        const here = { atMs: nowMs, records, bytes }
        if (line.has('show-detailed-stats')) line.io.out(progressLine(last, here, group.recentMs, format))
        group.recentMs = 0
        last = here
      }
    }
  }
  if (records < wanted && !stop.aborted)
    line.io.out(
      `WARNING: Exiting before consuming the expected number of records: timeout (${silenceMs} ms) exceeded. You can use the --timeout option to increase the timeout.\n`,
    )
  return { atMs: nowMs, records, bytes }
}

function progressLine(last: Progress, here: Progress, groupMs: number, format: (ms: number) => string): string {
  const text = (value: number): string => javaNumber(value, 4)
  const elapsedMs = here.atMs - last.atMs
  const fetchMs = elapsedMs - groupMs
  const mib = (here.bytes - last.bytes) / MIB
  const records = here.records - last.records
  const perSecond = (amount: number, ms: number): string => text(ms <= 0 ? 0 : (1000 * amount) / ms)
  const basic = `${text(here.bytes / MIB)}, ${text((1000 * mib) / elapsedMs)}, ${here.records}, ${text((records / elapsedMs) * 1000)}`
  return `${format(here.atMs)}, 0, ${basic}, ${groupMs}, ${fetchMs}, ${perSecond(mib, fetchMs)}, ${perSecond(records, fetchMs)}\n`
}
