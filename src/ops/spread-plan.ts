import type { Node, TopicPartition } from '../client/index.ts'

export interface ReplicaSet extends TopicPartition {
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  /** Of one replica; not known: it counts as empty. */
  readonly bytes?: number | undefined
}

/** What brokers shall have evenly: replicas, what these hold, or preferred leaders, for which nothing is copied. */
export type Balance = 'count' | 'size' | 'leaders'

export interface SpreadOptions {
  /** Without it only what must move does. */
  readonly balance?: Balance | undefined
  /** Replicas that share a rack move, where there is another. */
  readonly separateRacks?: boolean
  /** These keep what they have and get nothing: they are down, not leaving. */
  readonly keepers?: readonly Pick<Node, 'id' | 'rack'>[]
}

/** Brokers whose sizes differ by less than this share of the mean are even. */
const SIZE_TOLERANCE = 0.1

/**
 * Replicas of each partition on the brokers given alone, and where they are on who keeps them, with few moved. A replica elsewhere gives its place, and with it a preferred
 * leadership, to a broker whose rack has none of the partition, then to the one with the fewest of the topic, then with the fewest at all.
 * The answer has one list for each partition; undefined: the partition at that place has more replicas than there are brokers.
 */
export function spreadPlan(
  partitions: readonly ReplicaSet[],
  brokers: readonly Pick<Node, 'id' | 'rack'>[],
  options: SpreadOptions = {},
): (readonly number[] | undefined)[] {
  const spread = new Spread(partitions, brokers, options.keepers ?? [])
  for (const index of partitions.keys()) spread.settle(index)
  if (options.separateRacks === true) for (const index of partitions.keys()) spread.separate(index)
  if (options.balance === 'count') spread.balance()
  if (options.balance === 'size') spread.balanceSizes()
  if (options.balance === 'leaders') spread.balanceLeaders()
  return spread.targets
}

class Spread {
  readonly targets: (number[] | undefined)[]
  readonly #partitions: readonly ReplicaSet[]
  /** Who may have replicas. */
  readonly #brokers: readonly number[]
  /** Of those, and of who keeps some. */
  readonly #racks: ReadonlyMap<number, string | null>
  readonly #load = new Map<number, number>()
  readonly #leads = new Map<number, number>()
  readonly #topicLoad = new Map<string, number>()

  constructor(
    partitions: readonly ReplicaSet[],
    brokers: readonly Pick<Node, 'id' | 'rack'>[],
    keepers: readonly Pick<Node, 'id' | 'rack'>[],
  ) {
    this.#partitions = partitions
    this.#brokers = brokers.map(({ id }) => id)
    this.#racks = new Map([...keepers, ...brokers].map(({ id, rack }) => [id, rack]))
    this.targets = partitions.map(({ replicas }) => [...replicas])
    for (const { topic, replicas } of partitions) for (const [place, id] of replicas.entries()) this.#count(topic, id, place, 1)
  }

  /** Every replica on a broker that may have it. */
  settle(index: number): void {
    const target = this.targets[index]!
    const { topic } = this.#partitions[index]!
    for (const [place, id] of target.entries()) {
      if (this.#racks.has(id)) continue
      const better = this.#bestFor(topic, target, id)
      if (better === undefined) {
        this.targets[index] = undefined
        return
      }
      this.#replace(index, place, better)
    }
  }

  /** The preferred leader stays where it is, as long as another can go. */
  separate(index: number): void {
    const target = this.targets[index]
    if (target === undefined) return
    for (let place = target.length - 1; place >= 0; place--) {
      const id = target[place]!
      const others = target.filter((each) => each !== id)
      const crowd = this.#sharesRack(id, others)
      if (crowd === 0) continue
      const better = this.#bestFor(this.#partitions[index]!.topic, target, id)
      if (better !== undefined && this.#sharesRack(better, others) < crowd) this.#replace(index, place, better)
    }
  }

  /** Who should have a replica in the place of this one; undefined: every broker has one. */
  #bestFor(topic: string, target: readonly number[], id: number): number | undefined {
    const others = target.filter((each) => each !== id)
    const free = this.#brokers.filter((each) => !target.includes(each))
    const cost = (each: number): number[] => [this.#sharesRack(each, others), this.#ofTopic(topic, each), this.#of(this.#load, each), each]
    return free.reduce<number | undefined>((best, each) => (best === undefined || isLess(cost(each), cost(best)) ? each : best), undefined)
  }

  /** From who holds the most to who holds the least, while that brings them closer and they are not close enough. */
  balanceSizes(): void {
    const bytesOf = (index: number): number => this.#partitions[index]!.bytes ?? 0
    const sizes = new Map(this.#brokers.map((id) => [id, 0]))
    for (const [index, target] of this.targets.entries())
      for (const id of target ?? []) if (sizes.has(id)) sizes.set(id, sizes.get(id)! + bytesOf(index))
    const mean = [...sizes.values()].reduce((sum, each) => sum + each, 0) / Math.max(1, sizes.size)
    const limit = this.targets.reduce((sum, target) => sum + (target?.length ?? 0), 0)
    for (let moves = 0; moves < limit; moves++) {
      const bySize = [...sizes].sort(([a, x], [b, y]) => x - y || a - b)
      let best: { index: number; place: number; low: number; high: number; cost: number[] } | undefined
      for (const [low, least] of bySize) {
        for (const [high, most] of [...bySize].reverse()) {
          const gap = most - least
          if (gap <= SIZE_TOLERANCE * mean) break
          for (const { index, place } of this.#movable(high, low)) {
            const bytes = bytesOf(index)
            if (bytes === 0 || bytes >= gap) continue
            const cost = [Math.abs(gap - 2 * bytes), index]
            if (best === undefined || isLess(cost, best.cost)) best = { index, place, low, high, cost }
          }
          if (best !== undefined) break
        }
        if (best !== undefined) break
      }
      if (best === undefined) return
      this.#replace(best.index, best.place, best.low)
      sizes.set(best.high, sizes.get(best.high)! - bytesOf(best.index))
      sizes.set(best.low, sizes.get(best.low)! + bytesOf(best.index))
    }
  }

  /** Another of the replicas becomes the first, where a broker leads two more than it. */
  balanceLeaders(): void {
    for (let changed = true; changed; ) {
      changed = false
      for (const target of this.targets) {
        if (target === undefined || target.length < 2) continue
        const leads = (id: number): number => this.#of(this.#leads, id)
        const low = target.reduce((best, id) => (leads(id) < leads(best) ? id : best))
        if (leads(target[0]!) - leads(low) < 2) continue
        const place = target.indexOf(low)
        const high = target[0]!
        this.#leads.set(high, leads(high) - 1)
        this.#leads.set(low, leads(low) + 1)
        ;[target[0], target[place]] = [low, high]
        changed = true
      }
    }
  }

  /** The replicas of one broker that another may have, racks kept. */
  *#movable(high: number, low: number): Generator<{ index: number; place: number }> {
    for (const [index, target] of this.targets.entries()) {
      const place = target?.indexOf(high) ?? -1
      if (target === undefined || place < 0 || target.includes(low)) continue
      const others = target.filter((each) => each !== high)
      if (this.#sharesRack(low, others) <= this.#sharesRack(high, others)) yield { index, place }
    }
  }

  /** From the fullest to the emptiest, until none has two more than another, as far as racks allow. */
  balance(): void {
    const limit = this.targets.reduce((sum, target) => sum + (target?.length ?? 0), 0)
    for (let moves = 0; moves < limit && this.#moveOne(); moves++);
  }

  #moveOne(): boolean {
    const byLoad = this.#brokers.toSorted((a, b) => this.#of(this.#load, a) - this.#of(this.#load, b) || a - b)
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
    for (const { index, place } of this.#movable(high, low)) {
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
