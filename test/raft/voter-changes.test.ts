import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type ErrorCode, Errors } from '../../src/protocol/index.ts'
import type { LeaderProgress } from '../../src/raft/core/leader-progress.ts'
import type { AddVoter, RaftReply, UpdateVoter } from '../../src/raft/core/messages.ts'
import { canGrantVote, type Role } from '../../src/raft/core/roles.ts'
import { Cluster, converge, type Replica, settledMs } from './core-cluster.ts'
import { type Act, perform } from './core-script.ts'

const add = (replica: Replica, ackWhenCommitted = true): AddVoter => ({ type: 'addVoter', voter: replica.key, ackWhenCommitted })
const errorOf = (reply: RaftReply | undefined): ErrorCode | undefined => reply?.error
const votersOf = (replica: Replica): number[] => replica.core.voters.ids

/** Asks and waits for the answer. */
const asked = (cluster: Cluster, replica: Replica, request: Parameters<Cluster['ask']>[1]): ErrorCode | undefined => {
  const answer = cluster.ask(replica, request)
  cluster.runFor(settledMs, () => answer.reply !== undefined)
  return errorOf(answer.reply)
}

test('an observer that has caught up is added, and counts for majorities from then on', () => {
  const cluster = new Cluster(1, 1, 1)
  const leader = converge(cluster)
  const [, observer] = cluster.replicas
  assert.deepEqual(votersOf(observer!), [1])
  assert.equal(observer!.core.isVoter, false)
  cluster.runFor(settledMs)
  const { epoch } = leader.core
  assert.equal(asked(cluster, leader, add(observer!)), Errors.NONE)
  converge(cluster)
  assert.equal(leader.core.epoch, epoch)
  assert.deepEqual(
    [votersOf(leader), votersOf(observer!)],
    [
      [1, 2],
      [1, 2],
    ],
  )
  cluster.crash(observer!)
  const before = leader.core.highWatermark
  cluster.append(leader)
  cluster.runFor(500)
  assert.equal(leader.core.highWatermark, before)
})

test('a replica that never fetched is not added', () => {
  const cluster = new Cluster(1, 2, 1)
  cluster.connected = (from, to) => ![from, to].includes(2)
  cluster.runFor(100)
  const leader = cluster.leader!
  cluster.connected = () => true
  const request = add(cluster.replica(2))
  const answer = cluster.ask(leader, request)
  // It hears of the leader by its own fetch only after its versions were asked for.
  cluster.connected = (from) => from === 1
  cluster.runFor(settledMs, () => answer.reply !== undefined)
  assert.equal(errorOf(answer.reply), Errors.REQUEST_TIMED_OUT)
  assert.deepEqual(votersOf(leader), [1])
})

test('a state machine that gives up the leadership before a removal is written ends the removal: it is answered, and nothing is appended', () => {
  const cluster = new Cluster(3, 6, 0)
  const leader = converge(cluster)
  const other = cluster.replicas.find((replica) => replica !== leader)!
  leader.flush = () => leader.core.resign(cluster.now)
  const end = leader.core.log.endOffset
  const answer = cluster.ask(leader, { type: 'removeVoter', voter: other.key })
  assert.equal(errorOf(answer.reply), Errors.NOT_LEADER_OR_FOLLOWER)
  assert.equal(leader.core.log.endOffset, end)
  leader.flush = undefined
  assert.deepEqual(votersOf(converge(cluster)), [1, 2, 3])
})

test('a leader that has committed nothing yet gives no pre-vote against itself', () => {
  const progress = { highWatermark: undefined } as LeaderProgress
  const leader = { name: 'leader', progress } as Role
  assert.equal(canGrantVote(leader, { id: 2, directoryId: undefined }, true, true), false)
})

test('who is a voter already is not added again, and who is none is not removed', () => {
  const cluster = new Cluster(2, 3, 1)
  const leader = converge(cluster)
  assert.equal(asked(cluster, leader, add(cluster.replica(1))), Errors.DUPLICATE_VOTER)
  assert.equal(asked(cluster, leader, { type: 'removeVoter', voter: cluster.replica(3).key }), Errors.VOTER_NOT_FOUND)
  const otherDisk = { ...cluster.replica(1).key, directoryId: 'another' }
  assert.equal(asked(cluster, leader, { type: 'removeVoter', voter: otherDisk }), Errors.VOTER_NOT_FOUND)
  const nameless = { ...cluster.replica(1).key, directoryId: undefined }
  assert.equal(asked(cluster, leader, { type: 'removeVoter', voter: nameless }), Errors.INVALID_REQUEST)
})

test('the only voter is not removed', () => {
  const cluster = new Cluster(1, 4, 0)
  assert.equal(asked(cluster, converge(cluster), { type: 'removeVoter', voter: cluster.replica(1).key }), Errors.VOTER_NOT_FOUND)
})

test('a second change waits for the first to be committed', () => {
  const cluster = new Cluster(3, 5, 1)
  const leader = converge(cluster)
  cluster.connected = () => false
  const [follower] = cluster.replicas.filter(({ key }) => key.id !== leader.key.id && key.id !== 4)
  const first = cluster.ask(leader, { type: 'removeVoter', voter: follower!.key })
  assert.equal(errorOf(cluster.ask(leader, add(cluster.replica(4))).reply), Errors.REQUEST_TIMED_OUT)
  cluster.runFor(2000, () => first.reply !== undefined)
  assert.equal(errorOf(first.reply), Errors.REQUEST_TIMED_OUT)
  // The first is given up by its asker, but its entry is still in the log.
  assert.equal(errorOf(cluster.ask(leader, add(cluster.replica(4))).reply), Errors.REQUEST_TIMED_OUT)
})

test('a leader that has committed nothing in its epoch changes no voters', () => {
  const cluster = new Cluster(3, 6, 1)
  cluster.connected = () => true
  cluster.runFor(settledMs, () => cluster.leader !== undefined)
  const leader = cluster.leader!
  assert.equal(leader.core.highWatermark, undefined)
  assert.equal(errorOf(cluster.ask(leader, { type: 'removeVoter', voter: cluster.replica(1).key }).reply), Errors.REQUEST_TIMED_OUT)
})

test('a leader that removes itself stands down once that is committed, and is succeeded', () => {
  const cluster = new Cluster(3, 7, 0)
  const leader = converge(cluster)
  assert.equal(asked(cluster, leader, { type: 'removeVoter', voter: leader.key }), Errors.NONE)
  assert.equal(leader.core.role, 'resigned')
  const next = converge(cluster)
  assert.notEqual(next, leader)
  assert.equal(leader.core.role, 'follower')
  assert.equal(votersOf(next).length, 2)
})

test('only the leader changes voters, and one that loses its leadership says so', () => {
  const cluster = new Cluster(3, 8, 1)
  const leader = converge(cluster)
  const follower = cluster.replicas.find((replica) => replica !== leader)!
  assert.equal(errorOf(cluster.ask(follower, add(cluster.replica(4))).reply), Errors.NOT_LEADER_OR_FOLLOWER)
  cluster.connected = () => false
  const answer = cluster.ask(leader, { type: 'removeVoter', voter: follower.key })
  leader.core.resign(cluster.now)
  cluster.drain(leader)
  assert.equal(errorOf(answer.reply), Errors.NOT_LEADER_OR_FOLLOWER)
})

test('a change that the next leader does not hold is taken back', () => {
  const cluster = new Cluster(3, 9, 0)
  const leader = converge(cluster)
  cluster.connected = (from, to) => from !== leader.key.id && to !== leader.key.id
  cluster.ask(leader, { type: 'removeVoter', voter: leader.key })
  assert.equal(votersOf(leader).length, 2)
  assert.ok(cluster.runFor(settledMs, () => cluster.leader !== undefined && cluster.leader !== leader))
  converge(cluster)
  assert.deepEqual(votersOf(leader), [1, 2, 3])
})

test('a leader that is cut off while it removes itself is elected again to see it through', () => {
  const cluster = new Cluster(2, 16, 0)
  const leader = converge(cluster)
  const other = cluster.replicas.find((replica) => replica !== leader)!
  cluster.connected = () => false
  cluster.ask(leader, { type: 'removeVoter', voter: leader.key })
  cluster.runFor(settledMs)
  assert.equal(leader.core.isVoter, false)
  // The other cannot be elected with a log that ends before that record.
  assert.equal(converge(cluster), other)
  assert.deepEqual(votersOf(leader), [other.key.id])
})

test('an observer that fell behind learns the voters from the snapshot', () => {
  const cluster = new Cluster(1, 10, 2)
  const leader = converge(cluster)
  assert.equal(asked(cluster, leader, add(cluster.replica(2))), Errors.NONE)
  converge(cluster)
  cluster.crash(cluster.replica(3))
  const late = cluster.replica(3)
  late.disk.entries = []
  late.disk.election = undefined
  cluster.snapshot(leader)
  converge(cluster)
  assert.deepEqual(votersOf(late), [1, 2])
  assert.equal(late.core.control.kraftVersion, 1)
})

test('a replica that is to join by itself does so', () => {
  const cluster = new Cluster(1, 11, 2, true)
  converge(cluster)
  assert.ok(cluster.runFor(settledMs, () => cluster.replicas.every((replica) => replica.core.isVoter)))
})

test('a node whose disk was replaced takes the place of what it was, by itself', () => {
  const cluster = new Cluster(3, 12, 0)
  const leader = converge(cluster)
  const replaced = cluster.replicas.find((replica) => replica !== leader)!
  cluster.crash(replaced)
  Object.assign(replaced, { key: { ...replaced.key, directoryId: 'a new disk' }, autoJoin: true })
  Object.assign(replaced.disk, { entries: [], election: undefined, formatted: undefined })
  converge(cluster)
  assert.ok(cluster.runFor(settledMs, () => replaced.core.isVoter))
  assert.equal(converge(cluster).core.voters.get(replaced.key.id)?.directoryId, 'a new disk')
})

const moved = (replica: Replica, epoch: number): UpdateVoter => ({
  type: 'updateVoter',
  epoch,
  voter: { ...replica.key, endpoints: [{ name: 'CONTROLLER', host: 'elsewhere', port: 1 }] },
})

test('a voter that listens elsewhere is written with its new endpoint', () => {
  const cluster = new Cluster(3, 13, 0)
  const leader = converge(cluster)
  const voter = cluster.replicas.find((replica) => replica !== leader)!
  assert.equal(asked(cluster, leader, moved(voter, leader.core.epoch)), Errors.NONE)
  assert.equal(leader.core.voters.get(voter.key.id)?.endpoints[0]?.host, 'elsewhere')
  assert.equal(asked(cluster, leader, moved(voter, leader.core.epoch - 1)), Errors.FENCED_LEADER_EPOCH)
  const unable = moved(voter, leader.core.epoch)
  converge(cluster)
  assert.equal(asked(cluster, leader, { ...unable, voter: { ...unable.voter, kraftVersionMax: 0 } }), Errors.INVALID_REQUEST)
  assert.equal(asked(cluster, leader, { ...unable, voter: { ...unable.voter, id: 9 } }), Errors.VOTER_NOT_FOUND)
})

test('voters of a static quorum tell each new leader about themselves, and the log stays as it is', () => {
  const cluster = new Cluster(3, 14)
  const leader = converge(cluster)
  const end = leader.core.log.endOffset
  assert.match(leader.core.changes!.upgrade(1, true, cluster.now) ?? '', /not supported by all voters/)
  cluster.runFor(settledMs)
  assert.equal(leader.core.log.endOffset, end)
  assert.equal(leader.core.changes!.upgrade(1, true, cluster.now), undefined)
})

test('kraft.version is raised with the voters that described themselves, and voters can change from then on', () => {
  const cluster = new Cluster(3, 15)
  const leader = converge(cluster)
  const follower = cluster.replicas.find((replica) => replica !== leader)!
  assert.equal(asked(cluster, leader, { type: 'removeVoter', voter: follower.key }), Errors.UNSUPPORTED_VERSION)
  cluster.runFor(settledMs)
  assert.equal(leader.core.changes!.upgrade(1, false, cluster.now), undefined)
  cluster.drain(leader)
  converge(cluster)
  for (const { core } of cluster.replicas) {
    assert.equal(core.control.kraftVersion, 1)
    assert.deepEqual(
      core.voters.voters.map(({ directoryId }) => directoryId),
      ['directory-1', 'directory-2', 'directory-3'],
    )
  }
  assert.match(leader.core.changes!.upgrade(0, false, cluster.now) ?? '', /down/)
  assert.equal(asked(cluster, leader, { type: 'removeVoter', voter: follower.key }), Errors.NONE)
})

const acts: readonly Act[] = [
  ...(['append', 'append', 'crash', 'start', 'start', 'partition', 'heal', 'storm', 'calm', 'wait', 'resign', 'snapshot'] as const),
  ...(['addVoter', 'addVoter', 'addVoter', 'removeVoter', 'removeVoter', 'heal', 'calm'] as const),
]

test('voters that come and go under any weather keep the invariants, and all agree once it is calm', () => {
  const script = fc.array(fc.constantFrom(...acts), { maxLength: 60 })
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 0x7fffffff }),
      fc.integer({ min: 1, max: 3 }),
      fc.boolean(),
      script,
      (seed, size, autoJoin, steps) => {
        const cluster = new Cluster(size, seed, 2, autoJoin)
        for (const act of steps) perform(cluster, act)
        const { length } = cluster.committed
        converge(cluster)
        assert.ok(cluster.committed.length >= length)
      },
    ),
    { numRuns: Number(process.env.RAFT_RUNS ?? 150) },
  )
})
