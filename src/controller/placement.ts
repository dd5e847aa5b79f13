import type { Random } from '../host/index.ts'
import { Errors } from '../protocol/index.ts'
import type { UsableBroker } from './heartbeats.ts'
import { type ApiError, apiError } from './types.ts'

/**
 * Placement of new replicas, striped over racks (as Kafka's StripedReplicaPlacer): each partition takes its replicas from one rack after
 * the other, the next partition starts one rack on; within a rack brokers take turns, those unfenced before those fenced. The first
 * replica, which leads, is always unfenced. Starts are random so that small topics do not all land on the same brokers.
 */
export const placeReplicas = (
  partitionCount: number,
  replicationFactor: number,
  brokers: readonly UsableBroker[],
  random: Random,
): number[][] | ApiError => {
  const problem = placementProblem(replicationFactor, brokers)
  if (problem !== undefined) return apiError(Errors.INVALID_REPLICATION_FACTOR, problem)
  const racks = new RackStripes(brokers, random)
  return Array.from({ length: partitionCount }, () => racks.place(replicationFactor))
}

const placementProblem = (replicationFactor: number, brokers: readonly UsableBroker[]): string | undefined => {
  if (replicationFactor <= 0) return `Invalid replication factor ${replicationFactor}: the replication factor must be positive.`
  if (brokers.every(({ fenced }) => fenced)) return 'All brokers are currently fenced, or have all their log directories cordoned.'
  if (replicationFactor > brokers.length)
    return `The target replication factor of ${replicationFactor} cannot be reached because only ${brokers.length} broker(s) are registered or some brokers have all their log directories cordoned.`
  return undefined
}

const shuffle = <T>(list: T[], random: Random): void => {
  for (let left = list.length; left > 1; left--) {
    const other = random.below(left)
    const last = list[left - 1]
    list[left - 1] = list[other]
    list[other] = last
  }
}

/** Brokers that take turns; each round starts one further on. */
class BrokerTurns {
  private readonly ids: number[]
  private taken = 0
  private start: number
  private round = 0

  constructor(ids: number[], random: Random) {
    this.ids = ids.sort((a, b) => a - b)
    this.start = ids.length === 0 ? 0 : random.below(ids.length)
  }
  /** -1 when all had their turn in this round. */
  next(round: number): number {
    const { ids } = this
    if (ids.length === 0) return -1
    if (this.round !== round) {
      this.round = round
      this.taken = 0
      this.start = (this.start + 1) % ids.length
    }
    return this.taken >= ids.length ? -1 : ids[(this.taken++ + this.start) % ids.length]
  }
  shuffle(random: Random): void {
    shuffle(this.ids, random)
  }
}

interface Rack {
  readonly name: string | null
  readonly unfenced: BrokerTurns
  readonly fenced: BrokerTurns
}

class RackStripes {
  private readonly racks: Rack[]
  private readonly unfencedCount: number
  private readonly random: Random
  private round = 0
  private placedSinceShuffle = 0
  private start: number

  constructor(brokers: readonly UsableBroker[], random: Random) {
    const ids = (rack: string | null, fenced: boolean): number[] =>
      brokers.filter((one) => one.rack === rack && one.fenced === fenced).map(({ id }) => id)
    const names = [...new Set(brokers.map(({ rack }) => rack))].sort((a, b) =>
      a === b ? 0 : a === null ? -1 : b === null ? 1 : a < b ? -1 : 1,
    )
    this.racks = names.map((name) => ({
      name,
      unfenced: new BrokerTurns(ids(name, false), random),
      fenced: new BrokerTurns(ids(name, true), random),
    }))
    this.unfencedCount = brokers.filter(({ fenced }) => !fenced).length
    this.random = random
    this.start = random.below(this.racks.length)
  }

  /** The caller made sure that there is an unfenced broker and that there are as many brokers as replicas. */
  place(replicationFactor: number): number[] {
    const { racks } = this
    if (this.placedSinceShuffle === this.unfencedCount && this.unfencedCount > 1) this.reshuffle()
    if (this.start === racks.length) this.start = 0
    const replicas: number[] = []
    let leaderRack = this.start
    for (let tries = 0; tries < racks.length && replicas.length === 0; tries++) {
      leaderRack = (this.start + tries) % racks.length
      const leader = racks[leaderRack].unfenced.next(this.round)
      if (leader >= 0) replicas.push(leader)
    }
    let leaderRackPassed = false
    for (let rack = this.start; replicas.length < replicationFactor; rack = (rack + 1) % racks.length) {
      // On the first lap the rack of the leader has had its turn.
      if (rack === leaderRack && !leaderRackPassed) {
        leaderRackPassed = true
        continue
      }
      let id = racks[rack].unfenced.next(this.round)
      if (id < 0) id = racks[rack].fenced.next(this.round)
      if (id >= 0) replicas.push(id)
    }
    this.round++
    this.placedSinceShuffle++
    this.start++
    return replicas
  }

  /** As many assignments as unfenced brokers were made: mix, so that they do not repeat. */
  private reshuffle(): void {
    shuffle(this.racks, this.random)
    for (const { unfenced, fenced } of this.racks) {
      fenced.shuffle(this.random)
      unfenced.shuffle(this.random)
    }
    this.placedSinceShuffle = 0
  }
}
