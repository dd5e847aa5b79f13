import { Consumer } from '../../../src/client/index.ts'
import type { SeededRandom } from '../../../src/sim/index.ts'
import type { Cluster } from '../cluster.ts'
import type { Watch } from '../watch.ts'

const longestPauseMs = 200
/** So little that an answer hardly ever brings all there is. */
const fetchBytes = 2000

/**
 * Reads all partitions a few records at a time, and goes back now and then, mostly while an answer is under way. Records come one after
 * the other from where it stands: none is passed over, none comes that was not asked for.
 */
export class Wanderer {
  readonly #cluster: Cluster
  readonly #watch: Watch
  readonly #random: SeededRandom
  readonly #topic: string
  /** The offset that each partition goes on with. */
  readonly #next: number[]
  #stopped = false
  #wanders = true
  #running: Promise<void> | undefined

  constructor(cluster: Cluster, watch: Watch, random: SeededRandom, topic: string, partitionCount: number) {
    this.#cluster = cluster
    this.#watch = watch
    this.#random = random
    this.#topic = topic
    this.#next = Array.from({ length: partitionCount }, () => 0)
  }

  start(): void {
    this.#running = this.#run()
  }

  /** From now on it only goes on. */
  settle(): void {
    this.#wanders = false
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  /** How many records are before it, `ends` being where the partitions end. */
  behind(ends: readonly number[]): number {
    return ends.reduce((sum, end, partition) => sum + Math.max(0, end - this.#next[partition]!), 0)
  }

  async #run(): Promise<void> {
    const { clients, bootstrap } = this.#cluster
    const consumer = new Consumer(clients, {
      ...bootstrap,
      'client.id': 'wanderer',
      'auto.offset.reset': 'earliest',
      'request.timeout.ms': '3000',
      'max.partition.fetch.bytes': String(fetchBytes),
      'max.poll.records': '10',
    })
    consumer.assign(this.#next.map((_, partition) => ({ topic: this.#topic, partition })))
    while (!this.#stopped) {
      try {
        for (const chunk of await consumer.poll(500)) for (const { partition, offset } of chunk) this.#read(partition, offset)
        if (this.#wanders && this.#random.below(4) === 0) this.#goBack(consumer)
      } catch {
        // Nobody to ask: later.
        await this.#pause(100)
      }
      if (this.#wanders) await this.#pause(this.#random.below(longestPauseMs))
    }
    await consumer.close().catch(() => {})
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#cluster.clients.clock.after(ms, resolve))
  }

  #read(partition: number, offset: number): void {
    const expected = this.#next[partition]!
    if (offset !== expected)
      this.#watch.fail('C1 readers go on where they stand', `partition ${partition} brings ${offset}, ${expected} comes next`)
    this.#next[partition] = offset + 1
  }

  #goBack(consumer: Consumer): void {
    const partition = this.#random.below(this.#next.length)
    const from = this.#next[partition]!
    const offset = Math.max(0, from - 1 - this.#random.below(30))
    if (from === 0 || !consumer.assignment().some((each) => each.partition === partition)) return
    consumer.seek({ topic: this.#topic, partition }, offset)
    this.#next[partition] = offset
  }
}
