import { NO_SEQUENCE } from '../../records/index.ts'
import type { ProducerBatch } from './batch.ts'

const sequenceModulus = 2 ** 31

/**
 * Batches of one partition in the order they are sent, and its sequence numbers (KIP-98).
 *
 *   tracked:  have a sequence and no final answer yet, on the wire or waiting for a retry, by sequence
 *   batches:  not on the wire: retries (by sequence) before fresh ones
 */
export class PartitionQueue {
  readonly topic: string
  readonly partition: number
  readonly batches: ProducerBatch[] = []
  readonly tracked: ProducerBatch[] = []
  /** With one request in flight at a time: no other batch of this partition while one is. */
  muted = false
  producerId = -1
  producerEpoch = -1
  nextSequence = 0
  /** -1: none. */
  lastAckedSequence = -1
  lastAckedOffset = -1
  /** A batch was given up without an answer: the sequence that would follow it. */
  unresolvedSequence: number | undefined
  /** Its sequences have to start over: nothing is sent until what is on the wire is answered. */
  restarting = false
  /** Numbers of transactions (`Transactions.serial`): the last that it has records of, and the last that its coordinator knows to have some. */
  enlisted = 0
  admitted = 0

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  get last(): ProducerBatch | undefined {
    return this.batches[this.batches.length - 1]
  }

  /**
   * Whether the first batch may go now: nothing with a lower sequence waits before it, and its numbers are of this producer. A leader that
   * knows nothing of a producer takes any sequence for its first, so until one batch is acknowledged they go one by one: a second
   * that is taken where the first was refused would shut the first out.
   */
  mayDrain(first: ProducerBatch, producerId: number, producerEpoch: number): boolean {
    if (this.restarting) return false
    if (first.hasSequence) return this.tracked.length === 0 || this.tracked[0] === first
    if (this.unresolvedSequence !== undefined) return false
    const known = this.producerId === producerId && this.producerEpoch === producerEpoch && this.lastAckedSequence >= 0
    return this.tracked.length === 0 || known
  }

  /** Batches with a sequence that are on the wire. */
  get onTheWire(): boolean {
    return this.tracked.some((batch) => batch.inFlight)
  }

  /** Gives a fresh batch its sequence. */
  assignSequence(batch: ProducerBatch, producerId: number, producerEpoch: number): void {
    if (this.tracked.length === 0 && (this.producerId !== producerId || this.producerEpoch !== producerEpoch)) {
      this.restartSequences(producerId, producerEpoch)
    }
    batch.stamp(producerId, producerEpoch, this.nextSequence)
    this.nextSequence = (this.nextSequence + batch.count) % sequenceModulus
    this.tracked.push(batch)
  }

  /** After an epoch bump: all that is not answered is numbered from 0 again. */
  restartSequences(producerId: number, producerEpoch: number): void {
    this.producerId = producerId
    this.producerEpoch = producerEpoch
    this.lastAckedSequence = -1
    this.unresolvedSequence = undefined
    this.restarting = false
    let sequence = 0
    for (const batch of this.tracked) {
      batch.stamp(producerId, producerEpoch, sequence)
      sequence = (sequence + batch.count) % sequenceModulus
    }
    this.nextSequence = sequence
  }

  /** All sequences that were given out are acknowledged. */
  get allAcknowledged(): boolean {
    return this.nextSequence === (this.lastAckedSequence + 1) % sequenceModulus
  }

  acknowledged(batch: ProducerBatch, baseOffset: number): void {
    if (batch.producerId === this.producerId && batch.producerEpoch === this.producerEpoch) {
      const last = (batch.nextSequence - 1) % sequenceModulus
      // Wrapped around when it seems to go far back.
      if (last > this.lastAckedSequence || this.lastAckedSequence - last > sequenceModulus / 2) this.lastAckedSequence = last
    }
    if (baseOffset >= 0) this.lastAckedOffset = Math.max(this.lastAckedOffset, baseOffset + batch.count - 1)
    this.untrack(batch)
  }

  untrack(batch: ProducerBatch): void {
    const index = this.tracked.indexOf(batch)
    if (index >= 0) this.tracked.splice(index, 1)
  }

  /** Puts a batch back for another attempt, before all with higher sequences. */
  reenqueue(batch: ProducerBatch): void {
    if (batch.baseSequence === NO_SEQUENCE) {
      this.batches.unshift(batch)
      return
    }
    const rank = this.tracked.indexOf(batch)
    let at = 0
    while (at < this.batches.length && this.batches[at].hasSequence && this.tracked.indexOf(this.batches[at]) < rank) at++
    this.batches.splice(at, 0, batch)
  }

  /** In place of a batch found too large: they share out its sequences, as the broker has taken none of it. */
  replaceBySplits(batch: ProducerBatch, parts: readonly ProducerBatch[], idempotent: boolean): void {
    if (!idempotent) {
      this.batches.unshift(...parts)
      return
    }
    const rank = this.tracked.indexOf(batch)
    let sequence = batch.baseSequence
    for (const part of parts) {
      part.stamp(batch.producerId, batch.producerEpoch, sequence)
      sequence = (sequence + part.count) % sequenceModulus
    }
    if (rank >= 0) this.tracked.splice(rank, 1, ...parts)
    else this.tracked.unshift(...parts)
    for (const part of parts) this.reenqueue(part)
  }
}
