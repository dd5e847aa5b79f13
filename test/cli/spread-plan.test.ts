import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { spreadPlan } from '../../src/ops/spread-plan.ts'

const broker = (id: number, rack: string | null = null) => ({ id, rack })
const sets = (...lists: number[][]) => lists.map((replicas, partition) => ({ topic: 't', partition, replicas, isr: replicas }))
const countOn = (id: number, targets: readonly (readonly number[] | undefined)[]): number =>
  targets.filter((target) => target?.includes(id)).length

describe('a plan that takes brokers away', () => {
  it('moves what is on them alone, to whoever has the fewest, and keeps places', () => {
    const plan = spreadPlan(sets([3, 1], [1, 2], [2, 3], [3, 2]), [broker(1), broker(2), broker(4)])
    assert.deepEqual(plan, [
      [4, 1],
      [1, 2],
      [2, 4],
      [1, 2],
    ])
  })

  it('keeps racks apart, even on a broker that has more', () => {
    const racks = [broker(1, 'a'), broker(2, 'b'), broker(4, 'a')]
    assert.deepEqual(spreadPlan(sets([1, 3], [2, 1]), racks), [
      [1, 2],
      [2, 1],
    ])
  })

  it('names the partition that does not fit any more', () => {
    assert.deepEqual(spreadPlan(sets([1], [1, 2]), [broker(1)]), [[1], undefined])
  })
})

describe('a plan for more brokers', () => {
  it('evens out replicas and preferred leaders with as few moves as it takes', () => {
    const before = sets([1, 2], [2, 3], [3, 1], [1, 2], [2, 3], [3, 1])
    const plan = spreadPlan(
      before,
      [1, 2, 3, 4].map((id) => broker(id)),
      { balance: 'count' },
    )
    assert.deepEqual(
      [1, 2, 3, 4].map((id) => countOn(id, plan)),
      [3, 3, 3, 3],
    )
    const moved = before.flatMap(({ replicas }, index) => plan[index]!.filter((id) => !replicas.includes(id)))
    assert.deepEqual(moved, [4, 4, 4])
    assert.ok(
      plan.some((target) => target![0] === 4),
      'it leads something',
    )
  })

  it('leaves alone what is even already', () => {
    const before = sets([1, 2], [2, 1])
    assert.deepEqual(
      spreadPlan(before, [broker(1), broker(2)], { balance: 'count' }),
      before.map(({ replicas }) => replicas),
    )
  })

  it('does not put two replicas of a partition into one rack for it', () => {
    const racks = [broker(1, 'a'), broker(2, 'b'), broker(3, 'b')]
    const plan = spreadPlan(sets([1, 2], [1, 2], [1, 2], [1, 2]), racks, { balance: 'count' })
    assert.deepEqual(
      [1, 2, 3].map((id) => countOn(id, plan)),
      [4, 2, 2],
    )
  })
})

describe('a plan for even sizes', () => {
  const sized = (...parts: [number[], number][]) =>
    parts.map(([replicas, bytes], partition) => ({ topic: 't', partition, replicas, isr: replicas, bytes }))

  it('moves what brings the fullest and the emptiest closest, and leaves small differences', () => {
    const before = sized([[1], 50], [[1], 30], [[1], 20], [[2], 10])
    assert.deepEqual(spreadPlan(before, [broker(1), broker(2)], { balance: 'size' }), [[2], [1], [1], [2]])
    assert.deepEqual(spreadPlan(sized([[1], 100], [[2], 95]), [broker(1), broker(2)], { balance: 'size' }), [[1], [2]])
  })

  it('does not move one that would only change sides, nor into a rack that has one', () => {
    assert.deepEqual(spreadPlan(sized([[1], 100]), [broker(1), broker(2)], { balance: 'size' }), [[1]])
    const racks = [broker(1, 'a'), broker(2, 'b'), broker(3, 'b')]
    const before = sized([[1, 2], 40], [[1, 2], 40])
    const sizes = spreadPlan(before, racks, { balance: 'size' })
    assert.deepEqual(sizes, [
      [1, 3],
      [1, 2],
    ])
  })

  it('what it cannot weigh stays where it is', () => {
    assert.deepEqual(spreadPlan(sets([1], [1]), [broker(1), broker(2)], { balance: 'size' }), [[1], [1]])
  })
})

describe('a plan for even leaderships', () => {
  it('changes the order of replicas alone', () => {
    const plan = spreadPlan(
      sets([1, 2], [1, 2], [1, 2], [1, 3]),
      [1, 2, 3].map((id) => broker(id)),
      { balance: 'leaders' },
    )
    assert.deepEqual(
      plan.map((target) => target!.toSorted()),
      [
        [1, 2],
        [1, 2],
        [1, 2],
        [1, 3],
      ],
    )
    const leads = [1, 2, 3].map((id) => plan.filter((target) => target![0] === id).length)
    assert.ok(Math.max(...leads) - Math.min(...leads) < 2, leads.join())
  })
})

describe('a plan for racks', () => {
  const racks = [broker(1, 'a'), broker(2, 'a'), broker(3, 'b'), broker(4, 'c')]
  it('moves replicas that share one, the preferred leader last', () => {
    const plan = spreadPlan(sets([1, 2], [1, 3], [2, 1, 3]), racks, { separateRacks: true })
    assert.deepEqual(plan, [
      [1, 4],
      [1, 3],
      [2, 4, 3],
    ])
  })

  it('moves nothing where every rack has one already', () => {
    assert.deepEqual(spreadPlan(sets([1, 2, 3, 4]), racks, { separateRacks: true }), [[1, 2, 3, 4]])
  })
})
