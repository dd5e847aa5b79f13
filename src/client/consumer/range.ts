import type { TopicPartition } from '../admin/routes.ts'
import type { MemberSubscription, TopicLayout } from './assignors.ts'

/**
 * Consecutive partitions of each topic per member, the same for topics with as many partitions, so that co-partitioned topics stay
 * together (Kafka's RangeAssignor, with rack matching of KIP-881 where racks tell partitions apart).
 */
export function assignRange(topics: readonly TopicLayout[], members: readonly MemberSubscription[]): Map<string, TopicPartition[]> {
  const assignment = new Map<string, TopicPartition[]>(members.map((each) => [each.memberId, []]))
  const states = topics.filter((each) => each.partitionCount > 0).map((each) => new TopicState(each, members))
  const rackAware = states.some((each) => each.rackAware)
  if (rackAware) {
    const groups = new Map<string, TopicState[]>()
    for (const state of states) {
      const key = `${state.layout.partitionCount}:${state.members.map((each) => each.memberId).join(',')}`
      groups.set(key, [...(groups.get(key) ?? []), state])
    }
    for (const group of groups.values()) {
      if (group.length > 1) assignTogether(group, assignment)
      else if (group[0].rackAware) group[0].assign(assignment, (member, partition) => group[0].racksMatch(member, partition))
    }
  }
  for (const state of states) state.assign(assignment, () => true)
  if (rackAware)
    for (const list of assignment.values())
      list.sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
  return assignment
}

function assignTogether(states: readonly TopicState[], assignment: Map<string, TopicPartition[]>): void {
  const remaining = new Set(states[0].members)
  for (let partition = 0; partition < states[0].layout.partitionCount; partition++) {
    for (const member of remaining) {
      if (!states.every((each) => each.racksMatch(member, partition) && each.room(member) > 0)) continue
      for (const state of states) state.give(assignment, member, partition)
      if (states.every((each) => each.room(member) === 0)) remaining.delete(member)
      break
    }
  }
}

class TopicState {
  readonly layout: TopicLayout
  /** Static members by instance id before the others by member id. */
  readonly members: readonly MemberSubscription[]
  readonly rackAware: boolean
  #unassigned: Set<number>
  #counts = new Map<string, number>()
  #each: number
  #extra: number

  constructor(layout: TopicLayout, members: readonly MemberSubscription[]) {
    this.layout = layout
    this.members = members.filter((each) => each.topics.includes(layout.topic)).sort(memberOrder)
    const count = this.members.length
    this.#unassigned = new Set(Array.from({ length: layout.partitionCount }, (_, index) => index))
    this.#each = count === 0 ? 0 : Math.floor(layout.partitionCount / count)
    this.#extra = count === 0 ? 0 : layout.partitionCount % count
    this.rackAware = racksMatter(
      this.members.map((each) => each.rackId),
      layout.racks,
    )
  }

  racksMatch(member: MemberSubscription, partition: number): boolean {
    return member.rackId === null || (this.layout.racks[partition]?.includes(member.rackId) ?? false)
  }

  room(member: MemberSubscription): number {
    return Math.max(0, this.#each + (this.#extra > 0 ? 1 : 0) - (this.#counts.get(member.memberId) ?? 0))
  }

  give(assignment: Map<string, TopicPartition[]>, member: MemberSubscription, ...partitions: readonly number[]): void {
    const count = (this.#counts.get(member.memberId) ?? 0) + partitions.length
    this.#counts.set(member.memberId, count)
    if (count > this.#each) this.#extra--
    for (const partition of partitions) {
      this.#unassigned.delete(partition)
      assignment.get(member.memberId)?.push({ topic: this.layout.topic, partition })
    }
  }

  assign(assignment: Map<string, TopicPartition[]>, may: (member: MemberSubscription, partition: number) => boolean): void {
    for (const member of this.members) {
      if (this.#unassigned.size === 0) return
      const partitions = [...this.#unassigned].filter((partition) => may(member, partition)).slice(0, this.room(member))
      if (partitions.length > 0) this.give(assignment, member, ...partitions)
    }
  }
}

export function memberOrder(a: MemberSubscription, b: MemberSubscription): number {
  if (a.groupInstanceId !== null && b.groupInstanceId !== null) return a.groupInstanceId < b.groupInstanceId ? -1 : 1
  if (a.groupInstanceId !== null) return -1
  if (b.groupInstanceId !== null) return 1
  return a.memberId < b.memberId ? -1 : a.memberId > b.memberId ? 1 : 0
}

/** Racks tell partitions apart: some rack has both members and replicas, and not every partition is on all racks. */
function racksMatter(memberRacks: readonly (string | null)[], partitionRacks: readonly (readonly string[])[]): boolean {
  const members = new Set(memberRacks.filter((each) => each !== null))
  const all = new Set(partitionRacks.flat())
  if (members.size === 0 || ![...members].some((rack) => all.has(rack))) return false
  return !partitionRacks.every((racks) => new Set(racks).size === all.size)
}
