import type { PartitionRegistration } from '../metadata/index.ts'

/** What the leader asks the controller for. */
export interface IsrProposal {
  readonly isr: readonly number[]
  readonly leaderEpoch: number
  readonly partitionEpoch: number
}

/**
 * The in-sync replicas as the leader must reckon with them (Kafka's CommittedPartitionState and its Pending twins).
 *
 * While a change is under way nobody knows which of the two sets the controller has: a record counts as replicated only when every
 * member of either set holds it, the larger one (maximal ISR, S3). One change at a time.
 */
export class InSyncReplicas {
  #committed: readonly number[] = []
  #proposal: IsrProposal | undefined

  /** As the controller has committed it: whatever was proposed on top of an older state is settled. */
  commit({ isr, partitionEpoch }: PartitionRegistration): void {
    this.#committed = isr
    if (this.#proposal !== undefined && partitionEpoch > this.#proposal.partitionEpoch) this.#proposal = undefined
  }

  get committed(): readonly number[] {
    return this.#committed
  }
  get isChanging(): boolean {
    return this.#proposal !== undefined
  }
  get proposal(): IsrProposal | undefined {
    return this.#proposal
  }

  /** It is in one of the two sets that the controller may have. */
  mayBeIn(id: number): boolean {
    return this.#committed.includes(id) || this.#proposal?.isr.includes(id) === true
  }

  propose(isr: readonly number[], { leaderEpoch, partitionEpoch }: PartitionRegistration): IsrProposal {
    this.#proposal = { isr, leaderEpoch, partitionEpoch }
    return this.#proposal
  }

  /** The controller surely has not made the change and never will. */
  withdraw(proposal: IsrProposal): void {
    if (this.#proposal === proposal) this.#proposal = undefined
  }
}
