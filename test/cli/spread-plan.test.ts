import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { spreadPlan } from '../../src/ops/spread-plan.ts'

const broker = (id: number, rack: string | null = null) => ({ id, rack })
const sets = (...lists: number[][]) => lists.map((replicas, partition) => ({ topic: 't', partition, replicas, isr: replicas }))
const countOn = (id: number, targets: readonly (readonly number[] | undefined)[]): number =>
  targets.filter((target) => target?.includes(id)).length

describe('a plan that takes brokers away', () => {
  it('moves what is on them alone, to whoever has the fewest, and keeps places', () => {
    const plan = spreadPlan(sets([3, 1], [1, 2], [2, 3], [3, 2]), [broker(1), broker(2), broker(4)], { balance: false })
    assert.deepEqual(plan, [
      [4, 1],
      [1, 2],
      [2, 4],
      [1, 2],
    ])
  })

  it('keeps racks apart, even on a broker that has more', () => {
    const racks = [broker(1, 'a'), broker(2, 'b'), broker(4, 'a')]
    assert.deepEqual(spreadPlan(sets([1, 3], [2, 1]), racks, { balance: false }), [
      [1, 2],
      [2, 1],
    ])
  })

  it('names the partition that does not fit any more', () => {
    assert.deepEqual(spreadPlan(sets([1], [1, 2]), [broker(1)], { balance: false }), [[1], undefined])
  })
})

describe('a plan for more brokers', () => {
  it('evens out replicas and preferred leaders with as few moves as it takes', () => {
    const before = sets([1, 2], [2, 3], [3, 1], [1, 2], [2, 3], [3, 1])
    const plan = spreadPlan(
      before,
      [1, 2, 3, 4].map((id) => broker(id)),
      { balance: true },
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
      spreadPlan(before, [broker(1), broker(2)], { balance: true }),
      before.map(({ replicas }) => replicas),
    )
  })

  it('does not put two replicas of a partition into one rack for it', () => {
    const racks = [broker(1, 'a'), broker(2, 'b'), broker(3, 'b')]
    const plan = spreadPlan(sets([1, 2], [1, 2], [1, 2], [1, 2]), racks, { balance: true })
    assert.deepEqual(
      [1, 2, 3].map((id) => countOn(id, plan)),
      [4, 2, 2],
    )
  })
})
