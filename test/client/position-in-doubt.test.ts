import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Cluster } from '../../src/client/cluster.ts'
import type { ConsumerSettings } from '../../src/client/config.ts'
import { AssignedPartitions } from '../../src/client/consumer/assignment.ts'
import { Positions } from '../../src/client/consumer/positions.ts'
import { eventually } from './broker-at.ts'

/** A leader in epoch 0 that refuses who claims to know a later one, and of an epoch that never was knows no end. */
function clusterWhere(view: { topicId: string; leaderEpoch: number }): Cluster {
  const answer = (request: { topics: { partitions: { currentLeaderEpoch: number }[] }[] }) => {
    const { currentLeaderEpoch } = request.topics[0]!.partitions[0]!
    const errorCode = currentLeaderEpoch > view.leaderEpoch ? UNKNOWN_LEADER_EPOCH : 0
    return { topics: [{ topic: 't', partitions: [{ partition: 0, errorCode, leaderEpoch: -1, endOffset: -1 }] }] }
  }
  const cluster = {
    closed: false,
    host: { clock: { monotonic: () => 0, now: () => 0 } },
    get view() {
      return { topics: new Map([['t', { id: view.topicId, partitions: [{ leader: 1, leaderEpoch: view.leaderEpoch }] }]]) }
    },
    requestRefresh: () => {},
    send: async (_node: number, _call: unknown, build: (version: number) => Parameters<typeof answer>[0]) => answer(build(4)),
  }
  return cluster as unknown as Cluster
}
const UNKNOWN_LEADER_EPOCH = 75

it('a position in doubt comes free when its topic is made anew, whose leader epochs begin again', async () => {
  const assigned = new AssignedPartitions()
  assigned.replace([{ topic: 't', partition: 0 }])
  const state = assigned.get('t', 0)!
  state.seek(3, 5)
  Object.assign(state, { phase: 'validating', leaderEpoch: 6, topicId: 'before' })
  const failed: Error[] = []
  const positions = new Positions({
    ...{ cluster: clusterWhere({ topicId: 'anew', leaderEpoch: 0 }), assigned, wake: () => {}, fail: (error) => failed.push(error) },
    ...{ settings: { 'retry.backoff.ms': 0 } as ConsumerSettings, reset: { kind: 'earliest' } },
  })
  positions.advance()
  await eventually('it is not validated any more', async () => state.phase !== 'validating')
  assert.deepEqual([state.phase, failed], ['resetting', []])
})
