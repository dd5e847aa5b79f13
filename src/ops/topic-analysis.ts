import type { RecordChunk, TopicPartition } from '../client/index.ts'
import { codecName } from '../records/index.ts'
import type { Portion } from './topic-reading.ts'

/** Keys beyond so many different ones are not told apart. */
const KEYS_MAX = 100_000

/** What records of a partition are like. */
export interface PartitionAnalysis extends TopicPartition {
  readonly records: number
  /** Batches that they lie in. */
  readonly batches: number
  readonly recordsPerBatch: number | null
  readonly batchBytes: number | null
  /** As the producers have chosen, by name. */
  readonly codecs: readonly string[]
  /** Of keys and values. */
  readonly recordBytes: number | null
  /** How many times smaller compression makes them; null where nothing is compressed. */
  readonly compression: number | null
  /** Between the first and the last. */
  readonly recordsPerSecond: number | null
  readonly withoutKey: number
  /** Different ones; a lower bound from 100,000 on. */
  readonly keys: number
  /** The share of records with the most frequent key, 0 to 1. */
  readonly topKeyShare: number | null
  readonly tombstones: number
}

/** Gathers what records are like, partition by partition. */
export class TopicAnalysis {
  readonly #partitions = new Map<string, PartitionTally>()

  add({ chunk, untilOffset }: Portion): void {
    const key = `${chunk.topic}-${chunk.partition}`
    let tally = this.#partitions.get(key)
    if (tally === undefined) this.#partitions.set(key, (tally = new PartitionTally(chunk)))
    tally.add(chunk, untilOffset)
  }

  results(): PartitionAnalysis[] {
    return [...this.#partitions.values()]
      .map((tally) => tally.result())
      .sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
  }
}

class PartitionTally {
  readonly #item: TopicPartition
  readonly #keys = new Map<string, number>()
  readonly #codecs = new Set<string>()
  #records = 0
  #batches = 0
  #batchBytes = 0
  #batchRecords = 0
  #recordBytes = 0
  #withoutKey = 0
  #tombstones = 0
  #firstMs = Number.POSITIVE_INFINITY
  #lastMs = Number.NEGATIVE_INFINITY

  constructor({ topic, partition }: TopicPartition) {
    this.#item = { topic, partition }
  }

  add(chunk: RecordChunk, untilOffset: number): void {
    for (const { bytes, records, codec } of chunk.batches) {
      this.#batches++
      this.#batchBytes += bytes
      this.#batchRecords += records ?? 0
      this.#codecs.add(codecName(codec) ?? `codec ${codec}`)
    }
    const { cursor } = chunk
    while (chunk.next() && cursor.offset < untilOffset) {
      this.#records++
      this.#recordBytes += Math.max(0, cursor.keyLength) + Math.max(0, cursor.valueLength)
      if (cursor.valueLength < 0) this.#tombstones++
      const key = cursor.key()
      if (key === null) this.#withoutKey++
      else this.#count(key.toString('latin1'))
      this.#firstMs = Math.min(this.#firstMs, cursor.timestamp)
      this.#lastMs = Math.max(this.#lastMs, cursor.timestamp)
    }
  }

  #count(key: string): void {
    const known = this.#keys.get(key)
    if (known !== undefined || this.#keys.size < KEYS_MAX) this.#keys.set(key, (known ?? 0) + 1)
  }

  result(): PartitionAnalysis {
    const perRecord = this.#records === 0 ? null : this.#recordBytes / this.#records
    const perBatch = this.#batchRecords === 0 ? null : this.#batchRecords / this.#batches
    const seconds = (this.#lastMs - this.#firstMs) / 1000
    const isCompressed = [...this.#codecs].some((codec) => codec !== 'none')
    const ofBatches = perRecord === null || !isCompressed ? 0 : perRecord * this.#batchRecords
    return {
      ...this.#item,
      records: this.#records,
      batches: this.#batches,
      recordsPerBatch: perBatch,
      batchBytes: this.#batches === 0 ? null : this.#batchBytes / this.#batches,
      codecs: [...this.#codecs].sort(),
      recordBytes: perRecord,
      compression: ofBatches === 0 ? null : ofBatches / this.#batchBytes,
      recordsPerSecond: this.#records < 2 || !(seconds > 0) ? null : (this.#records - 1) / seconds,
      withoutKey: this.#withoutKey,
      keys: this.#keys.size,
      topKeyShare: this.#keys.size === 0 ? null : [...this.#keys.values()].reduce((max, count) => Math.max(max, count), 0) / this.#records,
      tombstones: this.#tombstones,
    }
  }
}

/** How much more the fullest has than all on average; 1 is even. Null: nothing is known. */
export function skewOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((each) => each !== null)
  const sum = known.reduce((total, each) => total + each, 0)
  return sum === 0 ? null : Math.max(...known) / (sum / known.length)
}
