import { resolve } from 'node:path'
import { loadProducerLoad, type RecordContent } from '../../bench/index.ts'
import { type ClientError, Producer } from '../../client/index.ts'
import { type Host, isDiskError } from '../../host/index.ts'
import { loadProperties, type Properties, readFile } from '../admin-session.ts'
import { grammar } from '../declared/kafka-producer-perf-test.ts'
import { clientException, exceptionOf } from '../java/client-failure.ts'
import { illegalArgument, JavaException, stackTrace } from '../java/exception.ts'
import { parseDouble } from '../java/number-text.ts'
import { argumentUsage } from '../options/argument-help.ts'
import { ArgumentError, type Namespace } from '../options/argument-parser.ts'
import { withArguments } from '../options/arguments-run.ts'
import { guarded, type Tool, type ToolIo, uncaught } from '../tool.ts'
import { metricTable } from './metric-table.ts'
import { ProducerStatistics } from './producer-statistics.ts'

/** Java waits that long for room and metadata. */
const never = Number.POSITIVE_INFINITY

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
  if (namespace.has('transactional-id') || namespace.has('transaction-duration-ms') || 'transactional.id' in properties)
    throw new JavaException('java.lang.UnsupportedOperationException', 'tkafka has no producer with transactions yet')
  const host = await io.host()
  const warmUp = Math.max(0, namespace.number('warmup-records')!)
  if (warmUp > 0) io.out(`Warmup first ${warmUp} records. Steady state results will print after the complete test summary.\n`)
  const isMonotonic = namespace.text('payload-monotonic') === 'true'
  return (isMonotonic ? sendNumbers : sendMade)({ namespace, io, host, properties, warmUp, values })
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

interface Load {
  readonly namespace: Namespace
  readonly io: ToolIo
  readonly host: Host
  readonly properties: Properties
  readonly warmUp: number
  readonly values: Buffer[] | undefined
}

/** Both sums, as the acknowledgements come: of all, and of what follows the warm-up. */
class Statistics {
  readonly all: ProducerStatistics
  steady: ProducerStatistics | undefined
  readonly #load: Load

  constructor(load: Load) {
    this.#load = load
    this.all = this.#new(load.namespace.number('num-records')!, false)
  }

  #new(count: number, isSteadyState: boolean): ProducerStatistics {
    const { io, host, namespace } = this.#load
    const intervalMs = namespace.number('reporting-interval')!
    return new ProducerStatistics(count, { intervalMs, isSteadyState, now: () => host.clock.now(), out: (line) => void io.out(line) })
  }

  /** The warm-up has been sent. */
  warm(): void {
    if (this.#load.warmUp === 0) return
    this.steady = this.#new(this.#load.namespace.number('num-records')! - this.#load.warmUp, true)
    this.all.silence()
  }

  record(latencyMs: number, bytes: number, isWarmUp: boolean): void {
    const nowMs = this.#load.host.clock.now()
    this.all.record(Math.max(0, Math.round(latencyMs)), bytes, nowMs)
    if (!isWarmUp) this.steady?.record(Math.max(0, Math.round(latencyMs)), bytes, nowMs)
  }

  tell(): void {
    const { io } = this.#load
    io.out(this.all.total())
    if (this.steady !== undefined) io.out(this.steady.total())
  }
}

const perSecondOf = (namespace: Namespace): number => {
  const throughput = parseDouble(namespace.text('throughput')!)!
  // Zero lets one record pass, and then waits for good.
  return throughput < 0 ? never : Math.max(throughput, 1e-9)
}

const told = (io: ToolIo, error: ClientError): void => {
  io.err(stackTrace(exceptionOf(error.code, error.message)))
}

async function sendMade(load: Load): Promise<number> {
  const { namespace, io, host, properties, warmUp, values } = load
  const { ProducerLoad, Pace } = await loadProducerLoad()
  const size = namespace.number('record-size') ?? 0
  const most = values?.reduce((longest, { length }) => Math.max(longest, length), 0) ?? size
  const content: RecordContent = {
    sizes: { kind: 'fixed', bytes: most },
    kind: 'letters',
    keys: 0,
    ...(values === undefined ? {} : { values }),
  }
  const stop = io.stopSignal()
  const pace = {
    perSecond: perSecondOf(namespace),
    countMax: namespace.number('num-records')!,
    durationMs: never,
    warmUpRecords: warmUp,
    warmUpMs: 0,
  }
  const options = {
    ...{ host, topic: namespace.text('topic')!, content, pace, producers: 1, intervalMs: never, stop },
    config: properties,
    onRow: () => {},
  }
  const producers = new ProducerLoad(options)
  let statistics: Statistics | undefined
  let [acknowledged, failed] = [0, 0]
  try {
    const open = producers.open((batch, error) => {
      if (error !== null) {
        failed += batch.count
        for (let index = 0; index < batch.count; index++) told(io, error)
      } else {
        acknowledged += batch.count
        const nowMs = host.clock.monotonic()
        for (const run of batch.runs)
          for (let index = 0; index < run.count; index++)
            statistics!.record(nowMs - run.takenMs, batch.payloadBytes / batch.count, run.isWarmUp)
      }
    })
    await open.catch((error: unknown) => {
      throw clientException(error, 'metadata')
    })
    statistics = new Statistics(load)
    await producers.send(new Pace(pace, host.clock.monotonic()), () => statistics!.warm())
  } finally {
    await producers.close()
  }
  statistics.tell()
  if (namespace.text('print-metrics') === 'true') {
    const { batches, requests, retries } = producers.counters()
    const figures = {
      'record-send-total': acknowledged,
      'record-error-total': failed,
      'record-retry-total': retries,
      'request-total': requests,
      'records-per-request-avg': acknowledged / Math.max(1, requests),
    }
    io.out(metricTable('producer-metrics', properties['client.id']!, { ...figures, 'batch-total': batches }))
  }
  return 0
}

/** Each record has a value of its own: 0, 1, 2 … */
async function sendNumbers(load: Load): Promise<number> {
  const { namespace, io, host, properties, warmUp } = load
  const { Pace } = await loadProducerLoad()
  const topic = namespace.text('topic')!
  const countMax = namespace.number('num-records')!
  const stop = io.stopSignal()
  const producer = new Producer(host, properties)
  const statistics = new Statistics(load)
  const pace = new Pace(
    { perSecond: perSecondOf(namespace), countMax, durationMs: never, warmUpRecords: 0, warmUpMs: 0 },
    host.clock.monotonic(),
  )
  try {
    while (pace.taken < countMax && !stop.aborted) {
      const startMs = host.clock.monotonic()
      if (pace.due(startMs) === 0) {
        await new Promise<void>((resolve) => void host.clock.after(Math.min(100, Math.max(1, pace.waitMs(startMs))), resolve))
        continue
      }
      const index = pace.taken
      if (warmUp > 0 && index === warmUp) statistics.warm()
      const value = Buffer.from(String(index))
      while (
        !producer.send({ topic, value }, (error) => {
          if (error === null) statistics.record(host.clock.monotonic() - startMs, value.length, index < warmUp)
          else told(io, error)
        })
      )
        await producer.ready(topic)
      pace.take(1, startMs)
    }
  } finally {
    await producer.close(stop.aborted ? 5000 : Number.MAX_SAFE_INTEGER)
  }
  statistics.tell()
  return 0
}
