import {
  BASE_SEQUENCE_AT,
  BatchBuilder,
  type CodecId,
  type Header,
  NO_SEQUENCE,
  PRODUCER_EPOCH_AT,
  PRODUCER_ID_AT,
  RecordCursor,
  sealBatch,
  writeInt64,
} from '../../records/index.ts'
import type { ClientError } from '../client-error.ts'
import type { MadeRecords } from './made-records.ts'

/** Where a record ended up. */
export interface Delivery {
  readonly topic: string
  readonly partition: number
  /** -1: not told (acks=0, or a duplicate whose place is forgotten). */
  readonly offset: number
  /** The broker's with LogAppendTime, else the record's own. */
  readonly timestamp: number
}

/** Called once per record, in the order of the partition. */
export type DeliveryCallback = (error: ClientError | null, delivery: Delivery | null) => void

export interface BatchFormat {
  readonly codec: CodecId
  readonly level: number | undefined
  /** Its records are those of a transaction. */
  readonly transactional: boolean
}

/** Records of one partition on their way; the bytes are fixed when it is first sent. */
export class ProducerBatch {
  readonly topic: string
  readonly partition: number
  readonly createdMs: number
  /** Counted against buffer.memory. */
  accountedBytes = 0
  attempts = 0
  lastAttemptMs = 0
  /** The leader's epoch at the last attempt: when it grew, a retry need not wait. */
  leaderEpoch = -1
  inFlight = false
  /** At the last attempt no batch with a lower sequence was unanswered. */
  sentFirst = false
  done = false
  /** Why the last attempt failed, when another follows. */
  lastFailure: ClientError | undefined
  baseSequence: number = NO_SEQUENCE
  producerId = -1
  producerEpoch = -1
  /** Its sequence was assigned anew after an epoch bump. */
  sequenceReset = false
  /** Made by splitting another: counts as full. */
  split = false
  closedForAppend = false
  readonly waiters: (() => void)[] = []
  /** Its records lie made; nothing else is appended to it. */
  readonly made: MadeRecords | undefined
  #builder: BatchBuilder
  #bytes: Buffer | undefined
  #callbacks: (DeliveryCallback | undefined)[] | undefined
  #timestamps: number[] | undefined
  /** Told of the end of the batch as a whole. */
  #settled: ((error: ClientError | null) => void) | undefined

  constructor(topic: string, partition: number, createdMs: number, format: BatchFormat, initialBytes: number, made?: MadeRecords) {
    this.topic = topic
    this.partition = partition
    this.createdMs = createdMs
    this.made = made
    if (made !== undefined) this.#settled = (error) => made.settled(error)
    const level = format.level === undefined ? {} : { level: format.level }
    this.#builder = new BatchBuilder({ codec: format.codec, transactional: format.transactional, initialBytes, ...level })
  }

  get count(): number {
    return this.made === undefined ? this.#builder.count : this.made.count
  }

  /** Unpacked. */
  get sizeInBytes(): number {
    return this.made === undefined ? this.#builder.sizeInBytes : this.made.sizeInBytes
  }

  get hasSequence(): boolean {
    return this.baseSequence !== NO_SEQUENCE
  }

  /** The sequence behind its last record, not wrapped. */
  get nextSequence(): number {
    return this.baseSequence + this.count
  }

  append(
    timestamp: number,
    key: Buffer | null,
    value: Buffer | null,
    headers: readonly Header[] | undefined,
    callback: DeliveryCallback | undefined,
  ): void {
    const index = this.#builder.count
    this.#builder.append(timestamp, key, value, headers)
    if (callback === undefined) return
    this.#callbacks ??= []
    this.#timestamps ??= []
    this.#callbacks[index] = callback
    this.#timestamps[index] = timestamp
  }

  /** Sequence and producer; may be called again after an epoch bump, when earlier bytes are not on their way any more. */
  stamp(producerId: number, producerEpoch: number, baseSequence: number): void {
    if (this.hasSequence) this.sequenceReset = true
    this.producerId = producerId
    this.producerEpoch = producerEpoch
    this.baseSequence = baseSequence
    if (this.#bytes === undefined) return
    if (this.made !== undefined) {
      this.made.restamp(this)
      return
    }
    writeInt64(this.#bytes, PRODUCER_ID_AT, producerId)
    this.#bytes.writeInt16BE(producerEpoch, PRODUCER_EPOCH_AT)
    this.#bytes.writeInt32BE(baseSequence, BASE_SEQUENCE_AT)
    sealBatch(this.#bytes, 0, this.#bytes.length)
  }

  /** The batch as it is sent. Closes it at the first call. */
  bytes(): Buffer {
    if (this.#bytes === undefined) {
      this.closedForAppend = true
      if (this.made !== undefined) {
        this.#bytes = this.made.close(this)
        return this.#bytes
      }
      const { options } = this.#builder
      options.producerId = this.producerId
      options.producerEpoch = this.producerEpoch
      options.baseSequence = this.baseSequence
      this.#bytes = this.#builder.close()
    }
    return this.#bytes
  }

  /**
   * Tells every record's callback; gives the first exception that a callback threw, which must not keep others from being told.
   * `baseOffset` -1: not known; `logAppendTime` -1: the records keep their own time.
   */
  succeed(baseOffset: number, logAppendTime: number): unknown {
    return this.#finish(null, (callback, index) => {
      const timestamp = logAppendTime >= 0 ? logAppendTime : (this.#timestamps?.[index] ?? -1)
      callback(null, { topic: this.topic, partition: this.partition, offset: baseOffset < 0 ? -1 : baseOffset + index, timestamp })
    })
  }

  fail(errorOf: (index: number) => ClientError): unknown {
    return this.#finish(this.#settled === undefined ? null : errorOf(0), (callback, index) => callback(errorOf(index), null))
  }

  /** Its records in batches of at most `sizeLimit` bytes unpacked, for brokers that found it too large. */
  splitInto(sizeLimit: number, format: BatchFormat): ProducerBatch[] {
    const parts: ProducerBatch[] = []
    const cursor = new RecordCursor().open(this.bytes(), 0)
    let part: ProducerBatch | undefined
    while (cursor.next()) {
      const key = cursor.key()
      const value = cursor.value()
      const headers = cursor.headers()
      if (part === undefined || part.sizeInBytes + recordBytesBound(key, value, headers) > sizeLimit) {
        part = new ProducerBatch(this.topic, this.partition, this.createdMs, format, sizeLimit)
        part.split = true
        part.closedForAppend = true
        part.attempts = this.attempts
        parts.push(part)
      }
      part.append(cursor.timestamp, key, value, headers, this.#callbacks?.[cursor.index])
    }
    this.#settleWith(parts)
    return parts
  }

  /** It has come to its end when all its parts have. */
  #settleWith(parts: readonly ProducerBatch[]): void {
    const settled = this.#settled
    if (settled === undefined) return
    let undone = parts.length
    let failure: ClientError | null = null
    for (const part of parts) {
      part.#settled = (error) => {
        failure ??= error
        if (--undone === 0) settled(failure)
      }
    }
  }

  #finish(error: ClientError | null, tell: (callback: DeliveryCallback, index: number) => void): unknown {
    this.done = true
    let thrown: unknown
    try {
      this.#settled?.(error)
    } catch (fault) {
      thrown = fault
    }
    const callbacks = this.#callbacks
    this.#callbacks = undefined
    if (callbacks !== undefined) {
      for (let index = 0; index < callbacks.length; index++) {
        const callback = callbacks[index]
        try {
          if (callback !== undefined) tell(callback, index)
        } catch (error) {
          thrown ??= error
        }
      }
    }
    for (const waiter of this.waiters.splice(0)) waiter()
    return thrown
  }
}

const recordOverheadMax = 21
const headerOverheadMax = 10

/** At most what a record adds to a batch. */
export function recordBytesBound(key: Buffer | null, value: Buffer | null, headers: readonly Header[] | undefined): number {
  let bytes = recordOverheadMax + (key?.length ?? 0) + (value?.length ?? 0)
  if (headers !== undefined) {
    for (const header of headers) bytes += headerOverheadMax + 3 * header.key.length + (header.value?.length ?? 0)
  }
  return bytes
}
