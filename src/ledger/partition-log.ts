import { type ErrorCode, Errors } from '../protocol/index.ts'
import { BatchBuilder, RECORDS_AT } from '../records/index.ts'
import type { BatchOrigin, LedgerLog } from './types.ts'

/** A partition of an internal topic that this broker leads, in one epoch; the broker supplies it. */
export interface LedgerPartition {
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly highWatermark: number
  /** max.message.bytes of the topic. */
  readonly batchBytesMax: number
  /** NONE, or what an append would meet: NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS, KAFKA_STORAGE_ERROR. */
  refusal(): ErrorCode
  /** Fixes the order now, as the leader of the epoch; base offset and leader epoch are stamped in place. */
  append(batch: Buffer): ErrorCode
  /**
   * Whole batches from the one that holds `offset` on, up to the log end: at least one, otherwise not much more than `bytesMax`.
   * Fails when the partition is no longer led or cannot be read.
   */
  read(offset: number, bytesMax: number): Promise<Buffer>
}

/** How a decider's records lie in a topic. */
export interface RecordForm<R> {
  keyOf(record: R): Buffer
  valueOf(record: R): Buffer | null
  /** Undefined: of a kind or version that is not known here; it stays in the log and is passed over. */
  decode(key: Buffer, value: Buffer | null): R | undefined
}

/** Kafka's upper bound of what a record takes besides key and value. */
const RECORD_OVERHEAD_BYTES = 21

/** What Kafka's coordinators write, with a producer and without. */
const COORDINATOR_SEQUENCE = 0

/** The ledger's view of a partition: records become one batch per append. */
export class PartitionLog<R> implements LedgerLog<R> {
  readonly #partition: LedgerPartition
  readonly #form: RecordForm<R>
  readonly #codec: number

  constructor(partition: LedgerPartition, form: RecordForm<R>, codec: number) {
    this.#partition = partition
    this.#form = form
    this.#codec = codec
  }

  get endOffset(): number {
    return this.#partition.logEndOffset
  }
  get committedOffset(): number {
    return this.#partition.highWatermark
  }
  get batchBytesMax(): number {
    return this.#partition.batchBytesMax - RECORDS_AT
  }

  bytesOf(record: R): number {
    return RECORD_OVERHEAD_BYTES + this.#form.keyOf(record).length + (this.#form.valueOf(record)?.length ?? 0)
  }

  refusal(): ErrorCode {
    return this.#partition.refusal()
  }

  append(records: readonly R[], origin: BatchOrigin): ErrorCode {
    const { producer, timestamp } = origin
    const transaction = producer === undefined ? {} : { ...producer, transactional: true }
    const builder = new BatchBuilder({ codec: this.#codec, baseSequence: COORDINATOR_SEQUENCE, ...transaction })
    for (const record of records) builder.append(timestamp, this.#form.keyOf(record), this.#form.valueOf(record))
    const batch = builder.close()
    if (batch.length > this.#partition.batchBytesMax) return Errors.MESSAGE_TOO_LARGE
    return this.#partition.append(batch)
  }
}
