import { type ErrorCode, Errors } from '../../protocol/index.ts'
import type { ReplicaKey } from '../types.ts'
import { canFollow } from './following.ts'
import { tickLeader } from './leading.ts'
import { isUpToDate } from './log-view.ts'
import type { RaftReply, Vote, VoteReply } from './messages.ts'
import type { Replica } from './replica.ts'
import { isLegalVote, isMeantFor, voterRequestError } from './requests.ts'
import { becomeCandidate, becomeFollower, becomeLeader, becomeProspective, becomeUnattached } from './role-changes.ts'
import { canGrantVote } from './roles.ts'
import { VoteTally } from './vote-tally.ts'

/** First it is asked whether a majority would vote for this replica; only then the epoch rises (KIP-996). */
export const standForElection = (replica: Replica, now: number): void => {
  if (!replica.canStand) return
  becomeProspective(replica, now)
  moveForward(replica, now)
}

/** Without asking first, where voters do not know of that. */
export const standAsCandidate = (replica: Replica, now: number): void => {
  becomeCandidate(replica, now)
  moveForward(replica, now)
}

/** The next step of an election, when the votes allow it; else asks for more. */
export const moveForward = (replica: Replica, now: number): void => {
  const { role } = replica
  if (role.name !== 'prospective' && role.name !== 'candidate') return
  if (!role.tally.won) return requestVotes(replica, now)
  if (role.name === 'prospective') return standAsCandidate(replica, now)
  becomeLeader(replica, role.tally.granting, now)
  tickLeader(replica, now)
}

/** Nobody would vote for this replica, or too few said so in time: back to the leader it knew, if it did. */
export const giveUpStanding = (replica: Replica, now: number): void => {
  const { role, epoch } = replica
  if (role.name !== 'prospective') return
  const { leaderId, leaderEndpoints } = role
  if (leaderId !== undefined && canFollow(replica, leaderId, leaderEndpoints))
    becomeFollower(replica, epoch, leaderId, leaderEndpoints, now)
  else becomeUnattached(replica, epoch, leaderId, now)
}

export const requestVotes = (replica: Replica, now: number): void => {
  const { role, epoch, self, log, voters } = replica
  if ((role.name !== 'prospective' && role.name !== 'candidate') || role.tally.lost) return
  const preVote = role.name === 'prospective'
  for (const id of role.tally.unanswered) {
    const voter = voters.get(id)!
    replica.send(id, now, { type: 'vote', epoch, candidate: self, voter, last: log.end, preVote })
  }
}

export const onVote = (replica: Replica, vote: Vote, now: number): RaftReply => {
  const { self, log } = replica
  const refuse = (error: ErrorCode): RaftReply => ({ type: 'vote', ...replica.head(error), granted: false })
  if (!isLegalVote(vote)) return refuse(Errors.INVALID_REQUEST)
  const error = voterRequestError(vote.candidate.id, vote.epoch, replica.epoch)
  if (error !== Errors.NONE) return refuse(error)
  if (vote.epoch > replica.epoch) becomeUnattached(replica, vote.epoch, undefined, now)
  if (!isMeantFor(vote.voter, self)) return refuse(Errors.INVALID_VOTER_KEY)
  // A replica that asks itself is a misrouted request: its vote is its own already.
  const isOther = vote.candidate.id !== self.id
  const granted = isOther && canGrantVote(replica.role, vote.candidate, isUpToDate(vote.last, log.end), vote.preVote)
  if (granted && !vote.preVote) giveVote(replica, vote.candidate, now)
  return { type: 'vote', ...replica.head(Errors.NONE), granted }
}

const giveVote = ({ role, self, voters, deadlines }: Replica, candidate: ReplicaKey, now: number): void => {
  if ((role.name !== 'unattached' && role.name !== 'prospective') || role.votedKey !== undefined) return
  role.votedKey = candidate
  role.electionAt = deadlines.election(now)
  // The candidate has as good a chance as this replica, which therefore asks anew.
  if (role.name === 'prospective') role.tally = new VoteTally(voters.ids, self.id)
}

export const onVoteReply = (replica: Replica, from: number, { granted }: VoteReply, now: number): void => {
  const { role } = replica
  if (role.name !== 'prospective' && role.name !== 'candidate') return
  if (!role.tally.record(from, granted)) return
  if (role.name === 'prospective' && role.tally.lost) giveUpStanding(replica, now)
  else if (role.tally.won) moveForward(replica, now)
}
