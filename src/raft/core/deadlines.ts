import type { RaftTiming } from './ready.ts'
import type { Role } from './roles.ts'

const never = Number.POSITIVE_INFINITY

/** When a replica acts by itself. Those that cannot stand for election wait for others. */
export class Deadlines {
  readonly #timing: RaftTiming
  readonly #random: (below: number) => number
  readonly #canStand: () => boolean

  constructor(timing: RaftTiming, random: (below: number) => number, canStand: () => boolean) {
    this.#timing = timing
    this.#random = random
    this.#canStand = canStand
  }

  election(now: number): number {
    return this.#canStand() ? this.resignation(now) : never
  }

  /** How long a leader that stood down, voter or not, lets others be elected in its place. */
  resignation(now: number): number {
    const { electionTimeoutMs } = this.#timing
    return now + electionTimeoutMs + (electionTimeoutMs > 0 ? this.#random(electionTimeoutMs) : 0)
  }

  /** Followers that heard the leader last at the same moment would all stand at the same moment, and split the votes. */
  fetchTimeout(now: number): number {
    const { fetchTimeoutMs } = this.#timing
    return this.#canStand() ? now + fetchTimeoutMs + this.#random(1 + Math.floor(fetchTimeoutMs / 10)) : never
  }

  /** A few rounds of fetching come first. */
  ownVoter(now: number): number {
    return now + this.#timing.fetchTimeoutMs
  }

  ofFollower(now: number): { fetchTimeoutAt: number; ownVoterAt: number } {
    return { fetchTimeoutAt: this.fetchTimeout(now), ownVoterAt: this.ownVoter(now) }
  }

  /** A later epoch does not put off what was due anyhow. */
  remainingElection(role: Role, now: number): number {
    if (!this.#canStand() || role.name === 'leader' || role.name === 'follower') return this.election(now)
    if (role.name === 'prospective' && role.tally.lost) return this.election(now)
    return Math.max(role.electionAt, now + 1)
  }
}
