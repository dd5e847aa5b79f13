import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Assignor, findAssignor, type MemberSubscription, type TopicLayout } from '../../src/client/consumer/assignors.ts'
import type { TopicPartition } from '../../src/client/index.ts'

const layout = (topic: string, partitionCount: number, racks: string[][] = []): TopicLayout => ({ topic, partitionCount, racks })
const member = (memberId: string, topics: string[], more: Partial<MemberSubscription> = {}): MemberSubscription => ({
  memberId,
  groupInstanceId: null,
  topics,
  rackId: null,
  ownedPartitions: [],
  generationId: -1,
  ...more,
})
const named = (name: string): Assignor => findAssignor(name) as Assignor
const text = (partitions: readonly TopicPartition[] | undefined): string =>
  (partitions ?? []).map((each) => `${each.topic}${each.partition}`).join(' ')

describe('the range assignor', () => {
  const { assign } = named('org.apache.kafka.clients.consumer.RangeAssignor')

  it('gives each member consecutive partitions, the first members one more', () => {
    const assigned = assign([layout('a', 5), layout('b', 2)], [member('m2', ['a', 'b']), member('m1', ['a', 'b']), member('m3', ['a'])])
    assert.equal(text(assigned.get('m1')), 'a0 a1 b0')
    assert.equal(text(assigned.get('m2')), 'a2 a3 b1')
    assert.equal(text(assigned.get('m3')), 'a4')
  })

  it('puts static members first, by instance id', () => {
    const assigned = assign([layout('a', 3)], [member('m1', ['a']), member('m9', ['a'], { groupInstanceId: 'i' })])
    assert.equal(text(assigned.get('m9')), 'a0 a1')
  })

  it('keeps partitions in the rack of a replica, where racks differ', () => {
    const racks = [['r2'], ['r1'], ['r2'], ['r1']]
    const assigned = assign([layout('a', 4, racks)], [member('m1', ['a'], { rackId: 'r1' }), member('m2', ['a'], { rackId: 'r2' })])
    assert.equal(text(assigned.get('m1')), 'a1 a3')
    assert.equal(text(assigned.get('m2')), 'a0 a2')
  })
})

/** A group as its members see it: what each owns after the assignments so far. */
function rebalanceUntilStable(
  topics: readonly TopicLayout[],
  members: MemberSubscription[],
  assign: Assignor['assign'],
): { rounds: number; members: MemberSubscription[] } {
  for (let rounds = 1; ; rounds++) {
    assert.ok(rounds < 5, 'a group comes to rest')
    const assigned = assign(topics, members)
    const owners = new Map<string, string>()
    for (const each of members) for (const partition of each.ownedPartitions) owners.set(text([partition]), each.memberId)
    let released = false
    members = members.map((each) => {
      const mine = assigned.get(each.memberId) ?? []
      for (const partition of mine) {
        const owner = owners.get(text([partition]))
        assert.ok(owner === undefined || owner === each.memberId, 'nobody gets what another still owns')
      }
      released ||= each.ownedPartitions.some((owned) => !mine.some((kept) => text([kept]) === text([owned])))
      return { ...each, ownedPartitions: mine, generationId: rounds }
    })
    if (!released) return { rounds, members }
  }
}

describe('the cooperative-sticky assignor', () => {
  const { assign, userData } = named('cooperative-sticky')

  it('carries its generation as user data', () => {
    assert.deepEqual(userData(7), Buffer.from([0, 0, 0, 7]))
  })

  it('moves no more than a new member needs, and hands over in the second round', () => {
    const topics = [layout('a', 6)]
    const one = rebalanceUntilStable(topics, [member('m1', ['a'])], assign)
    assert.equal(one.members[0]?.ownedPartitions.length, 6)
    const two = rebalanceUntilStable(topics, [...one.members, member('m2', ['a'])], assign)
    assert.equal(two.rounds, 2)
    assert.equal(text(two.members[0]?.ownedPartitions), 'a0 a1 a2')
    assert.equal(text(two.members[1]?.ownedPartitions), 'a3 a4 a5')
  })

  it('lets nobody have what two members claim in the same generation, until both let go', () => {
    const both = [{ topic: 'a', partition: 0 }]
    const claim = { ownedPartitions: both, generationId: 3 }
    const assigned = assign([layout('a', 1)], [member('m1', ['a'], claim), member('m2', ['a'], claim)])
    assert.equal([...assigned.values()].flat().length, 0)
  })

  it('assigns every partition once, to a subscriber, evenly when all subscribe to the same', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 })
    const subscriptions = fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(counts, subscriptions, fc.boolean(), (partitionCounts, wanted, equal) => {
        const topics = partitionCounts.map((count, index) => layout(`t${index}-`, count))
        const names = (list: number[]): string[] => [
          ...new Set(list.filter((index) => index < topics.length).map((index) => topics[index]?.topic ?? '')),
        ]
        const members = wanted.map((list, index) => member(`m${index}`, equal ? topics.map((each) => each.topic) : names(list)))
        const first = rebalanceUntilStable(topics, members.slice(0, Math.ceil(members.length / 2)), assign)
        const joined = rebalanceUntilStable(topics, [...first.members, ...members.slice(first.members.length)], assign)
        const stayed = rebalanceUntilStable(topics, joined.members.slice(1), assign)
        for (const group of [joined.members, stayed.members]) {
          const subscribed = new Set(group.flatMap((each) => each.topics))
          const expected = topics.filter((each) => subscribed.has(each.topic)).reduce((sum, each) => sum + each.partitionCount, 0)
          const all = group.flatMap((each) => each.ownedPartitions.map((partition) => text([partition])))
          assert.equal(new Set(all).size, all.length)
          assert.equal(all.length, group.length === 0 ? 0 : expected)
          for (const each of group) assert.ok(each.ownedPartitions.every((partition) => each.topics.includes(partition.topic)))
          const sizes = group.map((each) => each.ownedPartitions.length)
          if (equal && group.length > 0) assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1)
        }
      }),
      { numRuns: 200 },
    )
  })
})
