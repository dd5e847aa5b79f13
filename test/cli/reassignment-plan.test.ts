import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Admin } from '../../src/client/index.ts'
import { planReassignment, type ReassignmentGoal } from '../../src/ops/reassignment-plan.ts'

describe('a plan while a broker is down', () => {
  /** Brokers 1 to 5, of which 2 is down, and a topic with the replicas given. */
  const planned = async (goal: ReassignmentGoal, ...lists: number[][]): Promise<string[]> => {
    const racks = ['a', 'b', 'c', 'd', 'b']
    const nodes = racks.map((rack, index) => ({ id: index + 1, rack, fenced: index === 1 }))
    const partitions = lists.map((replicas, partition) => ({ partition, replicas, isr: replicas.filter((id) => id !== 2) }))
    const admin = {
      describeCluster: async ({ includeFenced = false } = {}) => ({ nodes: nodes.filter(({ fenced }) => includeFenced || !fenced) }),
      describeTopics: async () => [{ item: 't', error: null, value: { partitions } }],
      listReassignments: async () => [],
      describeLogDirs: async () => [],
    } as unknown as Admin
    const { moves } = await planReassignment(admin, ['t'], goal)
    return moves.map(({ partition, to }) => `${partition} → ${to}`)
  }

  it('drains only the brokers named, onto brokers that are up', async () => {
    assert.deepEqual(await planned({ kind: 'drain', brokers: [3] }, [1, 2, 4], [3, 2, 1], [9, 1]), ['1 → 4,2,1'])
  })

  it('drains a broker that is down when it is named', async () => {
    assert.deepEqual(await planned({ kind: 'drain', brokers: [2] }, [1, 2], [3, 4]), ['0 → 1,5'])
  })

  it('leaves what it has where it is, when racks are parted and brokers evened out', async () => {
    assert.deepEqual(await planned({ kind: 'racks' }, [1, 2], [3, 2]), [])
    assert.deepEqual(await planned({ kind: 'brokers', brokers: undefined, balance: 'count' }, [1, 2], [3, 2]), [])
  })

  it('takes it from there when brokers are named', async () => {
    assert.deepEqual(await planned({ kind: 'brokers', brokers: [1, 3], balance: 'count' }, [1, 2]), ['0 → 1,3'])
  })
})
