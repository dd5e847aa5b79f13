import { Errors, KafkaError } from '../../protocol/index.ts'
import {
  BAD_BATCH,
  baseOffset,
  isBatchValid,
  isControl,
  lastOffset,
  magic,
  NO_BATCH,
  nextBatchBytes,
  RecordCursor,
  recordCount,
} from '../../records/index.ts'
import { ClientError } from '../client-error.ts'
import { acknowledgeCodes } from './acknowledgement.ts'
import { Delivery, type DeliverySource } from './delivery.ts'
import { OffsetRuns } from './offset-runs.ts'

export interface Acquired {
  readonly firstOffset: number
  readonly lastOffset: number
  readonly deliveryCount: number
}

/** What is taken at once. With an error: the records of a batch that is broken, rejected. */
export interface TakenRecords {
  readonly delivery: Delivery
  readonly error: ClientError | undefined
}

/**
 * What a fetch brought of one partition: bytes, and which offsets of them are this consumer's. Acquired offsets that have no record (control
 * batches, what compaction took) are acknowledged as gaps.
 */
export class AcquiredRecords {
  readonly #source: DeliverySource
  readonly #checkCrcs: boolean
  readonly #acquired = new OffsetRuns()
  #at = 0
  #from = 0
  #isExhausted = false

  constructor(source: DeliverySource, acquired: readonly Acquired[], checkCrcs: boolean) {
    this.#source = source
    this.#checkCrcs = checkCrcs
    // A range that is told twice is a fault of the broker: the first one counts.
    for (const each of acquired) this.#acquired.fill(each.firstOffset, each.lastOffset, each.deliveryCount)
  }

  get isExhausted(): boolean {
    return this.#isExhausted
  }

  /** Whole batches, until there are `countMax` records. */
  take(countMax: number): TakenRecords {
    const { bytes } = this.#source
    const records = new OffsetRuns()
    const codes = new OffsetRuns()
    const batches: number[] = []
    const taken = (error?: ClientError): TakenRecords => ({ delivery: new Delivery(this.#source, batches, records, codes), error })
    while (records.count < countMax) {
      const at = this.#at
      const size = nextBatchBytes(bytes, at, bytes.length)
      const hasOthers = records.count + codes.count > 0
      if (size === NO_BATCH) {
        // Bytes that are no whole batch may hold records: others shall try.
        this.#rest(codes, at === bytes.length ? acknowledgeCodes.gap : acknowledgeCodes.release)
        return taken()
      }
      if (size === BAD_BATCH) {
        if (hasOthers) return taken()
        this.#rest(codes, acknowledgeCodes.reject)
        return taken(this.#corrupt('not a record batch'))
      }
      const last = magic(bytes, at) < 2 ? Number(bytes.readBigInt64BE(at)) : lastOffset(bytes, at)
      const reason = this.#acquired.within(this.#from, last).length === 0 ? undefined : this.#read(at, size, last, records, codes, batches)
      if (reason !== undefined) {
        // What was taken before must not be lost: the error comes alone, with the next take.
        if (hasOthers) return taken()
        for (const run of this.#acquired.within(this.#from, last)) codes.set(run.first, run.last, acknowledgeCodes.reject)
      }
      const error = reason === undefined ? undefined : this.#corrupt(reason)
      this.#at += size
      this.#from = Math.max(this.#from, last + 1)
      if (error !== undefined) return taken(error)
    }
    return taken()
  }

  /** Sorts the acquired offsets of a batch into records and gaps. Gives why it cannot. */
  #read(at: number, size: number, last: number, records: OffsetRuns, codes: OffsetRuns, batches: number[]): string | undefined {
    const { bytes } = this.#source
    if (this.#checkCrcs && !isBatchValid(bytes, at, size)) return 'its checksum is wrong'
    const isModern = magic(bytes, at) >= 2
    const first = isModern ? baseOffset(bytes, at) : this.#from
    const hasRecords = !isModern || !isControl(bytes, at)
    const isDense = isModern && recordCount(bytes, at) === last - first + 1
    const present = new OffsetRuns()
    if (hasRecords && isDense) present.set(first, last, 0)
    else if (hasRecords) {
      try {
        scan.open(bytes, at)
        while (scan.next()) present.set(scan.offset, scan.offset, 0)
      } catch (error) {
        if (error instanceof KafkaError) return error.message
        throw error
      }
    }
    const before = records.count
    for (const run of this.#acquired.within(this.#from, last)) codes.set(run.first, run.last, acknowledgeCodes.gap)
    for (const { first, last } of present.runs)
      for (const run of this.#acquired.within(Math.max(first, this.#from), last)) {
        codes.delete(run.first, run.last)
        records.set(run.first, run.last, run.value)
      }
    if (records.count > before) batches.push(at)
    return undefined
  }

  #rest(codes: OffsetRuns, code: number): void {
    for (const run of this.#acquired.within(this.#from, Number.MAX_SAFE_INTEGER)) codes.set(run.first, run.last, code)
    this.#isExhausted = true
  }

  #corrupt(why: string): ClientError {
    const { topic, partition } = this.#source.of
    return new ClientError(Errors.CORRUPT_MESSAGE, `a batch of ${topic}-${partition} from offset ${this.#from} on is corrupt: ${why}`, {
      hint: 'Its records were rejected: the group does not get them again.',
      retriable: false,
    })
  }
}

const scan = new RecordCursor()
