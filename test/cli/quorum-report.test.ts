import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { QuorumDescription } from '../../src/client/index.ts'
import { judgedQuorum, voterFaults } from '../../src/ops/quorum-report.ts'

const replica = (replicaId: number, logEndOffset: number, lastFetchTimestamp: number, lastCaughtUpTimestamp: number) => ({
  ...{ replicaId, logEndOffset, lastFetchTimestamp, lastCaughtUpTimestamp },
  directoryId: 'AAAAAAAAAAAAAAAAAAAAAA',
})

const quorum = (...voters: QuorumDescription['voters']): QuorumDescription => ({
  ...{ leaderId: 2, leaderEpoch: 1, highWatermark: 796, voters, observers: [], nodes: [] },
})
const leader = replica(2, 797, 100_000, 100_000)

describe('a report on the quorum', () => {
  it('has no faults while followers are as far as the last records', () => {
    const report = judgedQuorum(quorum(leader, replica(1, 795, 99_700, 99_700), replica(3, 797, 99_990, 99_990)), 5000)
    assert.deepEqual(voterFaults(report), [])
    assert.deepEqual([report.maxFollowerLag, report.maxFollowerLagMs], [2, 300])
    assert.deepEqual(
      report.replicas.map(({ nodeId, status, lag, lagMs }) => [nodeId, status, lag, lagMs]),
      [
        [2, 'Leader', 0, 0],
        [1, 'Follower', 2, 300],
        [3, 'Follower', 0, 10],
      ],
    )
  })

  it('finds a voter silent that has not fetched for too long, or never', () => {
    const report = judgedQuorum(quorum(leader, replica(1, 761, 82_000, 81_000), replica(3, 0, -1, -1)), 5000)
    assert.deepEqual(
      voterFaults(report).map(({ nodeId, fault, lag, lagMs, silentMs }) => [nodeId, fault, lag, lagMs, silentMs]),
      [
        [1, 'silent', 36, 19_000, 18_000],
        [3, 'silent', 797, null, null],
      ],
    )
    assert.deepEqual([report.maxFollowerLag, report.maxFollowerLagMs], [797, null])
  })

  it('finds a voter lagging that fetches and does not catch up', () => {
    const [fault] = voterFaults(judgedQuorum(quorum(leader, replica(1, 400, 99_900, 80_000)), 5000))
    assert.equal(fault!.fault, 'lagging')
  })

  it('does not count observers, and is at ease with a voter alone', () => {
    const alone = { ...quorum(leader), observers: [replica(7, 0, -1, -1)] }
    const report = judgedQuorum(alone, 5000)
    assert.deepEqual(voterFaults(report), [])
    assert.deepEqual([report.maxFollowerLag, report.maxFollowerLagMs, report.replicas[1]!.fault], [0, 0, 'silent'])
  })
})
