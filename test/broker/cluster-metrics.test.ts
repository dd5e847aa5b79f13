import assert from 'node:assert/strict'
import { test } from 'node:test'
import { quorumStateOf, type ShownReplica, votedForOf } from '../../src/broker/cluster-metrics.ts'

const replica = (role: ShownReplica['role'], votedId?: number, isVoter = true): ShownReplica => ({
  role,
  votedId,
  isVoter,
  self: { id: 1 },
})

test('the role in the quorum is called as Kafka calls it, and so is whom a node voted for (KafkaRaftMetrics)', () => {
  const shown = (each: ShownReplica): readonly unknown[] => [quorumStateOf(each), votedForOf(each)]
  assert.deepEqual(shown(replica('leader')), ['leader', 1])
  assert.deepEqual(shown(replica('candidate', 1)), ['candidate', 1])
  assert.deepEqual(shown(replica('prospective')), ['prospective', -1])
  assert.deepEqual(shown(replica('prospective', 2)), ['prospective-voted', 2])
  assert.deepEqual(shown(replica('unattached')), ['unattached', -1])
  assert.deepEqual(shown(replica('unattached', 3)), ['unattached-voted', 3])
  assert.deepEqual(shown(replica('follower')), ['follower', -1])
  assert.deepEqual(shown(replica('follower', undefined, false)), ['observer', -1])
  assert.deepEqual(shown(replica('resigned')), ['unattached', -1])
})
