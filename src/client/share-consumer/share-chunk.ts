import { batchBytes, isLogAppendTime, leaderEpoch, magic, RecordCursor } from '../../records/index.ts'
import type { ConsumedRecord } from '../consumer/fetched-partition.ts'
import type { AcknowledgeType } from './acknowledgement.ts'
import type { OffsetRun } from './offset-runs.ts'

export interface SharedRecord extends ConsumedRecord {
  /** 1 when nobody had it before. */
  readonly deliveryCount: number
}

/** The records of one partition that this consumer has acquired, in order, as views of the fetched bytes. */
export class ShareChunk {
  readonly topic: string
  readonly partition: number
  /** Stands on the current record after `next` gave true. */
  readonly cursor = new RecordCursor()
  /** Records in it. */
  readonly count: number
  readonly startOffset: number
  /** Behind the last record. */
  readonly endOffset: number
  #bytes: Buffer
  #batches: readonly number[]
  #runs: readonly OffsetRun[]
  #acknowledge: (offset: number, type: AcknowledgeType) => void
  #next = 0
  #run = 0
  #isOpen = false

  /** `batches`: where in `bytes` those lie that hold the records of `runs`, whose values are delivery counts. */
  constructor(
    of: { readonly topic: string; readonly partition: number },
    bytes: Buffer,
    batches: readonly number[],
    runs: readonly OffsetRun[],
    acknowledge: (offset: number, type: AcknowledgeType) => void,
  ) {
    this.topic = of.topic
    this.partition = of.partition
    this.startOffset = runs[0]?.first ?? 0
    this.endOffset = (runs.at(-1)?.last ?? -1) + 1
    this.count = runs.reduce((sum, { first, last }) => sum + last - first + 1, 0)
    this.#bytes = bytes
    this.#batches = batches
    this.#runs = runs
    this.#acknowledge = acknowledge
  }

  /** How often the current record has been given to somebody, this time included. */
  get deliveryCount(): number {
    return this.#runs[this.#run].value
  }

  /** Leader epoch of the current record's batch. */
  get leaderEpoch(): number {
    const at = this.#batches[this.#next - 1]
    return magic(this.#bytes, at) < 2 ? -1 : leaderEpoch(this.#bytes, at)
  }

  /** The timestamp of the current record is that of its append. */
  get isLogAppendTime(): boolean {
    return isLogAppendTime(this.#bytes, this.#batches[this.#next - 1])
  }

  /** Delivery counts by offset, without a look at the records. */
  get deliveries(): readonly OffsetRun[] {
    return this.#runs
  }

  /** Its batches as they lie in the log; others may have acquired some of their records. */
  get batches(): { readonly bytes: number }[] {
    return this.#batches.map((at) => ({ bytes: batchBytes(this.#bytes, at) }))
  }

  /** Moves to the next record; false behind the last. @throws KafkaError when a batch does not unpack */
  next(): boolean {
    const runs = this.#runs
    for (;;) {
      while (this.#isOpen && this.cursor.next()) {
        const { offset } = this.cursor
        while (this.#run < runs.length && runs[this.#run].last < offset) this.#run++
        if (this.#run === runs.length) return false
        if (runs[this.#run].first <= offset) return true
      }
      if (this.#next >= this.#batches.length) return false
      this.cursor.open(this.#bytes, this.#batches[this.#next++])
      this.#isOpen = true
    }
  }

  /** Says what becomes of the current record. @throws ClientError as `ShareConsumer.acknowledge` */
  acknowledge(type: AcknowledgeType = 'accept'): void {
    this.#acknowledge(this.cursor.offset, type)
  }

  /** The rest as objects. */
  *[Symbol.iterator](): Generator<SharedRecord> {
    const { topic, partition, cursor } = this
    while (this.next()) {
      const { offset, timestamp } = cursor
      yield {
        topic,
        partition,
        offset,
        timestamp,
        leaderEpoch: this.leaderEpoch,
        deliveryCount: this.deliveryCount,
        key: cursor.key(),
        value: cursor.value(),
        headers: cursor.headers(),
      }
    }
  }
}
