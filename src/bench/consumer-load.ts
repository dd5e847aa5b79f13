import { Consumer, type RecordChunk, type SettingsInput } from '../client/index.ts'
import type { Clock, Host } from '../host/index.ts'
import type { BenchRound, BenchRow } from './bench-report.ts'
import { Meter } from './meter.ts'

export interface ConsumerLoadOptions {
  readonly host: Host
  /** Settings of Kafka's consumers; with group.id they share the partitions as a group does. */
  readonly config: SettingsInput
  readonly topic: string
  readonly consumers: number
  /** Records to read, the warm-up included; may be infinite: then to where the partitions ended when it began, unless there is a duration. */
  readonly countMax: number
  readonly durationMs: number
  readonly warmUpRecords: number
  readonly warmUpMs: number
  /** Looks at every record, as an application would; without, at the heads of batches. */
  readonly decode: boolean
  /** Ends it when nothing came for so long. */
  readonly silenceMs: number
  readonly intervalMs: number
  readonly onRow: (row: BenchRow) => void
  readonly stop: AbortSignal
}

const POLL_MS = 200
const ALL = 0x7fffffff

/** Consumers of a topic. What they get is theirs to look at. */
export class ConsumerLoad {
  readonly #consumers: Consumer[]
  readonly #clock: Clock
  readonly #topic: string
  readonly #isGroup: boolean
  readonly unknownKeys: readonly string[]
  #over = false

  /** @throws KafkaError INVALID_CONFIG */
  constructor({ host, config, topic, consumers }: Pick<ConsumerLoadOptions, 'host' | 'config' | 'topic' | 'consumers'>) {
    this.#clock = host.clock
    this.#topic = topic
    this.#isGroup = (config['group.id'] ?? '') !== ''
    // Whole batches, unless somebody wants them in pieces: pieces have to be looked for.
    const own = { 'max.poll.records': ALL, 'auto.offset.reset': 'earliest', ...(this.#isGroup ? {} : { 'enable.auto.commit': false }) }
    this.#consumers = Array.from(
      { length: consumers },
      () => new Consumer(host, { ...own, ...config }, { connectAttempts: 3, reusesMemory: true }),
    )
    this.unknownKeys = this.#consumers[0]!.unknownKeys
  }

  /** Gives each its partitions and waits until it knows where they begin. Resolves to where all of them end by now. */
  async open(from: 'earliest' | 'latest' | 'by setting'): Promise<number> {
    const [first] = this.#consumers
    await first!.cluster.refresh([this.#topic])
    const known = first!.cluster.view.topics.get(this.#topic)
    const partitions = (known?.partitions ?? []).map(({ partition }) => ({ topic: this.#topic, partition }))
    let toRead = 0
    if (!this.#isGroup) {
      for (const [index, consumer] of this.#consumers.entries()) {
        const own = partitions.filter(({ partition }) => partition % this.#consumers.length === index)
        consumer.assign(own)
        if (from !== 'by setting') consumer.seekTo(from, own)
        for (const each of own) toRead -= await consumer.position(each)
      }
      for (const { error, value } of await first!.endOffsets(partitions)) if (error === null) toRead += value.offset
      return toRead
    }
    for (const consumer of this.#consumers) consumer.subscribe([this.#topic])
    return Number.POSITIVE_INFINITY
  }

  /** Reads until `end` is called. */
  async read(take: (chunk: RecordChunk, nowMs: number) => void): Promise<void> {
    await Promise.all(
      this.#consumers.map(async (consumer) => {
        while (!this.#over) {
          const chunks = await consumer.poll(POLL_MS)
          if (chunks.length === 0) continue
          const nowMs = this.#clock.monotonic()
          for (const chunk of chunks) take(chunk, nowMs)
        }
      }),
    )
  }

  get fetches(): number {
    return this.#consumers.reduce((sum, { metrics }) => sum + metrics.fetches, 0)
  }

  end(): void {
    if (this.#over) return
    this.#over = true
    for (const consumer of this.#consumers) consumer.wakeup()
  }

  async close(): Promise<void> {
    this.end()
    await Promise.all(this.#consumers.map((consumer) => consumer.close(5000)))
  }
}

/** Records and bytes of a chunk, by the heads of its batches, or by looking at each record: then keys and values alone count. */
export function weigh(chunk: RecordChunk, decode: boolean): { records: number; bytes: number; batches: number } {
  const { batches } = chunk
  if (!decode) {
    let bytes = 0
    for (const batch of batches) bytes += batch.bytes
    return { records: chunk.countMax, bytes, batches: batches.length }
  }
  let [records, bytes] = [0, 0]
  while (chunk.next()) {
    records++
    bytes += Math.max(0, chunk.cursor.keyLength) + Math.max(0, chunk.cursor.valueLength)
  }
  return { records, bytes, batches: batches.length }
}

/** One round of `bench consumer`. */
export async function consumeLoad(options: ConsumerLoadOptions, onUnknown: (keys: readonly string[]) => void): Promise<BenchRound> {
  const { host, intervalMs, onRow, stop, warmUpRecords, warmUpMs, decode } = options
  const { clock } = host
  const load = new ConsumerLoad(options)
  onUnknown(load.unknownKeys)
  const meter = new Meter({ host, intervalMs, onRow })
  const onStop = (): void => load.end()
  let batchesRead = 0
  try {
    const toRead = await load.open('earliest')
    const countMax =
      options.countMax < Number.POSITIVE_INFINITY || options.durationMs < Number.POSITIVE_INFINITY ? options.countMax : toRead
    const startMs = clock.monotonic()
    let lastMs = startMs
    meter.start(startMs)
    if (warmUpRecords === 0 && warmUpMs === 0) meter.measureFrom(startMs)
    const watch = (): void => {
      const nowMs = clock.monotonic()
      if (nowMs - startMs >= options.durationMs || nowMs - lastMs >= options.silenceMs || stop.aborted) load.end()
      else timer = clock.after(Math.min(100, options.durationMs - (nowMs - startMs)), watch)
    }
    let timer = clock.after(0, watch)
    stop.addEventListener('abort', onStop)
    if (countMax <= 0) load.end()
    try {
      await load.read((chunk, nowMs) => {
        const isWarmUp = meter.settled < warmUpRecords || nowMs - startMs < warmUpMs
        if (!isWarmUp) meter.measureFrom(nowMs)
        const { records, bytes, batches } = weigh(chunk, decode)
        batchesRead += batches
        lastMs = nowMs
        meter.read(records, bytes, nowMs, isWarmUp)
        if (meter.settled >= countMax) load.end()
      })
    } finally {
      timer.cancel()
    }
  } finally {
    stop.removeEventListener('abort', onStop)
    await load.close()
  }
  return meter.finish({ batches: batchesRead, requests: load.fetches })
}
