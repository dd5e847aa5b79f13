import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isUnderReplicated } from '../../src/broker/partition-metrics.ts'
import type { Partition } from '../../src/replica/index.ts'

const led = (isr: readonly number[], replicas: readonly number[], addingReplicas: readonly number[] = []): Partition =>
  ({ isLeader: true, registration: { isr, replicas, addingReplicas } }) as unknown as Partition

test('a partition is under-replicated when replicas are out of sync, those aside that are only being added (OngoingReassignmentState)', () => {
  assert.equal(isUnderReplicated(led([1, 2, 3], [1, 2, 3])), false)
  assert.equal(isUnderReplicated(led([1, 2], [1, 2, 3])), true)
  assert.equal(isUnderReplicated(led([1, 2, 3], [4, 1, 2, 3], [4])), false)
  assert.equal(isUnderReplicated(led([1, 2], [4, 1, 2, 3], [4])), true)
})
