import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ReplicaView, rackAware } from '../../src/replica/index.ts'

const replica = (brokerId: number, rack: string | null, logEndOffset = 10, sinceCaughtUpMs = 0): ReplicaView => ({
  ...{ brokerId, rack, logEndOffset, sinceCaughtUpMs },
})
const leader = replica(1, 'a')

const select = (rack: string, ...others: ReplicaView[]): number => rackAware(rack, leader, [leader, ...others]).brokerId

test('a consumer reads in its own rack, from the leader if that is there', () => {
  assert.equal(select('b', replica(2, 'b'), replica(3, 'c')), 2)
  assert.equal(select('a', replica(2, 'a', 20)), 1)
})

test('without a rack, or with one that has no replica, it reads from the leader', () => {
  assert.equal(select('', replica(2, '')), 1)
  assert.equal(select('z', replica(2, 'b')), 1)
  assert.equal(select('b', replica(2, null)), 1, 'who cannot be reached has no rack')
})

test('of several in its rack it reads from the one that is furthest, then most lately up to date, then of the highest id', () => {
  assert.equal(select('b', replica(2, 'b', 10), replica(3, 'b', 9)), 2)
  assert.equal(select('b', replica(2, 'b', 10, 5), replica(3, 'b', 10, 6)), 2)
  assert.equal(select('b', replica(2, 'b'), replica(3, 'b')), 3)
})
