import assert from 'node:assert/strict'
import { test } from 'node:test'
import { currentLeader } from '../../src/client/consumer/current-leader.ts'
import { PartitionState } from '../../src/client/consumer/partition-state.ts'
import { emptyView } from '../../src/client/metadata-cache.ts'

const leaderOf = (offsetEpoch: number, partition?: { readonly leader: number; readonly leaderEpoch: number }): number => {
  const state = new PartitionState('orders', 0)
  state.seek(207, offsetEpoch)
  const details = { topic: 'orders', partition: 0, errorCode: 0, replicas: [], isr: [], offlineReplicas: [] }
  const topics = new Map(
    partition && [['orders', { name: 'orders', id: '', errorCode: 0, isInternal: false, partitions: [{ ...details, ...partition }] }]],
  )
  return currentLeader({ ...emptyView, topics } as unknown as typeof emptyView, state)
}

test('a view that is older than what was committed last does not say who leads', () => {
  assert.equal(leaderOf(4, { leader: 2, leaderEpoch: 3 }), -1)
  assert.equal(leaderOf(4, { leader: 2, leaderEpoch: 4 }), 2)
  assert.equal(leaderOf(4, { leader: 2, leaderEpoch: 7 }), 2)
})

test('nobody leads what is not known, and brokers that tell no epochs are believed', () => {
  assert.equal(leaderOf(-1), -1)
  assert.equal(leaderOf(4, { leader: 2, leaderEpoch: -1 }), 2)
  assert.equal(leaderOf(-1, { leader: 2, leaderEpoch: 0 }), 2)
})
