import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LeaderProgress } from '../../src/raft/core/leader-progress.ts'
import { VoterSet } from '../../src/raft/index.ts'

const key = (id: number, directoryId = `directory-${id}`) => ({ id, directoryId })
const voters = (...ids: number[]): VoterSet =>
  new VoterSet(ids.map((id) => ({ ...key(id), endpoints: [], kraftVersionMin: 0, kraftVersionMax: 1 })))
const leading = (set: VoterSet, epochStartOffset = 10): LeaderProgress => new LeaderProgress(key(1), set, epochStartOffset, [1, 2], 2000, 0)

test('entries of earlier epochs commit only with one of the leader itself (Raft, figure 8)', () => {
  const progress = leading(voters(1, 2, 3))
  assert.equal(progress.localSynced(11), false)
  assert.equal(progress.fetched(key(2), 9, 11, 1), false)
  assert.equal(progress.fetched(key(2), 10, 11, 2), false)
  assert.equal(progress.highWatermark, undefined)
  assert.equal(progress.fetched(key(2), 11, 11, 3), true)
  assert.equal(progress.highWatermark, 11)
})

test('the high watermark is what a majority holds, and never falls', () => {
  const progress = leading(voters(1, 2, 3, 4, 5), 0)
  progress.localSynced(100)
  progress.fetched(key(2), 80, 100, 1)
  assert.equal(progress.highWatermark, undefined)
  progress.fetched(key(3), 60, 100, 2)
  assert.equal(progress.highWatermark, 60)
  progress.fetched(key(4), 90, 100, 3)
  assert.equal(progress.highWatermark, 80)
  progress.fetched(key(4), 10, 100, 4)
  assert.equal(progress.highWatermark, 80)
})

test('what the leader has not flushed does not count, however many others hold it', () => {
  const progress = leading(voters(1, 2), 0)
  assert.equal(progress.fetched(key(2), 5, 5, 1), false)
  assert.equal(progress.localSynced(3), true)
  assert.equal(progress.highWatermark, 3)
})

test('an observer, or a voter with another disk, does not move the high watermark', () => {
  const progress = leading(voters(1, 2, 3), 0)
  progress.localSynced(5)
  assert.equal(progress.fetched(key(7), 5, 5, 1), false)
  assert.equal(progress.fetched(key(2, 'new-disk'), 5, 5, 2), false)
  assert.equal(progress.highWatermark, undefined)
  assert.deepEqual(
    progress.observers(3).map((replica) => replica.key),
    [key(7), key(2, 'new-disk')],
  )
  assert.equal(progress.observers(400_000).length, 0)
})

test('a leader gives up when no majority has fetched for one and a half fetch timeouts', () => {
  const progress = leading(voters(1, 2, 3))
  assert.equal(progress.quorumLostAt(), 3000)
  progress.fetched(key(3), 0, 11, 500)
  assert.equal(progress.quorumLostAt(), 3500)
  progress.fetched(key(9), 0, 11, 900)
  assert.equal(progress.quorumLostAt(), 3500)
  assert.equal(leading(voters(1)).quorumLostAt(), Number.POSITIVE_INFINITY)
})

test('voters that have been silent are reminded of the epoch', () => {
  const progress = leading(voters(1, 2, 3))
  assert.deepEqual(progress.takeSilentVoters(0), [key(2), key(3)])
  progress.fetched(key(2), 0, 11, 600)
  assert.equal(progress.beginEpochAt(), 1000)
  assert.deepEqual(progress.takeSilentVoters(1000), [key(3)])
})

test('the successors are those with the longest log first', () => {
  const progress = leading(voters(1, 2, 3, 4), 0)
  progress.localSynced(9)
  progress.fetched(key(3), 7, 9, 1)
  progress.fetched(key(4), 8, 9, 1)
  assert.deepEqual(progress.successors(), [key(4), key(3), key(2)])
})
