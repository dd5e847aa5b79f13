import type { Admin, Consumer, ItemResult, RecordChunk, TopicPartition } from '../client/index.ts'
import { Errors } from '../protocol/index.ts'
import { itemFailure } from './item-failure.ts'
import type { OffsetPlace, OffsetRange } from './offset-expression.ts'
import { partitionsOfAll, resolvePlaces } from './partition-places.ts'

export interface ReadingOptions {
  readonly topics: readonly string[]
  /** Undefined: all. */
  readonly partitions: readonly number[] | undefined
  readonly range: OffsetRange
  readonly isolationLevel: 'read_uncommitted' | 'read_committed'
}

/** Records wanted of one chunk: those before `untilOffset`. */
export interface Portion {
  readonly chunk: RecordChunk
  readonly untilOffset: number
}

/** Reads a range of each partition, without a group. `done` when every partition has reached the end of its range. */
export class RangeReading {
  readonly #consumer: Consumer
  /** Partitions that are still read, with the first offset that is not wanted. */
  readonly #until = new Map<string, TopicPartition & { readonly untilOffset: number }>()

  /** Where partitions end that end before they are to begin. */
  readonly #tooShort = new Map<string, number>()

  private constructor(consumer: Consumer) {
    this.#consumer = consumer
  }

  /** @throws KafkaError when a topic or partition is not there */
  static async open(admin: Admin, consumer: Consumer, options: ReadingOptions): Promise<RangeReading> {
    const { partitions, failures } = await partitionsOfAll(admin, options.topics, options.partitions)
    for (const { item, error } of failures) if (error !== null) throw itemFailure(`topic ${item}`, error)
    const reading = new RangeReading(consumer)
    const { from, until } = options.range
    const starts = await resolvePlaces(admin, partitions, from, options.isolationLevel)
    const ends = until === undefined ? undefined : await resolvePlaces(admin, partitions, until, options.isolationLevel)
    const begin: (TopicPartition & { offset: number })[] = []
    for (const [index, start] of starts.entries()) {
      const end = ends?.[index]
      const error = start.error ?? end?.error ?? null
      if (error !== null) throw itemFailure(keyOf(start.item), error)
      const untilOffset = until === undefined ? Number.POSITIVE_INFINITY : exactEnd(until, end!.value!.offset)
      if (until?.kind === 'end' && from.kind === 'offset' && from.offset > untilOffset)
        reading.#tooShort.set(keyOf(start.item), untilOffset)
      if (start.value!.offset >= untilOffset) continue
      begin.push({ ...start.item, offset: start.value!.offset })
      reading.#until.set(keyOf(start.item), { ...start.item, untilOffset })
    }
    if (begin.length > 0) consumer.assign(begin.map(({ topic, partition }) => ({ topic, partition })))
    for (const { offset, ...item } of begin) consumer.seek(item, offset)
    return reading
  }

  /** Partitions that end before the first offset that was asked for, with where they end. */
  get tooShort(): ReadonlyMap<string, number> {
    return this.#tooShort
  }

  get done(): boolean {
    return this.#until.size === 0
  }

  /** Partitions whose end has not been reached, for a reader that gives up on them after so long. */
  silent(ms: number): ItemResult<TopicPartition, never>[] {
    const message = `nothing more was read within ${ms} ms`
    const error = { code: Errors.REQUEST_TIMED_OUT, name: 'REQUEST_TIMED_OUT', message, retriable: true }
    return [...this.#until.values()].map((item) => ({ item, error, value: null }))
  }

  async poll(timeoutMs: number): Promise<Portion[]> {
    const portions: Portion[] = []
    for (const chunk of await this.#consumer.poll(timeoutMs)) {
      const bound = this.#until.get(keyOf(chunk))
      if (bound === undefined) continue
      portions.push({ chunk, untilOffset: bound.untilOffset })
      if (chunk.endOffset >= bound.untilOffset) this.#finish(bound)
    }
    // Behind the last record there may be control batches only, which no chunk tells of.
    if (portions.length === 0) {
      for (const bound of [...this.#until.values()]) {
        if (bound.untilOffset < Number.POSITIVE_INFINITY && (await this.#consumer.position(bound)) >= bound.untilOffset) this.#finish(bound)
      }
    }
    return portions
  }

  #finish(bound: TopicPartition): void {
    this.#until.delete(keyOf(bound))
    this.#consumer.pause([bound])
  }
}

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`

/** An exact offset may lie in the future: then it is waited for. */
const exactEnd = (until: OffsetPlace, resolved: number): number => (until.kind === 'offset' ? until.offset : resolved)
