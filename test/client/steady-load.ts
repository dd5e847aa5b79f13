import assert from 'node:assert/strict'
import { Consumer, Producer } from '../../src/client/index.ts'
import type { Host } from '../../src/host/index.ts'

export interface LoadedTopic {
  readonly host: Host
  readonly bootstrap: { readonly 'bootstrap.servers': string }
  readonly topic: string
  readonly partitionCount: number
}

/** A producer (idempotent, acks=all) that goes on whatever happens to the cluster, and what was acknowledged to it. */
export class SteadyLoad {
  readonly acknowledged: number[] = []
  readonly failed: string[] = []
  readonly #loaded: LoadedTopic
  readonly #producer: Producer
  #stopped = false
  #running: Promise<void> | undefined

  constructor(loaded: LoadedTopic) {
    this.#loaded = loaded
    this.#producer = new Producer(loaded.host, { ...loaded.bootstrap, acks: 'all', 'delivery.timeout.ms': 600_000 })
  }

  start(everyMs = 20): void {
    this.#running = this.#run(everyMs)
  }

  /** Resolves when everything sent has come to something. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
    await this.#producer.close()
  }

  async #run(everyMs: number): Promise<void> {
    const { host, topic, partitionCount } = this.#loaded
    for (let next = 0; !this.#stopped; next++) {
      const value = next
      void this.#producer.sendAsync({ topic, partition: value % partitionCount, value: Buffer.from(String(value)) }).then(
        () => this.acknowledged.push(value),
        (error) => this.failed.push(`${value}: ${error.message}`),
      )
      await new Promise<void>((resolve) => void host.clock.after(everyMs, resolve))
    }
  }

  /** What was acknowledged is there, once and in order, and nothing else. */
  async check(): Promise<void> {
    assert.deepEqual(this.failed, [])
    const read = await readAll(this.#loaded)
    for (const [partition, values] of read.entries()) {
      const expected = this.acknowledged.filter((value) => value % this.#loaded.partitionCount === partition).toSorted((a, b) => a - b)
      assert.deepEqual(values, expected, `partition ${partition}`)
    }
  }
}

/** Everything that is committed, by partition. */
const readAll = async ({ host, bootstrap, topic, partitionCount }: LoadedTopic): Promise<number[][]> => {
  const consumer = new Consumer(host, { ...bootstrap, 'auto.offset.reset': 'earliest' })
  const partitions = Array.from({ length: partitionCount }, (_, partition) => ({ topic, partition }))
  consumer.assign(partitions)
  const ends = await consumer.endOffsets(partitions)
  const end = ends.reduce((sum, { value }) => sum + (value?.offset ?? 0), 0)
  const values: number[][] = partitions.map(() => [])
  for (let count = 0; count < end; ) {
    for (const chunk of await consumer.poll(500)) {
      for (const record of chunk) {
        values[record.partition]!.push(Number(record.value))
        count++
      }
    }
  }
  await consumer.close()
  return values
}
