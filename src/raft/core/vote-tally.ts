/** Votes of one election round. A voter's later answer replaces its earlier one. */
export class VoteTally {
  readonly #answers: Map<number, boolean | undefined>

  constructor(voterIds: Iterable<number>, self: number) {
    this.#answers = new Map([...voterIds].map((id) => [id, undefined]))
    if (this.#answers.has(self)) this.#answers.set(self, true)
  }

  /** False when the node is no voter of this round. */
  record(voterId: number, granted: boolean): boolean {
    if (!this.#answers.has(voterId)) return false
    this.#answers.set(voterId, granted)
    return true
  }

  get won(): boolean {
    return this.granting.length >= this.#majority
  }

  /** A majority is out of reach. */
  get lost(): boolean {
    return this.granting.length + this.unanswered.length < this.#majority
  }

  get granting(): number[] {
    return this.#with(true)
  }

  get unanswered(): number[] {
    return this.#with(undefined)
  }

  get #majority(): number {
    return Math.floor(this.#answers.size / 2) + 1
  }

  #with(answer: boolean | undefined): number[] {
    const ids: number[] = []
    for (const [id, given] of this.#answers) if (given === answer) ids.push(id)
    return ids
  }
}
