import { NO_PRODUCER_EPOCH, NO_SEQUENCE, NO_TIMESTAMP } from '../records/index.ts'

/** How many batches of a producer are remembered for duplicates (KIP-98: in-flight requests of an idempotent producer). */
const BATCHES_RETAINED = 5
const MAX_SEQUENCE = 0x7fffffff

export interface RememberedBatch {
  readonly lastSequence: number
  readonly lastOffset: number
  readonly offsetDelta: number
  readonly timestamp: number
}

export const firstOffsetOf = (batch: RememberedBatch): number => batch.lastOffset - batch.offsetDelta
/** Sequences wrap at 2^31 (KIP-98). */
export const firstSequenceOf = (batch: RememberedBatch): number =>
  batch.lastSequence < batch.offsetDelta
    ? MAX_SEQUENCE - (batch.offsetDelta - batch.lastSequence) + 1
    : batch.lastSequence - batch.offsetDelta

/** What a partition knows of one producer. */
export class ProducerState {
  readonly producerId: number
  epoch: number = NO_PRODUCER_EPOCH
  coordinatorEpoch = -1
  lastTimestamp: number = NO_TIMESTAMP
  /** First offset of the transaction that is open here, or −1. */
  transactionFirstOffset = -1
  /** Oldest first, at most five. */
  batches: RememberedBatch[] = []

  constructor(producerId: number) {
    this.producerId = producerId
  }

  copy(): ProducerState {
    const copy = new ProducerState(this.producerId)
    copy.epoch = this.epoch
    copy.coordinatorEpoch = this.coordinatorEpoch
    copy.lastTimestamp = this.lastTimestamp
    copy.transactionFirstOffset = this.transactionFirstOffset
    copy.batches = [...this.batches]
    return copy
  }

  get lastSequence(): number {
    return this.batches.at(-1)?.lastSequence ?? NO_SEQUENCE
  }

  get lastDataOffset(): number {
    return this.batches.at(-1)?.lastOffset ?? -1
  }

  /** A new epoch forgets the batches of the old one. */
  setEpoch(epoch: number): void {
    if (epoch === this.epoch) return
    this.epoch = epoch
    this.batches = []
  }

  addBatch(epoch: number, lastSequence: number, lastOffset: number, offsetDelta: number, timestamp: number): void {
    this.setEpoch(epoch)
    if (this.batches.length === BATCHES_RETAINED) this.batches.shift()
    this.batches.push({ lastSequence, lastOffset, offsetDelta, timestamp })
    this.lastTimestamp = timestamp
  }

  /** The remembered batch that has exactly these sequences. */
  duplicateOf(epoch: number, firstSequence: number, lastSequence: number): RememberedBatch | undefined {
    if (epoch !== this.epoch) return undefined
    return this.batches.find((batch) => batch.lastSequence === lastSequence && firstSequenceOf(batch) === firstSequence)
  }
}

export const follows = (lastSequence: number, next: number): boolean =>
  next === lastSequence + 1 || (next === 0 && lastSequence === MAX_SEQUENCE)
