import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { PartitionRegistration } from '../../src/metadata/index.ts'
import { Leadership, type LogEnds, type ReplicationGround } from '../../src/replica/leadership.ts'

const LAG_MS = 1000
const registration = (change: Partial<PartitionRegistration> = {}): PartitionRegistration => ({
  ...{ replicas: [1, 2, 3], directories: [], isr: [1, 2, 3], removingReplicas: [], addingReplicas: [], elr: [], lastKnownElr: [] },
  ...{ leader: 1, leaderRecoveryState: 0, leaderEpoch: 0, partitionEpoch: 0 },
  ...change,
})

/** A leader of partition replicas 1, 2, 3, whose clock and log the test moves by hand. */
class Leader {
  now = 0
  ends: LogEnds = { endOffset: 10, acknowledgedOffset: 10, highWatermark: 0 }
  readonly epochs = new Map([2, 3].map((id) => [id, 7]))
  registration: PartitionRegistration
  readonly leadership: Leadership

  constructor(first = registration(), epochStart = 0) {
    this.registration = first
    const ground: ReplicationGround = {
      monotonic: () => this.now,
      lagMaxMs: LAG_MS,
      eligibleEpoch: (id) => this.epochs.get(id),
    }
    this.leadership = new Leadership(1, ground, first, epochStart)
  }

  fetch(replicaId: number, offset: number, brokerEpoch = 7): boolean {
    return this.leadership.fetched({ replicaId, offset, brokerEpoch, logStartOffset: 0 }, this.ends)
  }
  append(count: number): void {
    const endOffset = this.ends.endOffset + count
    this.ends = { ...this.ends, endOffset, acknowledgedOffset: endOffset }
  }
  advance(isUnderMinIsr = false): number {
    const highWatermark = this.leadership.replicatedOffset(this.ends, isUnderMinIsr)
    this.ends = { ...this.ends, highWatermark }
    return highWatermark
  }
  commit(change: Partial<PartitionRegistration>): void {
    this.registration = { ...this.registration, ...change, partitionEpoch: this.registration.partitionEpoch + 1 }
    this.leadership.update(this.registration)
  }
}

test('a record is replicated when every in-sync replica has fetched past it', () => {
  const leader = new Leader()
  assert.equal(leader.advance(), 0, 'nobody has said where they are')
  leader.fetch(2, 10)
  assert.equal(leader.advance(), 0)
  leader.fetch(3, 6)
  assert.equal(leader.advance(), 6)
})

test('what the disk has not acknowledged is not replicated', () => {
  const leader = new Leader()
  leader.ends = { ...leader.ends, acknowledgedOffset: 4 }
  leader.fetch(2, 10)
  leader.fetch(3, 10)
  assert.equal(leader.advance(), 4)
})

test('nothing is replicated while there are too few in-sync replicas (KIP-966)', () => {
  const leader = new Leader(registration({ isr: [1] }))
  assert.equal(leader.advance(true), 0)
  assert.equal(leader.advance(false), 10)
})

test('a follower that is about to join is waited for', () => {
  const leader = new Leader(registration({ isr: [1] }))
  leader.fetch(2, 10)
  leader.append(5)
  assert.equal(leader.advance(), 10)
})

test('while a change is under way both sets count, and a proposal that was refused counts no more', () => {
  const leader = new Leader(registration({ isr: [1] }))
  leader.advance()
  leader.fetch(2, 10)
  const proposal = leader.leadership.expansion(2, leader.ends)!
  assert.deepEqual(proposal.isr, [1, 2])
  leader.append(5)
  leader.now += LAG_MS + 1
  assert.equal(leader.advance(), 10, 'it may be in sync already')
  leader.leadership.isr.withdraw(proposal)
  assert.equal(leader.advance(), 15)
})

test('a follower joins when it holds what is replicated and what the leader had when its epoch began', () => {
  const leader = new Leader(registration({ isr: [1] }), 8)
  leader.ends = { ...leader.ends, highWatermark: 5 }
  leader.fetch(2, 4)
  assert.equal(leader.leadership.expansion(2, leader.ends), undefined, 'below the high watermark')
  leader.fetch(2, 6)
  assert.equal(leader.leadership.expansion(2, leader.ends), undefined, 'below the begin of the epoch')
  leader.fetch(2, 8)
  assert.deepEqual(leader.leadership.expansion(2, leader.ends)?.isr, [1, 2])
  assert.equal(leader.leadership.expansion(3, leader.ends), undefined, 'one change at a time')
})

test('a follower that is fenced, or of another life than the registered one, does not join (KIP-903)', () => {
  const leader = new Leader(registration({ isr: [1] }))
  leader.fetch(2, 10, 6)
  assert.equal(leader.leadership.expansion(2, leader.ends), undefined, 'the registration is younger')
  leader.fetch(2, 10, 7)
  leader.epochs.delete(2)
  assert.equal(leader.leadership.expansion(2, leader.ends), undefined, 'fenced')
  assert.equal(leader.fetch(2, 10, 6), false, 'a former life speaks')
  assert.equal(leader.fetch(4, 10), false, 'no replica')
})

test('followers leave when they have lagged for too long, and not before', () => {
  const leader = new Leader()
  leader.fetch(2, 10)
  leader.fetch(3, 5)
  leader.now = LAG_MS
  leader.append(1)
  leader.fetch(2, 11)
  assert.equal(leader.leadership.shrinking(leader.ends), undefined)
  leader.now = LAG_MS + 1
  assert.deepEqual(leader.leadership.shrinking(leader.ends)?.isr, [1, 2])
})

test('one that is always a fetch behind a busy leader counts as up to date', () => {
  const leader = new Leader()
  leader.fetch(3, 10)
  for (let round = 0; round < 10; round++) {
    const end = leader.ends.endOffset
    leader.append(10)
    leader.now += LAG_MS / 2
    leader.fetch(2, end)
    leader.fetch(3, leader.ends.endOffset)
  }
  assert.equal(leader.leadership.shrinking(leader.ends), undefined)
})

const event = fc.oneof(
  fc.record({ kind: fc.constant('fetch' as const), id: fc.constantFrom(2, 3), behind: fc.nat(8) }),
  fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(LAG_MS) }),
  fc.record({ kind: fc.constantFrom('expand' as const, 'shrink' as const), id: fc.constantFrom(2, 3) }),
  fc.record({ kind: fc.constantFrom('commit' as const, 'refuse' as const) }),
)

test('whatever happens, the high watermark never goes back and never passes what a member of the ISR holds', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const leader = new Leader()
      const held = new Map([2, 3].map((id) => [id, 0]))
      for (const each of events) {
        const before = leader.ends.highWatermark
        const { proposal } = leader.leadership.isr
        if (each.kind === 'fetch') {
          const offset = Math.max(held.get(each.id)!, leader.ends.endOffset - each.behind)
          held.set(each.id, offset)
          leader.fetch(each.id, offset)
        } else if (each.kind === 'append') leader.append(each.count)
        else if (each.kind === 'pass') leader.now += each.ms
        else if (each.kind === 'expand') leader.leadership.expansion(each.id, leader.ends)
        else if (each.kind === 'shrink') leader.leadership.shrinking(leader.ends)
        else if (proposal !== undefined && each.kind === 'commit') leader.commit({ isr: proposal.isr })
        else if (proposal !== undefined) leader.leadership.isr.withdraw(proposal)
        const highWatermark = leader.advance()
        assert.ok(highWatermark >= before)
        for (const id of [2, 3])
          if (highWatermark > before && leader.leadership.isr.mayBeIn(id)) assert.ok(held.get(id)! >= highWatermark, `replica ${id}`)
      }
    }),
    { numRuns: 500 },
  )
})
