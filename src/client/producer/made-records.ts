import type { ClientError } from '../client-error.ts'

/**
 * Records of one batch that lie made, for those who send a great many and need an object for none of them: who measures brokers.
 * The producer treats the batch as any other; what is in it is its owner's affair.
 */
export interface MadeRecords {
  readonly count: number
  /** Unpacked, the header included. */
  readonly sizeInBytes: number
  /** No more fit. */
  readonly isFull: boolean
  /** Takes up to `count` more; gives how many. One at least, unless it is full. */
  take(count: number): number
  /** The finished batch; nothing is taken afterwards. The bytes stay as they are until it is settled. */
  close(stamp: ProducerStamp): Buffer
  /** Another producer id, epoch or sequence, in the bytes that `close` gave. */
  restamp(stamp: ProducerStamp): void
  /** All of it is acknowledged, or has failed. Called once. */
  settled(error: ClientError | null): void
}

/** Whose batch it is, and the sequence of its first record; -1 each without idempotence. */
export interface ProducerStamp {
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
}

export interface RecordSupply {
  /** Records for a new batch of a partition. */
  open(partition: number): MadeRecords
}
