import { Errors } from '../../../protocol/index.ts'
import type { ClientError } from '../../client-error.ts'
import type { ProducerBatch } from '../batch.ts'
import type { Numbering } from '../numbering.ts'
import type { PartitionQueue } from '../partition-queue.ts'
import { giveSequence } from '../sequences.ts'
import type { Transactions } from './transactions.ts'

/**
 * Sequences within transactions. Here a gap is no reason to start over under way: the transaction is aborted, and the next one begins
 * under a new epoch, from 0.
 */
export class TransactionalSequences implements Numbering {
  readonly #transactions: Transactions

  constructor(transactions: Transactions) {
    this.#transactions = transactions
  }

  admit(queue: PartitionQueue, batch: ProducerBatch): boolean {
    const transactions = this.#transactions
    if (!transactions.admits(queue)) return false
    const { producerId, producerEpoch } = transactions
    const isOfOther = queue.producerId !== producerId || queue.producerEpoch !== producerEpoch
    // What was not known of the epoch before is of no concern to this one.
    if (isOfOther && queue.tracked.length === 0) queue.restartSequences(producerId, producerEpoch)
    return giveSequence(queue, batch, transactions)
  }

  mayRetry(queue: PartitionQueue, batch: ProducerBatch, errorCode: number, logStartOffset: number): boolean | undefined {
    if (this.#transactions.isLost) return false
    // Without a log start offset the broker did not say what became of its producers.
    if (errorCode === Errors.UNKNOWN_PRODUCER_ID) return logStartOffset === -1
    if (errorCode !== Errors.OUT_OF_ORDER_SEQUENCE_NUMBER) return undefined
    // Behind another that failed, and will go before it the next time.
    return queue.unresolvedSequence === undefined && !batch.sentFirst
  }

  failed(_queue: PartitionQueue, error: ClientError): void {
    this.#transactions.batchFailed(error)
  }

  upkeep(): boolean {
    return this.#transactions.producerId >= 0
  }
}
