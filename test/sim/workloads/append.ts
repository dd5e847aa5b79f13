import { Consumer, Producer } from '../../../src/client/index.ts'
import { IdempotentIdentity } from '../../../src/client/producer/identity.ts'
import type { SeededRandom, SimHost } from '../../../src/sim/index.ts'
import type { Cluster } from '../cluster.ts'
import { Violation } from '../invariants/index.ts'

export interface AppendOptions {
  readonly topic: string
  readonly partitionCount: number
  readonly random: SeededRandom
  /** Between two bursts, on average. */
  readonly everyMs: number
  /** The record at this offset counts as replicated; -1: its offset is not known. */
  acknowledged(partition: number, offset: number): void
}

interface Sent {
  readonly producer: number
  readonly number: number
}

const PRODUCERS = 2
/** Then another takes its place, of whom no leader has heard. */
const burstsOfOne = 30

/** Idempotent producers that go on whatever happens, one of them as a new one now and then: what they are told is there (I1), once and in order (P1). */
export class AppendLoad {
  readonly host: SimHost
  readonly #bootstrap: Cluster['bootstrap']
  readonly #options: AppendOptions
  readonly #acknowledged = new Map<number, Sent[]>()
  readonly #producers = new Set<Producer>()
  /** Producers that began their sequences anew. */
  readonly #restarted = new Set<number>()
  #sentCount = 0
  #settledCount = 0
  #failure: string | undefined
  #stopped = false
  #running: Promise<unknown> | undefined

  constructor(cluster: Cluster, options: AppendOptions) {
    this.host = cluster.clients
    this.#bootstrap = cluster.bootstrap
    this.#options = options
  }

  get acknowledgedCount(): number {
    return [...this.#acknowledged.values()].reduce((sum, { length }) => sum + length, 0)
  }
  get unsettledCount(): number {
    return this.#sentCount - this.#settledCount
  }
  get acknowledged(): ReadonlyMap<number, readonly Sent[]> {
    return this.#acknowledged
  }

  start(): void {
    this.#running = Promise.all(Array.from({ length: PRODUCERS }, (_, producer) => this.#run(producer)))
  }

  /** Resolves when everything that was sent has come to something. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
    for (const producer of this.#producers) await producer.close()
  }

  async #run(index: number): Promise<void> {
    const { random, everyMs, topic, partitionCount } = this.#options
    let producer = this.#newProducer(index)
    for (let number = 0, bursts = 0; !this.#stopped; bursts++) {
      if (index > 0 && bursts === burstsOfOne) {
        bursts = 0
        await producer.close()
        this.#producers.delete(producer)
        producer = this.#newProducer(index)
      }
      for (let burst = 1 + random.below(4); burst > 0; burst--, number++) {
        const partition = random.below(partitionCount)
        const padding = random.below(20) === 0 ? random.below(12_000) : random.below(200)
        const value = Buffer.from(`${index}:${number}:${'x'.repeat(padding)}`)
        this.#sentCount++
        void this.#send(producer, { producer: index, number }, { topic, partition, value })
      }
      await new Promise<void>((resolve) => void this.host.clock.after(random.fraction() * 2 * everyMs, resolve))
    }
  }

  #newProducer(index: number): Producer {
    const producer = new Producer(
      this.host,
      {
        ...this.#bootstrap,
        acks: 'all',
        'delivery.timeout.ms': 600_000,
        'request.timeout.ms': 3000,
        'client.id': `producer-${index}`,
        'linger.ms': index * 5,
      },
      {
        identity: (cluster, settings) => new CountedIdentity(cluster, settings['max.block.ms'], () => this.#restarted.add(index)),
      },
    )
    this.#producers.add(producer)
    return producer
  }

  async #send(producer: Producer, sent: Sent, record: { topic: string; partition: number; value: Buffer }): Promise<void> {
    try {
      const { offset } = await producer.sendAsync(record)
      this.#options.acknowledged(record.partition, offset)
      const list = this.#acknowledged.get(record.partition) ?? []
      this.#acknowledged.set(record.partition, list)
      list.push(sent)
    } catch (error) {
      this.#failure ??= `record ${sent.producer}:${sent.number} of partition ${record.partition}: ${(error as Error).message}`
    }
    this.#settledCount++
  }

  /** Everything is sent and settled: reads the topic from its beginning. */
  async check(): Promise<void> {
    if (this.#failure !== undefined) throw new Violation('L4 clients are done', `a record was given up within its time: ${this.#failure}`)
    const { topic, partitionCount } = this.#options
    const read = await readAll(this.host, this.#bootstrap, topic, partitionCount)
    for (let partition = 0; partition < partitionCount; partition++) {
      const problem = problemOf(read[partition]!, this.#acknowledged.get(partition) ?? [], this.#restarted)
      if (problem !== undefined) throw new Violation('I1 acknowledged records', `partition ${partition}: ${problem}`)
    }
  }
}

/**
 * A producer that begins its sequences anew may say a thing twice: a leader that was restarted in order remembers the last batch alone (as
 * Apache Kafka's snapshots of producers have it), so that it takes a repetition of the one before for a gap.
 */
class CountedIdentity extends IdempotentIdentity {
  readonly #restarted: () => void

  constructor(cluster: ConstructorParameters<typeof IdempotentIdentity>[0], timeoutMs: number, restarted: () => void) {
    super(cluster, timeoutMs)
    this.#restarted = restarted
  }

  override bump(): void {
    this.#restarted()
    super.bump()
  }
}

const problemOf = (read: readonly Sent[], acknowledged: readonly Sent[], restarted: ReadonlySet<number>): string | undefined => {
  const there = new Set<string>()
  const last = new Map<number, number>()
  for (const { producer, number } of read) {
    const name = `${producer}:${number}`
    if (there.has(name)) {
      if (restarted.has(producer)) continue
      return `${name} is there twice`
    }
    there.add(name)
    if (number < (last.get(producer) ?? -1)) return `${name} comes after ${producer}:${last.get(producer)}`
    last.set(producer, number)
  }
  const lost = acknowledged.filter(({ producer, number }) => !there.has(`${producer}:${number}`))
  return lost.length === 0
    ? undefined
    : `${lost.length} of ${acknowledged.length} acknowledged records are gone, ${lost[0]!.producer}:${lost[0]!.number} first`
}

/** `producer:number:padding` */
const parse = (value: Buffer | null): Sent => {
  const [producer, number] = String(value).split(':', 2)
  return { producer: Number(producer), number: Number(number) }
}

const readAll = async (host: SimHost, bootstrap: Cluster['bootstrap'], topic: string, partitionCount: number): Promise<Sent[][]> => {
  const consumer = new Consumer(host, { ...bootstrap, 'auto.offset.reset': 'earliest' })
  const partitions = Array.from({ length: partitionCount }, (_, partition) => ({ topic, partition }))
  consumer.assign(partitions)
  const ends = await consumer.endOffsets(partitions)
  const end = ends.reduce((sum, { value }) => sum + (value?.offset ?? 0), 0)
  const values: Sent[][] = partitions.map(() => [])
  for (let count = 0; count < end; ) {
    for (const chunk of await consumer.poll(500)) {
      for (const record of chunk) {
        values[record.partition]!.push(parse(record.value))
        count++
      }
    }
  }
  await consumer.close()
  return values
}
