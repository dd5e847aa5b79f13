import type { Lease } from '../../base/index.ts'
import { Errors } from '../../protocol/index.ts'
import {
  BAD_BATCH,
  batchBytes,
  ControlType,
  compressionOf,
  endTransactionOf,
  type Header,
  isBatchValid,
  isControl,
  isLogAppendTime,
  isTransactional,
  lastOffset,
  leaderEpoch,
  magic,
  NO_BATCH,
  nextBatchBytes,
  producerId,
  RecordCursor,
  recordCount,
} from '../../records/index.ts'
import { ClientError } from '../client-error.ts'

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

/** A record as an object, for those who do not mind one per record. */
export interface ConsumedRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly leaderEpoch: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Header[]
}

/**
 * Records of one partition, in order, as views of the fetched bytes: nothing is decoded before it is asked for.
 *
 *     while (chunk.next()) use(chunk.cursor.offset, chunk.cursor.value())
 */
export class RecordChunk {
  readonly topic: string
  readonly partition: number
  /** Stands on the current record after `next` gave true. */
  readonly cursor = new RecordCursor()
  readonly startOffset: number
  /** Behind the last record; the consumer's position once poll has given this chunk. */
  readonly endOffset: number
  /** Records in it at most; some may lie before `startOffset`. */
  readonly countMax: number
  #bytes: Buffer
  #batches: readonly number[]
  #next = 0
  #open = false

  constructor(
    topic: string,
    partition: number,
    bytes: Buffer,
    batches: readonly number[],
    startOffset: number,
    endOffset: number,
    countMax: number,
  ) {
    this.topic = topic
    this.partition = partition
    this.startOffset = startOffset
    this.endOffset = endOffset
    this.countMax = countMax
    this.#bytes = bytes
    this.#batches = batches
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

  /** Its batches as they lie in the log; some of their records may lie before `startOffset`. `records` is null before magic 2, which does not tell. */
  get batches(): { readonly bytes: number; readonly records: number | null; readonly codec: number }[] {
    return this.#batches.map((at) => {
      const isModern = magic(this.#bytes, at) >= 2
      const codec = isModern ? compressionOf(this.#bytes, at) : 0
      return { bytes: batchBytes(this.#bytes, at), records: isModern ? recordCount(this.#bytes, at) : null, codec }
    })
  }

  /** Moves to the next record; false behind the last. @throws KafkaError when a batch does not unpack */
  next(): boolean {
    for (;;) {
      if (this.#open && this.cursor.next()) {
        if (this.cursor.offset < this.startOffset) continue
        return this.cursor.offset < this.endOffset
      }
      if (this.#next >= this.#batches.length) return false
      this.cursor.open(this.#bytes, this.#batches[this.#next++])
      this.#open = true
    }
  }

  /** The rest as objects. */
  *[Symbol.iterator](): Generator<ConsumedRecord> {
    const { topic, partition, cursor } = this
    while (this.next()) {
      const { offset, timestamp } = cursor
      yield {
        topic,
        partition,
        offset,
        timestamp,
        leaderEpoch: this.leaderEpoch,
        key: cursor.key(),
        value: cursor.value(),
        headers: cursor.headers(),
      }
    }
  }
}

/** What chunks of every kind have: records of one partition under a cursor. */
export type ReadableChunk = Pick<
  RecordChunk,
  'topic' | 'partition' | 'cursor' | 'startOffset' | 'endOffset' | 'leaderEpoch' | 'isLogAppendTime' | 'next'
>

/** What a fetch brought for one partition, given out in chunks. */
export class FetchedPartition {
  readonly topic: string
  readonly partition: number
  /** Where the next chunk begins. */
  nextOffset: number
  /** Leader epoch of the last batch given out; -1: none. */
  lastEpoch = -1
  /** The memory of its records, where it is used again. */
  readonly lease: Lease | undefined
  #bytes: Buffer
  #at = 0
  #aborted: AbortedTransaction[] | undefined
  #abortedProducers = new Set<number>()
  #checkCrcs: boolean

  /** `aborted`: with read_committed, the transactions to leave out. */
  constructor(
    topic: string,
    partition: number,
    offset: number,
    bytes: Buffer,
    aborted: readonly AbortedTransaction[] | undefined,
    checkCrcs: boolean,
    lease?: Lease,
  ) {
    this.lease = lease
    this.topic = topic
    this.partition = partition
    this.nextOffset = offset
    this.#bytes = bytes
    this.#aborted = aborted?.toSorted((a, b) => a.firstOffset - b.firstOffset)
    this.#checkCrcs = checkCrcs
  }

  /** Up to `countMax` records; undefined when nothing is left but batches to pass over. @throws ClientError CORRUPT_MESSAGE */
  take(countMax: number): RecordChunk | undefined {
    const bytes = this.#bytes
    const batches: number[] = []
    const start = this.nextOffset
    let count = 0
    while (count < countMax) {
      const size = nextBatchBytes(bytes, this.#at, bytes.length)
      if (size === NO_BATCH) {
        this.#at = bytes.length
        break
      }
      if (size === BAD_BATCH) throw this.#corrupt('not a record batch')
      const at = this.#at
      const end = batchLastOffset(bytes, at) + 1
      if (end <= this.nextOffset) {
        this.#follow(at)
        this.#at += size
        continue
      }
      if (this.#checkCrcs && !isBatchValid(bytes, at, size)) throw this.#corrupt('its checksum is wrong')
      if (this.#isHidden(at)) {
        this.nextOffset = end
        this.#at += size
        continue
      }
      const inBatch = magic(bytes, at) < 2 ? Number.POSITIVE_INFINITY : recordCount(bytes, at)
      batches.push(at)
      this.lastEpoch = magic(bytes, at) < 2 ? -1 : leaderEpoch(bytes, at)
      if (count + inBatch <= countMax) {
        count += inBatch
        this.nextOffset = end
        this.#at += size
        continue
      }
      const part = offsetBehind(bytes, at, this.nextOffset, countMax - count)
      count += part.count
      this.nextOffset = part.last ? end : part.offset
      if (this.nextOffset === end) this.#at += size
    }
    if (batches.length === 0) return undefined
    return new RecordChunk(this.topic, this.partition, bytes, batches, start, this.nextOffset, count)
  }

  get exhausted(): boolean {
    return nextBatchBytes(this.#bytes, this.#at, this.#bytes.length) === NO_BATCH
  }

  /** Control batches, and batches of transactions that were aborted (KIP-98). */
  #isHidden(at: number): boolean {
    const bytes = this.#bytes
    if (magic(bytes, at) < 2) return false
    this.#follow(at)
    return isControl(bytes, at) || (isTransactional(bytes, at) && this.#abortedProducers.has(producerId(bytes, at)))
  }

  #follow(at: number): void {
    const aborted = this.#aborted
    const bytes = this.#bytes
    if (aborted === undefined || magic(bytes, at) < 2) return
    const last = lastOffset(bytes, at)
    while (aborted.length > 0 && aborted[0].firstOffset <= last)
      this.#abortedProducers.add((aborted.shift() as AbortedTransaction).producerId)
    if (isControl(bytes, at) && endTransactionOf(bytes, at)?.type === ControlType.abort)
      this.#abortedProducers.delete(producerId(bytes, at))
  }

  #corrupt(why: string): ClientError {
    return new ClientError(
      Errors.CORRUPT_MESSAGE,
      `the batch behind ${this.topic}-${this.partition} offset ${this.nextOffset} is corrupt: ${why}`,
      {
        hint: `Seek past it to go on.`,
        retriable: false,
      },
    )
  }
}

const scan = new RecordCursor()

/** The offset of the record that follows the first `count` records from `from` on. */
function offsetBehind(bytes: Buffer, at: number, from: number, count: number): { offset: number; count: number; last: boolean } {
  scan.open(bytes, at)
  let taken = 0
  while (scan.next()) {
    if (scan.offset < from) continue
    if (taken === count) return { offset: scan.offset, count: taken, last: false }
    taken++
  }
  return { offset: -1, count: taken, last: true }
}

/** A batch of magic 0 or 1 is one message, perhaps a wrapper that carries the offset of its last one. */
function batchLastOffset(bytes: Buffer, at: number): number {
  return magic(bytes, at) < 2 ? Number(bytes.readBigInt64BE(at)) : lastOffset(bytes, at)
}
