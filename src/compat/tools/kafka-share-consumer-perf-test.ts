import { ShareConsumer } from '../../client/index.ts'
import type { Clock } from '../../host/index.ts'
import { KafkaError } from '../../protocol/index.ts'
import { loadProperties, type Properties } from '../admin-session.ts'
import { options } from '../declared/kafka-share-consumer-perf-test.ts'
import { clientException } from '../java/client-failure.ts'
import { dateFormat } from '../java/date-format.ts'
import { executionException, illegalArgument, JavaException } from '../java/exception.ts'
import { javaNumber } from '../java/number-text.ts'
import { CommandLine } from '../options/command-line.ts'
import { keyValues } from '../options/key-values.ts'
import { guarded, messageAndTrace, type Tool } from '../tool.ts'
import { openConsumer } from './kafka-console-share-consumer.ts'
import { metricTable } from './metric-table.ts'

const POLL_MS = 100
const CLOSE_MS = 500
const MIB = 1024 * 1024
const head = 'start.time, end.time, data.consumed.in.MB, MB.sec, nMsg.sec, data.consumed.in.nMsg, fetch.time.ms\n'

export const kafkaShareConsumerPerfTest: Tool = (args, io) =>
  guarded(async () => {
    const line = CommandLine.parseOrUsage(options, args, io)
    check(line)
    await measure(line)
    return 0
  }, messageAndTrace(io))

function check(line: CommandLine): void {
  line.helpOrVersion('This tool is used to verify the share consumer performance.')
  line.checkRequired('topic', 'bootstrap-server')
  line.checkOneOf('messages', 'num-records')
  line.checkInvalid('consumer.config', 'command-config')
  if (line.has('messages')) line.io.out('Warning: --messages is deprecated. Use --num-records instead.\n')
  if (line.has('consumer.config')) line.io.out('Warning: --consumer.config is deprecated. Use --command-config instead.\n')
}

/** What one consumer has read. */
interface Share {
  readonly consumer: ShareConsumer
  readonly clientId: string
  records: number
  bytes: number
  sent: number
  refused: number
}

async function measure(line: CommandLine): Promise<void> {
  const { io } = line
  const host = await io.host()
  const { clock } = host
  if (!line.has('hide-header')) io.out(head)
  const properties = await propertiesOf(line)
  const count = line.number('threads')!
  const shares = Array.from({ length: count }, (_, index): Share => {
    const clientId = count === 1 ? String(properties['client.id']) : `${properties['client.id']}-${index + 1}`
    const onAcknowledged = ({ count, error }: { count: number; error: unknown }): void => {
      share.sent += count
      if (error !== null) share.refused += count
    }
    const consumer = openConsumer(() => new ShareConsumer(host, { ...properties, 'client.id': clientId }, { onAcknowledged }))
    const share: Share = { consumer, clientId, records: 0, bytes: 0, sent: 0, refused: 0 }
    return share
  })
  const stop = io.stopSignal()
  const wake = (): void => {
    for (const { consumer } of shares) consumer.wakeup()
  }
  stop.addEventListener('abort', wake)
  try {
    const startMs = clock.now()
    const wanted = Number(line.has('messages') ? line.required('messages') : line.required('num-records'))
    const silenceMs = line.number('timeout')!
    for (const { consumer } of shares) consumer.subscribe([line.required('topic')])
    await Promise.all(shares.map((_, index) => read(line, shares, index, wanted, silenceMs, clock, stop)))
    const total = totalOf(shares)
    if (line.has('show-consumer-stats')) showEach(line, shares, startMs, clock.now())
    if (total.records < wanted && !stop.aborted)
      io.out(
        `WARNING: Exiting before consuming the expected number of records: timeout (${silenceMs} ms) exceeded. You can use the --timeout option to increase the timeout.\n`,
      )
    const endMs = clock.now()
    for (const { consumer } of shares) await consumer.commitSync()
    const format = dateFormat(line.required('date-format'))
    io.out(`${format(startMs)}, ${format(endMs)}, ${statistics(total, endMs - startMs)}\n`)
    if (line.has('print-metrics')) for (const share of shares) io.out(metricsOf(share))
  } finally {
    stop.removeEventListener('abort', wake)
    await Promise.all(shares.map(({ consumer }) => consumer.close(CLOSE_MS)))
  }
}

async function propertiesOf(line: CommandLine): Promise<Properties> {
  const file = await loadProperties(line.io, line.text(line.has('consumer.config') ? 'consumer.config' : 'command-config'))
  return {
    'client.id': 'perf-share-consumer-client',
    ...file,
    ...keyValues(line.all('command-property')),
    'bootstrap.servers': line.required('bootstrap-server'),
    'group.id': line.required('group'),
    'fetch.max.bytes': line.required('fetch-size'),
    'check.crcs': 'false',
  }
}

/** One consumer's part, until all together have read enough or it has heard nothing for too long. */
async function read(
  line: CommandLine,
  shares: readonly Share[],
  index: number,
  wanted: number,
  silenceMs: number,
  clock: Clock,
  stop: AbortSignal,
): Promise<void> {
  const share = shares[index]!
  try {
    const format = dateFormat(line.required('date-format'))
    let nowMs = clock.now()
    let heardMs = nowMs
    let last = { atMs: nowMs, records: 0, bytes: 0 }
    let intervalMs: number | undefined
    while (totalOf(shares).records < wanted && nowMs - heardMs <= silenceMs && !stop.aborted) {
      const chunks = await share.consumer.poll(POLL_MS)
      nowMs = clock.now()
      if (chunks.length > 0) heardMs = nowMs
      for (const chunk of chunks) {
        const { cursor } = chunk
        while (chunk.next()) {
          share.records++
          share.bytes += Math.max(0, cursor.keyLength) + Math.max(0, cursor.valueLength)
          intervalMs ??= intervalOf(line)
          if (nowMs - last.atMs < intervalMs) continue
          const here = { atMs: nowMs, records: share.records, bytes: share.bytes }
          if (line.has('show-detailed-stats')) line.io.out(progressLine(last, here, index + 1, format))
          last = here
        }
      }
    }
  } catch (error) {
    if (error instanceof JavaException) throw executionException(error)
    if (error instanceof KafkaError) throw executionException(clientException(error, 'poll'))
    throw error
  }
}

/** Looked at with the first record only. @throws JavaException */
function intervalOf(line: CommandLine): number {
  const intervalMs = line.number('reporting-interval')!
  if (intervalMs <= 0) throw illegalArgument('Reporting interval must be greater than 0.')
  return intervalMs
}

interface Amount {
  readonly records: number
  readonly bytes: number
}

const totalOf = (shares: readonly Share[]): Amount => ({
  records: shares.reduce((sum, { records }) => sum + records, 0),
  bytes: shares.reduce((sum, { bytes }) => sum + bytes, 0),
})

const four = (value: number): string => javaNumber(value, 4)

function statistics({ records, bytes }: Amount, elapsedMs: number): string {
  const [mib, seconds] = [bytes / MIB, elapsedMs / 1000]
  return `${four(mib)}, ${four(mib / seconds)}, ${four(records / seconds)}, ${records}, ${elapsedMs}`
}

function showEach(line: CommandLine, shares: readonly Share[], startMs: number, endMs: number): void {
  const format = dateFormat(line.required('date-format'))
  for (const [index, share] of shares.entries()) {
    const who = `Share consumer ${index + 1} having client id ${share.clientId} consumption metrics- `
    line.io.out(`${who}${format(startMs)}, ${format(endMs)}, ${statistics(share, endMs - startMs)}\n`)
  }
}

function progressLine(
  last: Amount & { atMs: number },
  here: Amount & { atMs: number },
  number: number,
  format: (ms: number) => string,
): string {
  const elapsedMs = here.atMs - last.atMs
  const mib = (here.bytes - last.bytes) / MIB
  const rates = `${four((1000 * mib) / elapsedMs)}, ${four(((here.records - last.records) / elapsedMs) * 1000)}`
  return `${format(last.atMs)}, ${format(here.atMs)}, ${four(here.bytes / MIB)}, ${rates}, ${here.records}, ${elapsedMs} for share consumer ${number}\n`
}

function metricsOf({ consumer, clientId, records, sent, refused }: Share): string {
  const { fetches, bytes } = consumer.metrics
  return metricTable('consumer-share-fetch-manager-metrics', clientId, {
    'fetch-total': fetches,
    'bytes-consumed-total': bytes,
    'records-consumed-total': records,
    'acknowledgements-send-total': sent,
    'acknowledgements-error-total': refused,
  })
}
