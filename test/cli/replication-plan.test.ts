import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loadReplicationPlan } from '../../src/ops/index.ts'

const { replicationPlan } = await loadReplicationPlan()
const broker = (id: number, rack: string | null = null) => ({ id, rack })
const partitions = (...lists: number[][]) => lists.map((replicas, partition) => ({ partition, replicas, isr: replicas }))
const to = (plan: ReturnType<typeof replicationPlan>) => plan?.map((move) => move.to)

describe('a change of the replication factor', () => {
  const three = [broker(1), broker(2), broker(3)]

  it('adds replicas behind those that are there, and spreads them', () => {
    assert.deepEqual(to(replicationPlan(partitions([1], [1], [1], [1]), three, 2)), [
      [1, 2],
      [1, 3],
      [1, 2],
      [1, 3],
    ])
  })

  it('prefers racks that have no replica of the partition', () => {
    const racks = [broker(1, 'a'), broker(2, 'a'), broker(3, 'b')]
    assert.deepEqual(to(replicationPlan(partitions([1], [1], [2]), racks, 2)), [
      [1, 3],
      [1, 3],
      [2, 3],
    ])
  })

  it('takes away what is out of sync first, never the preferred leader', () => {
    const [first, second] = partitions([1, 2, 3], [2, 3, 1])
    const plan = replicationPlan(
      [
        { ...first!, isr: [1, 3] },
        { ...second!, isr: [3] },
      ],
      three,
      1,
    )
    assert.deepEqual(to(plan), [[1], [2]])
    assert.deepEqual(to(replicationPlan([{ ...first!, isr: [1, 3] }], three, 2)), [[1, 3]])
  })

  it('moves nothing that has as many already, and cannot have more than there are brokers', () => {
    assert.deepEqual(replicationPlan(partitions([1, 2], [3]), three, 2), [{ partition: 1, from: [3], to: [3, 1] }])
    assert.equal(replicationPlan(partitions([1]), three, 4), undefined)
  })
})
