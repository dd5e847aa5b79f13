import type { Node, TopicPartition } from '../client/index.ts'

export interface ReplicaSet extends TopicPartition {
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
}

export interface SpreadOptions {
  /** Evens out brokers that have more replicas than others; without it only what must move does. */
  readonly balance: boolean
}

/**
 * Replicas of each partition on the brokers given alone, with few moved. A replica elsewhere gives its place, and with it a preferred
 * leadership, to a broker whose rack has none of the partition, then to the one with the fewest of the topic, then with the fewest at all.
 * The answer has one list for each partition; undefined: the partition at that place has more replicas than there are brokers.
 */
export function spreadPlan(
  partitions: readonly ReplicaSet[],
  brokers: readonly Pick<Node, 'id' | 'rack'>[],
  options: SpreadOptions,
): (readonly number[] | undefined)[] {
  const spread = new Spread(partitions, brokers)
  for (const index of partitions.keys()) spread.settle(index)
  if (options.balance) spread.balance()
  return spread.targets
}

class Spread {
  readonly targets: (number[] | undefined)[]
  readonly #partitions: readonly ReplicaSet[]
  readonly #racks: ReadonlyMap<number, string | null>
  readonly #load = new Map<number, number>()
  readonly #leads = new Map<number, number>()
  readonly #topicLoad = new Map<string, number>()

  constructor(partitions: readonly ReplicaSet[], brokers: readonly Pick<Node, 'id' | 'rack'>[]) {
    this.#partitions = partitions
    this.#racks = new Map(brokers.map(({ id, rack }) => [id, rack]))
    this.targets = partitions.map(({ replicas }) => [...replicas])
    for (const { topic, replicas } of partitions) for (const [place, id] of replicas.entries()) this.#count(topic, id, place, 1)
  }

  /** Every replica on a broker that may have it. */
  settle(index: number): void {
    const target = this.targets[index]!
    const { topic } = this.#partitions[index]!
    for (const [place, id] of target.entries()) {
      if (this.#racks.has(id)) continue
      const others = target.filter((each) => each !== id)
      const free = [...this.#racks.keys()].filter((each) => !target.includes(each))
      if (free.length === 0) {
        this.targets[index] = undefined
        return
      }
      const cost = (each: number): number[] => [
        this.#sharesRack(each, others),
        this.#ofTopic(topic, each),
        this.#of(this.#load, each),
        each,
      ]
      this.#replace(
        index,
        place,
        free.reduce((best, each) => (isLess(cost(each), cost(best)) ? each : best)),
      )
    }
  }

  /** From the fullest to the emptiest, until none has two more than another, as far as racks allow. */
  balance(): void {
    const limit = this.targets.reduce((sum, target) => sum + (target?.length ?? 0), 0)
    for (let moves = 0; moves < limit && this.#moveOne(); moves++);
  }

  #moveOne(): boolean {
    const byLoad = [...this.#racks.keys()].sort((a, b) => this.#of(this.#load, a) - this.#of(this.#load, b) || a - b)
    for (const low of byLoad) {
      for (const high of [...byLoad].reverse()) {
        if (this.#of(this.#load, high) - this.#of(this.#load, low) < 2) break
        const found = this.#bestFrom(high, low)
        if (found === undefined) continue
        this.#replace(found.index, found.place, low)
        return true
      }
    }
    return false
  }

  /** The replica that should go: of the topic that is the most uneven, and a leadership where those are uneven. */
  #bestFrom(high: number, low: number): { index: number; place: number } | undefined {
    const wantsLead = this.#of(this.#leads, high) - this.#of(this.#leads, low) > 1
    let best: { index: number; place: number; cost: number[] } | undefined
    for (const [index, target] of this.targets.entries()) {
      const place = target?.indexOf(high) ?? -1
      if (target === undefined || place < 0 || target.includes(low)) continue
      const others = target.filter((each) => each !== high)
      const worse = this.#sharesRack(low, others) - this.#sharesRack(high, others)
      if (worse > 0) continue
      const { topic } = this.#partitions[index]!
      const cost = [this.#ofTopic(topic, low) - this.#ofTopic(topic, high), (place === 0) === wantsLead ? 0 : 1, index]
      if (best === undefined || isLess(cost, best.cost)) best = { index, place, cost }
    }
    return best
  }

  #replace(index: number, place: number, id: number): void {
    const { topic } = this.#partitions[index]!
    const target = this.targets[index]!
    this.#count(topic, target[place]!, place, -1)
    this.#count(topic, id, place, 1)
    target[place] = id
  }

  /** How many of the others stand in the same rack; brokers without one share none. */
  #sharesRack(id: number, others: readonly number[]): number {
    const rack = this.#racks.get(id) ?? null
    return rack === null ? 0 : others.filter((each) => this.#racks.get(each) === rack).length
  }

  #count(topic: string, id: number, place: number, change: number): void {
    this.#load.set(id, this.#of(this.#load, id) + change)
    if (place === 0) this.#leads.set(id, this.#of(this.#leads, id) + change)
    this.#topicLoad.set(`${id} ${topic}`, this.#ofTopic(topic, id) + change)
  }

  readonly #of = (counts: ReadonlyMap<number, number>, id: number): number => counts.get(id) ?? 0
  readonly #ofTopic = (topic: string, id: number): number => this.#topicLoad.get(`${id} ${topic}`) ?? 0
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, index) => value !== b[index])
  return at >= 0 && a[at]! < b[at]!
}
