import { resolve } from 'node:path'
import { randomUuid } from '../../base/index.ts'
import { loadProducerLoad, type Pace, type RecordContent } from '../../bench/index.ts'
import { ClientError } from '../../client/index.ts'
import { isDiskError } from '../../host/index.ts'
import { loadProperties, type Properties, readFile } from '../admin-session.ts'
import { grammar } from '../declared/kafka-producer-perf-test.ts'
import { illegalArgument, JavaException } from '../java/exception.ts'
import { parseDouble } from '../java/number-text.ts'
import { argumentUsage } from '../options/argument-help.ts'
import { ArgumentError, type Namespace } from '../options/argument-parser.ts'
import { withArguments } from '../options/arguments-run.ts'
import { guarded, type Tool, type ToolIo, uncaught } from '../tool.ts'
import { ProducerFailures } from './producer-perf-failures.ts'
import { PerfStatistics, type ProducerPerf } from './producer-perf-load.ts'
import { sendRecords } from './producer-perf-records.ts'

const never = Number.POSITIVE_INFINITY
const DURATION_MS = 3000

export const kafkaProducerPerfTest: Tool = async (args, io) => {
  if (args.length === 0) {
    io.out(argumentUsage({ grammar }, 'help'))
    return 0
  }
  return withArguments(grammar, args, io, 1, (namespace) => guarded(() => run(namespace, io), uncaught(io)))
}

const refuse = (message: string): never => {
  throw new ArgumentError(message, { grammar })
}

function check(namespace: Namespace): void {
  const number = (name: string): number => namespace.number(name)!
  if (number('num-records') <= 0) refuse('--num-records should be greater than zero.')
  if (Math.max(0, number('warmup-records')) >= number('num-records'))
    refuse('The value for --warmup-records must be strictly fewer than the number of records in the test, --num-records.')
  if (namespace.has('record-size') && number('record-size') <= 0) refuse('--record-size should be greater than zero.')
  const sources = ['bootstrap-server', 'command-property', 'producer-props', 'producer.config', 'command-config']
  if (!sources.some((name) => namespace.has(name)))
    refuse(
      'At least one of --bootstrap-server, --command-property, --producer-props, --producer.config or --command-config must be specified.',
    )
  const together = (a: string, b: string): void => {
    if (namespace.has(a) && namespace.has(b)) refuse(`--${a} and --${b} cannot be specified together.`)
  }
  together('command-property', 'producer-props')
  together('command-config', 'producer.config')
  if (namespace.has('transaction-duration-ms') && number('transaction-duration-ms') <= 0)
    refuse('--transaction-duration-ms should be greater than zero.')
  if (number('reporting-interval') <= 0) refuse('--reporting-interval should be greater than zero.')
}

async function run(namespace: Namespace, io: ToolIo): Promise<number> {
  check(namespace)
  const values = await payloadsOf(namespace, io)
  const deprecated = (old: string, instead: string): void => {
    if (namespace.has(old))
      io.out(`Option --${old} has been deprecated and will be removed in a future version. Use --${instead} instead.\n`)
  }
  deprecated('producer-props', 'command-property')
  deprecated('producer.config', 'command-config')
  const properties = await propertiesOf(namespace, io)
  const host = await io.host()
  const given = namespace.text('transactional-id') ?? properties['transactional.id']
  const isTransactional = given !== undefined || namespace.has('transaction-duration-ms')
  const durationMs = isTransactional ? (namespace.number('transaction-duration-ms') ?? DURATION_MS) : undefined
  if (isTransactional) properties['transactional.id'] = given ?? `performance-producer-${randomUuid(host.random)}`
  const warmUp = Math.max(0, namespace.number('warmup-records')!)
  const load: ProducerPerf = {
    ...{ namespace, io, host, properties, warmUp, durationMs },
    failures: new ProducerFailures(namespace.text('topic')!, properties),
    content: contentOf(namespace, values),
    pace: {
      perSecond: perSecondOf(namespace),
      countMax: namespace.number('num-records')!,
      durationMs: never,
      warmUpRecords: warmUp,
      warmUpMs: 0,
    },
  }
  return namespace.text('payload-monotonic') === 'true' || isTransactional ? sendRecords(load) : sendMade(load)
}

async function propertiesOf(namespace: Namespace, io: ToolIo): Promise<Properties> {
  const properties: Properties = { ...(await loadProperties(io, namespace.text('command-config') ?? namespace.text('producer.config'))) }
  for (const pair of namespace.all('command-property') ?? namespace.all('producer-props') ?? []) {
    const pieces = pair.replace(/=+$/, '').split('=')
    if (pieces.length !== 2) throw illegalArgument(`Invalid property: ${pair}`)
    properties[pieces[0]!] = pieces[1]!
  }
  properties['client.id'] ??= 'perf-producer-client'
  const server = namespace.text('bootstrap-server')
  return server === undefined ? properties : { ...properties, 'bootstrap.servers': server }
}

async function payloadsOf(namespace: Namespace, io: ToolIo): Promise<Buffer[] | undefined> {
  const path = namespace.text('payload-file')
  if (path === undefined) return undefined
  const given = namespace.text('payload-delimiter')!
  io.out(`Reading payloads from: ${resolve(path)}\n`)
  const missing = illegalArgument('File does not exist or empty file provided.')
  const bytes = await readFile(io, path).catch((error: unknown) => {
    throw isDiskError(error) || error instanceof JavaException ? missing : error
  })
  if (bytes.length === 0) throw missing
  const parts = Buffer.from(bytes)
    .toString('utf8')
    .split(new RegExp(given === '\\n' ? '\n' : given))
  // A scanner gives no empty word behind the last delimiter.
  if (parts.at(-1) === '') parts.pop()
  io.out(`Number of records read: ${parts.length}\n`)
  return parts.map((part) => Buffer.from(part))
}

const contentOf = (namespace: Namespace, values: Buffer[] | undefined): RecordContent => {
  const size = namespace.number('record-size') ?? 0
  const bytes = values?.reduce((longest, { length }) => Math.max(longest, length), 0) ?? size
  return { sizes: { kind: 'fixed', bytes }, kind: 'letters', keys: 0, ...(values === undefined ? {} : { values }) }
}

const perSecondOf = (namespace: Namespace): number => {
  const throughput = parseDouble(namespace.text('throughput')!)!
  // Zero lets one record pass, and then waits for good.
  return throughput < 0 ? never : Math.max(throughput, 1e-9)
}

async function sendMade(load: ProducerPerf): Promise<number> {
  const { namespace, io, host, properties, content, failures } = load
  const { ProducerLoad, Pace } = await loadProducerLoad()
  const stop = io.stopSignal()
  const statistics = new PerfStatistics(load)
  const pace = new Pace(load.pace, host.clock.monotonic())
  const producers = new ProducerLoad({
    ...{ host, topic: namespace.text('topic')!, content, pace: load.pace, producers: 1, intervalMs: never, stop },
    config: properties,
    onRow: () => {},
    onNoRoom: (error) => statistics.lost(failures.exception(error, 'room')),
  })
  const open = (): Promise<void> =>
    producers.open((batch, error) => {
      if (error !== null) {
        statistics.lost(failures.exception(error, 'delivery', batch.count), batch.count)
        return
      }
      const nowMs = host.clock.monotonic()
      for (const run of batch.runs)
        for (let index = 0; index < run.count; index++)
          statistics.record(nowMs - run.takenMs, batch.payloadBytes / batch.count, run.isWarmUp)
    })
  try {
    if (await untilOpen(load, open, pace, statistics)) await producers.send(pace, () => statistics.warm())
  } catch (error) {
    if (!(error instanceof ClientError)) throw error
    throw failures.stopped(error)
  } finally {
    await producers.close()
  }
  statistics.tell(producers.counters())
  return 0
}

/** Each record waits for the topic as long as max.block.ms says, and is lost without it. True: it is there. */
async function untilOpen(
  { host, io, failures, content }: ProducerPerf,
  open: () => Promise<void>,
  pace: Pace,
  statistics: PerfStatistics,
): Promise<boolean> {
  const { clock } = host
  const stop = io.stopSignal()
  for (let startMs = clock.monotonic(); !stop.aborted && !pace.isOver(startMs); startMs = clock.monotonic()) {
    try {
      await open()
      return true
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      const bytes = content.sizes.kind === 'fixed' ? content.sizes.bytes : 0
      const exception = failures.exception(error, 'metadata', 1, bytes)
      // Who cannot be reached is known sooner than Java gives it up.
      while (exception.is('TimeoutException') && clock.monotonic() < startMs + failures.maxBlockMs && !stop.aborted)
        await new Promise<void>((resolve) => void clock.after(100, resolve))
      if (stop.aborted) return false
      pace.take(1, startMs)
      statistics.lost(exception)
    }
  }
  return false
}
