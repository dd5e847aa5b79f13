import { type Admin, ClientError, CoordinatorType, Producer, type SettingsInput } from '../client/index.ts'
import type { Clock, Host } from '../host/index.ts'
import { Errors } from '../protocol/index.ts'
import { Codec, type CodecName } from '../records/index.ts'
import type { BenchRound, BenchRow } from './bench-report.ts'
import { MadeBatches } from './made-batches.ts'
import { Meter } from './meter.ts'
import { Pace, type PaceOptions, type Run } from './pace.ts'
import { type RecordContent, RecordSource } from './record-source.ts'

export interface TransactionLoadOptions {
  readonly host: Host
  /** Settings of Kafka's producers. */
  readonly config: SettingsInput
  readonly topic: string
  /** Without keys. */
  readonly content: RecordContent
  /** Of transactions, not of records. */
  readonly pace: PaceOptions
  /** Producers with a transactional id each: so many transactions at once. */
  readonly producers: number
  /** What their transactional ids begin with. */
  readonly transactionalId: string
  readonly recordsEach: number
  /** So many partitions have a part in each; infinite: all. */
  readonly partitionsEach: number
  /** The part of them that is aborted on purpose. */
  readonly abortShare: number
  readonly intervalMs: number
  readonly onRow: (row: BenchRow) => void
  readonly stop: AbortSignal
}

/** Timers are no finer. */
const TICK_MS = 1
/** How often who waits looks whether it was told to stop. */
const LOOK_MS = 100
/** How long to wait for answers when told to stop. */
const STOP_MS = 5000

/**
 * Whether a cluster has transactions at all: rejects in an instant where it says that it has none, before anything is made or waited for.
 * @throws ClientError TRANSACTIONAL_ID_AUTHORIZATION_FAILED
 */
export async function assertTransactions({ cluster }: Admin, transactionalId: string): Promise<void> {
  const found = (await cluster.coordinators(CoordinatorType.transaction, [transactionalId])).get(transactionalId)
  // Another error passes: brokers make the topic of transactions when they are first asked.
  if (found === undefined || !('errorCode' in found) || found.errorCode !== Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED) return
  throw new ClientError(
    found.errorCode,
    `no transactions can be measured: ${found.errorMessage || 'the cluster refuses the transactional id'}`,
    {
      hint: `A cluster that has them may not allow this user the id ${transactionalId}: --transactional-id names another one.`,
    },
  )
}

/** Producers that begin transactions at a pace, each one after the other. */
class TransactionLoad {
  readonly #options: TransactionLoadOptions
  readonly #clock: Clock
  readonly #meter: Meter
  readonly #producers: Producer[]
  readonly unknownKeys: readonly string[]
  #supply: MadeBatches | undefined
  #partitionCount = 0
  /** Of batches that came to their end: records, and bytes of their values. */
  readonly #settled = { records: 0, bytes: 0 }
  /** When a transaction came to its end last. */
  #heardMs = 0
  #turn = 0
  #begun = 0

  /** @throws KafkaError INVALID_CONFIG */
  constructor(options: TransactionLoadOptions, meter: Meter) {
    const { host, config, producers, transactionalId } = options
    this.#options = options
    this.#clock = host.clock
    this.#meter = meter
    const newProducer = (index: number): Producer =>
      new Producer(host, { ...config, 'transactional.id': `${transactionalId}-${index}` }, { connectAttempts: 3 })
    this.#producers = Array.from({ length: producers }, (_, index) => newProducer(index))
    this.unknownKeys = this.#producers[0]!.unknownKeys
  }

  /** Takes the transactional ids, finds the topic and makes the batches. */
  async open(): Promise<void> {
    const { topic, content, host } = this.#options
    await Promise.all(
      this.#producers.map(async (producer) => {
        await producer.transactions.init()
        await producer.ready(topic)
      }),
    )
    const { cluster, settings } = this.#producers[0]!
    this.#partitionCount = cluster.view.topics.get(topic)!.partitions.length
    const codec = settings['compression.type'] as CodecName
    this.#supply = new MadeBatches({
      source: new RecordSource(content, host.random),
      clock: host.clock,
      partitionCount: this.#partitionCount,
      byKey: false,
      batchSize: settings['batch.size'],
      requestSizeMax: settings['max.request.size'],
      codec: Codec[codec],
      level: codec === 'none' || codec === 'snappy' ? undefined : settings[`compression.${codec}.level`],
      transactional: true,
      reuse: true,
      onSettled: ({ count, payloadBytes }) => {
        this.#settled.records += count
        this.#settled.bytes += payloadBytes
      },
    })
    this.#supply.prepare()
  }

  /** Runs until the pace is over; gives up what is left when nothing comes to an end any more. */
  async run(pace: Pace): Promise<void> {
    await Promise.all(this.#producers.map((producer) => this.#work(producer, pace)))
  }

  async #work(producer: Producer, pace: Pace): Promise<void> {
    const { stop } = this.#options
    while (!stop.aborted) {
      const nowMs = this.#clock.monotonic()
      if (pace.isOver(nowMs)) return
      if (pace.due(nowMs) === 0) {
        await this.#after(Math.min(LOOK_MS, Math.max(TICK_MS, pace.waitMs(nowMs))))
        continue
      }
      if (!pace.isWarmUp(nowMs)) this.#meter.measureFrom(pace.nextMs(nowMs))
      const run = pace.take(1, nowMs)
      const endingMs = await this.#one(producer, run, pace)
      if (endingMs !== undefined) continue
      // Nothing comes of this producer any more; of others something may.
      if (this.#producers.every(({ transactions }) => transactions.phase === 'fatal error') || this.#isSilent(pace)) {
        if (pace.left > 0 && !stop.aborted) this.#giveUp(pace)
        return
      }
      if (producer.transactions.phase === 'fatal error') return
      await this.#after(LOOK_MS)
    }
  }

  /** One transaction; gives when its end was asked for, or nothing when it came to none. */
  async #one(producer: Producer, run: Run, pace: Pace): Promise<number | undefined> {
    const { recordsEach, stop } = this.#options
    const { transactions } = producer
    let endingMs = 0
    try {
      transactions.begin()
      await this.#send(producer)
      if (stop.aborted) return undefined
      const isAborted = this.#isToAbort()
      // What is aborted is there first: readers have to pass over it.
      if (isAborted) await this.#orStopped(producer.flush())
      endingMs = this.#clock.monotonic()
      await this.#ended(() => (isAborted ? transactions.abort() : transactions.commit()), pace)
      const nowMs = (this.#heardMs = this.#clock.monotonic())
      const outcome = isAborted ? 'aborted' : 'committed'
      this.#meter.ended({ run, outcome, endingMs, records: recordsEach, bytes: this.#bytes(recordsEach) }, nowMs)
      return endingMs
    } catch (error) {
      // What was cut short by a stop is no failure of the cluster.
      if (stop.aborted) return undefined
      if (!(error instanceof ClientError)) throw error
      this.#meter.ended({ run, outcome: 'failed', endingMs, records: 0, bytes: 0 }, this.#clock.monotonic())
      this.#meter.failed(recordsEach, `${error.message} [${error.errorName} ${error.code}]`)
    }
    try {
      if (transactions.phase === 'in transaction' || transactions.phase === 'abortable error')
        await this.#ended(() => transactions.abort(), pace)
      return transactions.phase === 'ready' ? endingMs : undefined
    } catch (error) {
      if (!(error instanceof ClientError)) throw error
      return undefined
    }
  }

  /** One in so many, always the same ones: rounds differ by the cluster alone. */
  #isToAbort(): boolean {
    const { abortShare } = this.#options
    return Math.floor(++this.#begun * abortShare) > Math.floor((this.#begun - 1) * abortShare)
  }

  /** What so many records come to. */
  #bytes(count: number): number {
    const { records, bytes } = this.#settled
    return records === 0 ? 0 : (count * bytes) / records
  }

  /** All its records, each partition's part together. */
  async #send(producer: Producer): Promise<void> {
    const { recordsEach, partitionsEach, topic, stop } = this.#options
    const count = Math.min(recordsEach, partitionsEach, this.#partitionCount)
    const first = this.#turn
    this.#turn = (this.#turn + count) % this.#partitionCount
    for (let part = 0; part < count; part++) {
      let left = Math.floor(((part + 1) * recordsEach) / count) - Math.floor((part * recordsEach) / count)
      while (!stop.aborted) {
        left -= producer.sendMade(topic, this.#supply!, left, (first + part) % this.#partitionCount)
        if (left === 0) break
        await producer.ready(topic)
      }
    }
  }

  /** Waits on while a cluster that does not answer may still come back, as long as the plan goes on and delivery.timeout.ms more. */
  async #ended(end: () => Promise<void>, pace: Pace): Promise<void> {
    for (;;) {
      try {
        await this.#orStopped(end())
        return
      } catch (error) {
        const isLate = error instanceof ClientError && error.code === Errors.REQUEST_TIMED_OUT
        if (!isLate || this.#options.stop.aborted || this.#isSilent(pace)) throw error
      }
    }
  }

  #isSilent(pace: Pace): boolean {
    const limitMs = this.#producers[0]!.settings['delivery.timeout.ms']
    return this.#clock.monotonic() >= Math.max(pace.startMs, pace.endMs, this.#heardMs) + limitMs
  }

  #giveUp(pace: Pace): void {
    const { left } = pace
    const { recordsEach } = this.#options
    const nowMs = this.#clock.monotonic()
    this.#meter.ended({ run: pace.take(left, nowMs), outcome: 'failed', endingMs: nowMs, records: 0, bytes: 0 }, nowMs)
    this.#meter.failed(left * recordsEach, 'no transaction came to an end any more')
  }

  #orStopped(work: Promise<void>): Promise<void> {
    const { stop } = this.#options
    return new Promise<void>((resolve, reject) => {
      const stopped = (): void => reject(new ClientError(Errors.REQUEST_TIMED_OUT, 'stopped'))
      const timer = (): void => stop.removeEventListener('abort', stopped)
      if (stop.aborted) stopped()
      else stop.addEventListener('abort', stopped, { once: true })
      work.then(resolve, reject).finally(timer)
    })
  }

  #after(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(ms, resolve))
  }

  counters(): Pick<BenchRound, 'batches' | 'requests' | 'retries'> {
    const sum = (of: 'batches' | 'requests' | 'retries'): number => this.#producers.reduce((total, { metrics }) => total + metrics[of], 0)
    return { batches: sum('batches'), requests: sum('requests'), retries: sum('retries') }
  }

  /** Aborts what is under way. */
  async close(): Promise<void> {
    await Promise.all(this.#producers.map((producer) => producer.close(STOP_MS)))
  }
}

/** One round of `bench txn`. */
export async function transactionLoad(options: TransactionLoadOptions, onUnknown: (keys: readonly string[]) => void): Promise<BenchRound> {
  const { host, intervalMs, onRow, pace } = options
  const meter = new Meter({ host, intervalMs, onRow, ofTransactions: true })
  const load = new TransactionLoad(options, meter)
  onUnknown(load.unknownKeys)
  try {
    await load.open()
    const startMs = host.clock.monotonic()
    meter.start(startMs)
    await load.run(new Pace(pace, startMs))
    return await meter.finish(load.counters())
  } finally {
    meter.close()
    await load.close()
  }
}
