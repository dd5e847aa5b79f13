import { ClientError, type Delivery, type OutgoingRecord, type Producer } from '../../client/index.ts'
import { Errors } from '../../protocol/index.ts'
import type { ByteStream } from '../byte-lines.ts'
import { Fault } from '../fault.ts'
import { parsePairs } from '../flags.ts'
import { orStopped } from '../or-stopped.ts'
import type { RecordReader } from './reader.ts'
import type { RecordInput } from './record-json.ts'

/** Failures are told one by one up to here. */
const failuresToldMax = 20
/** After a failure, or when told to stop, what was taken before has so long to be delivered. */
const graceMs = 2000

export interface Production {
  readonly producer: Producer
  readonly read: RecordReader
  readonly inputs: readonly ByteStream[]
  /** How an input becomes what is sent. @throws Fault when it cannot */
  readonly toRecord: (input: RecordInput) => OutgoingRecord
  readonly stop: AbortSignal
  readonly countMax: number
  readonly delivered?: (delivery: Delivery) => void
  /** Told of the first failures, and once of the rest. */
  readonly failed: (error: unknown) => void
}

export interface Produced {
  readonly sent: number
  readonly failed: number
}

/** Sends what the inputs hold, in order, and waits until all of it is acknowledged. */
export async function produceRecords(production: Production): Promise<Produced> {
  const { producer, countMax } = production
  const late = new AbortController()
  const stop = AbortSignal.any([production.stop, late.signal])
  let sent = 0
  let taken = 0
  let failed = 0
  const toldLate = new Set<string>()
  const fail = (error: unknown): void => {
    // One whose time is over is no failure of its own: the others wait for the same.
    if ((error as Partial<ClientError>).errorName === 'REQUEST_TIMED_OUT') {
      const { message } = error as ClientError
      late.abort()
      failed++
      if (!toldLate.has(message) && toldLate.size < failuresToldMax) production.failed(error)
      toldLate.add(message)
    } else if (++failed <= failuresToldMax) production.failed(error)
    else if (failed === failuresToldMax + 1) production.failed(new Fault('more failures are counted, not told'))
  }
  const callback = (error: ClientError | null, delivery: Delivery | null): void => {
    if (error !== null) fail(error)
    else {
      sent++
      production.delivered?.(delivery!)
    }
  }
  const sendOne = async (input: RecordInput | Fault): Promise<void> => {
    try {
      if (input instanceof Fault) throw input
      const record = production.toRecord(input)
      while (!stop.aborted && !producer.send(record, callback)) {
        await orStopped(producer.ready(record.topic), stop)
        if (!stop.aborted) await assertPartition(producer, record)
      }
    } catch (error) {
      if (fatal(error)) throw error
      fail(error)
    }
  }
  try {
    for (const input of production.inputs) {
      for await (const records of production.read(untilStopped(input, stop))) {
        for (const record of records) {
          if (taken >= countMax || stop.aborted) break
          taken++
          await sendOne(record)
        }
        if (taken >= countMax || stop.aborted) break
      }
    }
  } catch (error) {
    if (!stop.aborted) {
      // An input that cannot be read takes nothing from what was taken before; a cluster that refuses gets no more time.
      if (!(error instanceof ClientError)) await orStopped(producer.flush(), stop)
      await producer.close(graceMs)
      throw error
    }
  }
  await orStopped(producer.flush(), stop)
  if (stop.aborted) await producer.close(graceMs)
  return { sent, failed }
}

/** The producer would wait for the partition to appear, as long as it waits for room. @throws ClientError */
export async function assertPartition(
  { cluster }: Producer,
  { topic, partition = 0 }: Pick<OutgoingRecord, 'topic' | 'partition'>,
): Promise<void> {
  const countNow = (): number => cluster.view.topics.get(topic)?.partitions.length ?? 0
  if (countNow() <= partition) await cluster.refresh([topic])
  const count = countNow()
  if (count === 0 || partition < count) return
  const has = count === 1 ? 'one partition, 0' : `partitions 0 to ${count - 1}`
  throw new ClientError(Errors.UNKNOWN_TOPIC_OR_PARTITION, `topic ${topic} has no partition ${partition}, it has ${has}`, {
    hint: `To have more: tkafka topics alter ${topic} --partitions N.`,
    retriable: false,
  })
}

/** A record that is too large is its own failure; a topic that does not exist is everyone's. */
function fatal(error: unknown): boolean {
  const name = (error as Partial<ClientError>)?.errorName
  return !(error instanceof Fault) && name !== 'MESSAGE_TOO_LARGE'
}

/** Reading ends with the stop, wherever it waits. */
export function untilStopped(input: ByteStream, stop: AbortSignal): ByteStream {
  stop.addEventListener('abort', () => input.destroy?.(), { once: true })
  return input
}

export interface OutgoingOptions {
  readonly topic: string | undefined
  readonly partition: number | undefined
  readonly keepPartition: boolean
  readonly key: string | undefined
  /** `k=v` */
  readonly headers: readonly string[]
  readonly emptyIsNull: boolean
}

/** How inputs become records, by the flags of produce. @throws Fault (usage) for headers that are none */
export function outgoing(options: OutgoingOptions): (input: RecordInput) => OutgoingRecord {
  const { emptyIsNull, keepPartition } = options
  const key = options.key === undefined ? null : Buffer.from(options.key)
  const common = Object.entries(parsePairs(options.headers, '--header')).map(([name, value]) => ({ key: name, value: Buffer.from(value) }))
  const content = (bytes: Buffer | null): Buffer | null => (emptyIsNull && bytes?.length === 0 ? null : bytes)
  return (input) => {
    const topic = options.topic ?? input.topic
    if (topic === undefined) throw new Fault('the record names no topic', { hint: 'Name one on the command line.' })
    const partition = options.partition ?? (keepPartition ? input.partition : undefined)
    return {
      topic,
      key: content(input.key) ?? key,
      value: content(input.value),
      ...(partition === undefined ? {} : { partition }),
      ...(input.timestamp === undefined ? {} : { timestamp: input.timestamp }),
      headers: common.length === 0 ? [...input.headers] : [...input.headers, ...common],
    }
  }
}
