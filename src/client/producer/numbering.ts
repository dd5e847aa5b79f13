import type { ClientError } from '../client-error.ts'
import type { ProducerBatch } from './batch.ts'
import type { PartitionQueue } from './partition-queue.ts'

/** Which numbers the batches of a sender carry, and what follows when a broker refuses them. */
export interface Numbering {
  /** Whether the first batch of a partition may go now; it then has its sequence. */
  admit(queue: PartitionQueue, batch: ProducerBatch): boolean
  /** Whether a batch that was refused goes again; undefined: as its code says. `logStartOffset` -1: the broker did not tell. */
  mayRetry(queue: PartitionQueue, batch: ProducerBatch, errorCode: number, logStartOffset: number): boolean | undefined
  /** A batch has failed for good. `isUnwritten`: the broker has said so. */
  failed(queue: PartitionQueue, error: ClientError, isUnwritten: boolean): void
  /** Before each round. False: nothing can be sent yet. */
  upkeep(): boolean
}
