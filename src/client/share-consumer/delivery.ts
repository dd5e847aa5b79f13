import { Errors } from '../../protocol/index.ts'
import { ClientError } from '../client-error.ts'
import { type Acknowledgements, type AcknowledgeType, acknowledgeCodes, renews, type SharePartition } from './acknowledgement.ts'
import { OffsetRuns } from './offset-runs.ts'
import { ShareChunk } from './share-chunk.ts'

/** Where records come from, and where their acknowledgements go. */
export interface DeliverySource {
  readonly of: SharePartition
  readonly nodeId: number
  readonly bytes: Buffer
  /** In implicit mode nobody acknowledges single records. */
  readonly isExplicit: boolean
}

/**
 * What one poll gave of one partition, until all of it is acknowledged.
 *
 *   in flight ──accept, release, reject──► sent
 *       ▲  └────renew────► renewing ──refused──► gone: the broker gives it to others
 *       └── next poll ── renewed ◄──┘
 */
export class Delivery {
  readonly #source: DeliverySource
  readonly #batches: readonly number[]
  /** Delivery counts by offset. */
  #inFlight: OffsetRuns
  #codes: OffsetRuns
  #acknowledged = 0
  readonly #renewing = new OffsetRuns()
  readonly #renewed = new OffsetRuns()

  /** `codes`: what is acknowledged by itself, such as offsets without a record. */
  constructor(source: DeliverySource, batches: readonly number[], records: OffsetRuns, codes: OffsetRuns) {
    this.#source = source
    this.#batches = batches
    this.#inFlight = records
    this.#codes = codes
  }

  get inFlightCount(): number {
    return this.#inFlight.count
  }

  get isAcknowledged(): boolean {
    return this.#acknowledged === this.#inFlight.count
  }

  get hasRenewals(): boolean {
    return this.#renewing.count + this.#renewed.count > 0
  }

  /** Nothing is left to be done with it. */
  get isOver(): boolean {
    return this.#inFlight.count + this.#codes.count === 0 && !this.hasRenewals
  }

  /** The records that are in flight. */
  chunk(): ShareChunk {
    const { of, bytes } = this.#source
    const acknowledge = (offset: number, type: AcknowledgeType): void => {
      if (!this.acknowledge(offset, type)) throw notInFlight(of, offset)
    }
    return new ShareChunk(of, bytes, this.#batches, [...this.#inFlight.runs], acknowledge)
  }

  holds(topic: string, partition: number, offset: number): boolean {
    const { of } = this.#source
    return of.partition === partition && of.topic === topic && this.#inFlight.get(offset) !== undefined
  }

  /** False when the record is not in flight. @throws ClientError INVALID_REQUEST in implicit mode */
  acknowledge(offset: number, type: AcknowledgeType): boolean {
    if (!this.#source.isExplicit) throw implicitMode()
    if (this.#inFlight.get(offset) === undefined) return false
    if (this.#codes.get(offset) === undefined) this.#acknowledged++
    this.#codes.set(offset, offset, acknowledgeCodes[type])
    return true
  }

  /** All that is not acknowledged yet. */
  acknowledgeAll(type: AcknowledgeType): void {
    for (const { first, last } of this.#inFlight.runs) this.#codes.fill(first, last, acknowledgeCodes[type])
    this.#acknowledged = this.#inFlight.count
  }

  /** What is to be sent now; it is in flight no more. */
  take(): Acknowledgements | undefined {
    const codes = this.#codes
    if (codes.count === 0) return undefined
    this.#codes = new OffsetRuns()
    const isRenewing = renews(codes)
    for (const { first, last, value } of codes.runs)
      if (value === acknowledgeCodes.renew)
        for (const run of this.#inFlight.within(first, last)) this.#renewing.set(run.first, run.last, run.value)
    if (this.isAcknowledged) this.#inFlight = new OffsetRuns()
    else for (const { first, last } of codes.runs) this.#inFlight.delete(first, last)
    this.#acknowledged = 0
    const { of, nodeId } = this.#source
    return { nodeId, of, codes, settle: (error) => void (isRenewing && this.#settleRenewals(codes, error === null)) }
  }

  #settleRenewals(codes: OffsetRuns, isGranted: boolean): void {
    for (const { first, last, value } of codes.runs) {
      if (value !== acknowledgeCodes.renew) continue
      if (isGranted) for (const run of this.#renewing.within(first, last)) this.#renewed.set(run.first, run.last, run.value)
      this.#renewing.delete(first, last)
    }
  }

  /** Puts back in flight what has been renewed. */
  takeRenewed(): void {
    for (const { first, last, value } of this.#renewed.runs) this.#inFlight.set(first, last, value)
    this.#renewed.delete(0, Number.MAX_SAFE_INTEGER)
  }
}

export const notInFlight = ({ topic, partition }: { topic: string; partition: number }, offset: number): ClientError =>
  new ClientError(Errors.INVALID_RECORD_STATE, `offset ${offset} of ${topic}-${partition} cannot be acknowledged`, {
    hint: 'Only what the last poll gave can be, once, and before the next poll.',
  })

export const implicitMode = (): ClientError =>
  new ClientError(Errors.INVALID_REQUEST, 'records are acknowledged implicitly, by the next poll', {
    hint: 'Set share.acknowledgement.mode=explicit to say what becomes of each.',
  })
