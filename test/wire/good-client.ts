import { Errors } from '../../src/protocol/index.ts'
import { plainBatch } from '../log/sample-batches.ts'
import { WireClient } from './wire-client.ts'

/** Someone who does nothing wrong, all the time: produces a record and reads it back, and remembers how that went. */
export class GoodClient {
  readonly faults: string[] = []
  count = 0
  /** The most that the broker worked, for whomever, between a request of this client's and its answer. */
  dearestMs = 0
  #stopping = false
  readonly #done: Promise<void>
  readonly #workedMs: () => number

  /** `workedMs`: what the broker has worked so far. */
  constructor(port: number, topic: string, workedMs: () => number) {
    this.#workedMs = workedMs
    this.#done = this.#run(port, topic).catch((error) => void this.faults.push(String(error)))
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await this.#done
  }

  async #run(port: number, topic: string): Promise<void> {
    using client = await WireClient.open(port)
    while (!this.#stopping) {
      const workedMs = this.#workedMs()
      const produced = await client.call('Produce', 9, {
        acks: -1,
        timeoutMs: 5000,
        topicData: [{ name: topic, partitionData: [{ index: 0, records: plainBatch(1, 100) }] }],
      })
      const { errorCode, baseOffset } = produced.responses[0].partitionResponses[0]
      if (errorCode !== Errors.NONE) this.faults.push(`produce: ${errorCode}`)
      const fetched = await client.call('Fetch', 11, {
        ...{ maxWaitMs: 1000, minBytes: 1, maxBytes: 1 << 20 },
        topics: [{ topic, partitions: [{ partition: 0, fetchOffset: baseOffset, partitionMaxBytes: 1 << 20 }] }],
      })
      const partition = fetched.responses[0].partitions[0]
      if (partition.errorCode !== Errors.NONE || partition.records.length === 0) this.faults.push(`fetch: ${partition.errorCode}`)
      this.dearestMs = Math.max(this.dearestMs, this.#workedMs() - workedMs)
      this.count++
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
}
