import { assert } from '../../base/index.ts'
import type { Endpoint } from '../types.ts'
import { LeaderProgress } from './leader-progress.ts'
import type { LeaderChange, QuorumChange } from './messages.ts'
import type { Replica } from './replica.ts'
import { followerOf, leaderOf, votedKeyOf } from './roles.ts'
import { VoteTally } from './vote-tally.ts'
import { VoterChanges } from './voter-changes.ts'

// The state chart of `roles.ts`, one function for each role. Only the election of a candidate raises the epoch by itself.

export const becomeUnattached = (replica: Replica, epoch: number, leaderId: number | undefined, now: number): void => {
  const { role, self, deadlines } = replica
  assert(epoch > replica.epoch || (epoch === replica.epoch && role.name === 'prospective'), 'the epoch never falls')
  const electionAt = deadlines.remainingElection(role, now)
  const votedKey = epoch === replica.epoch ? votedKeyOf(role, self) : undefined
  replica.epoch = epoch
  replica.enter({ name: 'unattached', leaderId, votedKey, electionAt }, now)
}

export const becomeFollower = (
  replica: Replica,
  epoch: number,
  leaderId: number,
  endpoints: readonly Endpoint[] | undefined,
  now: number,
): void => {
  const { role, self, voters, deadlines } = replica
  assert(epoch >= replica.epoch && leaderId !== self.id, 'a follower follows another replica of this or a later epoch')
  const votedKey = epoch === replica.epoch ? votedKeyOf(role, self) : undefined
  replica.epoch = epoch
  const leader = { id: leaderId, endpoints: endpoints ?? voters.get(leaderId)?.endpoints }
  replica.enter(followerOf(leader, votedKey, deadlines.ofFollower(now)), now)
}

/** What is known of this epoch stays known, so that a former leader gives no vote in it. */
export const becomeProspective = (replica: Replica, now: number): void => {
  const { role, self, voters, deadlines } = replica
  const leaderEndpoints = role.name === 'follower' ? role.leaderEndpoints : undefined
  const known = { leaderId: leaderOf(role, self.id), leaderEndpoints, votedKey: votedKeyOf(role, self) }
  const tally = new VoteTally(voters.ids, self.id)
  replica.enter({ name: 'prospective', ...known, electionAt: deadlines.election(now), tally }, now)
}

export const becomeCandidate = (replica: Replica, now: number): void => {
  const { self, voters, deadlines } = replica
  replica.epoch++
  replica.enter({ name: 'candidate', electionAt: deadlines.election(now), tally: new VoteTally(voters.ids, self.id) }, now)
}

/** The epoch opens with a record of who leads and who voted for it. */
export const becomeLeader = (replica: Replica, grantingIds: readonly number[], now: number): void => {
  const { self, log, control, voters, options } = replica
  const progress = new LeaderProgress(self, voters, log.endOffset, grantingIds, options.timing.fetchTimeoutMs, now)
  const changes = new VoterChanges({
    ...{ self, control, progress, writer: options.writer, requestTimeoutMs: options.timing.requestTimeoutMs },
    append: (change, at) => appendControl(replica, progress, undefined, change, at),
    askVersions: ({ id, endpoints }, at) => replica.send(id, at, { type: 'versions', endpoints }),
    answer: (correlation, reply) => replica.reply(correlation, reply),
  })
  replica.enter({ name: 'leader', progress, changes }, now)
  const opening = { leaderId: self.id, voterIds: voters.ids, grantingIds }
  appendControl(replica, progress, opening, control.unwritten(self), now)
}

export const becomeResigned = (replica: Replica, progress: LeaderProgress, now: number): void => {
  const { self, voters, deadlines } = replica
  const unacknowledged = new Set(voters.others(self.id))
  replica.enter({ name: 'resigned', electionAt: deadlines.resignation(now), successors: progress.successors(), unacknowledged }, now)
}

/** Gives the offset of the last record. */
const appendControl = (
  replica: Replica,
  progress: LeaderProgress,
  content: LeaderChange | undefined,
  quorum: QuorumChange,
  now: number,
): number => {
  const lastOffset = replica.ownLog.appendControl(replica.epoch, content, quorum)
  progress.setVoters(replica.voters, now)
  replica.desk.answerParked(now)
  return lastOffset
}
