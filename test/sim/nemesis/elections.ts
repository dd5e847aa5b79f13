import { SeededRandom } from '../../../src/sim/index.ts'
import { idOf, nameOf } from '../cluster.ts'
import type { LinkFault } from './network-faults.ts'

export interface SlowElection {
  readonly link: LinkFault
  readonly voter: number
  readonly syncMs: number
}

/** One of the voters hears late of some of the others, by ways of their own, and is slow to write whom it votes for. */
export const slowElection = (voters: readonly number[], leader: number, lot: number): SlowElection => {
  const random = new SeededRandom(lot)
  const others = voters.filter((id) => id !== leader)
  const voter = others[random.below(others.length)]!
  const waysMs = new Map(others.map((id) => [nameOf(id), random.below(2) === 0 ? 0 : 50 + random.below(250)]))
  return {
    link: { delayMs: (from, to) => (to === nameOf(voter) ? (waysMs.get(from) ?? 0) : 0) },
    ...{ voter, syncMs: 200 + random.below(600) },
  }
}

export interface UnsyncedVoter {
  readonly link: LinkFault
  /** Dies while it syncs. */
  readonly victim: number
  readonly syncMs: number
  readonly inMs: number
  readonly downMs: number
}

/** The leader reaches just enough voters; one of them dies over what it has written and not synced, and is soon back. */
export const unsyncedVoter = (voters: readonly number[], leader: number, lot: number): UnsyncedVoter => {
  const random = new SeededRandom(lot)
  const others = voters.filter((id) => id !== leader)
  const victim = others.splice(random.below(others.length), 1)[0]!
  const unreached = others.slice(0, Math.floor(voters.length / 2))
  const isCut = (one: string, other: string): boolean => one === nameOf(leader) && unreached.includes(idOf(other) ?? -1)
  return {
    link: { down: (from, to) => isCut(from, to) || isCut(to, from) },
    ...{ victim, syncMs: 2000, inMs: 300 + random.below(1000), downMs: 50 + random.below(300) },
  }
}
