import { Producer } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { Errors } from '../../src/protocol/index.ts'
import { readRecords } from '../../src/records/index.ts'
import { WireClient } from '../wire/wire-client.ts'

const OUTSTANDING_MAX = 2000
const FAULTS_MAX = 20
/** Enough to have appends, writes and answers under way at any moment, little enough to be read back after every kill. */
const RECORDS_PER_MS = 10

/**
 * Records 0, 1, 2, … to every partition, acks=all and idempotent, and the memory of what was acknowledged where.
 *
 *     acknowledged  ⊆  in the log,  in the log each sequence once,  in the log in the order of sending
 */
export class SequenceLoad {
  readonly topic: string
  readonly partitionCount: number
  readonly failures: string[] = []
  ackedCount = 0
  outstanding = 0
  readonly #producer: Producer
  readonly #nextSequence: number[]
  /** Offsets by sequence, acknowledged in this order. */
  readonly #acked: number[][]
  /** What was found acknowledged and in its place stays so; the next look begins behind it. */
  readonly #verifiedTo: { offset: number; sequence: number }[]
  #stopping = false
  #running: Promise<void> | undefined

  constructor(bootstrap: string, topic: string, partitionCount: number, settings: Record<string, string> = {}) {
    this.topic = topic
    this.partitionCount = partitionCount
    this.#nextSequence = Array.from({ length: partitionCount }, () => 0)
    this.#acked = Array.from({ length: partitionCount }, () => [])
    this.#verifiedTo = Array.from({ length: partitionCount }, () => ({ offset: 0, sequence: 0 }))
    this.#producer = new Producer(nodeHost({ journal: silentJournal }), {
      'bootstrap.servers': bootstrap,
      acks: 'all',
      'enable.idempotence': 'true',
      'linger.ms': '2',
      'reconnect.backoff.ms': '10',
      'reconnect.backoff.max.ms': '50',
      'retry.backoff.ms': '10',
      'retry.backoff.max.ms': '100',
      'request.timeout.ms': '5000',
      ...settings,
    })
  }

  start(): void {
    this.#running = this.#run()
  }

  /** Sends no more; resolves when every record is acknowledged or has failed. */
  async stop(): Promise<void> {
    this.#stopping = true
    await this.#running
    await this.#producer.close(60_000)
  }

  async #run(): Promise<void> {
    const startedMs = performance.now()
    for (let n = 0; !this.#stopping; n++) {
      while (this.outstanding >= OUTSTANDING_MAX || n > (performance.now() - startedMs) * RECORDS_PER_MS) {
        await new Promise((resolve) => setTimeout(resolve, 1))
        if (this.#stopping) return
      }
      const partition = n % this.partitionCount
      while (!this.#send(partition, n)) await this.#producer.ready(this.topic).catch((error) => this.#failed(error.message))
    }
  }

  #send(partition: number, n: number): boolean {
    const sequence = this.#nextSequence[partition]!
    const value = Buffer.from(`${partition}:${sequence}:${'x'.repeat((n * 31) % 300)}`)
    const taken = this.#producer.send({ topic: this.topic, partition, value }, (error, delivery) => {
      this.outstanding--
      const acked = this.#acked[partition]!
      if (error !== null) this.#failed(`${partition}:${sequence} ${error.message}`)
      else if (acked.length !== sequence) this.#failed(`${partition}:${sequence} was acknowledged after ${acked.length - 1}`)
      else {
        this.ackedCount++
        acked.push(delivery!.offset)
      }
    })
    if (!taken) return false
    this.#nextSequence[partition] = sequence + 1
    this.outstanding++
    return true
  }

  #failed(message: string): void {
    if (this.failures.length < FAULTS_MAX) this.failures.push(message)
  }

  /**
   * Reads what came since the last call and holds it against what was acknowledged before this call. Returns the faults, and how many
   * records were looked at. With `fromStart` everything is read again.
   */
  async verify(port: number, { fromStart = false } = {}): Promise<{ faults: string[]; recordCount: number }> {
    const faults: string[] = []
    let recordCount = 0
    using client = await WireClient.open(port)
    for (let partition = 0; partition < this.partitionCount && faults.length < FAULTS_MAX; partition++) {
      const verified = this.#verifiedTo[partition]!
      if (fromStart) Object.assign(verified, { offset: 0, sequence: 0 })
      const acked = this.#acked[partition]!
      const ackedCount = acked.length
      let next = verified.sequence
      for await (const { offset, sequence } of this.#read(client, partition, verified.offset)) {
        recordCount++
        const where = `${this.topic}-${partition} at offset ${offset}`
        if (sequence !== next) faults.push(`${where}: ${sequence} is ${sequence < next ? 'there again' : 'too early'}, expected ${next}`)
        const place = sequence < ackedCount ? acked[sequence]! : -1
        // -1: answered as a duplicate whose place is forgotten.
        if (place >= 0 && place !== offset) faults.push(`${where}: ${sequence} was acknowledged at ${place}`)
        if (faults.length >= FAULTS_MAX) break
        next = sequence + 1
        if (sequence < ackedCount) Object.assign(verified, { offset: offset + 1, sequence: next })
      }
      if (next < ackedCount) faults.push(`${this.topic}-${partition}: acknowledged records ${next} to ${ackedCount - 1} are lost`)
    }
    return { faults, recordCount }
  }

  async *#read(client: WireClient, partition: number, from: number): AsyncGenerator<{ offset: number; sequence: number }> {
    const listed = await client.call('ListOffsets', 5, {
      replicaId: -1,
      topics: [{ name: this.topic, partitions: [{ partitionIndex: partition, timestamp: -1 }] }],
    })
    const end: number = listed.topics[0].partitions[0].offset
    for (let at = from; at < end; ) {
      const fetched = await client.call('Fetch', 11, {
        ...{ maxWaitMs: 100, minBytes: 1, maxBytes: 8 << 20 },
        topics: [{ topic: this.topic, partitions: [{ partition, fetchOffset: at, partitionMaxBytes: 8 << 20 }] }],
      })
      const { errorCode, records } = fetched.responses[0].partitions[0]
      if (errorCode !== Errors.NONE) throw new Error(`fetch of ${this.topic}-${partition} at ${at}: error ${errorCode}`)
      const before = at
      for (const { offset, value } of readRecords(records)) {
        if (offset < at) continue
        yield { offset, sequence: Number(value!.toString().split(':')[1]) }
        at = offset + 1
      }
      if (at === before) throw new Error(`fetch of ${this.topic}-${partition} at ${at} of ${end} brought nothing`)
    }
  }
}
