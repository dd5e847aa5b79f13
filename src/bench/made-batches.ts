import { crc32c, crc32cShift, joinCrc32c } from '../base/index.ts'
import { ClientError, type MadeRecords, type ProducerStamp, type RecordSupply } from '../client/index.ts'
import type { Clock } from '../host/index.ts'
import { Errors } from '../protocol/index.ts'
import {
  ATTRIBUTES_AT,
  BASE_SEQUENCE_AT,
  BASE_TIMESTAMP_AT,
  BATCH_LENGTH_AT,
  BatchBuilder,
  Codec,
  type CodecId,
  CRC_AT,
  compress,
  LAST_OFFSET_DELTA_AT,
  LOG_OVERHEAD,
  MAX_TIMESTAMP_AT,
  PRODUCER_EPOCH_AT,
  PRODUCER_ID_AT,
  RECORD_COUNT_AT,
  RECORDS_AT,
  TRANSACTIONAL_MASK,
  writeInt64,
} from '../records/index.ts'
import type { Pace, Run } from './pace.ts'
import type { RecordSource } from './record-source.ts'
import type { Stamps } from './stamps.ts'

export interface MadeBatchesOptions {
  readonly source: RecordSource
  readonly clock: Clock
  readonly partitionCount: number
  /** Whether records have keys: then each partition has batches of its own. */
  readonly byKey: boolean
  readonly batchSize: number
  /** No batch is larger, as it is sent: max.request.size. */
  readonly requestSizeMax?: number
  readonly codec: CodecId
  readonly level: number | undefined
  /** They are sent within transactions. */
  readonly transactional?: boolean
  /** The memory of a batch that was answered is free for the next one: with acks=0 it may still be on its way. */
  readonly reuse: boolean
  /** For values that carry the time they were to be sent; they have room for a stamp. */
  readonly stamps?: Stamps
  readonly onSettled: (batch: SettledBatch, error: ClientError | null) => void
}

export interface SettledBatch {
  readonly runs: readonly Run[]
  readonly count: number
  /** Keys and values. */
  readonly payloadBytes: number
}

/** A full batch as it lies made; shorter ones begin like it. */
interface Template {
  /** Header and records, unpacked. */
  readonly bytes: Buffer
  /** Where each record ends. */
  readonly ends: Int32Array
  /** Keys and values of the first n records. */
  readonly payloads: Int32Array
  /** Header and records as a full batch is sent. */
  readonly full: Buffer
  readonly fullCrc: number
  readonly fullShift: number
  /** Copies of `full` whose batch was answered. */
  readonly free: Buffer[]
}

const TEMPLATE_BYTES_MAX = 8 * 1024 * 1024
const TEMPLATES_MAX = 16
/** However well records pack, a batch holds no more of them than this lets it, unless batch.size is more. */
const UNPACKED_BYTES_MAX = 1024 * 1024
const HEADER_SUM_BYTES = RECORDS_AT - ATTRIBUTES_AT

/**
 * Batches that lie made: records, codec and most of the checksum are worked out once, and what is left for each batch is its header, the sum
 * of those 40 bytes, and joining that to the sum of the records. So a record costs the sender next to nothing, and the cluster all it ever does.
 *
 *     template ── copied when no copy is free ──► batch: header stamped, sent ── answered ──► free
 */
export class MadeBatches implements RecordSupply {
  /** Whose records are taken next. */
  pace: Pace | undefined
  readonly options: MadeBatchesOptions
  /** By partition; without keys one list for all. */
  readonly #templates: (readonly Template[] | undefined)[] = []
  #turn = 0
  #likelyRatio: number | undefined

  constructor(options: MadeBatchesOptions) {
    this.options = options
  }

  /** Of every batch. */
  get attributes(): number {
    const { codec, transactional } = this.options
    return codec | (transactional === true ? TRANSACTIONAL_MASK : 0)
  }

  open(partition: number): MadeBatch {
    const at = this.options.byKey ? partition : 0
    const list = (this.#templates[at] ??= this.#make(partition))
    return new MadeBatch(this, list[this.#turn++ % list.length]!)
  }

  /** Makes what will be needed, before the clock is started. */
  prepare(): void {
    const count = this.options.byKey ? this.options.partitionCount : 1
    for (let partition = 0; partition < count; partition++) this.#templates[partition] ??= this.#make(partition)
  }

  #make(partition: number): readonly Template[] {
    const { partitionCount, byKey } = this.options
    const first = this.#template(partition)
    if (first === undefined) return []
    const room = Math.floor(TEMPLATE_BYTES_MAX / (byKey ? partitionCount : 1) / first.bytes.length)
    const count = Math.max(1, Math.min(TEMPLATES_MAX, room))
    return [first, ...Array.from({ length: count - 1 }, () => this.#template(partition)!)]
  }

  #template(partition: number): Template | undefined {
    const { source, partitionCount, batchSize: wanted, requestSizeMax = Number.POSITIVE_INFINITY, codec, level } = this.options
    const batchSize = Math.min(wanted, requestSizeMax)
    const limit = codec === Codec.none ? batchSize : Math.min(batchSize / this.#ratio(partition), Math.max(batchSize, UNPACKED_BYTES_MAX))
    const builder = new BatchBuilder({ initialBytes: Math.min(limit, 1 << 20) })
    const ends: number[] = []
    const payloads: number[] = []
    let payloadBytes = 0
    for (;;) {
      const record = source.next(partition, partitionCount)
      if (record === undefined) return undefined
      const { key, value } = record
      // Before it is packed, as Kafka's producers look at it.
      const alone = RECORDS_AT + builder.recordBytes(0, key, value)
      if (alone > requestSizeMax)
        throw new ClientError(Errors.MESSAGE_TOO_LARGE, `a record of ${alone} bytes is larger than max.request.size=${requestSizeMax}`, {
          hint: 'Raise max.request.size here by -X, and max.message.bytes of the topic.',
        })
      if (builder.count > 0 && builder.sizeInBytes + builder.recordBytes(0, key, value) > limit) break
      builder.append(0, key, value)
      ends.push(builder.sizeInBytes)
      payloads.push((payloadBytes += value.length + (key?.length ?? 0)))
      if (builder.sizeInBytes >= limit) break
    }
    const bytes = builder.close()
    const full = packed(bytes, codec, level)
    full.writeInt16BE(this.attributes, ATTRIBUTES_AT)
    const recordBytes = full.length - RECORDS_AT
    return {
      bytes,
      ends: Int32Array.from(ends),
      payloads: Int32Array.from(payloads),
      full,
      fullCrc: crc32c(full, RECORDS_AT, full.length),
      fullShift: crc32cShift(recordBytes),
      free: [],
    }
  }

  /** Packed ÷ unpacked of such records, as a producer would have learned it. */
  #ratio(partition: number): number {
    if (this.#likelyRatio !== undefined) return this.#likelyRatio
    const { source, partitionCount, batchSize, codec, level } = this.options
    const builder = new BatchBuilder()
    do {
      const record = source.next(partition, partitionCount)
      if (record === undefined) return 1
      builder.append(0, record.key, record.value)
    } while (builder.sizeInBytes < batchSize)
    const bytes = builder.close()
    this.#likelyRatio = Math.min(1, packed(bytes, codec, level).length / bytes.length)
    return this.#likelyRatio
  }
}

function packed(bytes: Buffer, codec: CodecId, level: number | undefined): Buffer {
  if (codec === Codec.none) return bytes
  return Buffer.concat([bytes.subarray(0, RECORDS_AT), compress(codec, bytes.subarray(RECORDS_AT), level)])
}

/** One batch: so many records from the beginning of a template. */
class MadeBatch implements MadeRecords {
  count = 0
  readonly #owner: MadeBatches
  readonly #template: Template
  readonly #runs: Run[] = []
  readonly #openedMs: number
  #bytes: Buffer | undefined
  /** The bytes are a copy of the full batch but for the header. */
  #isCopy = false

  constructor(owner: MadeBatches, template: Template) {
    this.#owner = owner
    this.#template = template
    this.#openedMs = owner.options.clock.now()
  }

  get sizeInBytes(): number {
    return this.count === 0 ? RECORDS_AT : this.#template.ends[this.count - 1]!
  }

  get isFull(): boolean {
    return this.count === this.#template.ends.length
  }

  take(count: number): number {
    const taken = Math.min(count, this.#template.ends.length - this.count)
    this.count += taken
    const { pace, options } = this.#owner
    if (pace !== undefined) this.#runs.push(pace.take(taken, options.clock.monotonic()))
    return taken
  }

  close(stamp: ProducerStamp): Buffer {
    const { codec, level, stamps, reuse } = this.#owner.options
    const template = this.#template
    this.#isCopy = this.isFull && stamps === undefined
    let bytes: Buffer
    if (this.#isCopy) bytes = (reuse ? template.free.pop() : undefined) ?? Buffer.from(template.full)
    else {
      bytes = Buffer.from(template.bytes.subarray(0, this.sizeInBytes))
      if (stamps !== undefined) this.#stampTimes(bytes, stamps)
      bytes = packed(bytes, codec, level)
      bytes.writeInt16BE(this.#owner.attributes, ATTRIBUTES_AT)
    }
    bytes.writeInt32BE(bytes.length - LOG_OVERHEAD, BATCH_LENGTH_AT)
    bytes.writeInt32BE(this.count - 1, LAST_OFFSET_DELTA_AT)
    bytes.writeInt32BE(this.count, RECORD_COUNT_AT)
    writeInt64(bytes, BASE_TIMESTAMP_AT, this.#openedMs)
    writeInt64(bytes, MAX_TIMESTAMP_AT, this.#openedMs)
    this.#bytes = bytes
    this.restamp(stamp)
    return bytes
  }

  restamp({ producerId, producerEpoch, baseSequence }: ProducerStamp): void {
    const bytes = this.#bytes!
    writeInt64(bytes, PRODUCER_ID_AT, producerId)
    bytes.writeInt16BE(producerEpoch, PRODUCER_EPOCH_AT)
    bytes.writeInt32BE(baseSequence, BASE_SEQUENCE_AT)
    const { fullCrc, fullShift } = this.#template
    const sum = this.#isCopy
      ? joinCrc32c(crc32c(bytes, ATTRIBUTES_AT, ATTRIBUTES_AT + HEADER_SUM_BYTES), fullCrc, fullShift)
      : crc32c(bytes, ATTRIBUTES_AT, bytes.length)
    bytes.writeUInt32BE(sum, CRC_AT)
  }

  settled(error: ClientError | null): void {
    const { reuse, onSettled } = this.#owner.options
    // Bytes of a batch that failed may still be on the wire.
    if (error === null && reuse && this.#isCopy) this.#template.free.push(this.#bytes!)
    this.#bytes = undefined
    onSettled({ runs: this.#runs, count: this.count, payloadBytes: this.#template.payloads[this.count - 1] ?? 0 }, error)
  }

  /** The time that each record was to be sent goes into its value. */
  #stampTimes(bytes: Buffer, stamps: Stamps): void {
    const { ends, payloads } = this.#template
    let index = 0
    for (const { firstMs, stepMs, count } of this.#runs) {
      for (let step = 0; step < count; step++, index++) {
        // Behind the value comes one byte: no headers. Stamped records have no keys.
        const valueAt = ends[index]! - 1 - (payloads[index]! - (index === 0 ? 0 : payloads[index - 1]!))
        stamps.write(bytes, valueAt, firstMs + step * stepMs)
      }
    }
  }
}

export type { MadeBatch }
