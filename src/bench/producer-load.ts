import { ClientError, type Cluster, Producer, type SettingsInput } from '../client/index.ts'
import type { Clock, Host } from '../host/index.ts'
import { Errors, KafkaError } from '../protocol/index.ts'
import { Codec, type CodecName } from '../records/index.ts'
import type { BenchRound, BenchRow } from './bench-report.ts'
import { MadeBatches, type SettledBatch } from './made-batches.ts'
import { Meter } from './meter.ts'
import { Pace, type PaceOptions } from './pace.ts'
import { type RecordContent, RecordSource } from './record-source.ts'
import type { Stamps } from './stamps.ts'

export interface ProducerLoadOptions {
  readonly host: Host
  /** Settings of Kafka's producers. */
  readonly config: SettingsInput
  readonly topic: string
  readonly content: RecordContent
  readonly pace: PaceOptions
  /** Clients with connections of their own. */
  readonly producers: number
  readonly intervalMs: number
  readonly onRow: (row: BenchRow) => void
  readonly stop: AbortSignal
  /**
   * As Kafka's own tool: a record that finds no room within max.block.ms is told and lost, and the next one is tried, to the end of the plan,
   * whether or not the cluster comes back; a producer that can send nothing any more ends it.
   */
  readonly onNoRoom?: (error: ClientError) => void
}

/** At most so many bytes are handed over before input is looked at. */
const SLICE_BYTES = 1024 * 1024
/** Timers are no finer. */
const TICK_MS = 1
/** How long to wait with the next try where nothing is taken at all. */
const REFUSED_MS = 100
/** How long to wait for answers when told to stop. */
const STOP_MS = 5000

/** Producers that send made batches at a pace. */
export class ProducerLoad {
  readonly #options: ProducerLoadOptions
  readonly #clock: Clock
  readonly #producers: Producer[]
  /** Those that can still send. */
  #able: Producer[]
  readonly unknownKeys: readonly string[]
  #supply: MadeBatches | undefined
  #shares: number[] | undefined
  #sentTo: number[] = []
  #turn = 0
  #over = false
  /** When something was acknowledged last. */
  #heardMs = 0
  /** Why there was no room of late. */
  #refusal: ClientError | undefined
  /** Ends a wait for room. */
  #wake: (() => void) | undefined
  #onSettled: (batch: SettledBatch, error: ClientError | null) => void = () => {}

  /** @throws KafkaError INVALID_CONFIG */
  constructor(options: ProducerLoadOptions) {
    this.#options = options
    const { host, config, producers } = options
    if (config['transactional.id'] != null)
      throw new KafkaError(Errors.INVALID_CONFIG, 'transactional.id is for loads of transactions: tkafka bench txn')
    this.#clock = host.clock
    this.#producers = Array.from({ length: producers }, () => new Producer(host, config, { connectAttempts: 3 }))
    this.#able = this.#producers
    this.unknownKeys = this.#producers[0]!.unknownKeys
  }

  /** Finds the topic, connects to its leaders and makes the batches. `stamps`: values carry the time they were to be sent. */
  async open(onSettled: (batch: SettledBatch, error: ClientError | null) => void, stamps?: Stamps): Promise<void> {
    const { topic, content, host } = this.#options
    this.#onSettled = onSettled
    for (const producer of this.#producers) {
      await producer.ready(topic)
      await openLinks(producer.cluster, topic)
    }
    const { cluster, settings } = this.#producers[0]!
    const partitionCount = cluster.view.topics.get(topic)!.partitions.length
    const codec = settings['compression.type'] as CodecName
    const source = new RecordSource(content, host.random)
    this.#supply = new MadeBatches({
      source,
      clock: host.clock,
      partitionCount,
      byKey: content.keys > 0,
      batchSize: settings['batch.size'],
      requestSizeMax: settings['max.request.size'],
      codec: Codec[codec],
      level: codec === 'none' || codec === 'snappy' ? undefined : settings[`compression.${codec}.level`],
      reuse: settings.acks !== '0',
      onSettled: (batch, error) => {
        if (error === null) this.#heardMs = host.clock.monotonic()
        onSettled(batch, error)
      },
      ...(stamps === undefined ? {} : { stamps }),
    })
    if (content.keys > 0) this.#shares = source.shares(partitionCount)
    this.#sentTo = Array.from({ length: partitionCount }, () => 0)
    this.#supply.prepare()
  }

  /**
   * Sends until the pace is over. `onMeasure` is told the time of the first record behind the warm-up. A cluster that takes nothing is waited
   * for as long as the plan goes on, and delivery.timeout.ms more since it last acknowledged something: what is left then has failed, and
   * so it has when no producer can send any more.
   */
  async send(pace: Pace, onMeasure: (fromMs: number) => void): Promise<void> {
    const { stop } = this.#options
    const wake = (): void => this.#wake?.()
    stop.addEventListener('abort', wake)
    try {
      await this.#send(pace, onMeasure)
    } finally {
      stop.removeEventListener('abort', wake)
    }
  }

  async #send(pace: Pace, onMeasure: (fromMs: number) => void): Promise<void> {
    const { stop, onNoRoom } = this.#options
    const limitMs = this.#producers[0]!.settings['delivery.timeout.ms']
    this.#supply!.pace = pace
    let warm = true
    while (!stop.aborted && !this.#over) {
      const nowMs = this.#clock.monotonic()
      if (pace.isOver(nowMs)) return
      const isLate = onNoRoom === undefined && nowMs >= Math.max(pace.endMs, this.#heardMs) + limitMs
      if (this.#able.length === 0 || isLate) return this.#giveUp(pace, limitMs)
      if (warm && !pace.isWarmUp(nowMs)) {
        warm = false
        onMeasure(pace.nextMs(nowMs))
      }
      const due = pace.due(nowMs)
      if (due === 0) await this.#after(Math.max(TICK_MS, pace.waitMs(nowMs)))
      else await this.#handOver(due)
    }
  }

  /** No more is sent, whatever the pace says. */
  end(): void {
    this.#over = true
    this.#wake?.()
  }

  #giveUp({ left }: Pace, limitMs: number): void {
    const silence = new ClientError(Errors.REQUEST_TIMED_OUT, `nothing was acknowledged for ${limitMs} ms`)
    if (left > 0) this.#onSettled({ runs: [], count: left, payloadBytes: 0 }, this.#refusal ?? silence)
  }

  /** Waits for room, but no longer than max.block.ms. */
  #room(producer: Producer): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
      producer.ready(this.#options.topic).then(resolve, (error: ClientError) => {
        this.#refusal = error
        const { onNoRoom } = this.#options
        if (onNoRoom === undefined) this.#clock.after(REFUSED_MS, resolve)
        else {
          this.#supply?.pace?.take(1, this.#clock.monotonic())
          onNoRoom(error)
          resolve()
        }
      })
    })
  }

  async #handOver(due: number): Promise<void> {
    const producer = this.#able[this.#turn++ % this.#able.length]!
    const slice = Math.min(due, this.#sliceRecords)
    let taken: number
    try {
      taken = this.#shares === undefined ? this.#sendTo(producer, slice) : this.#sendByKey(producer, slice, this.#shares)
    } catch (error) {
      if (!(error instanceof ClientError) || this.#options.onNoRoom !== undefined) throw error
      // It will never send again; what it was to send is for others, if there are any.
      this.#refusal = error
      this.#able = this.#able.filter((each) => each !== producer)
      return
    }
    if (taken < slice) await this.#room(producer)
    else if (taken < due) await this.#deferred()
  }

  #sendTo(producer: Producer, count: number, partition?: number): number {
    return producer.sendMade(this.#options.topic, this.#supply!, count, partition)
  }

  /** To each partition what its share says. */
  #sendByKey(producer: Producer, count: number, shares: readonly number[]): number {
    let taken = 0
    for (const [partition, wanted] of spread(count, shares, this.#sentTo).entries()) {
      if (wanted === 0) continue
      const sent = this.#sendTo(producer, wanted, partition)
      this.#sentTo[partition]! += sent
      taken += sent
      if (sent < wanted) break
    }
    return taken
  }

  get #sliceRecords(): number {
    const { sizes } = this.#options.content
    const bytes =
      sizes.kind === 'fixed' ? sizes.bytes : sizes.kind === 'uniform' ? sizes.most : Math.max(...sizes.sizes.map((each) => each.bytes))
    return Math.max(1, Math.floor(SLICE_BYTES / (bytes + 16)))
  }

  #after(ms: number): Promise<void> {
    // Long pauses end early when somebody stops it.
    return new Promise((resolve) => void this.#clock.after(Math.min(ms, 100), resolve))
  }

  #deferred(): Promise<void> {
    return new Promise((resolve) => this.#clock.defer(resolve))
  }

  counters(): Pick<BenchRound, 'batches' | 'requests' | 'retries'> {
    const sum = (of: 'batches' | 'requests' | 'retries'): number => this.#producers.reduce((total, { metrics }) => total + metrics[of], 0)
    return { batches: sum('batches'), requests: sum('requests'), retries: sum('retries') }
  }

  /** Waits for the answers of what was sent, but not long when somebody stops it. */
  async close(): Promise<void> {
    const { stop } = this.#options
    const closing = this.#producers.map((producer) => (stop.aborted ? producer.close(STOP_MS) : producer.close()))
    await Promise.all(closing)
  }
}

/** Parts so many more records so that all sent to each partition come as near to its share as whole numbers can. */
export function spread(count: number, shares: readonly number[], sentTo: readonly number[]): number[] {
  const total = sentTo.reduce((sum, each) => sum + each, count)
  const parts = shares.map((share, partition) => Math.max(0, Math.floor(share * total) - sentTo[partition]!))
  let left = count - parts.reduce((sum, each) => sum + each, 0)
  for (let partition = total % shares.length; left > 0; partition = (partition + 1) % shares.length) {
    if (shares[partition] === 0) continue
    parts[partition]!++
    left--
  }
  // Too many where others got too much before.
  for (let partition = 0; left < 0; partition++) {
    const less = Math.min(parts[partition]!, -left)
    parts[partition]! -= less
    left += less
  }
  return parts
}

/** Connects to who leads the partitions, so that the first records need not wait for it. */
async function openLinks(cluster: Cluster, topic: string): Promise<void> {
  const leaders = new Set(cluster.view.topics.get(topic)?.partitions.map(({ leader }) => leader))
  await Promise.allSettled([...leaders].filter((id) => id >= 0).map((id) => cluster.link(id).open()))
}

/** One round of `bench producer`. */
export async function produceLoad(options: ProducerLoadOptions, onUnknown: (keys: readonly string[]) => void): Promise<BenchRound> {
  const { host, intervalMs, onRow, pace } = options
  const load = new ProducerLoad(options)
  onUnknown(load.unknownKeys)
  const meter = new Meter({ host, intervalMs, onRow })
  try {
    await load.open((batch, error) => settle(meter, host.clock, batch, error))
    const startMs = host.clock.monotonic()
    meter.start(startMs)
    await load.send(new Pace(pace, startMs), (fromMs) => meter.measureFrom(fromMs))
    await load.close()
    return await meter.finish(load.counters())
  } finally {
    meter.close()
    await load.close()
  }
}

/** Counts the records of a batch that came to its end. */
export function settle(meter: Meter, clock: Clock, { runs, count, payloadBytes }: SettledBatch, error: ClientError | null): void {
  if (error !== null) {
    meter.failed(count, `${error.message} [${error.errorName} ${error.code}]`)
    return
  }
  const nowMs = clock.monotonic()
  for (const run of runs) meter.acknowledged(run, (payloadBytes * run.count) / count, nowMs)
}
