import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Admin, Reassignment } from '../../src/client/index.ts'
import { loadReplicationChange, loadReplicationPlan } from '../../src/ops/index.ts'

const { replicationPlan } = await loadReplicationPlan()
const { changeReplication } = await loadReplicationChange()
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

  it('takes away what is out of sync first, else never the preferred leader', () => {
    const [first, second] = partitions([1, 2, 3], [2, 3, 1])
    const plan = replicationPlan(
      [
        { ...first!, isr: [1, 3] },
        { ...second!, isr: [3] },
      ],
      three,
      1,
    )
    assert.deepEqual(to(plan), [[1], [3]])
    assert.deepEqual(to(replicationPlan([{ ...first!, isr: [1, 3] }], three, 2)), [[1, 3]])
  })

  it('takes away a preferred leader out of sync before all others; a replica in sync follows it', () => {
    const shrunk = (replicas: number[], isr: number[], factor: number) =>
      to(replicationPlan([{ partition: 0, replicas, isr }], [broker(2), broker(3), broker(4)], factor))
    assert.deepEqual(shrunk([1, 2, 3], [2, 3], 2), [[2, 3]])
    assert.deepEqual(shrunk([1, 2, 3, 4], [3, 4], 3), [[3, 2, 4]])
    assert.deepEqual(shrunk([1, 2, 3, 4], [4], 1), [[4]])
    assert.deepEqual(shrunk([1, 2, 3], [], 1), [[1]])
  })

  it('moves nothing that has as many already, and cannot have more than there are brokers', () => {
    assert.deepEqual(replicationPlan(partitions([1, 2], [3]), three, 2), [{ partition: 1, from: [3], to: [3, 1] }])
    assert.equal(replicationPlan(partitions([1]), three, 4), undefined)
  })
})

describe('starting it', () => {
  const asked: Reassignment[][] = []
  /** A cluster of three brokers, as far as it is asked; one node is what tests can run today. */
  const cluster = ({ moving = [] as { topic: string; partition: number }[], refuse = -1 } = {}): Admin =>
    ({
      describeTopics: async (names: string[]) =>
        names.map((item) => ({ item, error: null, value: { name: item, partitions: partitions([1], [2]) } })),
      describeCluster: async () => ({ nodes: [broker(1), broker(2), broker(3)] }),
      listReassignments: async () => moving,
      alterReassignments: async (list: Reassignment[]) => {
        asked.push(list)
        return list.map((item) => {
          const error = { code: 39, name: 'INVALID_REPLICA_ASSIGNMENT', message: 'no', retriable: false }
          return { item, error: item.partition === refuse ? error : null, value: null }
        })
      },
    }) as unknown as Admin

  it('asks for all partitions of a topic at once, unless it shall only look', async () => {
    const [looked] = await changeReplication(cluster(), ['t'], 2, { validateOnly: true })
    assert.deepEqual(asked, [])
    const [done] = await changeReplication(cluster(), ['t'], 2, { validateOnly: false })
    assert.deepEqual(done, looked)
    assert.deepEqual(asked.pop(), [
      { topic: 't', partition: 0, replicas: [1, 3] },
      { topic: 't', partition: 1, replicas: [2, 1] },
    ])
  })

  it('leaves alone a topic whose partitions are being moved, and names the partition that is refused', async () => {
    const moving = [{ topic: 'busy', partition: 1 }]
    const [busy, other] = await changeReplication(cluster({ moving, refuse: 1 }), ['busy', 'other'], 2, { validateOnly: false })
    assert.deepEqual([busy!.error?.name, busy!.error?.message], ['REASSIGNMENT_IN_PROGRESS', 'partition 1 is being moved'])
    assert.deepEqual([other!.error?.name, other!.error?.message], ['INVALID_REPLICA_ASSIGNMENT', 'partition 1: no'])
  })
})
