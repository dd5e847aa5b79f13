import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PartitionLog } from '../../src/log/index.ts'
import { LeaderEpochs } from '../../src/log/leader-epochs.ts'
import { compareProgress, isWithin } from '../../src/log/twin-logs.ts'

/** A log as far as it is looked at: epochs by the offset at which they begin. */
const log = (logStartOffset: number, logEndOffset: number, starts: Record<number, number>): PartitionLog => {
  const entries = Object.entries(starts).map(([startOffset, epoch]) => ({ epoch, startOffset: Number(startOffset) }))
  return { logStartOffset, logEndOffset, epochs: new LeaderEpochs(entries) } as PartitionLog
}

test('a log is within another that has the same epochs wherever both have records', () => {
  const other = log(0, 20, { 0: 0, 7: 3, 10: 5 })
  assert.ok(isWithin(log(0, 20, { 0: 0, 7: 3, 10: 5 }), other))
  assert.ok(isWithin(log(0, 8, { 0: 0, 7: 3 }), other))
  assert.ok(isWithin(log(8, 12, { 8: 3, 10: 5 }), other), 'it begins later')
  assert.ok(isWithin(log(0, 12, { 0: 0, 7: 3, 10: 5 }), log(8, 20, { 8: 3, 10: 5 })), 'it begins earlier')
  assert.ok(isWithin(log(0, 10, { 0: 0, 7: 3, 10: 4 }), other), 'an epoch without records')
  assert.ok(isWithin(log(5, 5, {}), other), 'it is empty')
  assert.ok(isWithin(log(0, 5, { 0: 1 }), log(5, 20, { 5: 3 })), 'all of it has been deleted there')
})

test('a log is not within another that went on in another epoch', () => {
  assert.ok(!isWithin(log(0, 21, { 0: 0 }), log(0, 20, { 0: 0 })), 'it is longer')
  assert.ok(!isWithin(log(0, 18, { 0: 0 }), log(0, 20, { 0: 0, 10: 7 })), 'the other began an epoch earlier')
  assert.ok(!isWithin(log(0, 18, { 0: 0, 10: 5 }), log(0, 20, { 0: 0, 10: 7 })), 'another epoch there')
  assert.ok(!isWithin(log(0, 18, { 0: 0, 10: 5 }), log(0, 20, { 0: 0, 7: 3, 10: 5 })), 'one between')
  assert.ok(!isWithin(log(0, 10, { 0: 0, 3: 1 }), log(5, 20, { 0: 0 })), 'where the other begins')
})

test('of two logs the one whose last record is of the later epoch went further, then the one that ends later', () => {
  assert.ok(compareProgress(log(0, 12, { 0: 0, 10: 5 }), log(0, 20, { 0: 0, 10: 3 })) > 0)
  assert.ok(compareProgress(log(0, 12, { 0: 0 }), log(0, 20, { 0: 0 })) < 0)
  assert.equal(compareProgress(log(0, 12, { 0: 0 }), log(5, 12, { 5: 0 })), 0)
  assert.ok(compareProgress(log(0, 0, { 0: 7 }), log(0, 20, { 0: 3 })) < 0, 'an epoch without records')
  assert.ok(compareProgress(log(50, 50, { 50: 7 }), log(0, 20, { 0: 3 })) > 0, 'all of its records have been deleted')
})
