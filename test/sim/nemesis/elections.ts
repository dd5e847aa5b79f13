import { SeededRandom } from '../../../src/sim/index.ts'
import { idOf, nameOf } from '../cluster.ts'
import type { LinkFault } from './network-faults.ts'

export interface SlowElection {
  readonly link: LinkFault
  readonly syncMs: ReadonlyMap<number, number>
}

/**
 * Nobody writes a vote at once, and one of the voters far later than the others; between that one and some of the others everything takes
 * long. It may look for the leader of an epoch, and be asked by that one for its vote.
 */
export const slowElection = (voters: readonly number[], leader: number, lot: number): SlowElection => {
  const random = new SeededRandom(lot)
  const others = voters.filter((id) => id !== leader)
  const late = others[random.below(others.length)]!
  const waysMs = new Map(others.map((id) => [nameOf(id), random.below(2) === 0 ? 0 : 150 + random.below(150)]))
  const wayOf = (one: string, other: string): number => (one === nameOf(late) ? (waysMs.get(other) ?? 0) : 0)
  return {
    link: { delayMs: (from, to) => wayOf(from, to) + wayOf(to, from) },
    syncMs: new Map(others.map((id) => [id, id === late ? 400 + random.below(500) : 30 + random.below(50)])),
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
