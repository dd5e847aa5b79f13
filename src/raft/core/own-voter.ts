import { Errors } from '../../protocol/index.ts'
import type { ControlHistory } from '../control-history.ts'
import type { Voter } from '../types.ts'
import type { RaftReply, RaftRequest, VoterChangeReply } from './messages.ts'
import type { Follower } from './roles.ts'

/**
 * What a follower has to ask of its leader about itself (KIP-853): that the voters know it as it is and, when it shall join by itself,
 * that it votes. Undefined: nothing.
 */
export const ownVoterRequest = (
  follower: Follower,
  self: Voter,
  { voters, kraftVersion }: ControlHistory,
  epoch: number,
  autoJoin: boolean,
): RaftRequest | undefined => {
  if (voters.isVoter(self)) {
    // At version 0 no leader inherits what its predecessor was told.
    const isDue = kraftVersion > 0 ? voters.differs(self) : !follower.hasToldLeader
    return isDue ? { type: 'updateVoter', epoch, voter: self } : undefined
  }
  if (kraftVersion === 0 || !autoJoin) return undefined
  // A voter of this id with another directory: the disk of this node was replaced.
  const predecessor = voters.get(self.id)
  if (predecessor !== undefined) return { type: 'removeVoter', voter: predecessor }
  return { type: 'addVoter', voter: self, ackWhenCommitted: false }
}

/** The leader did it, or can do nothing more about it now: ask again only after a while. */
export const isSettled = ({ error }: VoterChangeReply): boolean =>
  error === Errors.NONE || error === Errors.REQUEST_TIMED_OUT || error === Errors.DUPLICATE_VOTER || error === Errors.VOTER_NOT_FOUND

export const isVoterChange = (reply: RaftReply): reply is VoterChangeReply => reply.type === 'addVoter' || reply.type === 'removeVoter'
