import { type ErrorCode, Errors } from '../../protocol/index.ts'
import { ClientError } from '../client-error.ts'
import type { ProducerBatch } from './batch.ts'
import type { IdempotentIdentity, ProducerIdentity } from './identity.ts'
import type { Numbering } from './numbering.ts'
import type { PartitionQueue } from './partition-queue.ts'

export interface SequencesOptions {
  readonly identity: IdempotentIdentity
  /** The producer id is there, or may be asked for again: time for another round. */
  readonly onChange: () => void
  /** Asks for a round in a while: the producer id could not be had now. */
  readonly retryLater: () => void
  /** No batch of this producer can succeed any more. */
  readonly onFatal: (error: ClientError) => void
}

/** Errors after which no batch of this producer can succeed any more. */
const fatalCodes: ReadonlySet<number> = new Set<ErrorCode>([
  Errors.CLUSTER_AUTHORIZATION_FAILED,
  Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
  Errors.PRODUCER_FENCED,
  Errors.INVALID_PRODUCER_ID_MAPPING,
])

/** Whether the first batch of a partition may go now; it then has its sequence. */
export function giveSequence(queue: PartitionQueue, batch: ProducerBatch, { producerId, producerEpoch }: ProducerIdentity): boolean {
  if (!queue.mayDrain(batch, producerId, producerEpoch)) return false
  if (!batch.hasSequence) {
    batch.closedForAppend = true
    queue.assignSequence(batch, producerId, producerEpoch)
  }
  batch.sentFirst = queue.tracked[0] === batch
  return true
}

/**
 * The idempotent side of a sender: which producer id and epoch batches carry, and what follows when a broker waits for another sequence
 * than the one that comes (KIP-98, KIP-360).
 *
 *     refused though first, or given up without an answer ─► partition restarts ─► nothing of it on the wire ─► new epoch, from 0 again
 */
export class Sequences implements Numbering {
  readonly #options: SequencesOptions
  /** Partitions with sequences under way. */
  readonly #tracked = new Set<PartitionQueue>()
  readonly #restarting = new Set<PartitionQueue>()
  #acquiring = false

  constructor(options: SequencesOptions) {
    this.#options = options
  }

  admit(queue: PartitionQueue, batch: ProducerBatch): boolean {
    if (!giveSequence(queue, batch, this.#options.identity)) return false
    this.#tracked.add(queue)
    return true
  }

  mayRetry(queue: PartitionQueue, batch: ProducerBatch, errorCode: number, logStartOffset: number): boolean | undefined {
    if (errorCode === Errors.UNKNOWN_PRODUCER_ID) {
      // -1: the broker did not tell why it knows nothing; else its records of this producer are gone: a new start.
      if (logStartOffset !== -1 && !batch.sequenceReset) this.restart(queue)
      return true
    }
    if (errorCode !== Errors.OUT_OF_ORDER_SEQUENCE_NUMBER) return undefined
    // Behind or before its turn: sent behind others, one of them is to blame and is retried before it; sent first, the broker waits for a
    // sequence that never comes.
    if (batch.sentFirst) this.restart(queue)
    return true
  }

  failed(queue: PartitionQueue, error: ClientError, isUnwritten: boolean): void {
    const { code } = error
    if (fatalCodes.has(code)) this.#options.onFatal(error)
    else if (isUnwritten || code === Errors.OUT_OF_ORDER_SEQUENCE_NUMBER || code === Errors.UNKNOWN_PRODUCER_ID) this.restart(queue)
  }

  /** The sequences of a partition start over under a new epoch, as soon as nothing of it is on the wire. */
  restart(queue: PartitionQueue): void {
    queue.restarting = true
    this.#restarting.add(queue)
  }

  /** Unresolved sequences, restarts, the producer id. */
  upkeep(): boolean {
    const { identity } = this.#options
    for (const queue of this.#tracked) {
      if (queue.tracked.length > 0) continue
      if (queue.unresolvedSequence !== undefined) {
        // Nobody knows whether it was written: when it was not acknowledged after all, start over.
        if (!queue.allAcknowledged) this.restart(queue)
        queue.unresolvedSequence = undefined
      }
      if (queue.batches.length === 0 && !this.#restarting.has(queue)) this.#tracked.delete(queue)
    }
    if (this.#restartable().length > 0) {
      identity.bump()
      if (identity.producerId >= 0) this.#restartAll()
    }
    if (identity.producerId >= 0) return true
    if (!this.#acquiring) void this.#acquire()
    return false
  }

  #restartable(): PartitionQueue[] {
    return this.#restarting.size === 0 ? [] : [...this.#restarting].filter((queue) => !queue.onTheWire)
  }

  #restartAll(): void {
    const { producerId, producerEpoch } = this.#options.identity
    for (const queue of this.#restartable()) {
      queue.restartSequences(producerId, producerEpoch)
      this.#restarting.delete(queue)
    }
  }

  async #acquire(): Promise<void> {
    const { identity, retryLater, onChange, onFatal } = this.#options
    this.#acquiring = true
    try {
      await identity.acquire()
      this.#restartAll()
    } catch (error) {
      const failure = error instanceof ClientError ? error : new ClientError(Errors.UNKNOWN_SERVER_ERROR, String(error), { cause: error })
      if (failure.retriable || failure.code === Errors.REQUEST_TIMED_OUT) retryLater()
      else onFatal(failure)
    } finally {
      this.#acquiring = false
      onChange()
    }
  }
}
