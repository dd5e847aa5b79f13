import type { TopicPartition } from '../admin/routes.ts'
import type { MemberSubscription, TopicLayout } from './assignors.ts'

const keyOf = (each: TopicPartition): string => `${each.topic}-${each.partition}`

/**
 * As balanced as possible, and then moving as little as possible (KIP-54); a partition that moves is first only taken away, and given to
 * its new owner in the rebalance that follows (KIP-429).
 */
export function assignCooperativeSticky(
  topics: readonly TopicLayout[],
  members: readonly MemberSubscription[],
): Map<string, TopicPartition[]> {
  const balance = new Balance(topics, members)
  balance.keepOwned()
  balance.spreadUnassigned()
  balance.even()
  const assignment = new Map<string, TopicPartition[]>()
  for (const member of members) {
    const mine = balance.partitionsOf(member.memberId)
    assignment.set(
      member.memberId,
      mine.filter((each) => !balance.isClaimedByAnother(each, member.memberId)),
    )
  }
  return assignment
}

class Balance {
  #topics: readonly TopicLayout[]
  #members: readonly MemberSubscription[]
  #eligible: Map<string, readonly string[]>
  #held: Map<string, Map<string, TopicPartition>>
  #owner = new Map<string, string>()
  /** Every member that says it owns the partition, whatever its generation. */
  #claims = new Map<string, Set<string>>()
  /** Claimed by several members of one generation: all of them have to let go first. */
  #contested = new Set<string>()

  constructor(topics: readonly TopicLayout[], members: readonly MemberSubscription[]) {
    this.#topics = [...topics].sort((a, b) => (a.topic < b.topic ? -1 : 1))
    this.#members = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1))
    this.#eligible = new Map(
      topics.map(({ topic }) => [topic, this.#members.filter((each) => each.topics.includes(topic)).map((each) => each.memberId)]),
    )
    this.#held = new Map(members.map((each) => [each.memberId, new Map()]))
  }

  partitionsOf(memberId: string): TopicPartition[] {
    return [...(this.#held.get(memberId)?.values() ?? [])].sort((a, b) =>
      a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
    )
  }

  isClaimedByAnother(partition: TopicPartition, memberId: string): boolean {
    const claims = this.#claims.get(keyOf(partition))
    return this.#contested.has(keyOf(partition)) || (claims !== undefined && !claims.has(memberId))
  }

  /** Of several claims the latest generation counts; two of the same generation cancel each other. */
  keepOwned(): void {
    const counts = new Map(this.#topics.map(({ topic, partitionCount }) => [topic, partitionCount]))
    const best = new Map<string, { generation: number; memberId: string | undefined; partition: TopicPartition }>()
    for (const member of this.#members) {
      for (const partition of member.ownedPartitions) {
        if (partition.partition >= (counts.get(partition.topic) ?? 0)) continue
        const key = keyOf(partition)
        const claims = this.#claims.get(key) ?? new Set()
        this.#claims.set(key, claims.add(member.memberId))
        const known = best.get(key)
        if (known === undefined || member.generationId > known.generation)
          best.set(key, { generation: member.generationId, memberId: member.memberId, partition })
        else if (member.generationId === known.generation) best.set(key, { ...known, memberId: undefined })
      }
    }
    for (const { memberId, partition } of best.values()) {
      if (memberId === undefined) this.#contested.add(keyOf(partition))
      else if ((this.#eligible.get(partition.topic) ?? []).includes(memberId)) this.#give(partition, memberId)
    }
  }

  /** Partitions with the fewest possible owners first, each to the possible owner with the fewest partitions. */
  spreadUnassigned(): void {
    const order = [...this.#topics].sort((a, b) => this.#eligibleCount(a) - this.#eligibleCount(b))
    for (const { topic, partitionCount } of order) {
      for (let partition = 0; partition < partitionCount; partition++) {
        if (this.#owner.has(`${topic}-${partition}`)) continue
        const to = this.#least(this.#eligible.get(topic) ?? [])
        if (to !== undefined) this.#give({ topic, partition }, to)
      }
    }
  }

  /** Moves single partitions from fuller to emptier members as long as that evens out. Every move lowers the sum of squares: it ends. */
  even(): void {
    for (let moved = true; moved; ) {
      moved = false
      const fullest = [...this.#members].sort((a, b) => this.#count(b.memberId) - this.#count(a.memberId))
      for (const { memberId } of fullest) {
        for (const partition of this.partitionsOf(memberId).reverse()) {
          const to = this.#least(this.#eligible.get(partition.topic) ?? [])
          if (to === undefined || this.#count(to) + 1 >= this.#count(memberId)) continue
          this.#held.get(memberId)?.delete(keyOf(partition))
          this.#give(partition, to)
          moved = true
        }
      }
    }
  }

  #eligibleCount({ topic }: TopicLayout): number {
    return this.#eligible.get(topic)?.length ?? 0
  }

  #count(memberId: string): number {
    return this.#held.get(memberId)?.size ?? 0
  }

  #least(memberIds: readonly string[]): string | undefined {
    let best: string | undefined
    for (const memberId of memberIds) if (best === undefined || this.#count(memberId) < this.#count(best)) best = memberId
    return best
  }

  #give(partition: TopicPartition, memberId: string): void {
    this.#owner.set(keyOf(partition), memberId)
    this.#held.get(memberId)?.set(keyOf(partition), partition)
  }
}
