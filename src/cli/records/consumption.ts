import {
  type AcknowledgeType,
  ClientError,
  type Cluster,
  type Consumer,
  type ReadableChunk,
  type ShareChunk,
  type ShareConsumer,
  type TopicPartition,
} from '../../client/index.ts'
import type { Clock } from '../../host/index.ts'
import { orStopped } from '../or-stopped.ts'
import { ByteOut } from './byte-out.ts'
import type { RecordFilter } from './grep.ts'
import type { PrintedRecord, Printer } from './printer.ts'

/** Polls come back this often, so that a stop is noticed. */
const pollMs = 1000
/** Printed bytes are handed on when there are so many. */
const outputBytes = 256 * 1024
const commitEveryMs = 5000
/** A rebalance waits so long for the commit before it. */
const revokeLimitMs = 30_000
/** So long nothing has to come of a share group for it to count as read. */
const shareIdleMs = 2000
/** When told to stop, the last commit has so long, and leaving the group again. */
export const stoppedGraceMs = 2000

/** A chunk, as far as it counts. */
export interface ReadPortion {
  readonly chunk: ReadableChunk
  readonly untilOffset: number
}

export interface Consumption {
  /** Where records come from: a range of partitions, a group, or a share group. */
  readonly source: { readonly done: boolean; poll(timeoutMs: number): Promise<ReadPortion[]> }
  readonly print: Printer<PrintedRecord>
  readonly filter: RecordFilter | undefined
  /** Records to print at most. */
  readonly countMax: number
  readonly stop: AbortSignal
  /** Waits while the reader is slower. */
  readonly write: (bytes: Buffer) => Promise<void>
  /** Told what is printed, as far as the record before `offset`. */
  readonly printed?: (item: TopicPartition, offset: number) => void | Promise<void>
}

/** Prints records until the source has no more, so many were printed, or it is told to stop. Gives how many. */
export async function printRecords(consumption: Consumption): Promise<number> {
  const { source, filter, countMax, stop } = consumption
  const out = new ByteOut()
  let count = 0
  while (!source.done && count < countMax && !stop.aborted) {
    for (const { chunk, untilOffset } of await source.poll(pollMs)) {
      const { topic, partition } = chunk
      let next = chunk.startOffset
      while (count < countMax && !stop.aborted && chunk.next() && chunk.cursor.offset < untilOffset) {
        next = chunk.cursor.offset + 1
        const record = printedRecord(chunk, count + 1)
        if (filter !== undefined && !filter(record)) continue
        consumption.print(out, record)
        count++
        if (out.length >= outputBytes) await consumption.write(out.take())
      }
      if (out.length > 0) await consumption.write(out.take())
      if (!stop.aborted) await consumption.printed?.({ topic, partition }, count < countMax ? Math.min(chunk.endOffset, untilOffset) : next)
      if (count >= countMax || stop.aborted) break
    }
  }
  return count
}

function printedRecord(chunk: ReadableChunk, index: number): PrintedRecord {
  const { cursor } = chunk
  const timestamp = Number.isSafeInteger(cursor.timestamp) ? cursor.timestamp : cursor.exactTimestamp()
  return {
    topic: chunk.topic,
    partition: chunk.partition,
    offset: cursor.offset,
    timestamp,
    leaderEpoch: chunk.leaderEpoch,
    key: cursor.key(),
    value: cursor.value(),
    headers: cursor.headerCount === 0 ? noHeaders : cursor.headers(),
    index,
  }
}

const noHeaders: PrintedRecord['headers'] = []

/**
 * Reads as a member of a group. Committed is how far each of its partitions is printed; one of which nothing is yet, where it begins: the
 * group's lag counts all of its partitions, and a reset knows them.
 */
export class GroupReading {
  readonly #consumer: Consumer
  readonly #clock: Clock
  readonly #exitAtEnd: boolean
  readonly #processed = new Map<string, TopicPartition & { offset: number }>()
  readonly #begun = new Set<string>()
  #nextCommitMs: number
  #idle = false

  constructor(consumer: Consumer, clock: Clock, topics: readonly string[] | RegExp, exitAtEnd: boolean, stop: AbortSignal) {
    this.#consumer = consumer
    this.#clock = clock
    this.#exitAtEnd = exitAtEnd
    this.#nextCommitMs = clock.monotonic() + commitEveryMs
    // What is revoked is another member's to commit from then on.
    consumer.subscribe(topics, {
      revoked: () => orStopped(this.commit(revokeLimitMs), stop).finally(() => this.#beginAnew()),
      // What is lost may be another's already, and the group takes no commit of who is no member.
      lost: () => this.#beginAnew(),
    })
  }

  get done(): boolean {
    if (!this.#exitAtEnd || !this.#idle) return false
    const assigned = this.#consumer.assignment()
    return assigned.length > 0 && assigned.every((each) => this.#consumer.lag(each) === 0)
  }

  async poll(timeoutMs: number): Promise<ReadPortion[]> {
    // While nobody answers it goes on trying: what is not committed now is with the next round.
    if (this.#clock.monotonic() >= this.#nextCommitMs)
      await this.commit(commitEveryMs).catch((error: unknown) => {
        if (!(error instanceof ClientError) || error.errorName !== 'REQUEST_TIMED_OUT') throw error
      })
    const chunks = await this.#consumer.poll(timeoutMs)
    this.#idle = chunks.length === 0
    for (const { topic, partition, startOffset } of chunks) this.#begin({ topic, partition }, startOffset)
    for (const each of this.#consumer.assignment()) this.#begin(each, this.#consumer.knownPosition(each))
    return chunks.map((chunk) => ({ chunk, untilOffset: Number.POSITIVE_INFINITY }))
  }

  printed({ topic, partition }: TopicPartition, offset: number): void {
    this.#processed.set(`${topic}-${partition}`, { topic, partition, offset })
  }

  /** All that came before this poll is printed: `offset` is what comes next. */
  #begin({ topic, partition }: TopicPartition, offset: number | undefined): void {
    const key = `${topic}-${partition}`
    if (offset === undefined || this.#begun.has(key)) return
    this.#begun.add(key)
    this.#processed.set(key, { topic, partition, offset })
  }

  #beginAnew(): void {
    this.#processed.clear()
    this.#begun.clear()
  }

  async commit(limitMs: number): Promise<void> {
    const entries = [...this.#processed]
    const offsets = entries.map(([, place]) => place)
    try {
      if (offsets.length > 0) await this.#consumer.commitSync(offsets, limitMs)
      for (const [key, place] of entries) if (this.#processed.get(key) === place) this.#processed.delete(key)
    } finally {
      this.#nextCommitMs = this.#clock.monotonic() + commitEveryMs
    }
  }
}

/**
 * Reads as a member of a share group. What was printed or left out by a filter is acknowledged with the next poll; what was given and not come
 * to goes to others when the consumer closes.
 */
export class ShareReading {
  readonly #consumer: ShareConsumer
  readonly #clock: Clock
  readonly #type: AcknowledgeType
  readonly #exitAtEnd: boolean
  #given: ShareChunk[] = []
  #idleSinceMs: number | undefined
  #isDone = false

  constructor(consumer: ShareConsumer, clock: Clock, topics: readonly string[], type: AcknowledgeType, exitAtEnd: boolean) {
    this.#consumer = consumer
    this.#clock = clock
    this.#type = type
    this.#exitAtEnd = exitAtEnd
    consumer.subscribe(topics)
  }

  get done(): boolean {
    return this.#isDone
  }

  async poll(timeoutMs: number): Promise<ReadPortion[]> {
    const chunks = await this.#consumer.poll(timeoutMs)
    this.#given = chunks
    const nowMs = this.#clock.monotonic()
    if (chunks.length > 0 || this.#consumer.assignment().length === 0) this.#idleSinceMs = undefined
    else this.#idleSinceMs ??= nowMs
    // A share group does not tell a member where its records end: nothing for a while is the end.
    this.#isDone = this.#exitAtEnd && this.#idleSinceMs !== undefined && nowMs - this.#idleSinceMs >= shareIdleMs
    return chunks.map((chunk) => ({ chunk, untilOffset: Number.POSITIVE_INFINITY }))
  }

  /** Records before `offset` are done with. */
  printed({ topic, partition }: TopicPartition, offset: number): void {
    for (const chunk of this.#given) {
      if (chunk.topic !== topic || chunk.partition !== partition) continue
      for (const { first, last } of chunk.deliveries)
        for (let at = first; at <= Math.min(last, offset - 1); at++)
          this.#consumer.acknowledge({ topic, partition, offset: at }, this.#type)
    }
  }

  async commit(limitMs: number): Promise<void> {
    const refused = (await this.#consumer.commitSync(limitMs)).find(({ error }) => error !== null)
    if (refused?.error)
      throw new ClientError(refused.error.code, `acknowledgement of ${refused.topic}-${refused.partition}: ${refused.error.message}`)
  }
}

/** Says once that a broker cannot be reached, and that the cluster answers again. Reading goes on by itself. */
export function tellOutages(cluster: Cluster, tell: (line: string) => void): void {
  let isOut = false
  cluster.onNodeDown(({ id }, error) => {
    if (isOut || cluster.closed || !cluster.nodes.has(id) || cluster.link(id).failures === 0) return
    isOut = true
    tell(`${error.message}; trying again until it answers`)
  })
  cluster.onView(() => {
    if (isOut) tell('the cluster answers again')
    isOut = false
  })
}
