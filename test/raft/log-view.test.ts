import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isUpToDate, LogView } from '../../src/raft/core/log-view.ts'

/** Epoch 1 from 0, epoch 3 from 5, epoch 4 from 8; ends at 10. */
const view = (): LogView => {
  const log = new LogView(0, 0, [])
  log.append(0, 4, 1)
  log.append(5, 7, 3)
  log.append(8, 9, 4)
  return log
}

test('an epoch ends where the next one begins, an unknown one where the one before it does', () => {
  const log = view()
  assert.deepEqual(log.endOfEpoch(1), { offset: 5, epoch: 1 })
  assert.deepEqual(log.endOfEpoch(2), { offset: 5, epoch: 1 })
  assert.deepEqual(log.endOfEpoch(3), { offset: 8, epoch: 3 })
  assert.deepEqual(log.endOfEpoch(4), { offset: 10, epoch: 4 })
  assert.deepEqual(log.endOfEpoch(9), { offset: 10, epoch: 4 })
})

test('a replica goes on only where its last epoch is ours and reaches that far', () => {
  const log = view()
  assert.deepEqual(log.validate(0, 0), { kind: 'valid' })
  assert.deepEqual(log.validate(5, 1), { kind: 'valid' })
  assert.deepEqual(log.validate(10, 4), { kind: 'valid' })
  assert.deepEqual(log.validate(6, 1), { kind: 'diverging', end: { offset: 5, epoch: 1 } })
  assert.deepEqual(log.validate(4, 2), { kind: 'diverging', end: { offset: 5, epoch: 1 } })
  assert.deepEqual(log.validate(9, 3), { kind: 'diverging', end: { offset: 8, epoch: 3 } })
  assert.deepEqual(log.validate(12, 7), { kind: 'diverging', end: { offset: 10, epoch: 4 } })
})

test('a replica that ends before the log, or in an epoch before it, needs the snapshot', () => {
  const log = view()
  log.cutBefore({ offset: 6, epoch: 3 })
  log.latestSnapshot = { offset: 9, epoch: 4 }
  assert.deepEqual(log.validate(4, 1), { kind: 'snapshot', id: { offset: 9, epoch: 4 } })
  assert.deepEqual(log.validate(6, 1), { kind: 'snapshot', id: { offset: 9, epoch: 4 } })
  assert.deepEqual(log.validate(6, 3), { kind: 'valid' })
  assert.equal(log.epochBefore(6), 3)
  assert.deepEqual(log.epochs, [
    { epoch: 3, startOffset: 6 },
    { epoch: 4, startOffset: 8 },
  ])
})

test('a replica whose last epoch is older than the log, but not than its snapshot, is told where the snapshot ends (KafkaRaftLog.endOffsetForEpoch)', () => {
  const log = view()
  log.cutBefore({ offset: 8, epoch: 1 })
  log.latestSnapshot = { offset: 8, epoch: 1 }
  assert.deepEqual(log.validate(12, 2), { kind: 'diverging', end: { offset: 8, epoch: 1 } })
  // It cuts back to where its own records of that epoch end, in one step.
  const replica = new LogView(0, 0, [])
  replica.append(0, 4, 1)
  replica.append(5, 11, 2)
  assert.equal(replica.truncationOffset({ offset: 8, epoch: 1 }), 5)
  assert.deepEqual(log.validate(8, 1), { kind: 'valid' })
})

test('a follower cuts to the end of the epoch that both know', () => {
  const log = view()
  assert.equal(log.truncationOffset({ offset: 6, epoch: 3 }), 6)
  assert.equal(log.truncationOffset({ offset: 9, epoch: 3 }), 8)
  assert.equal(log.truncationOffset({ offset: 7, epoch: 2 }), 5)
  log.truncateTo(6)
  assert.deepEqual(log.end, { offset: 6, epoch: 3 })
})

test('the later last epoch is the better log, the longer one only within an epoch', () => {
  assert.ok(isUpToDate({ offset: 1, epoch: 5 }, { offset: 9, epoch: 4 }))
  assert.ok(!isUpToDate({ offset: 9, epoch: 3 }, { offset: 1, epoch: 4 }))
  assert.ok(isUpToDate({ offset: 9, epoch: 4 }, { offset: 9, epoch: 4 }))
  assert.ok(!isUpToDate({ offset: 8, epoch: 4 }, { offset: 9, epoch: 4 }))
})
