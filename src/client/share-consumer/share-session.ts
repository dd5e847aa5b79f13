import { type SharePartition, shareKey } from './acknowledgement.ts'

export interface SessionChanges {
  readonly epoch: number
  readonly added: readonly SharePartition[]
  readonly removed: readonly SharePartition[]
}

const initialEpoch = 0
const finalEpoch = -1
const epochMax = 0x7fffffff

/**
 * The client's half of a share session with one broker (KIP-932): the broker knows the partitions, and each request counts the epoch up.
 *
 *   none ──fetch with all partitions, epoch 0──► open ──changes only, epoch 1, 2, …──► open ──epoch -1──► none
 *    ▲                                            │ error of the session, lost connection
 *    └────────────────────────────────────────────┘ what was acquired is free for others then
 */
export class ShareSession {
  #epoch = initialEpoch
  #partitions = new Map<string, SharePartition>()

  /** Nothing but a fetch without acknowledgements can begin one. */
  get isNew(): boolean {
    return this.#epoch === initialEpoch
  }

  get epoch(): number {
    return this.#epoch
  }

  /** What a fetch has to say so that the broker knows exactly these. */
  changes(targets: ReadonlyMap<string, SharePartition>): SessionChanges {
    const known: ReadonlyMap<string, SharePartition> = this.isNew ? new Map() : this.#partitions
    return {
      epoch: this.#epoch,
      added: [...targets].filter(([key]) => !known.has(key)).map(([, each]) => each),
      removed: [...known].filter(([key]) => !targets.has(key)).map(([, each]) => each),
    }
  }

  /** The broker has been told of `targets`. */
  sent(targets: ReadonlyMap<string, SharePartition>): void {
    this.#partitions = new Map(targets)
  }

  /** A partition by what an answer names it. */
  find(topicId: string, partition: number): SharePartition | undefined {
    return this.#partitions.get(shareKey({ topicId, partition }))
  }

  /** The broker answered, and the session goes on. */
  answered(): void {
    this.#epoch = this.#epoch === epochMax ? 1 : this.#epoch + 1
  }

  /** The session is lost or in doubt. */
  reset(): void {
    this.#epoch = initialEpoch
  }

  /** The epoch that ends it on the broker; undefined when there is none. */
  closing(): number | undefined {
    return this.isNew ? undefined : finalEpoch
  }
}
